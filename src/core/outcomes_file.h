/* SPDX-License-Identifier: Apache-2.0 */
/* The file's form: between outcomes.c and outcomes_note.c only. */
#pragma once

#include "core/outcomes.h"

#define OUTCOMES_NAME    "outcomes"
#define OUTCOMES_SIZE    ((size_t)1 << 20)
#define OUTCOME_KEY_SIZE (REPO_ID_SIZE + 16)
#define NOTHING          "-"
#define HEADER           "hftoken-outcomes 1 "
#define HEADER_SIZE      (sizeof(HEADER "0123456789abcdef\n") - 1)

/* "models/acme/m1", in lower case; "-" for NULL. */
void outcome_key(const struct repo *repo, char ret[OUTCOME_KEY_SIZE]);

/* A line, and back: false if it is none. `end` is the line's, `ret_key` the key's size. */
void outcome_put(struct buf *buf, const char *key, const struct outcome *outcome);
bool outcome_parse(const char *line, const char *end, size_t *ret_key, struct outcome *ret);

/*
 * Whether nothing is left of the old one once the new one is known; both of one token, and of one
 * repository unless it is dead.
 */
bool outcome_replaces(const struct outcome *fresh, const struct outcome *old);

/* The first line for these ones. */
void outcomes_header(const char *body, size_t size, char ret[HEADER_SIZE + 1]);

/* What stands behind the first line; NULL if that does not fit. */
const char *outcomes_body(const char *text, size_t size);
