/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a command's operands begin with, `list` of `hftoken store list`, and what stands
 * behind each. Which verbs there are is said by the command's row in tables.c alone.
 */
#pragma once

#include "cli/command.h"

struct verb {
	enum command_id command;
	const char *name;
	const char *operands; /* behind the verb, written as in tables.c */
	const char *summary;
};

/*
 * The verb of that number, 0 for the first: a text within the command's row, not ended by a NUL.
 * NULL behind the last, and for a command without verbs.
 */
const char *command_verb(const struct command *command, unsigned number, size_t *ret_size);

/* What is known of a verb; NULL if there is none such. */
const struct verb *verb_find(const struct command *command, const char *name, size_t size);

extern const struct verb verbs[];
extern const size_t verb_count;
