/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's credential helper protocol, gitcredentials(7): `get`, `store`, `erase`, `capability`.
 *
 * git asks whenever a server has answered 401, says `store` after every success and `erase` after
 * every 401 that followed a password. So `get` answers for the exact endpoints that tokens are
 * bound to and says nothing for any other host; and neither `store` nor `erase` changes a token that
 * is there: the Hub answers 401 for private and missing repositories too, and a request cut short
 * in the middle looks like one about a whole host. What is learnt from them: protocol/git_note.h.
 */
#pragma once

#include "base/lines.h"
#include "core/repo.h"

#define GIT_INPUT_MS  5000
#define GIT_INPUT_MAX ((size_t)256 << 10)

/* A request as understood; texts live as long as what was parsed. NULL: not in the request. */
struct git_request {
	const char *protocol;
	const char *host;
	const char *path;
	const char *username;
	const char *password;
	const char *url;
	bool complete; /* the last line had its newline: nothing was cut off */
};

/*
 * ERR_FORMAT for a request that repeats one of the fields above, mixes `url` with one of them, or
 * has a control byte in one. Unknown keys are ignored.
 */
int git_request_parse(struct secret *text, struct git_request *ret, struct err *err) MUST_CHECK;

/* The endpoint asked about; false for one that cannot be a Hub's, which is nothing to complain of. */
bool git_request_endpoint(const struct git_request *request, char ret[ENDPOINT_SIZE]);

/*
 * The repository asked about, if the path is one's; NULL where git does not tell (it does with
 * useHttpPath) or means something else.
 */
const struct repo *git_request_repo(const struct git_request *request, struct repo *ret);

/*
 * Serves one operation on stdin and stdout. `name` is the explicit token's, or NULL. Returns 0 or
 * an error to report; stdout gets a whole answer or nothing. Operations it does not know are
 * ignored, as the protocol demands.
 */
int git_serve(const char *operation, const char *name, struct err *err) MUST_CHECK;
