/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader for one shape of JSON, in place and without a library: hftoken itself links none
 * (base/json.h needs cJSON), so that it runs alone in an empty image.
 *
 *	{"tokens":{NAME:{"token":TEXT, …}, …}, "active":NAME, …}
 *
 * Other members are checked and passed over. Refused: a name that is there twice in the file, the
 * tokens or one of them, `\u0000`, half surrogate pairs, raw control bytes, nesting over DEPTH_MAX,
 * anything behind the value. The caller has seen to it that the text is valid UTF-8 without NUL.
 */
#include <string.h>

#include "base/text.h"
#include "core/hf_stored.h"

#define DEPTH_MAX 32

struct json_reader {
	const char *begin;
	char *at; /* a NUL stands behind the text, and ends every search */
	int depth;
};

static void skip_space(struct json_reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct json_reader *reader, char wanted)
{
	skip_space(reader);
	if (*reader->at != wanted)
		return false;
	reader->at++;
	return true;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static bool read_hex(struct json_reader *reader, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++, reader->at++) {
		char c = *reader->at;

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

/* UTF-8 of a character; never longer than its escape was. */
static char *put_point(char *to, uint32_t point)
{
	if (point < 0x80) {
		*to++ = (char)point;
		return to;
	}
	if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*to++ = (char)(0xe0 | point >> 12);
		} else {
			*to++ = (char)(0xf0 | point >> 18);
			*to++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (point & 0x3f));
	return to;
}

/* What stands behind `\u`. */
static bool read_point(struct json_reader *reader, uint32_t *ret)
{
	uint32_t low;

	if (!read_hex(reader, ret) || *ret == 0 || (*ret >= 0xdc00 && *ret <= 0xdfff))
		return false;
	if (*ret < 0xd800 || *ret > 0xdbff)
		return true;
	if (reader->at[0] != '\\' || reader->at[1] != 'u')
		return false;
	reader->at += 2;
	if (!read_hex(reader, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static bool read_escape(struct json_reader *reader, char **to)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	char c = *reader->at++;
	const char *found = c ? strchr(names, c) : NULL;
	uint32_t point;

	if (found) {
		*(*to)++ = meant[found - names];
		return true;
	}
	if (c != 'u' || !read_point(reader, &point))
		return false;
	*to = put_point(*to, point);
	return true;
}

/* A text, decoded where it stands and ended by a NUL. */
static bool read_text(struct json_reader *reader, const char **ret)
{
	char *start;
	char *to;

	if (!take(reader, '"'))
		return false;
	start = to = reader->at;
	while (*reader->at != '"') {
		if ((unsigned char)*reader->at < ' ')
			return false; /* the end of the file, too */
		if (*reader->at != '\\') {
			*to++ = *reader->at++;
			continue;
		}
		reader->at++;
		if (!read_escape(reader, &to))
			return false;
	}
	reader->at++;
	*to = '\0';
	*ret = start;
	return true;
}

/* ---- values that mean nothing here ------------------------------------------------------------ */

static bool skip_value(struct json_reader *reader);

static bool skip_digits(struct json_reader *reader)
{
	size_t size = strspn(reader->at, "0123456789");

	reader->at += size;
	return size > 0;
}

static bool skip_number(struct json_reader *reader)
{
	if (*reader->at == '-')
		reader->at++;
	if (*reader->at == '0')
		reader->at++;
	else if (!skip_digits(reader))
		return false;
	if (*reader->at == '.') {
		reader->at++;
		if (!skip_digits(reader))
			return false;
	}
	if ((*reader->at | ' ') == 'e') {
		reader->at++;
		reader->at += *reader->at == '-' || *reader->at == '+';
		return skip_digits(reader);
	}
	return true;
}

static bool skip_word(struct json_reader *reader)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (text_starts_with(reader->at, words[i])) {
			reader->at += strlen(words[i]);
			return true;
		}
	}
	return skip_number(reader);
}

/* `[…]` or `{…}`, behind its first bracket. */
static bool skip_list(struct json_reader *reader, bool members, char end)
{
	const char *ignored;

	if (take(reader, end))
		return true;
	do {
		if (members && (!read_text(reader, &ignored) || !take(reader, ':')))
			return false;
		if (!skip_value(reader))
			return false;
	} while (take(reader, ','));
	return take(reader, end);
}

static bool skip_value(struct json_reader *reader)
{
	const char *ignored;
	bool good;

	if (reader->depth == DEPTH_MAX)
		return false;
	reader->depth++;
	skip_space(reader);
	if (*reader->at == '"')
		good = read_text(reader, &ignored);
	else if (take(reader, '['))
		good = skip_list(reader, false, ']');
	else if (take(reader, '{'))
		good = skip_list(reader, true, '}');
	else
		good = skip_word(reader);
	reader->depth--;
	return good;
}

/* ---- the shape -------------------------------------------------------------------------------- */

/* One entry's object. */
static bool read_entry(struct json_reader *reader, struct hf_entry *entry)
{
	const char *key;

	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		if (!read_text(reader, &key) || !take(reader, ':'))
			return false;
		if (strcmp(key, "token") != 0) {
			if (!skip_value(reader))
				return false;
		} else if (entry->token || !read_text(reader, &entry->token)) {
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

		if (!read_text(reader, &entry.name) || !take(reader, ':') ||
		    is_known(ret, entry.name) || !read_entry(reader, &entry))
			return false;
		entry.start = (size_t)(entry.name - reader->begin) - 1; /* its quote */
		entry.end = (size_t)(reader->at - reader->begin);
		hf_stored_add(ret, &entry);
	} while (take(reader, ','));
	return take(reader, '}');
}

/* What is no text there is passed over. */
static bool read_active(struct json_reader *reader, struct hf_stored *ret)
{
	skip_space(reader);
	if (*reader->at != '"')
		return skip_value(reader);
	ret->active_start = (size_t)(reader->at - reader->begin);
	if (ret->active || !read_text(reader, &ret->active))
		return false;
	ret->active_end = (size_t)(reader->at - reader->begin);
	return true;
}

static bool read_member(struct json_reader *reader, const char *key, struct hf_stored *ret)
{
	if (strcmp(key, "tokens") == 0)
		return read_tokens(reader, ret);
	if (strcmp(key, "active") == 0)
		return read_active(reader, ret);
	return skip_value(reader);
}

static bool read_file(struct json_reader *reader, struct hf_stored *ret)
{
	bool seen = false;
	const char *key;

	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		bool tokens;

		if (!read_text(reader, &key) || !take(reader, ':'))
			return false;
		tokens = strcmp(key, "tokens") == 0;
		if ((tokens && seen) || !read_member(reader, key, ret))
			return false;
		seen |= tokens;
	} while (take(reader, ','));
	return take(reader, '}');
}

int hf_json_parse(char *text, struct hf_stored *ret, struct err *err)
{
	struct json_reader reader = {.begin = text, .at = text};
	bool good = read_file(&reader, ret);

	skip_space(&reader);
	if (!good || *reader.at)
		return err_set(err, ERR_FORMAT, "it is not the JSON of hfrs (byte %zu)",
			       (size_t)(reader.at - text));
	return 0;
}
