/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"

#include <string.h>

#include "base/lines.h"
#include "base/text.h"
#include "core/store.h"

int record_make(const struct secret *token, const char *endpoint, int64_t created,
		struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret record = {0};
	char time[TIME_TEXT_SIZE];
	int error;

	if (secret_add(&record, secret_text(token), token->size) ||
	    secret_add(&record, "\n", 1))
		return err_no_memory(err);
	error = lines_add_text(&record, "endpoint", endpoint, err);
	if (error)
		return error;
	time_to_text(created, time);
	error = lines_add_text(&record, "created", time, err);
	if (error)
		return error;
	if (record.size > RECORD_MAX)
		return err_set(err, ERR_FORMAT, "token is too long to be kept");
	secret_move(ret, &record);
	return 0;
}

static int damaged(struct err *err)
{
	err_set(err, ERR_DAMAGED, "the secret's record makes no sense");
	return err_hint(err, "remove it with hftoken logout and log in again");
}

/* Whether one of the record's `endpoint=` lines is this one. Cuts the lines up in place. */
static int check_binding(char *text, size_t size, const char *endpoint, struct err *err)
{
	struct lines lines;
	struct line line;
	bool bound = false;
	int found;

	lines_init(&lines, text, size);
	while ((found = lines_next(&lines, &line, NULL)) > 0) {
		if (strcmp(line.key, "endpoint") == 0 && strcmp(line.value, endpoint) == 0)
			bound = true;
	}
	if (found < 0)
		return damaged(err);
	if (!bound) {
		err_set(err, ERR_DAMAGED, "the token was not stored for %s", endpoint);
		return err_hint(err, "remove it with hftoken logout and log in again there");
	}
	return 0;
}

int record_open(const struct secret *record, const char *endpoint, struct secret *ret_token,
		struct err *err)
{
	AUTOSECRET struct secret copy = {0};
	const char *end = record->size ? memchr(record->data, '\n', record->size) : NULL;
	size_t size = end ? (size_t)(end - record->data) : 0;
	int error;

	if (size == 0)
		return damaged(err);
	if (secret_set(&copy, record->data, record->size))
		return err_no_memory(err);
	error = check_binding(copy.data + size + 1, copy.size - size - 1, endpoint, err);
	if (error)
		return error;
	secret_truncate(&copy, size);
	secret_move(ret_token, &copy);
	return 0;
}

int64_t record_created(const struct secret *record)
{
	AUTOSECRET struct secret copy = {0};
	char *end = record->size ? memchr(record->data, '\n', record->size) : NULL;
	int64_t created = TIME_UNKNOWN;
	struct lines lines;
	struct line line;
	size_t start;

	if (!end || secret_set(&copy, record->data, record->size))
		return TIME_UNKNOWN;
	start = (size_t)(end - record->data) + 1;
	lines_init(&lines, copy.data + start, copy.size - start);
	while (lines_next(&lines, &line, NULL) > 0) {
		if (strcmp(line.key, "created") == 0 && time_from_text(line.value, &created))
			return created;
	}
	return TIME_UNKNOWN;
}
