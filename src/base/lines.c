/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <string.h>

void lines_init(struct lines *lines, char *text, size_t size)
{
	/* An empty text may be NULL, to which nothing may be added. */
	*lines = (struct lines) {.next = text, .end = size ? text + size : text};
}

int lines_next(struct lines *lines, struct line *ret, struct err *err)
{
	char *start = lines->next;
	char *end;
	char *equals;
	size_t left = (size_t)(lines->end - start);

	if (left == 0)
		return 0;
	lines->number++;
	end = memchr(start, '\n', left);
	lines->terminated = end != NULL;
	if (!end)
		end = lines->end;
	if ((size_t)(end - start) >= LINE_MAX_SIZE)
		return err_set(err, ERR_FORMAT, "line %zu is too long", lines->number);
	lines->next = lines->terminated ? end + 1 : end;
	if (lines->terminated && end > start && end[-1] == '\r')
		end--;
	if (end == start) {
		lines->ended = true;
		lines->next = lines->end;
		return 0;
	}
	if (memchr(start, '\0', (size_t)(end - start)))
		return err_set(err, ERR_FORMAT, "line %zu holds a NUL byte", lines->number);
	equals = memchr(start, '=', (size_t)(end - start));
	if (!equals || equals == start)
		return err_set(err, ERR_FORMAT, "line %zu is not key=value", lines->number);
	*equals = '\0';
	*end = '\0'; /* the newline, the CR before it, or the NUL behind every text */
	ret->key = start;
	ret->value = equals + 1;
	ret->value_size = (size_t)(end - ret->value);
	return 1;
}

int lines_add(struct secret *text, const char *key, const char *value, size_t size,
	      struct err *err)
{
	if (memchr(value, '\n', size) || memchr(value, '\r', size) || memchr(value, '\0', size))
		return err_set(err, ERR_FORMAT, "value of '%s' holds a line break or NUL", key);
	if (secret_add_text(text, key) || secret_add(text, "=", 1) ||
	    secret_add(text, value, size) || secret_add(text, "\n", 1))
		return err_no_memory(err);
	return 0;
}

int lines_add_text(struct secret *text, const char *key, const char *value, struct err *err)
{
	return lines_add(text, key, value, strlen(value), err);
}
