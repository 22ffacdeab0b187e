/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver: which token for which repository. Pure, as resolve() is, on which it builds. The
 * order:
 *
 *	1. an explicit name: that token or an error; a wished account narrows the candidates
 *	2. the most specific rule whose token is a candidate
 *	3. the best verdict (core/resolve_verdict.h), unless all are denied. Of those that may: what
 *	   rests on a membership before what a stranger may. Of equal ones: the account that git last
 *	   used here, then that of the default token; where nobody but the Hub knows, one that was
 *	   made for this very repository, then the default token itself; stored tokens before
 *	   sources; the least breadth; the name
 *	4. where no repository is known, the default token
 *	5. the best one of those denied by something old: better than no answer
 *
 * With `environment = first`, HF_TOKEN goes before rules.
 */
#pragma once

#include "core/resolve.h"
#include "core/resolve_verdict.h"
#include "core/rule.h"

struct pick_request {
	struct resolve_request base;
	const struct repo *repo;  /* NULL: not known */
	enum operation operation; /* unknown: writing where a token grants that, else reading */
	bool explain;             /* judge all candidates also where a name or a rule decides */
	bool has_asked; /* the Hub was asked just now: what it refused is no last resort */
};

struct pick_input {
	struct resolve_input base;    /* tokens may be those of CATALOGUE_LOOKUP */
	const struct token *env_twin; /* the stored token that HF_TOKEN is; NULL */
	/* the same for each of base.sources; NULL: they are none */
	const struct token *const *source_twins;
	const struct rule *rules; /* that match, the best first: rules_find() */
	size_t rule_count;
	const struct outcomes *outcomes; /* of the repository */
};

struct pick {
	const struct token *token; /* NULL: nothing fits */
	enum resolve_source source;
	const struct rule *rule;        /* that decided; NULL */
	const struct candidate *judged; /* the token's own line; NULL if nothing was judged */
	struct candidate *candidates;   /* the best first */
	size_t count;
	struct candidate *memory; /* that they are in */
	size_t bound;             /* tokens bound to the endpoint */
	enum operation operation; /* what was judged */
	bool all_denied;
};

void pick_release(struct pick *pick);
#define AUTOPICK CLEANUP(pick_release)

/* Errors as resolve(). 0 also where nothing fits. */
int resolve_pick(const struct pick_request *request, const struct pick_input *input,
		 struct pick *ret, struct err *err) MUST_CHECK;
