/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within the asking about a repository: what answers mean.
 */
#pragma once

#include "hub/access.h"
#include "hub/http.h"

/* The answer to "may this token?". */
void access_understand(const struct access *access, const struct http_call *call,
		       struct reply *ret);

/* The repository that a redirect within the same origin names; false for any other answer. */
bool access_redirected_to(const struct access *access, const struct http_call *call,
			  enum repo_type type, struct repo *ret);

/* Whether the answer describes a repository; its facts are then in `facts` (may be NULL). */
bool access_describes(const struct http_call *call, struct repo_facts *facts);

/* Where the repository is now, if the answer says that it has moved. */
void access_take_target(struct access *access, const struct http_call *call);

/* What anybody may know. Of what is private the Hub says what it says of what is not there. */
void access_take_facts(struct access *access, const struct http_call *call);
