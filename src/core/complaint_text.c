/* SPDX-License-Identifier: Apache-2.0 */
#include "core/complaint_parts.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define ESCAPE '\033'
#define SEQUENCE_MAX \
	((size_t)4096)            /* of a terminal's sequence; one without an end ends there */
#define RUN_MAX    ((size_t)256)  /* that '*' and a space stand for */
#define LINE_SOFT  ((size_t)2048) /* longer lines are broken at a space, */
#define LINE_HARD  ((size_t)6144) /* or anywhere: each is searched many times */
#define PROMPT_MAX ((size_t)80)

/* ---- plain text ------------------------------------------------------------------------------- */

/* Bytes of the terminal's sequence behind an escape character. */
static size_t sequence_size(const char *text, size_t size)
{
	size_t length = 1;

	if (size == 0)
		return 0;
	if (size > SEQUENCE_MAX)
		size = SEQUENCE_MAX;
	if (*text == '[') {
		while (length < size && (text[length] < '@' || text[length] > '~') &&
		       text[length] != '\n')
			length++;
		return length < size && text[length] != '\n' ? length + 1 : length;
	}
	if (*text == ']') { /* a title or a link: to BEL or ESC backslash */
		while (length < size && text[length] != '\a' && text[length] != ESCAPE &&
		       text[length] != '\n')
			length++;
		if (length < size && text[length] == ESCAPE)
			return length + 1 < size ? length + 2 : length + 1;
		return length < size && text[length] == '\a' ? length + 1 : length;
	}
	return *text == '\n' ? 0 : 1;
}

/* U+2500 to U+257F draw boxes around tracebacks; C1 controls are nothing at all. */
static bool is_drawn(const char *text, size_t length)
{
	const unsigned char *byte = (const unsigned char *)text;

	return (length == 3 && byte[0] == 0xe2 && (byte[1] == 0x94 || byte[1] == 0x95)) ||
	       (length == 2 && byte[0] == 0xc2 && byte[1] < 0xa1);
}

static void add_ascii(struct buf *ret, char c)
{
	if (c == '\r' || c == '\n')
		buf_add_char(ret, '\n');
	else
		buf_add_char(ret, c < ' ' || c == 0x7f ? ' ' : c);
}

/* Breaks the line that grows since `*start`, if it has become too long. */
static void break_line(struct buf *ret, size_t *start)
{
	size_t size = ret->size - *start;
	char last = ret->size ? ret->data[ret->size - 1] : '\n';

	if (last != '\n' && (size > LINE_HARD || (size > LINE_SOFT && last == ' ')))
		buf_add_char(ret, '\n');
	if (last == '\n' || ret->size - *start > size)
		*start = ret->size;
}

void complaint_plain(struct buf *ret, const char *text, size_t size)
{
	size_t start = 0;

	for (size_t at = 0, length; at < size; at += length) {
		char next = at + 1 < size ? text[at + 1] : '\0';

		length = utf8_length(text + at, size - at);
		if (text[at] == ESCAPE) {
			length += sequence_size(text + at + 1, size - at - 1);
		} else if (text[at] == '\\' && (next == 'n' || next == '"')) {
			buf_add_char(ret, next == 'n' ? '\n' : '"');
			length = 2;
		} else if (length == 1) {
			add_ascii(ret, text[at]);
		} else if (length == 0) {
			buf_add_char(ret, '?');
			length = 1;
		} else if (is_drawn(text + at, length)) {
			buf_add_char(ret, ' ');
		} else {
			buf_add(ret, text + at, length);
		}
		if (buf_failed(ret))
			return;
		break_line(ret, &start);
	}
}

/* ---- matching --------------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\n';
}

static size_t run(const char *text, bool of_space)
{
	size_t size = 0;

	while (text[size] && is_space(text[size]) == of_space && size < RUN_MAX)
		size++;
	return size;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Behind a '*': as much as leaves the character that follows it. */
static const char *match_word(const char *text, char after)
{
	size_t size = run(text, false);

	if (!after || after == ' ')
		return size ? text + size : NULL;
	while (size && fold(text[size - 1]) != fold(after))
		size--;
	return size > 1 ? text + size - 1 : NULL;
}

