/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within grants_ask(): two sides have to allow a thing. The token must be for it, and its account
 * must be allowed it. Each says yes, no, or what it depends on.
 */
#pragma once

#include "core/grants.h"

/* What one side says. */
struct side {
	enum verdict verdict;
	enum grants_reason reason;
};

struct inquiry {
	const struct grants *grants;
	const struct grants_question *question;
	struct grants_answer *answer;
	const char *namespace;        /* "" if it is not known */
	bool own;                     /* the account's own namespace */
	const struct grants_org *org; /* the owner, if the account is in it */
};

#define YES_FOR(why)   ((struct side) {VERDICT_GRANTS, why})
#define MAYBE_FOR(why) ((struct side) {VERDICT_MAY, why})
#define NO_FOR(why)    ((struct side) {VERDICT_DENIES, why})

/* Whether the token is for reading (or writing) the repository. */
struct side side_token(const struct inquiry *inquiry, bool write);

/* Whether the account has this role for the repository; REASON_NOT_VISIBLE: it is a stranger there. */
struct side side_account(const struct inquiry *inquiry, enum org_role needed);

/* Whether the token may pass gates; `token` is what side_token() said about reading. */
struct side side_gates(const struct inquiry *inquiry, struct side token);

struct side side_inference(const struct grants *grants);
struct side side_discuss(const struct inquiry *inquiry);
