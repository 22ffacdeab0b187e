/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_cursor.h"

#include <string.h>

#include "base/text.h"

static char current(const struct json_cursor *cursor)
{
	return (char)(cursor->at < cursor->end ? *cursor->at : '\0');
}

void json_cursor_space(struct json_cursor *cursor)
{
	while (cursor->at < cursor->end && memchr(" \t\r\n", *cursor->at, 4))
		cursor->at++;
}

bool json_cursor_take(struct json_cursor *cursor, char wanted)
{
	json_cursor_space(cursor);
	if (current(cursor) != wanted || cursor->at == cursor->end)
		return false;
	cursor->at++;
	return true;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static bool read_hex(struct json_cursor *cursor, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++, cursor->at++) {
		char c = current(cursor);

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			value = value << 4 | (uint32_t)((c | ' ') - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}

/* What stands behind `\u`: one character, for which two escapes may be needed. */
static bool read_point(struct json_cursor *cursor, uint32_t *ret)
{
	uint32_t low;

	if (!read_hex(cursor, ret) || *ret == 0 || (*ret >= 0xdc00 && *ret <= 0xdfff))
		return false;
	if (*ret < 0xd800 || *ret > 0xdbff)
		return true;
	if (current(cursor) != '\\')
		return false;
	cursor->at++;
	if (current(cursor) != 'u')
		return false;
	cursor->at++;
	if (!read_hex(cursor, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static size_t encode(uint32_t point, char ret[4])
{
	size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = size - 1; i > 0; i--, point >>= 6)
		ret[i] = (char)(0x80 | (point & 0x3f));
	ret[0] = (char)(first[size] | point);
	return size;
}

/* Behind the backslash; 0 for what is none. */
static size_t read_escape(struct json_cursor *cursor, char ret[4])
{
	static const char names[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	char name = current(cursor);
	const char *found = name ? strchr(names, name) : NULL;
	uint32_t point;

	if (!name)
		return 0;
	cursor->at++;
	if (found) {
		ret[0] = meant[found - names];
		return 1;
	}
	return name == 'u' && read_point(cursor, &point) ? encode(point, ret) : 0;
}

/*
 * One character of a text, decoded (or one byte of it: plain ones come singly). 0 before the quote
 * that ends it, and at what is wrong: there is no quote then.
 */
static size_t read_character(struct json_cursor *cursor, char ret[4])
{
	size_t size;

	if (cursor->at == cursor->end || *cursor->at == '"')
		return 0;
	ret[0] = *cursor->at;
	if ((unsigned char)ret[0] < ' ')
		return 0;
	cursor->at++;
	if (ret[0] != '\\')
		return 1;
	size = read_escape(cursor, ret);
	if (size == 0)
		cursor->at = cursor->end; /* nothing that follows makes it right */
	return size;
}

bool json_cursor_text(struct json_cursor *cursor, struct json_span *ret)
{
	const char *start;
	char ignored[4];

	json_cursor_space(cursor);
	start = cursor->at;
	if (!json_cursor_take(cursor, '"'))
		return false;
	while (read_character(cursor, ignored))
		;
	if (current(cursor) != '"') {
		cursor->at = start;
		return false;
	}
	cursor->at++;
	*ret = (struct json_span) {JSON_KIND_TEXT, start, (size_t)(cursor->at - start)};
	return true;
}

/* ---- values ----------------------------------------------------------------------------------- */

static bool skip_digits(struct json_cursor *cursor)
{
	const char *start = cursor->at;

	while (current(cursor) >= '0' && current(cursor) <= '9')
		cursor->at++;
	return cursor->at > start;
}

static bool skip_number(struct json_cursor *cursor)
{
	if (current(cursor) == '-')
		cursor->at++;
	if (current(cursor) == '0')
		cursor->at++;
	else if (!skip_digits(cursor))
		return false;
	if (current(cursor) == '.') {
		cursor->at++;
		if (!skip_digits(cursor))
			return false;
	}
	if (current(cursor) == 'e' || current(cursor) == 'E') {
		cursor->at++;
		if (current(cursor) == '-' || current(cursor) == '+')
			cursor->at++;
		return skip_digits(cursor);
	}
	return true;
}

static bool skip_word(struct json_cursor *cursor, enum json_kind *ret)
{
	static const struct {
		const char *word;
		enum json_kind kind;
	} words[] = {
		{"true", JSON_KIND_BOOL}, {"false", JSON_KIND_BOOL}, {"null", JSON_KIND_NULL}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t size = strlen(words[i].word);

		if ((size_t)(cursor->end - cursor->at) < size ||
		    memcmp(cursor->at, words[i].word, size) != 0)
			continue;
		cursor->at += size;
		*ret = words[i].kind;
		return true;
	}
	*ret = JSON_KIND_NUMBER;
	return skip_number(cursor);
}

/* `[…]` or `{…}`, behind its first bracket. */
static bool skip_list(struct json_cursor *cursor, bool members, char end)
{
	struct json_span ignored;

	if (json_cursor_take(cursor, end))
		return true;
	do {
		if (members &&
		    (!json_cursor_text(cursor, &ignored) || !json_cursor_take(cursor, ':')))
			return false;
		if (!json_cursor_value(cursor, &ignored))
			return false;
	} while (json_cursor_take(cursor, ','));
	return json_cursor_take(cursor, end);
}

static bool skip_by_kind(struct json_cursor *cursor, enum json_kind *ret)
{
	struct json_span ignored;

	switch (current(cursor)) {
	case '"':
		*ret = JSON_KIND_TEXT;
		return json_cursor_text(cursor, &ignored);
	case '[':
		*ret = JSON_KIND_ARRAY;
		return json_cursor_take(cursor, '[') && skip_list(cursor, false, ']');
	case '{':
		*ret = JSON_KIND_OBJECT;
		return json_cursor_take(cursor, '{') && skip_list(cursor, true, '}');
	default:
		return skip_word(cursor, ret);
	}
}

bool json_cursor_value(struct json_cursor *cursor, struct json_span *ret)
{
	bool good;

	if (cursor->depth == JSON_DEPTH_MAX)
		return false;
	cursor->depth++;
	json_cursor_space(cursor);
	ret->at = cursor->at;
	good = skip_by_kind(cursor, &ret->kind);
	ret->size = (size_t)(cursor->at - ret->at);
	cursor->depth--;
	return good;
}

/* ---- spans ------------------------------------------------------------------------------------- */

static struct json_cursor behind_quote(const struct json_span *text)
{
	return (struct json_cursor) {.at = text->at + 1, .end = text->at + text->size};
}

bool json_span_decode(const struct json_span *span, char *ret, size_t capacity)
{
	struct json_cursor cursor;
	char character[4];
	size_t used = 0;
	size_t size;

	if (span->kind != JSON_KIND_TEXT)
		return false;
	cursor = behind_quote(span);
	while ((size = read_character(&cursor, character)) > 0) {
		if (used + size >= capacity)
			return false;
		memcpy(ret + used, character, size);
		used += size;
	}
	if (capacity == 0)
		return false;
	ret[used] = '\0';
	return true;
}

bool json_span_equal(const struct json_span *span, const char *text)
{
	struct json_cursor cursor;
	char character[4];
	size_t size;

	if (span->kind != JSON_KIND_TEXT)
		return false;
	cursor = behind_quote(span);
	while ((size = read_character(&cursor, character)) > 0) {
		if (strncmp(text, character, size) != 0)
			return false;
		text += size;
	}
	return *text == '\0';
}

/* Compared as decoded, in step. */
bool json_span_same(const struct json_span *one, const struct json_span *other)
{
	struct json_cursor left;
	struct json_cursor right;
	char a[4];
	char b[4];
	size_t a_size;
	size_t b_size;
	size_t pending = 0;

	if (one->kind != JSON_KIND_TEXT || other->kind != JSON_KIND_TEXT)
		return false;
	left = behind_quote(one);
	right = behind_quote(other);
	/* An escape gives a whole character at once, plain bytes come one by one. */
	do {
		a_size = read_character(&left, a);
		for (size_t i = 0; i < a_size; i++) {
			if (pending == 0)
				pending = b_size = read_character(&right, b);
			if (pending == 0 || a[i] != b[b_size - pending])
				return false;
			pending--;
		}
	} while (a_size > 0);
	return pending == 0 && read_character(&right, b) == 0;
}
