/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <wchar.h>

size_t utf8_length(const char *text, size_t size)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t length;

	if (size == 0)
		return 0;
	if (byte[0] < 0x80)
		return 1;
	if (byte[0] >= 0xc2 && byte[0] <= 0xdf) {
		length = 2;
	} else if (byte[0] >= 0xe0 && byte[0] <= 0xef) {
		length = 3;
		low = byte[0] == 0xe0 ? 0xa0 : 0x80;  /* no overlong forms */
		high = byte[0] == 0xed ? 0x9f : 0xbf; /* no surrogates */
	} else if (byte[0] >= 0xf0 && byte[0] <= 0xf4) {
		length = 4;
		low = byte[0] == 0xf0 ? 0x90 : 0x80;
		high = byte[0] == 0xf4 ? 0x8f : 0xbf; /* nothing over U+10FFFF */
	} else {
		return 0;
	}
	if (size < length || byte[1] < low || byte[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++) {
		if (byte[i] < 0x80 || byte[i] > 0xbf)
			return 0;
	}
	return length;
}

bool utf8_is_valid(const char *text, size_t size)
{
	size_t position = 0;

	while (position < size) {
		size_t length = utf8_length(text + position, size - position);

		if (!length)
			return false;
		position += length;
	}
	return true;
}

/* The code point of a valid sequence. */
static uint32_t utf8_decode(const char *text, size_t length)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t point = (unsigned char)text[0] & masks[length];

	for (size_t i = 1; i < length; i++)
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	return point;
}

/* Marks that reorder or hide text: a name holding them can look like another name. */
static bool is_deceptive(uint32_t point)
{
	return point == 0xad || point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) ||
	       point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) ||
	       (point >= 0xe0000 && point <= 0xe007f);
}

void text_clean(struct buf *ret, const char *text, size_t size, size_t max)
{
	size_t start = ret->size;
	size_t position = 0;
	bool space = false;

	while (position < size) {
		size_t length = utf8_length(text + position, size - position);
		uint32_t point = length ? utf8_decode(text + position, length) : '?';
		const char *shown = length ? text + position : "?";
		size_t shown_size = length ? length : 1;

		position += shown_size;
		if (point <= ' ' || (point >= 0x7f && point <= 0xa0)) {
			space = ret->size > start;
			continue;
		}
		if (is_deceptive(point)) {
			shown = "?";
			shown_size = 1;
		}
		if (ret->size - start + shown_size + space > max)
			return;
		if (space)
			buf_add_char(ret, ' ');
		space = false;
		buf_add(ret, shown, shown_size);
	}
}

void text_disarm(char *text)
{
	size_t size = strlen(text);

	for (size_t position = 0, length; position < size; position += length) {
		size_t valid = utf8_length(text + position, size - position);
		uint32_t point = valid ? utf8_decode(text + position, valid) : 0;

		length = valid ? valid : 1;
		if (point < ' ' || (point >= 0x7f && point < 0xa0) || is_deceptive(point))
			memset(text + position, '?', length);
	}
}

/* Columns of the character at `text`, and its bytes. */
static size_t character_width(const char *text, size_t size, size_t *ret_length)
{
	size_t length = utf8_length(text, size);
	int columns = length > 1 ? wcwidth((wchar_t)utf8_decode(text, length)) : 1;

	*ret_length = length ? length : 1;
	return columns >= 0 ? (size_t)columns : 1;
}

size_t text_width(const char *text)
{
	size_t size = strlen(text);
	size_t width = 0;

	for (size_t position = 0, length; position < size; position += length)
		width += character_width(text + position, size - position, &length);
	return width;
}

size_t text_fitting(const char *text, size_t columns)
{
	size_t size = strlen(text);
	size_t position = 0;
	size_t width = 0;

	while (position < size) {
		size_t length;

		width += character_width(text + position, size - position, &length);
		if (width > columns)
			break;
		position += length;
	}
	return position;
}

void text_quote(struct buf *ret, const char *text)
{
	buf_add_char(ret, '\'');
	for (const char *quote; (quote = strchr(text, '\'')) != NULL; text = quote + 1) {
		buf_add(ret, text, (size_t)(quote - text));
		buf_add_text(ret, "'\\''");
	}
	buf_add_text(ret, text);
	buf_add_char(ret, '\'');
}

