/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken why` in parts: which tokens there are (why_tokens.c), asking about them (why_ask.c), which
 * one is to be used (why_pick.c), the answer (why_show.c, why_json.c), error messages (why_complaint.c),
 * the repository that was last asked about (why_last.c). cmd_why.c puts them together.
 */
#pragma once

#include "cli/ask_hub.h"
#include "cli/command.h"
#include "core/cause.h"
#include "hub/access.h"

/* What is asked. */
struct why_question {
	struct repo repo;
	bool write;
	char revision[256]; /* "" */
	char file[1024];    /* "" */
	const char *name;   /* this token only; NULL: all */
	bool pasted;        /* from an error message: its host is nobody's choice */
	bool again;         /* somebody has just changed something: nothing known is fresh */
};

/* One token of this machine, and what is known of it. */
struct why_entry {
	const struct token *token; /* the session's; NULL: a visitor, where there are none */
	struct token known;        /* the same, with what whoami has told meanwhile */
	struct secret secret;
	struct err secret_err; /* of a store that did not give it */
	struct identity identity;
	struct grants grants;
	int twin; /* the entry that holds the very same value, and is asked in its place; -1 */
	int flight; /* the lock of who asks about it; -1 */
};

struct why {
	struct session session;
	struct why_question question;
	struct why_entry *entries;
	size_t count;
	size_t left_out; /* tokens beyond ACCESS_TOKENS_MAX */
	struct access access;
	struct evidence *evidence; /* these three parallel to the entries */
	struct access_token *asked;
	struct finding *findings;
	int in_force; /* the token that would be used if nothing were known; -1: none */
	int picked;   /* the one to use; -1: none works */
};

/* NULL without memory. It is too large for a stack. */
struct why *why_new(void);
void why_free(struct why **why);
#define AUTOWHY CLEANUP(why_free)

/* Lets go of the tokens, so that the session can be read again. */
void why_forget(struct why *why);

/* The tokens in question: the named one, or all. The session is open. */
int why_collect(struct why *why, struct err *err) MUST_CHECK;

/* Asks the Hub, keeps what it told, and finds the causes. */
int why_ask(struct why *why, struct err *err) MUST_CHECK;

/* Sets in_force and picked. */
int why_pick(struct why *why, struct err *err) MUST_CHECK;

/* 0 if what would be used works, 5 if not, 7 if that could not be found out. */
int why_status(const struct why *why);

void why_put_json(struct cli *cli, const struct why *why);
void why_put(struct cli *cli, const struct why *why);

/* Whether the Hub's pages can mend it: then it is worth to check again. */
bool why_has_page(const struct why *why);

/* The repository last asked about; ERR_USAGE if there is none, or it cannot be read. */
int why_recall(struct why_question *ret, struct err *err) MUST_CHECK;

/* The repository and operation of an error message on standard input. */
int why_read_complaint(struct why_question *ret, struct err *err) MUST_CHECK;
void why_remember(const struct why_question *question, const char *endpoint);
