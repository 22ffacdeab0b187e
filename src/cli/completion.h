/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts for shells, made from the tables: commands, verbs, options and what stands in
 * each place. What changes (names of tokens, patterns of rules) the scripts ask of `hftoken list -q`
 * and `hftoken rule list -q`, which ask no network and open no store.
 */
#pragma once

#include "base/buf.h"
#include "cli/verbs.h"

/* What may stand where the tables write a word in capitals. */
struct place {
	const char *word;  /* in the tables: "NAME" */
	const char *kind;  /* what the scripts call it: "tokens"; NULL: nobody can know it */
	const char *words; /* where it is one of a few: they, with blanks between; else NULL */
};

extern const struct place places[];
extern const size_t place_count;

/* NULL if there is no such word, which a test does not allow. */
const struct place *place_by_word(const char *word, size_t size);

/* Of an option's value; NULL for a switch. */
const struct place *place_of_option(enum option_id id);

/* One operand of a command or verb, as `operands` writes them. */
struct operand {
	const struct place *place;
	bool repeats; /* this one and all behind it */
};

/* The operand of that number, 0 for the first; false behind the last. */
bool operand_at(const char *operands, unsigned number, struct operand *ret);

/* The operands behind the command's name, or behind its verbs, which have their own; "" if none. */
const char *operands_of(const struct command *command);

/* The values that a setting can have, with blanks between; NULL if it can be anything. */
const char *setting_words(const char *key);

/* The scripts. */
void completion_bash(struct buf *out);
void completion_zsh(struct buf *out);
void completion_fish(struct buf *out);
