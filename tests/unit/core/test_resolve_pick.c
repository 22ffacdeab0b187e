/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver as a table: who holds which tokens, what is asked, and what is answered. Read it as
 * the specification. `acme` is an organisation where alice writes and bob reads; `meta/llama` is
 * somebody else's.
 */
#include "tests/unit/core/pick_world.h"

#define GRANTS     VERDICT_GRANTS
#define MAY        VERDICT_MAY
#define DENIES     VERDICT_DENIES
#define NOT_JUDGED (-1)

/* tokens, repository, operation -> token, source, verdict */
#define ASK(tokens_, repo_, operation_, token_, source_, verdict_)                          \
	{                                                                                   \
		.tokens = tokens_, .repo = repo_, .operation = operation_, .token = token_, \
		.source = SOURCE_##source_, .verdict = verdict_                             \
	}
/* the same, and one thing more that is known */
#define WITH(what, value, tokens_, repo_, operation_, token_, source_, verdict_)          \
	{                                                                                 \
		.what = value, .tokens = tokens_, .repo = repo_, .operation = operation_, \
		.token = token_, .source = SOURCE_##source_, .verdict = verdict_          \
	}

/* ---- no repository: the default token ---------------------------------------------------------- */

static const struct story without_repository[] = {
	ASK("", NULL, "read", NULL, NONE, NOT_JUDGED),
	ASK("a-read", NULL, "read", NULL, NONE, NOT_JUDGED),
	ASK("*a-read", NULL, "read", "a-read", DEFAULT, NOT_JUDGED),
	ASK("*a-read a-write", NULL, "write", "a-read", DEFAULT, NOT_JUDGED),
	ASK("*a-read env", NULL, "read", "env", ENVIRONMENT, NOT_JUDGED),
	ASK("env", NULL, NULL, "env", ENVIRONMENT, NOT_JUDGED),
	WITH(rules, "acme b-read\n", "*a-read b-read", NULL, "read", "a-read", DEFAULT,
	     NOT_JUDGED),
	WITH(rules, "* b-read\n", "*a-read b-read", NULL, "read", "b-read", RULE, NOT_JUDGED),
	WITH(rules, "* b-read in /work\n", "*a-read b-read", NULL, "read", "b-read", RULE,
	     NOT_JUDGED),
	WITH(rules, "* b-read in /home\n", "*a-read b-read", NULL, "read", "a-read", DEFAULT,
	     NOT_JUDGED),
	WITH(rules, "* b-read\n", "*a-read b-read env", NULL, "read", "b-read", RULE,
	     NOT_JUDGED),
	WITH(wish, "bob", "*a-read b-read", NULL, "read", "b-read", WISH, NOT_JUDGED),
	WITH(wish, "nobody", "*a-read b-read", NULL, "read", NULL, NONE, NOT_JUDGED),
	WITH(outcomes, "a-read dead - 90", "*a-read b-read", NULL, "read", "a-read", DEFAULT,
	     NOT_JUDGED),
	WITH(outcomes, "a-read dead - 30", "*a-read b-read", NULL, "read", NULL, NONE,
	     NOT_JUDGED),
};

/* ---- a name, a user name ----------------------------------------------------------------------- */

