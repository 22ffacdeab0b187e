/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store_answer.h"

#include <string.h>

#include "base/lines.h"
#include "base/mask.h"
#include "base/text.h"

/* The store's own words, made harmless. */
static void clean_value(const struct line *line, char *ret, size_t capacity)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, line->value, line->value_size, capacity - 1);
	(void)text_copy(ret, capacity, buf_text(&clean));
	mask_tokens(ret);
}

static void take_capability(struct store_state *state, const char *name)
{
	for (size_t i = 0; i < STORE_CAPABILITIES; i++) {
		if (strcmp(name, store_capability_names[i].name) == 0)
			state->capabilities |= store_capability_names[i].capability;
	}
}

static void take_backup(struct store_backup *backup, const struct line *line)
{
	if (strcmp(line->key, "count") == 0)
		(void)text_to_number(line->value, INT64_MAX, &backup->count);
	else if (strcmp(line->key, "written") == 0)
		(void)time_from_text(line->value, &backup->written);
	else if (strcmp(line->key, "aside") == 0)
		clean_value(line, backup->aside, sizeof(backup->aside));
}

static int take_line(struct store_answer *answer, const struct line *line, struct err *err)
{
	if (strcmp(line->key, "status") == 0) {
		(void)text_copy(answer->status, sizeof(answer->status), line->value);
	} else if (strcmp(line->key, "message") == 0) {
		clean_value(line, answer->message, sizeof(answer->message));
	} else if (strcmp(line->key, "hint") == 0) {
		clean_value(line, answer->hint, sizeof(answer->hint));
	} else if (strcmp(line->key, "protects") == 0 && answer->state) {
		clean_value(line, answer->state->protects, sizeof(answer->state->protects));
	} else if (strcmp(line->key, "capability[]") == 0 && answer->state) {
		take_capability(answer->state, line->value);
	} else if (strcmp(line->key, "record[]") == 0 && answer->record) {
		if (secret_add(answer->record, line->value, line->value_size) ||
		    secret_add(answer->record, "\n", 1))
			return err_no_memory(err);
	} else if (strcmp(line->key, "id[]") == 0 && answer->ids) {
		buf_add(answer->ids, line->value, line->value_size);
		buf_add_char(answer->ids, '\n');
	} else if (answer->backup) {
		take_backup(answer->backup, line);
	}
	return 0;
}

static int broken(struct err *err)
{
	return err_set(err, ERR_FORMAT, "no answer of the store protocol");
}

int store_answer_read(struct secret *text, struct store_answer *ret, struct err *err)
{
	struct lines lines;
	struct line line;
	int found;

	lines_init(&lines, text->data, text->size);
	found = lines_next(&lines, &line, NULL);
	if (found <= 0 || strcmp(line.key, "store") != 0 ||
	    strcmp(line.value, STORE_VERSION) != 0)
		return broken(err);
	while ((found = lines_next(&lines, &line, NULL)) > 0) {
		int error = take_line(ret, &line, err);

		if (error)
			return error;
	}
	/* One that is cut off may lack the end of a secret. */
	return found < 0 || !lines.ended || !ret->status[0] ? broken(err) : 0;
}