/* Behind a '~': the shortest piece of the line after which `phrase` goes on. */
static const char *match_piece(const char *text, const char *phrase)
{
	for (size_t i = 0; i < RUN_MAX && text[i] && text[i] != '\n'; i++) {
		const char *end = complaint_match(text + i, phrase);

		if (end)
			return end;
	}
	return NULL;
}

const char *complaint_match(const char *text, const char *phrase)
{
	for (; *phrase && text; phrase++) {
		if (*phrase == '~')
			return match_piece(text, phrase + 1);
		if (*phrase == '*')
			text = match_word(text, phrase[1]);
		else if (*phrase == ' ')
			text = is_space(*text) ? text + run(text, true) : NULL;
		else
			text = fold(*text) == fold(*phrase) ? text + 1 : NULL;
	}
	return text;
}

const char *complaint_find(const struct line *line, const char *phrase)
{
	for (size_t i = 0; i < line->size; i++) {
		if (fold(line->text[i]) == fold(*phrase) &&
		    complaint_match(line->text + i, phrase))
			return line->text + i;
	}
	return NULL;
}

/* ---- lines ------------------------------------------------------------------------------------ */

/* "$ git clone", ">>> from", "user@host:~$ hf", "(venv) root@box:/# curl" */
static bool is_prompt(const struct line *line)
{
	const char *text = line->text;
	const char *end = line->text + line->size;
	const char *word;
	size_t size;

	if (complaint_match(text, ">>> ") || complaint_match(text, "In [*]: "))
		return true;
	if (*text == '(') {
		word = memchr(text, ' ', line->size);
		text = word ? word + 1 : text;
	}
	word = memchr(text, ' ', (size_t)(end - text));
	if (!word || word == text || word - text > (ptrdiff_t)PROMPT_MAX)
		return false;
	size = (size_t)(word - text);
	return text[size - 1] == '$' ||
	       (text[size - 1] == '#' && memchr(text, '@', size) != NULL);
}

/* "huggingface_hub.errors.HfHubHTTPError: …", at the beginning of the line */
static bool is_error_line(const struct line *line)
{
	static const char *const ends[] = {"Error", "Exception"};
	size_t size = 0;

	while (size < line->size && ((line->text[size] >= 'a' && line->text[size] <= 'z') ||
				     (line->text[size] >= 'A' && line->text[size] <= 'Z') ||
				     (line->text[size] >= '0' && line->text[size] <= '9') ||
				     line->text[size] == '_' || line->text[size] == '.'))
		size++;
	if (size == line->size || line->text[size] != ':')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t end = strlen(ends[i]);

		if (size > end && memcmp(line->text + size - end, ends[i], end) == 0)
			return true;
	}
	return false;
}

static bool is_chain(const struct line *line)
{
	return complaint_find(line, "the direct cause of the following exception:") ||
	       complaint_find(line, "another exception occurred:");
}

static void begin_incident(struct lines *lines)
{
	lines->line.incident++;
	lines->line.part++;
	lines->has_error = false;
}

static void place(struct lines *lines)
{
	struct line *line = &lines->line;
	bool is_blank = run(line->text, true) >= line->size;

	if (is_chain(line)) {
		line->part++;
		lines->is_chained = true;
		lines->has_error = false;
		return;
	}
	if (is_prompt(line) || complaint_match(line->text, "Cloning into '") ||
	    (complaint_find(line, "Traceback (most recent call last):") && !lines->is_chained))
		begin_incident(lines);
	if (is_error_line(line)) {
		if (lines->has_error && !lines->is_chained)
			begin_incident(lines);
		lines->has_error = true;
	}
	if (!is_blank)
		lines->is_chained = false;
}

bool complaint_next_line(struct lines *lines)
{
	if (!*lines->rest)
		return false;
	lines->line.text = lines->rest;
	lines->line.size = strcspn(lines->rest, "\n");
	lines->line.number++;
	lines->rest += lines->line.size;
	lines->rest += *lines->rest == '\n';
	place(lines);
	return true;
}
