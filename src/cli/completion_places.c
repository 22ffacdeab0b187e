/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/completion.h"

const struct place places[] = {
	{"NAME", "tokens", NULL},
	{"OLD", "tokens", NULL},
	{"PATTERN", "patterns", NULL},
	{"COMMAND", "commands", NULL},
	{"VERB", "verbs", NULL},
	{"KEY", "keys", NULL},
	{"VALUE", "values", NULL},
	{"FILE", "files", NULL},
	{"DIR", "folders", NULL},
	{"CMD", "program", NULL},
	{"STORE", "stores", "file secret-service"},
	{"FORMAT", "formats", "header curl netrc"},
	{"WAY", "ways", "env file"},
	{"NEW", NULL, NULL},
	{"TOKEN", NULL, NULL},
	{"N", NULL, NULL},
	{"ORG", NULL, NULL},
	{"REPO", NULL, NULL},
	{"REV", NULL, NULL},
	{"PATH", NULL, NULL}, /* of a repository: no file of this machine */
	{"URL", NULL, NULL},
	/* `login` may leave the choice to us, and nobody else may. */
	{"STORE|auto", "choices", "auto file secret-service"},
};
const size_t place_count = ARRAY_SIZE(places);

const struct place *place_by_word(const char *word, size_t size)
{
	for (size_t i = 0; i < place_count; i++) {
		if (strlen(places[i].word) == size && memcmp(places[i].word, word, size) == 0)
			return &places[i];
	}
	return NULL;
}

const struct place *place_of_option(enum option_id id)
{
	const char *word = id == OPT_STORE ? "STORE|auto" : options[id].value;

	return word ? place_by_word(word, strlen(word)) : NULL;
}

bool operand_at(const char *operands, unsigned number, struct operand *ret)
{
	for (const char *word = operands; *word; word += strspn(word, " ")) {
		size_t whole = strcspn(word, " ");
		size_t start = strspn(word, "[");
		size_t size = strcspn(word + start, "]|. ");

		ret->place = place_by_word(word + start, size);
		ret->repeats = memmem(word, whole, "...", 3) != NULL;
		word += whole;
		if (ret->place && number-- == 0)
			return true;
		if (ret->place && ret->repeats)
			return false;
	}
	return false;
}

const char *operands_of(const struct command *command)
{
	size_t size;

	return command_verb(command, 0, &size) ? "" : command->operands;
}

const char *setting_words(const char *key)
{
	static const char *const rows[][2] = {
		{"store", "auto file secret-service"},
		{"environment", "default first ignore"},
		{"cache", "off"},
		{"git.adopt", "on off"},
		{"hf.follow", "on off"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i][0], key) == 0)
			return rows[i][1];
	}
	return NULL;
}
