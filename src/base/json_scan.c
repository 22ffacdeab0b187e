/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include "base/text.h"

static int bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s", what);
}

static int add_pair(struct json_scan *scan, const struct json_pair *pair, struct err *err)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (json_span_same(&scan->pairs[i].name, &pair->name))
			return bad(err, "its JSON has a member twice");
	}
	if (scan->count == scan->capacity)
		return bad(err, "its JSON has too many members");
	scan->pairs[scan->count++] = *pair;
	return 0;
}

static int scan_pairs(struct json_scan *scan, struct json_cursor *cursor, struct err *err)
{
	do {
		struct json_pair pair;
		int error;

		if (!json_cursor_text(cursor, &pair.name) || !json_cursor_take(cursor, ':') ||
		    !json_cursor_value(cursor, &pair.value))
			return bad(err, "it is not valid JSON");
		error = add_pair(scan, &pair, err);
		if (error)
			return error;
	} while (json_cursor_take(cursor, ','));
	return json_cursor_take(cursor, '}') ? 0 : bad(err, "it is not valid JSON");
}

int json_scan(struct json_scan *scan, const char *text, size_t size, struct err *err)
{
	struct json_cursor cursor = {.at = text, .end = text + size, .depth = 1};
	int error;

	scan->count = 0;
	if (!utf8_is_valid(text, size))
		return bad(err, "it is not UTF-8");
	json_cursor_space(&cursor);
	scan->whole = (struct json_span) {.kind = JSON_KIND_OBJECT, .at = cursor.at};
	if (!json_cursor_take(&cursor, '{'))
		return bad(err, "it is not a JSON object");
	if (!json_cursor_take(&cursor, '}')) {
		error = scan_pairs(scan, &cursor, err);
		if (error)
			return error;
	}
	scan->whole.size = (size_t)(cursor.at - scan->whole.at);
	json_cursor_space(&cursor);
	return cursor.at == cursor.end ? 0 : bad(err, "something stands behind the JSON");
}

struct json_span json_scan_find(const struct json_scan *scan, const char *name)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (json_span_equal(&scan->pairs[i].name, name))
			return scan->pairs[i].value;
	}
	return (struct json_span) {.kind = JSON_KIND_NONE};
}