static const struct story explicit[] = {
	WITH(name, "b-read", "*a-write b-read", "acme/m1", "write", "b-read", EXPLICIT,
	     NOT_JUDGED),
	WITH(name, "env", "*a-write env", "acme/m1", "write", "env", EXPLICIT, NOT_JUDGED),
	WITH(name, "a-read", "*a-write a-read", "meta/llama", "read", "a-read", EXPLICIT,
	     NOT_JUDGED),
	{.name = "b-read",
	 .rules = "* a-write\n",
	 .tokens = "*a-write b-read",
	 .repo = "acme/m1",
	 .operation = "read",
	 .token = "b-read",
	 .source = SOURCE_EXPLICIT,
	 .verdict = NOT_JUDGED},
	{.name = "b-read",
	 .outcomes = "b-read dead - 30",
	 .tokens = "*a-write b-read",
	 .repo = "acme/m1",
	 .operation = "read",
	 .token = "b-read",
	 .source = SOURCE_EXPLICIT,
	 .verdict = NOT_JUDGED},
	/* an account narrows */
	WITH(wish, "bob", "*a-write b-read b-gated", "acme/m1", "read", "b-read", GRANT,
	     GRANTS),
	WITH(wish, "bob", "*a-write b-read", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	WITH(wish, "bob", "*a-write ob-read", "acme/m1", "write", "ob-read", LAST_RESORT,
	     DENIES),
	WITH(wish, "BOB", "*a-write b-own b-gated", "meta/llama", "read", "b-gated", GRANT,
	     MAY),
	WITH(wish, "alice", "*a-own a-read b-read", "meta/llama", "read", "a-read", GRANT, MAY),
	WITH(wish, "alice", "*a-gated a-read b-read", "meta/llama", "read", "a-gated", WISH,
	     MAY),
	WITH(wish, "a-own", "*a-gated a-own", "alice/x", "read", "a-own", GRANT, GRANTS),
	WITH(wish, "hf_user", "*a-gated a-own", "meta/llama", "read", "a-gated", DEFAULT, MAY),
	WITH(wish, "carol", "*a-write b-read", "acme/m1", "read", NULL, NONE, NOT_JUDGED),
	{.wish = "bob",
	 .rules = "acme a-write\n",
	 .tokens = "*a-write b-read",
	 .repo = "acme/m1",
	 .operation = "read",
	 .token = "b-read",
	 .source = SOURCE_GRANT,
	 .verdict = GRANTS},
	{.wish = "alice",
	 .rules = "acme a-write\n",
	 .tokens = "*a-read a-write b-read",
	 .repo = "acme/m1",
	 .operation = "read",
	 .token = "a-write",
	 .source = SOURCE_RULE,
	 .verdict = NOT_JUDGED},
};

/* ---- rules -------------------------------------------------------------------------------------- */

static const struct story ruled[] = {
	WITH(rules, "acme b-read\n", "*a-write b-read", "acme/m1", "read", "b-read", RULE,
	     NOT_JUDGED),
	WITH(rules, "acme b-read\n", "*a-write b-read", "acme/m1", "write", "b-read", RULE,
	     NOT_JUDGED),
	WITH(rules, "acme b-read read\n", "*a-write b-read", "acme/m1", "write", "a-write",
	     GRANT, GRANTS),
	WITH(rules, "acme b-read read\n", "*a-write b-read", "acme/m1", "read", "b-read", RULE,
	     NOT_JUDGED),
	WITH(rules, "acme b-read\n", "*a-write b-read", "meta/llama", "read", "a-write",
	     DEFAULT, MAY),
	WITH(rules, "acme gone\n", "*a-write b-read", "acme/m1", "read", "a-write", GRANT,
	     GRANTS),
	WITH(rules, "acme/m1 gone\nacme b-read\n", "*a-write b-read", "acme/m1", "read",
	     "b-read", RULE, NOT_JUDGED),
	WITH(rules, "acme b-read\nacme a-read\n", "*a-write a-read b-read", "acme/m1", "read",
	     "a-read", GRANT, GRANTS),
	WITH(rules, "acme/* a-read\nacme/m1 b-read\n", "*a-write a-read b-read", "acme/m1",
	     "read", "b-read", RULE, NOT_JUDGED),
	WITH(rules, "* b-read in /work\nacme/m* a-read\n", "*a-write a-read b-read", "acme/m1",
	     "read", "b-read", RULE, NOT_JUDGED),
	WITH(rules, "acme/m* a-read\nacme/* b-read\n", "*a-write a-read b-read", "acme/m1",
	     "read", "a-read", RULE, NOT_JUDGED),
	WITH(rules, "acme a-read\nacme a-write write\n", "a-read *a-write", "acme/m1", "write",
	     "a-write", RULE, NOT_JUDGED),
	WITH(rules, "acme env\n", "*a-write env", "acme/m1", "read", "env", RULE, NOT_JUDGED),
	WITH(rules, "acme b-read\n", "*a-write b-read env", "acme/m1", "read", "b-read", RULE,
	     NOT_JUDGED),
	WITH(rules, "datasets/acme b-read\n", "*a-write b-read", "datasets/acme/d", "read",
	     "b-read", RULE, NOT_JUDGED),
	WITH(rules, "datasets/acme b-read\n", "*a-write b-read", "acme/d", "read", "a-write",
	     GRANT, GRANTS),
	WITH(rules, "models/gpt2 b-read\n", "*a-write b-read", "gpt2", "read", "b-read", RULE,
	     NOT_JUDGED),
	/* also one that is known to fail: a rule is a rule */
	WITH(rules, "acme c-read\n", "*a-write c-read", "acme/m1", "write", "c-read", RULE,
	     NOT_JUDGED),
};

/* ---- reading what the account may read ---------------------------------------------------------- */

static const struct story reading[] = {
	ASK("*a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("*a-write a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("*a-write a-m1-r", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*a-write a-acme-r", "acme/m1", "read", "a-acme-r", GRANT, GRANTS),
	ASK("a-m1-r *a-acme-r", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("a-m1-w *a-m1-r", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*a-m1-w a-m1-r", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*a-acme-w a-acme-r", "acme/m1", "read", "a-acme-r", GRANT, GRANTS),
	ASK("*a-m1-r a-acme-r", "acme/m2", "read", "a-acme-r", GRANT, GRANTS),
	ASK("*a-m1-r a-acme-r", "datasets/acme/m1", "read", "a-acme-r", GRANT, GRANTS),
	ASK("*a-m1-r a-acme-r", "ACME/M1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*a-own a-read", "alice/x", "read", "a-own", GRANT, GRANTS),
	ASK("*a-read a-own", "alice/x", "read", "a-own", GRANT, GRANTS),
	ASK("*a-m1-r a-own", "alice/x", "read", "a-own", GRANT, GRANTS),
	ASK("*a-gated a-own", "alice/x", "read", "a-own", GRANT, GRANTS),
	/* another account only where none of the default's is as good */
	ASK("*a-read b-acme-w", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("*a-own b-read", "acme/m1", "read", "b-read", GRANT, GRANTS),
	ASK("*a-own b-own", "bob/x", "read", "b-own", GRANT, GRANTS),
	ASK("*a-own a-read b-own", "bob/x", "read", "b-own", GRANT, GRANTS),
	ASK("*c-read a-m1-r b-read", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*c-read b-read", "acme/m1", "read", "b-read", GRANT, GRANTS),
	ASK("b-read a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("b-read *b-own a-read", "acme/m1", "read", "b-read", GRANT, GRANTS),
	/* one that the organisation keeps out, unless the repository is public */
	ASK("*a-shut", "acme/m1", "read", "a-shut", DEFAULT, MAY),
	ASK("*a-barred", "acme/m1", "read", "a-barred", DEFAULT, MAY),
	ASK("*a-shut a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("*a-shut b-read", "acme/m1", "read", "b-read", GRANT, GRANTS),
	ASK("*a-shut c-read", "acme/m1", "read", "c-read", GRANT, MAY),
	ASK("*a-shut", "meta/llama", "read", "a-shut", DEFAULT, MAY),
	/* one that nobody has asked about */
	ASK("*a-new", "acme/m1", "read", "a-new", DEFAULT, MAY),
	ASK("*a-new a-read", "acme/m1", "read", "a-read", GRANT, GRANTS),
	ASK("*a-new b-read", "acme/m1", "read", "b-read", GRANT, GRANTS),
};

/* ---- reading what is somebody else's ------------------------------------------------------------ */

static const struct story foreign[] = {
	ASK("*a-read", "meta/llama", "read", "a-read", DEFAULT, MAY),
	ASK("*a-read b-read", "meta/llama", "read", "a-read", DEFAULT, MAY),
	ASK("b-read *a-read", "meta/llama", "read", "a-read", DEFAULT, MAY),
	ASK("a-read b-read", "meta/llama", "read", "a-read", GRANT, MAY),
	ASK("a-write a-read", "meta/llama", "read", "a-read", GRANT, MAY),
	ASK("*a-write a-read", "meta/llama", "read", "a-write", DEFAULT, MAY),
	ASK("*a-write a-gated", "meta/llama", "read", "a-write", DEFAULT, MAY),
	ASK("a-write a-gated", "meta/llama", "read", "a-gated", GRANT, MAY),
	/* the gate: who may pass goes before who may not, also of another account */
	ASK("*a-own", "meta/llama", "read", "a-own", DEFAULT, MAY),
	ASK("*a-own a-gated", "meta/llama", "read", "a-gated", GRANT, MAY),
	ASK("*a-own a-gated a-read", "meta/llama", "read", "a-gated", GRANT, MAY),
	ASK("*a-own b-gated", "meta/llama", "read", "b-gated", GRANT, MAY),
	ASK("*a-own a-read b-gated", "meta/llama", "read", "a-read", GRANT, MAY),
	ASK("*a-gated b-read", "meta/llama", "read", "a-gated", DEFAULT, MAY),
	ASK("*a-own a-m1-r", "meta/llama", "read", "a-own", DEFAULT, MAY),
	ASK("a-own a-m1-r", "meta/llama", "read", "a-m1-r", GRANT, MAY),
	ASK("*a-own a-new", "meta/llama", "read", "a-new", GRANT, MAY),
	ASK("*a-own b-own", "gpt2", "read", "a-own", DEFAULT, MAY),
	ASK("*a-own a-read", "gpt2", "read", "a-read", GRANT, MAY),
	ASK("c-write c-read b-own", "spaces/meta/s", "read", "c-read", GRANT, MAY),
	/*
	 * one that was made for this repository needs no box, and is as good as any of its account;
	 * of others it is not known whether they were let through the gate
	 */
	ASK("*a-llama", "meta/llama", "read", "a-llama", DEFAULT, MAY),
	ASK("*a-own a-llama", "meta/llama", "read", "a-llama", GRANT, MAY),
	ASK("*a-write a-llama", "meta/llama", "read", "a-llama", GRANT, MAY),
	ASK("*a-gated a-llama", "meta/llama", "read", "a-llama", GRANT, MAY),
	ASK("*a-write a-llama", "meta/other", "read", "a-write", DEFAULT, MAY),
	ASK("*a-gated a-llama", "meta/other", "read", "a-gated", DEFAULT, MAY),
	ASK("*a-own a-llama", "meta/other", "read", "a-own", DEFAULT, MAY),
	ASK("*a-write a-llama", "datasets/meta/llama", "read", "a-write", DEFAULT, MAY),
	ASK("*a-write b-llama", "meta/llama", "read", "a-write", DEFAULT, MAY),
	ASK("*a-own b-llama", "meta/llama", "read", "b-llama", GRANT, MAY),
	ASK("*a-own a-gated b-llama", "meta/llama", "read", "a-gated", GRANT, MAY),
	ASK("*c-read b-read b-llama", "meta/llama", "read", "c-read", DEFAULT, MAY),
	ASK("a-read b-llama", "meta/llama", "read", "b-llama", GRANT, MAY),
	ASK("*a-write a-llama", "meta/llama", "write", "a-write", DEFAULT, MAY),
	ASK("*a-write env a-llama", "meta/llama", "read", "env", ENVIRONMENT, MAY),
};

/* ---- writing ------------------------------------------------------------------------------------ */

static const struct story writing[] = {
	ASK("*a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	ASK("*a-read a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	ASK("*a-write a-acme-w", "acme/m1", "write", "a-acme-w", GRANT, GRANTS),
	ASK("*a-write a-acme-w a-m1-w", "acme/m1", "write", "a-m1-w", GRANT, GRANTS),
	ASK("*a-write a-acme-w a-m1-w", "acme/m2", "write", "a-acme-w", GRANT, GRANTS),
	ASK("*a-m1-r a-m1-w", "acme/m1", "write", "a-m1-w", GRANT, GRANTS),
	ASK("*a-acme-r b-write", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	ASK("*a-own a-write", "alice/x", "write", "a-write", GRANT, GRANTS),
	ASK("*a-own", "alice/x", "write", NULL, NONE, NOT_JUDGED),
	/* a token may be for it and its account not */
	ASK("*b-acme-w", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	ASK("*b-write", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	ASK("*b-acme-w a-m1-w", "acme/m1", "write", "a-m1-w", GRANT, GRANTS),
	ASK("*b-write a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	ASK("*a-shut", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	ASK("*a-shut a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	/* somebody else's: who could ever write goes before who could not */
	ASK("*a-read", "meta/llama", "write", NULL, NONE, NOT_JUDGED),
	ASK("*a-read c-write", "meta/llama", "write", "c-write", GRANT, MAY),
	ASK("*c-write a-write", "meta/llama", "write", "c-write", DEFAULT, MAY),
	ASK("*a-read a-new", "acme/m1", "write", "a-new", GRANT, MAY),
	ASK("*a-read env", "acme/m1", "write", "env", ENVIRONMENT, MAY),
};

/* ---- members and strangers ----------------------------------------------------------------------- */

/* Where only the Hub knows, a stranger is not tried before a member whose own token may do. */
static const struct story members[] = {
	ASK("*d-acme-w", "acme/m1", "write", "d-acme-w", DEFAULT, MAY),
	ASK("*d-acme-w c-write", "acme/m1", "write", "d-acme-w", DEFAULT, MAY),
	ASK("d-acme-w *c-write", "acme/m1", "write", "d-acme-w", GRANT, MAY),
	ASK("d-acme-w c-write", "acme/m1", "write", "d-acme-w", GRANT, MAY),
	ASK("*d-acme-w c-write f-session", "acme/m1", "write", "d-acme-w", DEFAULT, MAY),
	ASK("*d-acme-w a-new", "acme/m1", "write", "d-acme-w", DEFAULT, MAY),
	ASK("*d-acme-w a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	ASK("*e-acme-r", "acme/m1", "read", "e-acme-r", DEFAULT, MAY),
	ASK("*e-acme-r c-read", "acme/m1", "read", "e-acme-r", DEFAULT, MAY),
	ASK("*e-acme-r c-read", "acme/m1", NULL, "e-acme-r", DEFAULT, MAY),
	ASK("e-acme-r *c-read", "acme/m1", "read", "e-acme-r", GRANT, MAY),
	ASK("e-acme-r *b-gated", "acme/m1", "read", "e-acme-r", GRANT, MAY),
	/* a token of which nothing is known is no better than the default's */
	ASK("*a-new e-acme-r", "acme/m1", "read", "a-new", DEFAULT, MAY),
	ASK("*f-session e-acme-r", "acme/m1", "read", "f-session", DEFAULT, MAY),
	ASK("*c-read f-session", "acme/m1", "read", "c-read", DEFAULT, MAY),
	ASK("*d-acme-w f-session", "acme/m1", "write", "d-acme-w", DEFAULT, MAY),
	/* gates count for reading only */
	ASK("*e-acme-r c-read", "meta/llama", "read", "c-read", GRANT, MAY),
	ASK("c-write *f-session", "meta/llama", "write", "f-session", DEFAULT, MAY),
};

/* ---- not known which ---------------------------------------------------------------------------- */

static const struct story unknown_operation[] = {
	ASK("*a-read", "acme/m1", NULL, "a-read", GRANT, GRANTS),
	ASK("*a-read a-write", "acme/m1", NULL, "a-write", GRANT, GRANTS),
	ASK("*a-m1-r a-m1-w", "acme/m1", NULL, "a-m1-w", GRANT, GRANTS),
	ASK("*a-m1-r a-acme-r", "acme/m1", NULL, "a-m1-r", GRANT, GRANTS),
	ASK("*a-own a-gated", "meta/llama", NULL, "a-gated", GRANT, MAY),
	ASK("*b-acme-w b-read", "acme/m1", NULL, "b-acme-w", GRANT, GRANTS),
	ASK("*a-shut", "acme/m1", NULL, "a-shut", DEFAULT, MAY),
	ASK("*c-read c-write", "meta/llama", NULL, "c-read", DEFAULT, MAY),
	WITH(rules, "acme a-read read\nacme a-write write\n", "*a-read a-write", "acme/m1",
	     NULL, "a-write", RULE, NOT_JUDGED),
	WITH(rules, "acme a-m1-r\nacme a-write write\n", "*a-m1-r a-write", "acme/m1", NULL,
	     "a-m1-r", RULE, NOT_JUDGED),
};

/* ---- what happened ------------------------------------------------------------------------------ */

static const struct story outcomes[] = {
	/* a success within a week is as good as a grant */
	WITH(outcomes, "b-own worked read 30", "*a-own b-own", "meta/llama", "read", "b-own",
	     OUTCOME, GRANTS),
	WITH(outcomes, "b-own worked read 600000", "*a-own a-gated b-own", "meta/llama", "read",
	     "b-own", OUTCOME, GRANTS),
	WITH(outcomes, "b-own worked read 600000", "*a-own a-gated b-own b-gated", "meta/llama",
	     "read", "b-own", OUTCOME, GRANTS),
	WITH(outcomes, "c-read worked read 500", "*a-m1-r c-read", "acme/m1", "read", "c-read",
	     OUTCOME, GRANTS),
	WITH(outcomes, "a-own worked read 5", "*a-read a-own", "acme/m1", "read", "a-own",
	     OUTCOME, GRANTS),
	WITH(outcomes, "a-own worked write 5", "*a-read a-own", "meta/llama", "read", "a-own",
	     OUTCOME, GRANTS),
	WITH(outcomes, "a-own worked read 5", "*a-read a-own", "meta/llama", "write", NULL,
	     NONE, NOT_JUDGED),
	/* longer ago it is a preference */
	WITH(outcomes, "b-own worked read 700000", "*a-own a-gated b-own", "meta/llama", "read",
	     "b-own", OUTCOME, MAY),
	WITH(outcomes, "b-own worked read 700000", "*a-read b-own", "acme/m1", "read", "a-read",
	     GRANT, GRANTS),
	WITH(outcomes, "b-own worked read 700000, a-own worked read 800000", "*a-own b-own",
	     "meta/llama", "read", "b-own", OUTCOME, MAY),
	/* its account goes first among equals */
	WITH(outcomes, "b-read worked read 30", "*a-read b-read b-acme-w", "acme/m1", "read",
	     "b-acme-w", GRANT, GRANTS),
	WITH(outcomes, "b-own worked read 30", "*a-m1-r b-own b-read", "acme/m1", "read",
	     "b-own", OUTCOME, GRANTS),
	/* but being asked about is not being used: the default's account stays */
	WITH(outcomes, "b-read worked read 30 why", "*a-read b-read b-acme-w", "acme/m1",
	     "read", "a-read", GRANT, GRANTS),
	WITH(outcomes, "b-read worked read 30 why, a-read worked read 90", "*a-read b-read",
	     "meta/llama", "read", "a-read", OUTCOME, GRANTS),
	WITH(outcomes, "b-own worked read 30 why", "*a-own b-own", "meta/llama", "read",
	     "b-own", OUTCOME, GRANTS),
	/* a refusal counts for ten minutes, and less than a later answer of the Hub */
	WITH(outcomes, "a-read refused read 30", "*a-read b-read", "meta/llama", "read",
	     "b-read", GRANT, MAY),
	WITH(outcomes, "a-read refused read 30", "*a-read b-own", "meta/llama", "read", "b-own",
	     GRANT, MAY),
	WITH(outcomes, "oa-read refused read 590", "*oa-read b-own", "meta/llama", "read",
	     "b-own", GRANT, MAY),
	WITH(outcomes, "oa-read refused read 610", "*oa-read b-own", "meta/llama", "read",
	     "oa-read", DEFAULT, MAY),
	WITH(outcomes, "a-read refused read 90", "*a-read b-own", "meta/llama", "read",
	     "a-read", DEFAULT, MAY),
	WITH(outcomes, "a-m1-r refused read 30", "*a-m1-r a-acme-r", "acme/m1", "read",
	     "a-acme-r", GRANT, GRANTS),
	WITH(outcomes, "a-read refused read 30", "*a-read", "meta/llama", "read", NULL, NONE,
	     NOT_JUDGED),
	WITH(outcomes, "a-write refused read 30", "*a-write", "acme/m1", "write", NULL, NONE,
	     NOT_JUDGED),
	WITH(outcomes, "a-write refused write 30", "*a-write", "acme/m1", "read", "a-write",
	     GRANT, GRANTS),
	WITH(outcomes, "a-read refused read 30, b-read refused read 20", "*a-read b-read",
	     "meta/llama", "read", NULL, NONE, NOT_JUDGED),
	WITH(outcomes, "a-read refused read 30, b-read refused read 20", "*a-read b-read b-own",
	     "meta/llama", "read", "b-own", GRANT, MAY),
	/* a dead token, until it is replaced or the Hub says otherwise */
	WITH(outcomes, "a-read dead - 30", "*a-read b-own", "meta/llama", "read", "b-own",
	     GRANT, MAY),
	WITH(outcomes, "oa-read dead - 7000", "*oa-read b-own", "meta/llama", "read", "b-own",
	     GRANT, MAY),
	WITH(outcomes, "oa-read dead - 7000", "*oa-read", "meta/llama", "read", NULL, NONE,
	     NOT_JUDGED),
	WITH(outcomes, "oa-read dead - 7300", "*oa-read", "meta/llama", "read", "oa-read",
	     DEFAULT, MAY),
	/* a wrong clock's word does not hold until its time comes: neither the Hub's answer ... */
	WITH(outcomes, "ua-read refused read 30", "*ua-read b-own", "meta/llama", "read",
	     "b-own", GRANT, MAY),
	WITH(outcomes, "ua-read dead - 30", "*ua-read b-own", "meta/llama", "read", "b-own",
	     GRANT, MAY),
	/* ... nor what happened; a clock that is a minute ahead is another machine's */
	WITH(outcomes, "a-read refused read -86400", "*a-read b-own", "meta/llama", "read",
	     "a-read", DEFAULT, MAY),
	WITH(outcomes, "a-read dead - -86400", "*a-read b-own", "meta/llama", "read", "a-read",
	     DEFAULT, MAY),
	WITH(outcomes, "a-read dead - -60", "*a-read b-own", "meta/llama", "read", "b-own",
	     GRANT, MAY),
	/* a success after the Hub's answer outweighs what it denied */
	WITH(outcomes, "a-shut worked write 30", "*a-shut", "acme/m1", "write", "a-shut",
	     OUTCOME, GRANTS),
	WITH(outcomes, "a-shut worked write 90", "*a-shut", "acme/m1", "write", NULL, NONE,
	     NOT_JUDGED),
	WITH(outcomes, "a-new worked read 30", "*a-own a-new", "meta/llama", "read", "a-new",
	     OUTCOME, GRANTS),
};

/* ---- the last resort ---------------------------------------------------------------------------- */

static const struct story last_resort[] = {
	ASK("*oa-read", "acme/m1", "write", "oa-read", LAST_RESORT, DENIES),
	ASK("*a-read oa-read", "acme/m1", "write", "oa-read", LAST_RESORT, DENIES),
	ASK("*a-read ob-read", "acme/m1", "write", "ob-read", LAST_RESORT, DENIES),
	ASK("*oa-read oa-m1-r", "acme/m1", "write", "oa-read", LAST_RESORT, DENIES),
	ASK("oa-read oa-m1-r", "acme/m1", "write", "oa-m1-r", LAST_RESORT, DENIES),
	ASK("*oa-read ob-read", "acme/m1", "write", "oa-read", LAST_RESORT, DENIES),
	ASK("*ob-read oa-read", "acme/m1", "write", "ob-read", LAST_RESORT, DENIES),
	ASK("*oa-read a-write", "acme/m1", "write", "a-write", GRANT, GRANTS),
	ASK("*oa-read c-write", "acme/m1", "write", "c-write", GRANT, MAY),
	ASK("*a-read", "acme/m1", "write", NULL, NONE, NOT_JUDGED),
	WITH(outcomes, "oa-read refused write 30", "*oa-read", "acme/m1", "write", NULL, NONE,
	     NOT_JUDGED),
	/* what was only asked about may have been mended by who was told; git was not refused yet */
	WITH(outcomes, "a-read refused read 30 why", "*a-read", "acme/m1", "read", "a-read",
	     LAST_RESORT, DENIES),
	WITH(outcomes, "a-read refused read 30 why", "*a-read b-read", "acme/m1", "read",
	     "b-read", GRANT, GRANTS),
	WITH(outcomes, "a-read refused read 30 why, b-read refused read 20", "*b-read a-read",
	     "acme/m1", "read", "a-read", LAST_RESORT, DENIES),
	WITH(outcomes, "a-read refused write 30 why", "*a-read oa-read", "acme/m1", "write",
	     "oa-read", LAST_RESORT, DENIES),
	WITH(outcomes, "a-read dead - 30 why", "*a-read", "acme/m1", "read", NULL, NONE,
	     NOT_JUDGED),
};

/* ---- HF_TOKEN: the default one while it is set -------------------------------------------------- */

static const struct story environment[] = {
	ASK("env", "acme/m1", "read", "env", ENVIRONMENT, MAY),
	ASK("*a-gated env", "meta/llama", "read", "env", ENVIRONMENT, MAY),
	ASK("*a-own env", "meta/llama", "read", "env", ENVIRONMENT, MAY),
	ASK("*a-gated b-read env", "meta/llama", "read", "env", ENVIRONMENT, MAY),
	/* but what only another token is known to reach gets that one */
	ASK("*a-m1-r env", "acme/m1", "read", "a-m1-r", GRANT, GRANTS),
	ASK("*c-read b-read env", "acme/m1", "read", "b-read", GRANT, GRANTS),
	ASK("*a-read env", "meta/llama", "write", "env", ENVIRONMENT, MAY),
	WITH(outcomes, "b-own worked read 30", "*a-own b-own env", "meta/llama", "read",
	     "b-own", OUTCOME, GRANTS),
};

static void check(const struct story *story, const char *group, size_t number)
{
	struct told told;
	struct err err = {0};

	tell(story, &told);
	if (resolve_pick(&told.request, &told.input, &told.pick, &err))
		fail_msg("%s %zu: %s", group, number, err.message);
	if (strcmp(picked(&told.pick), story->token ? story->token : "none") != 0 ||
	    told.pick.source != story->source || verdict_of(&told.pick) != story->verdict)
		fail_msg("%s %zu: %s of '%s' for %s %s (rules '%s', outcomes '%s'): %s, %s, %d",
			 group, number, story->wish ? story->wish : "any", story->tokens,
			 story->operation, story->repo, story->rules, story->outcomes,
			 picked(&told.pick), resolve_source_names[told.pick.source],
			 verdict_of(&told.pick));
	forget(&told);
}

static size_t checked;

#define CHECK_ALL(group)                                          \
	for (size_t i = 0; i < ARRAY_SIZE(group); i++, checked++) \
	check(&(group)[i], #group, i)

static void every_request_has_one_answer(void **state UNUSED)
{
	CHECK_ALL(without_repository);
	CHECK_ALL(explicit);
	CHECK_ALL(ruled);
	CHECK_ALL(reading);
	CHECK_ALL(foreign);
	CHECK_ALL(writing);
	CHECK_ALL(members);
	CHECK_ALL(unknown_operation);
	CHECK_ALL(outcomes);
	CHECK_ALL(last_resort);
	CHECK_ALL(environment);
	assert_true(checked >= 150);
}

/* ---- HF_TOKEN's settings ------------------------------------------------------------------------ */

static void the_environment_can_go_first_or_not_at_all(void **state UNUSED)
{
	static const struct story stories[] = {
		WITH(rules, "acme b-read\n", "*a-m1-r b-read env", "acme/m1", "read", NULL,
		     NONE, 0),
	};
	static const struct {
		enum environment_setting setting;
		const char *token;
		enum resolve_source source;
	} cases[] = {
		{ENVIRONMENT_DEFAULT, "b-read", SOURCE_RULE},
		{ENVIRONMENT_FIRST, "env", SOURCE_ENVIRONMENT},
		{ENVIRONMENT_IGNORE, "b-read", SOURCE_RULE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct told told;

		tell(&stories[0], &told);
		told.input.base.environment = cases[i].setting;
		assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
		assert_string_equal(picked(&told.pick), cases[i].token);
		assert_int_equal(told.pick.source, cases[i].source);
		forget(&told);
	}
}

static void an_ignored_environment_is_no_candidate(void **state UNUSED)
{
	const struct story story = ASK("a-own env", "meta/llama", "read", NULL, NONE, 0);
	struct told told;

	tell(&story, &told);
	told.input.base.environment = ENVIRONMENT_IGNORE;
	told.request.explain = true;
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_string_equal(picked(&told.pick), "a-own");
	assert_int_equal(told.pick.count, 1);
	forget(&told);
}

/* HF_TOKEN with the value of a stored token counts as that one, and stays HF_TOKEN. */
static void the_environment_is_known_by_its_twin(void **state UNUSED)
{
	const struct story story = ASK("*a-read b-read env", "acme/m1", "write", NULL, NONE, 0);
	struct told told;

	tell(&story, &told);
	told.input.env_twin = in_world("a-m1-w", 6);
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_string_equal(picked(&told.pick), "env");
	assert_int_equal(verdict_of(&told.pick), GRANTS);
	forget(&told);
}

/* So does a token of other sources. */
static void a_source_is_known_by_its_twin(void **state UNUSED)
{
	const struct story story = ASK("*a-read b-read", "acme/m1", "write", NULL, NONE, 0);
	struct token source = *in_world("a-m1-w", 6);
	const struct token *twins[] = {in_world("a-m1-w", 6)};
	struct told told;

	source.name = "hf:laptop";
	source.id = source.account = source.identity = source.grants = "";
	source.store = "hf";
	tell(&story, &told);
	told.input.base.sources = &source;
	told.input.base.source_count = 1;
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_int_not_equal(verdict_of(&told.pick), GRANTS);
	pick_release(&told.pick);
	told.input.source_twins = twins;
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_string_equal(picked(&told.pick), "hf:laptop");
	assert_int_equal(verdict_of(&told.pick), GRANTS);
	assert_string_equal(told.pick.judged->account, twins[0]->account);
	forget(&told);
}

/* hf's file follows the default token: the same once more, and no better for its name. */
static void a_copy_stands_behind_what_it_copies(void **state UNUSED)
{
	const struct story story = ASK("*a-m1-w b-read", "acme/m1", "write", NULL, NONE, 0);
	struct token source = *in_world("a-m1-w", 6);
	const struct token *twins[] = {in_world("a-m1-w", 6)};
	struct told told;

	source.name = "Aaa"; /* before all others in the order of names */
	source.id = source.account = source.identity = source.grants = "";
	source.store = "hf";
	tell(&story, &told);
	told.input.base.sources = &source;
	told.input.base.source_count = 1;
	told.input.source_twins = twins;
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_string_equal(picked(&told.pick), "a-m1-w");
	forget(&told);
}

static void a_dead_twin_is_dead_without_a_repository_too(void **state UNUSED)
{
	const struct story story = WITH(outcomes, "a-read dead - 30", "a-read b-read env", NULL,
					"read", NULL, NONE, 0);
	struct told told;

	tell(&story, &told);
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_string_equal(picked(&told.pick), "env");
	pick_release(&told.pick);
	told.input.env_twin = in_world("a-read", 6);
	assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
	assert_null(told.pick.token);
	assert_true(told.pick.all_denied);
	forget(&told);
}

/* The clock of this machine has been set back since. */
static void a_denial_of_the_future_is_old(void **state UNUSED)
{
	static const struct {
		int64_t now;
		const char *token;
	} cases[] = {{FRESH, "none"}, {FRESH - 1, "a-read"}, {NOW, "none"}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct story story = ASK("*a-read", "acme/m1", "write", NULL, NONE,
					       NOT_JUDGED);
		struct told told;

		tell(&story, &told);
		told.request.base.now = cases[i].now;
		assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
		assert_string_equal(picked(&told.pick), cases[i].token);
		forget(&told);
	}
}

/* Who asks the Hub hears what it says, and nothing that may be mended later. */
static void what_was_asked_just_now_is_no_last_resort(void **state UNUSED)
{
	static const struct {
		const char *tokens, *outcomes, *token;
	} cases[] = {
		{"*a-read", "a-read refused write 0 why", "none"},
		{"*a-read oa-read", "a-read refused write 0 why", "oa-read"},
		{"*a-read oa-read", "a-read refused write 0 why, oa-read refused write 0 why",
		 "none"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct story story = {.tokens = cases[i].tokens,
					    .outcomes = cases[i].outcomes,
					    .repo = "acme/m1",
					    .operation = "write"};
		struct told told;

		tell(&story, &told);
		told.request.has_asked = true;
		assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
		assert_string_equal(picked(&told.pick), cases[i].token);
		forget(&told);
	}
}

static void denials_have_an_age(void **state UNUSED)
{
	static const struct {
		int64_t as_of;
		const char *said;
	} cases[] = {
		{NOW - 20, "less than a minute"},
		{NOW - 61, "1 minute"},
		{NOW - 3600, "60 minutes"},
		{NOW - 7200, "2 hours"},
		{NOW - 30 * 86400, "30 days"},
		{NOW + 1, "nobody knows how long"},
		{TIME_UNKNOWN, "nobody knows how long"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct candidate candidate = {.as_of = cases[i].as_of};
		AUTOBUF struct buf age = {0};

		verdict_age(&candidate, NOW, &age);
		assert_string_equal(buf_text(&age), cases[i].said);
	}
}

/* ---- explaining --------------------------------------------------------------------------------- */

static void explaining_changes_no_answer(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcomes) + ARRAY_SIZE(ruled); i++) {
		const struct story *story = i < ARRAY_SIZE(outcomes)
						    ? &outcomes[i]
						    : &ruled[i - ARRAY_SIZE(outcomes)];
		struct told told;

		tell(story, &told);
		told.request.explain = true;
		assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
		assert_string_equal(picked(&told.pick), story->token ? story->token : "none");
		assert_int_equal(told.pick.source, story->source);
		assert_int_equal(told.pick.count,
				 told.input.base.count + (told.input.base.env != NULL));
		for (size_t j = 1; j < told.pick.count; j++)
			assert_true(told.pick.candidates[j - 1].verdict >=
				    told.pick.candidates[j].verdict);
		forget(&told);
	}
}

static void each_verdict_has_a_reason(void **state UNUSED)
{
	static const struct {
		const char *tokens, *repo, *operation, *outcomes, *said;
	} cases[] = {
		{"a-read", "acme/m1", "read", "a-read refused read 30", "refused just now"},
		{"oa-read", "acme/m1", "read", "oa-read refused read 300",
		 "refused 5 minutes ago"},
		{"a-own", "meta/llama", "read", "a-own worked read 90000",
		 "worked 25 hours ago"},
		{"a-own", "meta/llama", "read", "a-own worked read 1000000",
		 "worked 11 days ago"},
		{"a-read", "acme/m1", "read", "a-read dead - 5", "no longer knows"},
		{"a-read", NULL, "read", NULL, "no repository"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct story story = {.tokens = cases[i].tokens,
					    .repo = cases[i].repo,
					    .operation = cases[i].operation,
					    .outcomes = cases[i].outcomes};
		AUTOBUF struct buf why = {0};
		struct verdict_question question;
		struct told told;

		tell(&story, &told);
		told.request.explain = true;
		assert_int_equal(resolve_pick(&told.request, &told.input, &told.pick, NULL), 0);
		question = (struct verdict_question) {.repo = told.request.repo,
						      .operation = told.pick.operation,
						      .outcomes = &told.known,
						      .now = NOW};
		verdict_why(&told.pick.candidates[0], &question, &why);
		if (!strstr(buf_text(&why), cases[i].said))
			fail_msg("%s", buf_text(&why));
		forget(&told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_has_one_answer),
		cmocka_unit_test(the_environment_can_go_first_or_not_at_all),
		cmocka_unit_test(an_ignored_environment_is_no_candidate),
		cmocka_unit_test(the_environment_is_known_by_its_twin),
		cmocka_unit_test(a_source_is_known_by_its_twin),
		cmocka_unit_test(a_copy_stands_behind_what_it_copies),
		cmocka_unit_test(a_dead_twin_is_dead_without_a_repository_too),
		cmocka_unit_test(a_denial_of_the_future_is_old),
		cmocka_unit_test(what_was_asked_just_now_is_no_last_resort),
		cmocka_unit_test(denials_have_an_age),
		cmocka_unit_test(explaining_changes_no_answer),
		cmocka_unit_test(each_verdict_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
