/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include <string.h>

#include "base/text.h"

struct scanner {
	const char *at;
	const char *end;
	int depth;
};

static char current(const struct scanner *scanner)
{
	return (char)(scanner->at < scanner->end ? *scanner->at : '\0');
}

static void skip_space(struct scanner *scanner)
{
	while (scanner->at < scanner->end && memchr(" \t\r\n", *scanner->at, 4))
		scanner->at++;
}

static bool take(struct scanner *scanner, char wanted)
{
	skip_space(scanner);
	if (current(scanner) != wanted || scanner->at == scanner->end)
		return false;
	scanner->at++;
	return true;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static bool read_hex(struct scanner *scanner, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++, scanner->at++) {
		char c = current(scanner);

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
static bool read_point(struct scanner *scanner, uint32_t *ret)
{
	uint32_t low;

	if (!read_hex(scanner, ret) || *ret == 0 || (*ret >= 0xdc00 && *ret <= 0xdfff))
		return false;
	if (*ret < 0xd800 || *ret > 0xdbff)
		return true;
	if (current(scanner) != '\\')
		return false;
	scanner->at++;
	if (current(scanner) != 'u')
		return false;
	scanner->at++;
	if (!read_hex(scanner, &low) || low < 0xdc00 || low > 0xdfff)
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
static size_t read_escape(struct scanner *scanner, char ret[4])
{
	static const char names[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	char name = current(scanner);
	const char *found = name ? strchr(names, name) : NULL;
	uint32_t point;

	if (!name)
		return 0;
	scanner->at++;
	if (found) {
		ret[0] = meant[found - names];
		return 1;
	}
	return name == 'u' && read_point(scanner, &point) ? encode(point, ret) : 0;
}

/*
 * One character of a text, decoded (or one byte of it: plain ones come singly). 0 before the quote
 * that ends it, and at what is wrong: there is no quote then.
 */
static size_t read_character(struct scanner *scanner, char ret[4])
{
	size_t size;

	if (scanner->at == scanner->end || *scanner->at == '"')
		return 0;
	ret[0] = *scanner->at;
	if ((unsigned char)ret[0] < ' ')
		return 0;
	scanner->at++;
	if (ret[0] != '\\')
		return 1;
	size = read_escape(scanner, ret);
	if (size == 0)
		scanner->at = scanner->end; /* nothing that follows makes it right */
	return size;
}

static bool skip_text(struct scanner *scanner)
{
	char ignored[4];

	if (!take(scanner, '"'))
		return false;
	while (read_character(scanner, ignored))
		;
	if (current(scanner) != '"')
		return false;
	scanner->at++;
	return true;
}

/* ---- values ----------------------------------------------------------------------------------- */

static bool skip_value(struct scanner *scanner, struct json_span *ret);

static bool skip_digits(struct scanner *scanner)
{
	const char *start = scanner->at;

	while (current(scanner) >= '0' && current(scanner) <= '9')
		scanner->at++;
	return scanner->at > start;
}

static bool skip_number(struct scanner *scanner)
{
	if (current(scanner) == '-')
		scanner->at++;
	if (current(scanner) == '0')
		scanner->at++;
	else if (!skip_digits(scanner))
		return false;
	if (current(scanner) == '.') {
		scanner->at++;
		if (!skip_digits(scanner))
			return false;
	}
	if (current(scanner) == 'e' || current(scanner) == 'E') {
		scanner->at++;
		if (current(scanner) == '-' || current(scanner) == '+')
			scanner->at++;
		return skip_digits(scanner);
	}
	return true;
}

static bool skip_word(struct scanner *scanner, enum json_kind *ret)
{
	static const struct {
		const char *word;
		enum json_kind kind;
	} words[] = {
		{"true", JSON_KIND_BOOL}, {"false", JSON_KIND_BOOL}, {"null", JSON_KIND_NULL}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t size = strlen(words[i].word);

		if ((size_t)(scanner->end - scanner->at) < size ||
		    memcmp(scanner->at, words[i].word, size) != 0)
			continue;
		scanner->at += size;
		*ret = words[i].kind;
		return true;
	}
	*ret = JSON_KIND_NUMBER;
	return skip_number(scanner);
}

/* `[…]` or `{…}`, behind its first bracket. */
static bool skip_list(struct scanner *scanner, bool members, char end)
{
	struct json_span ignored;

	if (take(scanner, end))
		return true;
	do {
		if (members && (!skip_text(scanner) || !take(scanner, ':')))
			return false;
		if (!skip_value(scanner, &ignored))
			return false;
	} while (take(scanner, ','));
	return take(scanner, end);
}

static bool skip_by_kind(struct scanner *scanner, enum json_kind *ret)
{
	switch (current(scanner)) {
	case '"':
		*ret = JSON_KIND_TEXT;
		return skip_text(scanner);
	case '[':
		*ret = JSON_KIND_ARRAY;
		return take(scanner, '[') && skip_list(scanner, false, ']');
	case '{':
		*ret = JSON_KIND_OBJECT;
		return take(scanner, '{') && skip_list(scanner, true, '}');
	default:
		return skip_word(scanner, ret);
	}
}

static bool skip_value(struct scanner *scanner, struct json_span *ret)
{
	bool good;

	if (scanner->depth == JSON_SCAN_DEPTH)
		return false;
	scanner->depth++;
	skip_space(scanner);
	ret->at = scanner->at;
	good = skip_by_kind(scanner, &ret->kind);
	ret->size = (size_t)(scanner->at - ret->at);
	scanner->depth--;
	return good;
}

/* ---- the object ------------------------------------------------------------------------------- */

static struct scanner behind_quote(const struct json_span *text)
{
	return (struct scanner) {.at = text->at + 1, .end = text->at + text->size};
}

bool json_span_decode(const struct json_span *span, char *ret, size_t capacity)
{
	struct scanner scanner;
	char character[4];
	size_t used = 0;
	size_t size;

	if (span->kind != JSON_KIND_TEXT)
		return false;
	scanner = behind_quote(span);
	while ((size = read_character(&scanner, character)) > 0) {
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
	struct scanner scanner;
	char character[4];
	size_t size;

	if (span->kind != JSON_KIND_TEXT)
		return false;
	scanner = behind_quote(span);
	while ((size = read_character(&scanner, character)) > 0) {
		if (strncmp(text, character, size) != 0)
			return false;
		text += size;
	}
	return *text == '\0';
}

/* Compared as decoded, in step. */
static bool same_text(const struct json_span *one, const struct json_span *other)
{
	struct scanner left = behind_quote(one);
	struct scanner right = behind_quote(other);
	char a[4];
	char b[4];
	size_t a_size;
	size_t b_size;
	size_t pending = 0;

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

static int bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s", what);
}

static int add_pair(struct json_scan *scan, const struct json_pair *pair, struct err *err)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (same_text(&scan->pairs[i].name, &pair->name))
			return bad(err, "its JSON has a member twice");
	}
	if (scan->count == scan->capacity)
		return bad(err, "its JSON has too many members");
	scan->pairs[scan->count++] = *pair;
	return 0;
}

static int scan_pairs(struct json_scan *scan, struct scanner *scanner, struct err *err)
{
	do {
		struct json_pair pair;
		int error;

		skip_space(scanner);
		pair.name = (struct json_span) {.kind = JSON_KIND_TEXT, .at = scanner->at};
		if (!skip_text(scanner))
			return bad(err, "it is not valid JSON");
		pair.name.size = (size_t)(scanner->at - pair.name.at);
		if (!take(scanner, ':') || !skip_value(scanner, &pair.value))
			return bad(err, "it is not valid JSON");
		error = add_pair(scan, &pair, err);
		if (error)
			return error;
	} while (take(scanner, ','));
	return take(scanner, '}') ? 0 : bad(err, "it is not valid JSON");
}

int json_scan(struct json_scan *scan, const char *text, size_t size, struct err *err)
{
	struct scanner scanner = {.at = text, .end = text + size, .depth = 1};
	int error;

	scan->count = 0;
	if (!utf8_is_valid(text, size))
		return bad(err, "it is not UTF-8");
	skip_space(&scanner);
	scan->whole = (struct json_span) {.kind = JSON_KIND_OBJECT, .at = scanner.at};
	if (!take(&scanner, '{'))
		return bad(err, "it is not a JSON object");
	if (!take(&scanner, '}')) {
		error = scan_pairs(scan, &scanner, err);
		if (error)
			return error;
	}
	scan->whole.size = (size_t)(scanner.at - scan->whole.at);
	skip_space(&scanner);
	return scanner.at == scanner.end ? 0 : bad(err, "something stands behind the JSON");
}

struct json_span json_scan_find(const struct json_scan *scan, const char *name)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (json_span_equal(&scan->pairs[i].name, name))
			return scan->pairs[i].value;
	}
	return (struct json_span) {.kind = JSON_KIND_NONE};
}
