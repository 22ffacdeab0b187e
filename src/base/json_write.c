/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_write.h"

#include <inttypes.h>

#include "base/text.h"

static void put_string(struct buf *buf, const char *text)
{
	size_t size = strlen(text);
	size_t position = 0;

	buf_add_char(buf, '"');
	while (position < size) {
		size_t length = utf8_length(text + position, size - position);
		unsigned char first = (unsigned char)text[position];

		if (length == 0)
			buf_add_char(buf, '?');
		else if (first == '"' || first == '\\')
			buf_printf(buf, "\\%c", first);
		else if (first == '\n')
			buf_add_text(buf, "\\n");
		else if (first < ' ' || first == 0x7f)
			buf_printf(buf, "\\u%04x", first);
		else if (first == 0xc2 && (unsigned char)text[position + 1] < 0xa0)
			buf_printf(buf, "\\u%04x", (unsigned char)text[position + 1]);
		else
			buf_add(buf, text + position, length);
		position += length ? length : 1;
	}
	buf_add_char(buf, '"');
}

/* The comma and the name in front of a value. */
static void put_name(struct json_out *out, const char *name)
{
	if (out->comma)
		buf_add_char(out->buf, ',');
	out->comma = true;
	if (!name)
		return;
	put_string(out->buf, name);
	buf_add_char(out->buf, ':');
}

void json_begin(struct json_out *out, const char *name, char bracket)
{
	put_name(out, name);
	buf_add_char(out->buf, bracket);
	out->comma = false;
}

void json_end(struct json_out *out, char bracket)
{
	buf_add_char(out->buf, bracket);
	out->comma = true;
}

void json_put_text(struct json_out *out, const char *name, const char *text)
{
	put_name(out, name);
	if (text)
		put_string(out->buf, text);
	else
		buf_add_text(out->buf, "null");
}

void json_put_null(struct json_out *out, const char *name)
{
	json_put_text(out, name, NULL);
}

void json_put_bool(struct json_out *out, const char *name, bool value)
{
	put_name(out, name);
	buf_add_text(out->buf, value ? "true" : "false");
}

void json_put_tristate(struct json_out *out, const char *name, enum tristate value)
{
	if (value == UNKNOWN)
		json_put_null(out, name);
	else
		json_put_bool(out, name, value == YES);
}

void json_put_int(struct json_out *out, const char *name, int64_t value)
{
	put_name(out, name);
	buf_printf(out->buf, "%" PRId64, value);
}

void json_put_time(struct json_out *out, const char *name, int64_t seconds)
{
	char text[TIME_TEXT_SIZE];

	if (seconds == TIME_UNKNOWN) {
		json_put_null(out, name);
		return;
	}
	time_to_text(seconds, text);
	json_put_text(out, name, text);
}
