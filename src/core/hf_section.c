/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_section.h"

#include <string.h>

#include "base/text.h"
#include "core/plain.h"

/* As Python's configparser reads it; see huggingface_hub's utils/_auth.py. */
struct scan {
	const struct secret *value;
	char name[HF_SECTION_MAX + 1]; /* of the section that is being read */
	bool holds;                    /* it has the value */
	bool refreshed;                /* it has a refresh token */
	char *found;
	bool *found_refreshed;
};

static char *trim(char *text)
{
	size_t size;

	text += strspn(text, " \t\r");
	size = strlen(text);
	while (size > 0 && strchr(" \t\r", text[size - 1]))
		text[--size] = '\0';
	return text;
}

static void end_section(struct scan *scan)
{
	if (!scan->holds)
		return;
	if (!*scan->found || scan->refreshed)
		(void)text_copy(scan->found, HF_SECTION_MAX + 1, scan->name);
	*scan->found_refreshed |= scan->refreshed;
}

static void begin_section(struct scan *scan, char *line)
{
	char *end = strchr(line, ']');

	end_section(scan);
	scan->holds = scan->refreshed = false;
	if (end)
		*end = '\0';
	(void)text_copy(scan->name, sizeof(scan->name), line + 1);
	text_disarm(scan->name);
}

static void read_pair(struct scan *scan, char *line)
{
	char *split = line + strcspn(line, "=:");
	const char *key;
	char *text;

	if (!*split)
		return;
	*split = '\0';
	key = trim(line);
	text = trim(split + 1);
	if (text_equal_fold(key, "refresh_token") && *text)
		scan->refreshed = true;
	if (text_equal_fold(key, "hf_token")) {
		const struct secret other = {.data = text, .size = strlen(text)};

		scan->holds = secret_equal(&other, scan->value);
	}
}

void hf_section_scan(struct secret *text, const struct secret *value, char ret_name[],
		     bool *ret_refreshed)
{
	struct scan scan = {
		.value = value, .found = ret_name, .found_refreshed = ret_refreshed};
	char *rest = text->data;
	char *line;

	*ret_name = '\0';
	*ret_refreshed = false;
	while (rest && (line = strsep(&rest, "\n")) != NULL) {
		if (*line == '[')
			begin_section(&scan, line);
		else if (!strchr("#; \t", *line))
			read_pair(&scan, line);
	}
	end_section(&scan);
}

void hf_section_find(const struct secret *value, char ret_name[], bool *ret_refreshed)
{
	AUTOSECRET struct secret text = {0};

	plain_hf_stored_tokens(&text);
	hf_section_scan(&text, value, ret_name, ret_refreshed);
}
