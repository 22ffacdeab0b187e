/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken why` in parts: which tokens there are (why_tokens.c), asking about them (why_ask.c), what
 * the resolver remembers of that (why_learn.c), which
 * one is to be used (why_pick.c) and what makes git and hf use it (why_way.c), the answer (why_show.c,
 * why_remedies.c, why_json.c), error messages (why_complaint.c, and why_message.c where they name no
 * repository), the repository that was last asked about (why_last.c). cmd_why.c puts them together.
 */
#pragma once

#include "base/json_write.h"
#include "cli/ask_hub.h"
#include "cli/command.h"
#include "cli/ui.h"
#include "cli/why_git.h"
#include "core/cause.h"
#include "core/complaint.h"
#include "core/hf_token.h"
#include "hub/access.h"

/* What is asked. */
struct why_question {
	struct repo repo;
	bool write;
	char revision[256];    /* "" */
	char file[1024];       /* "" */
	const char *name;      /* this token only; NULL: all */
	bool all;              /* every token's row and remedy */
	bool pasted;           /* from an error message: its host is nobody's choice */
	struct complaint said; /* that message */
	bool again;            /* somebody has just changed something: nothing known is fresh */
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

/* What huggingface_hub sends: HF_TOKEN, else what its token file holds. */
struct why_hf {
	bool counts;               /* it talks to the Hub in question */
	const struct token *token; /* NULL: it finds none */
	int entry;                 /* of that token; -1 */
	int entry_of_file;         /* of the one in the file; -1 */
	bool looked;               /* `file` is filled in */
	struct hf_token file;
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
	int in_force; /* the token that git would be given; -1: none */
	int picked;   /* the one to use; -1: none works */
	bool alone;   /* no other than the one in force counts */
	struct why_git git;
	struct why_hf hf;
	struct buf reasons; /* why the pick is not what is used: "hf finds no token" */
	struct buf way; /* what changes that: commands, one a line; empty if nothing has to */
};

/* NULL without memory. It is too large for a stack. */
struct why *why_new(void);
void why_free(struct why **why);
#define AUTOWHY CLEANUP(why_free)

/* Lets go of the tokens, so that the session can be read again. */
void why_forget(struct why *why);

/* The tokens in question: the named one, or all. The session is open. */
int why_collect(struct why *why, struct err *err) MUST_CHECK;

/* Asks the Hub, finds the causes, and has catalogue and resolver keep what it told. */
int why_ask(struct why *why, struct err *err) MUST_CHECK;

/* The same for whoami alone, where no repository is known; nothing is looked for in it. */
int why_ask_identities(struct why *why, struct err *err) MUST_CHECK;
void why_gather(struct why *why);

/* What the answers prove of each token, for the resolver: core/outcomes.h. Best effort. */
void why_learn(struct why *why);

/* Sets in_force, picked and what explains them. */
int why_pick(struct why *why, struct err *err) MUST_CHECK;

/* Looks what hf would send; before why_find_way(), which says what makes it send the pick. */
void why_find_hf(struct why *why);
void why_find_way(struct why *why);

/* -1 if the token is none of the entries. */
int why_entry_of(const struct why *why, const struct token *token);
bool why_is_allowed(const struct why *why, int which);

/* 0 if what would be used works, 5 if not, 7 if that could not be found out. */
int why_status(const struct why *why);

/* Parts of JSON that all answers have. */
void why_json_tokens(struct json_out *out, const struct why *why);
void why_json_remedy(struct json_out *out, const struct remedy *remedy);

void why_put_json(struct cli *cli, const struct why *why);
void why_put(struct cli *cli, const struct why *why);

/* The repository as the Hub spells it, where that differs in case only; else as it was named. */
const struct repo *why_canonical(const struct why *why);

/* Parts of why_put(): one finding in words with its remedy, and those of all tokens. */
void why_put_alone(struct cli *cli, const struct why *why, size_t which);
void why_put_cure(struct cli *cli, const struct why *why, const struct remedy *remedy);
void why_put_remedies(struct cli *cli, const struct why *why);
const char *why_name(const struct token *token); /* for people: HF_TOKEN, "no token" */
enum ui_mark why_mark(enum finding_verdict verdict);
enum ui_colour why_colour(enum finding_verdict verdict);

/* The first line: which token hf uses, and whether it is refused. */
void why_put_hf(struct cli *cli, const struct why *why);

/* Whether the Hub's pages can mend it at once: then it is worth to check again. */
bool why_has_page(const struct why *why);

/* The repository last asked about; ERR_USAGE if there is none, or it cannot be read. */
int why_recall(struct why_question *ret, struct err *err) MUST_CHECK;
void why_remember(const struct why_question *question, const char *endpoint);

/* An error message on standard input: the repository it names, if any, and what it says. */
int why_read_complaint(struct why_question *ret, struct err *err) MUST_CHECK;

/* What the message says, on stderr; and that it cannot have come from a token that works. */
void why_say_complaint(const struct complaint *complaint);
void why_say_contradiction(const struct why *why);
void why_json_complaint(struct json_out *out, const struct why_question *question);

/* The answer to a message that names no repository. */
int why_answer_message(struct cli *cli, struct why *why, struct err *err) MUST_CHECK;
