/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INI as Python's configparser reads it (strict, interpolation off, no inline comments). What
 * makes it raise an error makes huggingface_hub see no tokens at all; so it is an error here.
 */
#include <string.h>

#include "base/text.h"
#include "core/hf_stored.h"

#define SPACES  " \t\f\v"
#define DEFAULT "DEFAULT" /* its keys count in every section that lacks them */
#define KEYS    3

static const char *const keys[KEYS] = {"hf_token", "expires_at", "refresh_token"};

struct section {
	const char *name;
	const char *values[KEYS]; /* NULL: not there; "" for one that is no single line */
	size_t start, end;        /* from its header to the next one, in bytes of the file */
};

struct reader {
	struct section sections[HF_ENTRIES_MAX];
	size_t count;
	struct section defaults;
	struct section *current; /* NULL before the first */
	const char **value;      /* of the key read last; NULL if it is none of ours */
	bool has_key;            /* the line before may be continued */
	size_t indent;           /* of that line */
	size_t number;
	size_t offset; /* of the line, in the file */
	size_t too_many;
	struct section spare; /* for sections over the limit */
};

static int broken(const struct reader *reader, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "line %zu: %s", reader->number, what);
}

static char *trimmed(char *text)
{
	size_t size;

	text += strspn(text, SPACES);
	size = strlen(text);
	while (size > 0 && strchr(SPACES, text[size - 1]))
		text[--size] = '\0';
	return text;
}

static int begin_section(struct reader *reader, char *line, struct err *err)
{
	char *name = line + 1;
	char *end = strrchr(name, ']'); /* as configparser: the last one */

	*end = '\0';
	reader->has_key = false;
	if (reader->current)
		reader->current->end = reader->offset;
	if (strcmp(name, DEFAULT) == 0) {
		reader->current = &reader->defaults;
		return 0; /* may be there twice */
	}
	for (size_t i = 0; i < reader->count; i++) {
		if (strcmp(reader->sections[i].name, name) == 0)
			return broken(reader, "a section that was there before", err);
	}
	if (reader->count == HF_ENTRIES_MAX) {
		reader->too_many++;
		reader->spare = (struct section) {.name = name};
		reader->current = &reader->spare;
		return 0;
	}
	reader->current = &reader->sections[reader->count++];
	*reader->current = (struct section) {.name = name, .start = reader->offset};
	return 0;
}

static int take_key(struct reader *reader, char *line, struct err *err)
{
	size_t size = strcspn(line, "=:");
	char *value = line + size + 1;

	if (!line[size] || size == 0)
		return broken(reader, "neither a section nor a key with a value", err);
	line[size] = '\0';
	line = trimmed(line);
	reader->has_key = true;
	reader->value = NULL;
	for (size_t i = 0; i < KEYS; i++) {
		if (!text_equal_fold(line, keys[i]))
			continue;
		reader->value = &reader->current->values[i];
		if (*reader->value)
			return broken(reader, "a key that was there before", err);
		*reader->value = trimmed(value);
	}
	return 0;
}

static int take_line(struct reader *reader, char *line, struct err *err)
{
	size_t indent = strspn(line, SPACES);

	line = trimmed(line);
	if (!*line || *line == '#' || *line == ';')
		return 0;
	if (reader->current && reader->has_key && indent > reader->indent) {
		/* A value that goes on: no token does. */
		if (reader->value)
			*reader->value = "";
		return 0;
	}
	reader->indent = indent;
	if (*line == '[' && strrchr(line, ']') && strrchr(line, ']') > line + 1)
		return begin_section(reader, line, err);
	if (!reader->current)
		return broken(reader, "there is no section before it", err);
	return take_key(reader, line, err);
}

static int64_t time_of(const char *text)
{
	uint64_t seconds;

	return text && text_to_number(text, INT64_MAX, &seconds) ? (int64_t)seconds
								 : TIME_UNKNOWN;
}

static void add_section(const struct reader *reader, const struct section *section,
			struct hf_stored *ret)
{
	const char *values[KEYS];

	for (size_t i = 0; i < KEYS; i++)
		values[i] = section->values[i] ? section->values[i]
					       : reader->defaults.values[i];
	hf_stored_add(ret, &(struct hf_entry) {
				   .name = section->name,
				   .token = values[0],
				   .expires = time_of(values[1]),
				   .refreshes = values[2] && *values[2],
				   .start = section->start,
				   .end = section->end,
			   });
}

int hf_ini_parse(char *text, struct hf_stored *ret, struct err *err)
{
	AUTOFREE struct reader *reader = calloc(1, sizeof(*reader));
	const char *begin = text;
	size_t whole = strlen(text);
	char *line;
	int error = 0;

	if (!reader)
		return err_no_memory(err);
	while (!error && (line = strsep(&text, "\n")) != NULL) {
		size_t size = strlen(line);

		reader->number++;
		reader->offset = (size_t)(line - begin);
		if (size > 0 && line[size - 1] == '\r')
			line[size - 1] = '\0';
		error = take_line(reader, line, err);
	}
	if (reader->current)
		reader->current->end = whole;
	for (size_t i = 0; i < reader->count && !error; i++)
		add_section(reader, &reader->sections[i], ret);
	ret->unusable += reader->too_many;
	return error;
}
