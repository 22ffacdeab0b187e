/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of hfrs, piece by piece and in place, without a library (base/json.h needs cJSON), so that
 * hftoken runs alone in an empty image.
 *
 *	{"tokens":{NAME:{"token":TEXT, …}, …}, "active":NAME, …}
 *
 * Other members are checked and passed over. Refused: what base/json_cursor.h refuses, a name that is
 * there twice in the file, the tokens or one of them, and anything behind the value. The caller has
 * seen to it that the text is valid UTF-8 without NUL.
 */
#include <string.h>

#include "base/json_cursor.h"
#include "base/text.h"
#include "core/hf_stored.h"

struct json_reader {
	struct json_cursor cursor;
	char *text;
};

static bool take(struct json_reader *reader, char wanted)
{
	return json_cursor_take(&reader->cursor, wanted);
}

static bool skip_value(struct json_reader *reader)
{
	struct json_span ignored;

	return json_cursor_value(&reader->cursor, &ignored);
}

/* The text, decoded in its place and ended by a NUL. */
static bool decode(const struct json_reader *reader, const struct json_span *span,
		   const char **ret)
{
	char *place = reader->text + (span->at - reader->text);

	*ret = place;
	return json_span_decode(span, place, span->size);
}

static bool read_text(struct json_reader *reader, struct json_span *span, const char **ret)
{
	return json_cursor_text(&reader->cursor, span) && decode(reader, span, ret);
}

static bool read_key(struct json_reader *reader, struct json_span *ret)
{
	return json_cursor_text(&reader->cursor, ret) && take(reader, ':');
}

static size_t offset(const struct json_reader *reader, const char *at)
{
	return (size_t)(at - reader->text);
}

/* One entry's object. */
static bool read_entry(struct json_reader *reader, struct hf_entry *entry)
{
	struct json_span key;
	struct json_span token;

	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		if (!read_key(reader, &key))
			return false;
		if (!json_span_equal(&key, "token")) {
			if (!skip_value(reader))
				return false;
		} else if (entry->token || !read_text(reader, &token, &entry->token)) {
			return false;
		}
	} while (take(reader, ','));
	return take(reader, '}');
}

static bool is_known(const struct hf_stored *stored, const char *name)
{
	for (size_t i = 0; i < stored->count; i++) {
		if (strcmp(stored->entries[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool read_tokens(struct json_reader *reader, struct hf_stored *ret)
{
	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		struct hf_entry entry = {.expires = TIME_UNKNOWN};
		struct json_span name;

		if (!read_text(reader, &name, &entry.name) || !take(reader, ':') ||
		    is_known(ret, entry.name) || !read_entry(reader, &entry))
			return false;
		entry.start = offset(reader, name.at);
		entry.end = offset(reader, reader->cursor.at);
		hf_stored_add(ret, &entry);
	} while (take(reader, ','));
	return take(reader, '}');
}

/* What is no text there is passed over. */
static bool read_active(struct json_reader *reader, struct hf_stored *ret)
{
	struct json_span span;

	if (!json_cursor_value(&reader->cursor, &span))
		return false;
	if (span.kind != JSON_KIND_TEXT)
		return true;
	if (ret->active || !decode(reader, &span, &ret->active))
		return false;
	ret->active_start = offset(reader, span.at);
	ret->active_end = offset(reader, reader->cursor.at);
	return true;
}

static bool read_member(struct json_reader *reader, const struct json_span *key,
			struct hf_stored *ret)
{
	if (json_span_equal(key, "tokens"))
		return read_tokens(reader, ret);
	if (json_span_equal(key, "active"))
		return read_active(reader, ret);
	return skip_value(reader);
}

static bool read_file(struct json_reader *reader, struct hf_stored *ret)
{
	struct json_span key;
	bool seen = false;

	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		bool tokens;

		if (!read_key(reader, &key))
			return false;
		tokens = json_span_equal(&key, "tokens");
		if ((tokens && seen) || !read_member(reader, &key, ret))
			return false;
		seen |= tokens;
	} while (take(reader, ','));
	return take(reader, '}');
}

int hf_json_parse(char *text, struct hf_stored *ret, struct err *err)
{
	struct json_reader reader = {.cursor = {.at = text, .end = text + strlen(text)},
				     .text = text};
	bool good = read_file(&reader, ret);

	json_cursor_space(&reader.cursor);
	if (!good || reader.cursor.at != reader.cursor.end)
		return err_set(err, ERR_FORMAT, "it is not the JSON of hfrs (byte %zu)",
			       offset(&reader, reader.cursor.at));
	return 0;
}
