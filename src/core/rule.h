/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule: which token for which repositories. A line of a file of rules:
 *
 *	# what              token     [read|write]  [in DIRECTORY]
 *	acme                work
 *	acme/prod-*         ci        write
 *	datasets/acme/d-*   work-data
 *	models/gpt2         work
 *	*                   work      in ~/src/acme
 *
 * A pattern is a namespace or an id, with a type before it or for every type alike; `*` stands for
 * any text within a segment, and alone for every request, also one without a repository. With a
 * type, a lone name is a namespace as well as a repository of one segment. Case does not count.
 *
 * All functions are pure.
 */
#pragma once

#include "core/operation.h"
#include "core/repo.h"

#define RULE_PATTERN_MAX ((size_t)204) /* a type and two parts */
#define RULE_TOKEN_MAX   ((size_t)128) /* a name, or a source such as hf:NAME */

enum rule_file { RULES_OF_USER, RULES_OF_SYSTEM, RULE_FILES };

struct rule {
	char pattern[RULE_PATTERN_MAX + 1]; /* "" if the line makes no sense */
	char token[RULE_TOKEN_MAX + 1];
	enum operation operation;
	const char *directory; /* within the file's text, not ended by a NUL; NULL if none */
	size_t directory_size;
	enum rule_file file;
	unsigned line;
	const char *problem; /* why it is left out; NULL if it is not */
};

/* What a rule is asked about. A folder has two names where symbolic links lead to it. */
struct rule_request {
	const struct repo *repo; /* NULL: not known */
	enum operation operation;
	const char *directories[2]; /* the current folder: absolute, or NULL */
	const char *homes[2];       /* what `~` stands for: absolute, or NULL */
};

/* Whether the line says nothing: empty, or a comment. */
bool rule_is_blank(const char *line, size_t size);

/*
 * Reads a line that is not blank; `ret` points into it. What makes no sense has a problem, and no
 * pattern.
 */
void rule_parse(const char *line, size_t size, struct rule *ret);

/* NULL if that is a pattern (a token's name) that a rule can have, else what is wrong with it. */
const char *rule_pattern_problem(const char *pattern);
const char *rule_token_problem(const char *token);

/* Whether the pattern that the line begins with fits the repository: the quick look at many lines. */
bool rule_may_match(const char *line, size_t size, const struct repo *repo);

/* Whether pattern, operation and directory fit the request. */
bool rule_matches(const struct rule *rule, const struct rule_request *request);

/*
 * By how specific they are for this request, the most specific first; 0 only for doubles: an exact
 * id, then a directory (the deeper one, by whichever of its names), then the longest literal text,
 * then an operation. What is left is the order of the texts, so that the order of lines never
 * matters.
 */
int rule_compare(const struct rule *one, const struct rule *other,
		 const struct rule_request *request);

/* The same pattern, operation and directory, so that only one of them can hold. */
bool rule_is_double(const struct rule *one, const struct rule *other);
