/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_stored.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"

static const char *first_word(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* A name is typed by people and shown to them: one word or several, and no token itself. */
static bool is_name(const char *name)
{
	char shown[HF_NAME_MAX + 1];

	if (!*name || strlen(name) > HF_NAME_MAX || looks_like_token(name))
		return false;
	(void)text_copy(shown, sizeof(shown), name);
	text_disarm(shown);
	return strcmp(shown, name) == 0;
}

void hf_stored_add(struct hf_stored *stored, const struct hf_entry *entry)
{
	struct hf_entry *kept = &stored->entries[stored->count];
	bool is_kept = entry->token && *entry->token && stored->count < HF_ENTRIES_MAX;

	stored->unusable += !is_kept || !is_name(entry->name);
	if (!is_kept)
		return;
	*kept = *entry;
	kept->has_name = is_name(entry->name);
	stored->count++;
}

int hf_stored_parse(struct secret *text, struct hf_stored *ret, struct err *err)
{
	int error;

	*ret = (struct hf_stored) {.count = 0};
	if (text->size == 0)
		return 0;
	if (memchr(text->data, '\0', text->size) || !utf8_is_valid(text->data, text->size))
		return err_set(err, ERR_FORMAT, "it is not text");
	error = *first_word(text->data) == '{' ? hf_json_parse(text->data, ret, err)
					       : hf_ini_parse(text->data, ret, err);
	if (error)
		*ret = (struct hf_stored) {.count = 0};
	return error;
}

bool hf_stored_is_whole(const char *text, size_t size)
{
	size_t end = size;

	while (end > 0 && strchr(" \t\r\n", text[end - 1]))
		end--;
	if (end == 0)
		return false;
	/* configparser ends with a line break; JSON is whole if its last brace is there. */
	return *first_word(text) == '{' ? text[end - 1] == '}' : text[size - 1] == '\n';
}
