/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve_pick() over a session, with the rules and outcomes of this machine. What a request does
 * not need is not read: no outcomes without a repository, no process is looked at unless there is
 * something to choose.
 */
#pragma once

#include "core/resolve_pick.h"
#include "core/rules.h"
#include "core/session.h"

struct session_pick {
	struct pick_request request; /* as understood; `repo` is NULL or &repo */
	struct repo repo;
	struct rules rules;
	struct rule_list rule_list; /* that match */
	struct outcomes outcomes;
	struct pick pick;
	const struct token **twins; /* of the sources; NULL */
};

struct session_question {
	const char *endpoint;    /* NULL: the one in force */
	const char *name;        /* explicit; NULL */
	const char *wish;        /* git's user name; NULL */
	const struct repo *repo; /* NULL: not known */
	enum operation operation;
	bool ask_process; /* git asks: look at its process for what is not known */
	bool explain;
	/* what the Hub has just told of that repository, besides what is remembered; and that it was asked */
	const struct outcome_news *news;
	size_t news_count;
	bool has_asked;
};

/*
 * Why a rule that matches does not count: a hand-written double, or it names a token that is not
 * there. Nothing is added if it does.
 */
void session_rule_problem(const struct session *session, const struct rule *rule,
			  struct buf *ret);

/* Errors as resolve(), and of the file of rules. Release in any case; `ret` must be zeroed. */
int session_pick(struct session *session, const struct session_question *question,
		 struct session_pick *ret, struct err *err) MUST_CHECK;
void session_pick_release(struct session_pick *pick);
#define AUTOSESSIONPICK CLEANUP(session_pick_release)
