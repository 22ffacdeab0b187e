/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the Hub what tokens may do with one repository: in parallel, in two rounds, under one
 * deadline, with at most two requests for each token and four besides.
 *
 *	access_begin()	for each token `auth-check` (or `auth-check/write`, or HEAD of a file);
 *			once, without a token, what anybody may know of the repository
 *	...		the caller looks which whoami it needs
 *	access_finish()	for each token whoami, or the same again where the repository is now; whether
 *			the id is one of another type
 *
 * README and LICENSE are never asked for: they are readable in front of every gate. A redirect is
 * followed within the origin only, once, and if it names a repository.
 *
 * Sources: huggingface_hub (`auth_check`), the Hub's OpenAPI document; that auth-check answers `OK`,
 * that X-Repo-Commit comes with every answer about a file, and which files stand in front of the
 * gate, has been seen on the Hub.
 */
#pragma once

#include "core/cause.h"
#include "hub/api.h"

#define ACCESS_WAIT_MS    5000
#define ACCESS_PER_TOKEN  2
#define ACCESS_BESIDES    4
#define ACCESS_TOKENS_MAX ((size_t)64)

struct access_token {
	const struct secret *secret; /* NULL: a visitor without a token */
	bool passed_over;            /* not asked about at all */
	bool wants_whoami;           /* for access_finish() */

	struct reply reply;
	struct hub_whoami whoami; /* its `token` is set if it was asked */
	struct reply no_whoami;   /* of HUB_UNREACHABLE: in the form of the others */
	bool redirected;
	unsigned requests;
};

/* Fill in the upper part; access_release() in any case. */
struct access {
	const char *url;    /* of the Hub, with the path that HF_ENDPOINT may have */
	const char *origin; /* its endpoint, to which the tokens are bound */
	struct repo repo;
	bool write;
	const char *revision; /* "" */
	const char *file;     /* "" */
	struct access_token *tokens;
	size_t count;
	void (*tick)(void); /* may be NULL */

	struct repo target; /* the repository by its present name; also its spelling */
	struct repo_facts facts;
	struct reply visitor; /* the answer to the question without a token */
	unsigned besides;     /* requests that are no token's */
	deadline_ms deadline;
};

/* Whether that file can be read in front of the gate, so that it tells nothing. */
bool access_is_exempt(const char *file);

/* 0 if the Hub was asked, whatever came of it; HF_HUB_OFFLINE is an answer too. */
int access_begin(struct access *access, struct err *err) MUST_CHECK;
int access_finish(struct access *access, struct err *err) MUST_CHECK;
void access_release(struct access *access);
