/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program tells `hftoken serve` of a token that it was given: remembered as an outcome
 * (core/outcomes.h), so that the next pick knows. Only what was given here counts, in the revision
 * that it had: nothing is held against a token that was replaced meanwhile, or was never asked for.
 */
#pragma once

#include "core/outcomes.h"
#include "protocol/serve_request.h"

#define SERVE_GIVEN_MAX 64

struct serve_given {
	char name[TOKEN_NAME_MAX + 1]; /* "": free */
	char endpoint[ENDPOINT_SIZE];
	char id[TOKEN_ID_SIZE]; /* of its outcomes */
	uint32_t revision;
};

/* The last that were given; the oldest gives way. */
struct serve_givens {
	struct serve_given list[SERVE_GIVEN_MAX];
	size_t next;
};

/* `known`: the stored token that it is a copy of, whose outcomes count for it; or itself. */
void serve_given_add(struct serve_givens *givens, const struct token *token,
		     const struct token *known);

/*
 * Notes a report about a repository (NULL: not known, and so nothing to note) at an endpoint (NULL:
 * the token's). Whether it says something, about a token that was given.
 */
bool serve_report(const struct serve_givens *givens, const struct serve_request *request,
		  const char *endpoint, const struct repo *repo);
