/* SPDX-License-Identifier: Apache-2.0 */
/* Within `why`: what git would be given. */
#pragma once

#include "core/rule.h"
#include "core/session.h"

struct why_git {
	const struct token *token;       /* the session's; NULL: nothing */
	bool by_default;                 /* it is so as the default token, or as HF_TOKEN */
	char rule[RULE_PATTERN_MAX + 1]; /* that decides; "" */
};

/* Errors as session_pick(). */
int why_git_pick(struct session *session, const struct repo *repo, bool write,
		 struct why_git *ret, struct err *err) MUST_CHECK;
