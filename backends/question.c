/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/question.h"

#include <string.h>

#include "base/lines.h"
#include "base/text.h"

void question_release(struct question *question)
{
	secret_release(&question->record);
	secret_release(&question->passphrase);
}

static int add_record_line(struct secret *record, const struct line *line, struct err *err)
{
	/* It would be stored, but could never be written into an answer. */
	if (memchr(line->value, '\r', line->value_size))
		return err_set(err, ERR_FORMAT, "a line of the record holds a CR");
	if (line->value_size >= RECORD_MAX - record->size)
		return err_set(err, ERR_FORMAT, "record is larger than %zu bytes", RECORD_MAX);
	if (secret_add(record, line->value, line->value_size) || secret_add(record, "\n", 1))
		return err_no_memory(err);
	return 0;
}

static int take_passphrase(struct question *question, const struct line *line, struct err *err)
{
	if (question->has_passphrase)
		return err_set(err, ERR_FORMAT, "'passphrase' is given twice");
	question->has_passphrase = true;
	if (secret_set(&question->passphrase, line->value, line->value_size))
		return err_no_memory(err);
	return store_check_passphrase(&question->passphrase, err);
}

static int take_line(struct question *question, const struct line *line, struct err *err)
{
	const struct {
		const char *key;
		const char **value;
	} texts[] = {
		{"op", &question->op},
		{"id", &question->id},
		{"deadline", &question->deadline},
		{"interactive", &question->interactive},
		{"label", &question->label},
		{"service", &question->service},
		{"username", &question->username},
		{"apply", &question->apply},
	};

	if (strcmp(line->key, "record[]") == 0)
		return add_record_line(&question->record, line, err);
	if (strcmp(line->key, "passphrase") == 0)
		return take_passphrase(question, line, err);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(line->key, texts[i].key) != 0)
			continue;
		if (*texts[i].value)
			return err_set(err, ERR_FORMAT, "'%s' is given twice", texts[i].key);
		*texts[i].value = line->value;
	}
	return 0; /* unknown keys are ignored, so that newer callers keep working */
}

static int take_call(struct question *question, struct err *err)
{
	uint64_t milliseconds;

	question->call = (struct store_call) {.deadline = NO_DEADLINE};
	if (question->deadline) {
		if (!text_to_number(question->deadline, INT32_MAX, &milliseconds))
			return err_set(err, ERR_FORMAT, "'deadline' is not a number");
		question->call.deadline = deadline_in((int)milliseconds);
	}
	if (question->interactive)
		question->call.interactive = strcmp(question->interactive, "1") == 0;
	return 0;
}

int question_parse(struct question *ret, char *text, size_t size, struct err *err)
{
	struct lines lines;
	struct line line;
	int found;

	lines_init(&lines, text, size);
	found = lines_next(&lines, &line, err);
	if (found < 0)
		return found;
	/* Nothing behind another version can be trusted to mean what it means here. */
	if (!found || strcmp(line.key, "store") != 0 || strcmp(line.value, STORE_VERSION) != 0)
		return err_set(err, ERR_TOO_NEW,
			       "the caller does not speak version " STORE_VERSION
			       " of the store protocol");
	while ((found = lines_next(&lines, &line, err)) > 0) {
		int error = take_line(ret, &line, err);

		if (error)
			return error;
	}
	return found < 0 ? found : take_call(ret, err);
}

size_t question_size(const struct secret *input)
{
	const char *start = secret_text(input);
	const char *end = start + input->size;
	const char *line = start;
	const char *newline;

	while (line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
		if (newline == line || (newline == line + 1 && *line == '\r'))
			return (size_t)(newline + 1 - start);
		line = newline + 1;
	}
	return 0;
}
