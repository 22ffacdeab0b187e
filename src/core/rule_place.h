/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rules apply: the current folder and the home, each under its real name and under the one
 * that a shell goes by (PWD, HOME), since rules are written with either.
 */
#pragma once

#include "base/err.h"
#include "core/rule.h"

struct rule_place {
	char *directories[2]; /* NULL: has no such name */
	char *homes[2];
};

/* What cannot be found out is NULL. */
void rule_place_find(struct rule_place *ret);
void rule_place_release(struct rule_place *place);
#define AUTOPLACE CLEANUP(rule_place_release)

/* Fills in the request's folders; they stay the place's. */
void rule_place_apply(const struct rule_place *place, struct rule_request *request);

/*
 * A folder as it stands in a rule: absolute, with `~/` for what lies in the home, for the caller to
 * free(). It need not be there.
 */
int rule_place_directory(const char *path, char **ret, struct err *err) MUST_CHECK;

/*
 * How far the request's folder lies below the rule's, in bytes of path: the fewer, the deeper the
 * rule's, whichever of its names that goes by. RULE_ELSEWHERE: it is not there, or the rule has none.
 * Pure.
 */
#define RULE_ELSEWHERE SIZE_MAX
size_t rule_place_distance(const struct rule *rule, const struct rule_request *request);