bool text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Where to cut, at `size` or a little before it: not within a character. */
static size_t whole_characters(const char *text, size_t size)
{
	for (size_t back = 0; back < 4 && back <= size; back++) {
		if (((unsigned char)text[size - back] & 0xc0) != 0x80)
			return size - back;
	}
	return size; /* it is not UTF-8 */
}

bool text_copy(char *ret, size_t capacity, const char *text)
{
	size_t size = strlen(text);
	bool fits = size < capacity;

	if (!fits)
		size = whole_characters(text, capacity - 1);
	memcpy(ret, text, size);
	ret[size] = '\0';
	return fits;
}

static char fold(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool text_equal_fold(const char *one, const char *other)
{
	while (*one && (*one == *other || fold(*one) == fold(*other))) {
		one++;
		other++;
	}
	return fold(*one) == fold(*other);
}

bool text_is_true(const char *text)
{
	static const char *const words[] = {"1", "on", "yes", "true"};

	for (size_t i = 0; text && i < ARRAY_SIZE(words); i++) {
		if (text_equal_fold(text, words[i]))
			return true;
	}
	return false;
}

bool text_to_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t number = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (digit > 9 || digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret = number;
	return true;
}

void time_to_text(int64_t seconds, char ret[TIME_TEXT_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm fields;

	/* Years past 9999 have no RFC 3339 form. */
	if (!gmtime_r(&time, &fields) || fields.tm_year > 9999 - 1900 ||
	    fields.tm_year < -1900) {
		(void)text_copy(ret, TIME_TEXT_SIZE, "-");
		return;
	}
	(void)strftime(ret, TIME_TEXT_SIZE, "%4Y-%m-%dT%H:%M:%SZ", &fields);
}

/* Reads `width` digits of the form that the format demands. */
static bool read_field(const char **text, size_t width, int *ret, char after)
{
	int number = 0;

	for (size_t i = 0; i < width; i++) {
		char digit = (*text)[i];

		if (digit < '0' || digit > '9')
			return false;
		number = number * 10 + (digit - '0');
	}
	*text += width;
	if (after) {
		if (**text != after)
			return false;
		(*text)++;
	}
	*ret = number;
	return true;
}

/*
 * Days since 1970-01-01 in the Gregorian calendar, years counted from March so that a leap day is
 * the last of its year. timegm(3) would read the machine's time zone for it.
 */
static int64_t days_since_1970(int year, int month, int day)
{
	int64_t march_year = month > 2 ? year : year - 1;
	int64_t march_month = month > 2 ? month - 3 : month + 9;

	return march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400 +
	       (march_month * 153 + 2) / 5 + day - 1 - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool time_from_text(const char *text, int64_t *ret_seconds)
{
	struct tm fields = {0};

	if (!read_field(&text, 4, &fields.tm_year, '-') ||
	    !read_field(&text, 2, &fields.tm_mon, '-') ||
	    !read_field(&text, 2, &fields.tm_mday, 'T') ||
	    !read_field(&text, 2, &fields.tm_hour, ':') ||
	    !read_field(&text, 2, &fields.tm_min, ':') ||
	    !read_field(&text, 2, &fields.tm_sec, '\0'))
		return false;
	if (*text == '.' && text[1] >= '0' && text[1] <= '9') {
		do {
			text++;
		} while (*text >= '0' && *text <= '9');
	}
	if (strcmp(text, "Z") != 0 && strcmp(text, "+00:00") != 0)
		return false;
	if (fields.tm_mon < 1 || fields.tm_mon > 12 || fields.tm_mday < 1 ||
	    fields.tm_mday > days_in_month(fields.tm_year, fields.tm_mon) ||
	    fields.tm_hour > 23 || fields.tm_min > 59 || fields.tm_sec > 60)
		return false;
	*ret_seconds = days_since_1970(fields.tm_year, fields.tm_mon, fields.tm_mday) * 86400 +
		       fields.tm_hour * INT64_C(3600) + fields.tm_min * INT64_C(60) +
		       fields.tm_sec;
	return true;
}

int64_t time_now(void)
{
	return (int64_t)time(NULL);
}
