/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of one token for one request: what the Hub told about its permissions, and what
 * happened when it was used; the newer of both counts. Pure.
 */
#pragma once

#include "core/grants_compact.h"
#include "core/outcomes.h"

struct candidate {
	const struct token *token;
	const char *account; /* the token's, or that of the stored token that a source's is */
	const struct token *known; /* whose grants were judged: HF_TOKEN's are its twin's */
	enum verdict verdict;
	enum grants_reason reason;   /* of the grants */
	bool is_member;              /* of the repository's owner, as grants_answer has it */
	enum operation operation;    /* that was judged */
	enum outcome_weight weight;  /* of what happened; WEIGHT_NONE where the grants count */
	enum outcome_source seen_by; /* where `weight` says something */
	int64_t used_at;             /* when git last used it here with success; TIME_UNKNOWN */
	int64_t as_of;               /* of what the verdict rests on; TIME_UNKNOWN */
	unsigned breadth;
	bool is_default;
	int identity; /* 2: the account that last worked here; 1: the default token's */
};

struct verdict_question {
	const struct repo *repo;
	enum operation operation; /* OPERATION_READ or OPERATION_WRITE */
	const struct outcomes *outcomes;
	int64_t now;
};

/*
 * Fills in all but is_default and identity; token and account are those of `token`. Without a
 * repository only a dead token is denied.
 */
void verdict_judge(const struct token *token, const struct grants *grants,
		   const struct verdict_question *question, struct candidate *ret);

/*
 * How good "may" is: worked longer ago; then what rests on belonging to the owner, before what a
 * stranger may; of strangers, for reading, who can pass gates before who cannot.
 */
int verdict_level(const struct candidate *candidate);

/*
 * Whether it is denied by something that may no longer hold: so old, or a refusal that somebody was
 * only told of. Git itself has not been turned away then, and who was told may have mended it.
 */
bool verdict_is_old(const struct candidate *candidate, int64_t now);

/* How old that is: "31 days", "5 minutes"; "nobody knows how long" where a clock was wrong. */
void verdict_age(const struct candidate *candidate, int64_t now, struct buf *ret);

/* Why, for people. */
void verdict_why(const struct candidate *candidate, const struct verdict_question *question,
		 struct buf *ret);
