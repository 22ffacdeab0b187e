/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/git_section.h"

#include <string.h>

#include "base/text.h"

#define LINES_MAX  ((size_t)1 << 16)
#define VALUE_SIZE 4352 /* a path and its quotes */
#define NONE       ((size_t)-1)

/* ---- values ----------------------------------------------------------------------------------- */

/* The last element of the first word, which a backslash may hold together; returns what follows. */
static const char *program_of(const char *value, char *ret, size_t capacity)
{
	size_t size = 0;

	for (; *value && *value != ' '; value++) {
		if (*value == '\\' && value[1])
			value++;
		if (*value == '/')
			size = 0;
		else if (size + 1 < capacity)
			ret[size++] = *value;
	}
	ret[size] = '\0';
	return value;
}

static bool is_our_program(const char *value, const char **ret_rest)
{
	char program[64];

	*ret_rest = program_of(value, program, sizeof(program));
	return strcmp(program, "hftoken") == 0 ||
	       strcmp(program, "git-credential-hftoken") == 0;
}

bool git_helper_is_ours(const char *value)
{
	const char *rest;

	return is_our_program(value, &rest);
}

bool git_helper_path(const char *value, char *ret, size_t capacity)
{
	size_t size = 0;

	if (*value != '/')
		return false;
	for (; *value && *value != ' '; value++) {
		if (strchr("'\"$`", *value))
			return false;
		if (*value == '\\' && value[1])
			value++;
		if (size + 1 == capacity)
			return false;
		ret[size++] = *value;
	}
	ret[size] = '\0';
	return true;
}

static void put_value(struct buf *text, const char *value)
{
	bool quoted = strpbrk(value, ";#") != NULL;

	buf_add_text(text, quoted ? "\"" : "");
	for (; *value; value++) {
		if (*value == '\n' || *value == '\t')
			buf_add_text(text, *value == '\n' ? "\\n" : "\\t");
		else if (*value == '"' || *value == '\\')
			buf_printf(text, "\\%c", *value);
		else
			buf_add_char(text, *value);
	}
	buf_add_text(text, quoted ? "\"" : "");
}

/* As git reads it, but for values that go on in the next line: none of ours does. */
static void read_value(const char *raw, size_t size, char *ret, size_t capacity)
{
	bool quoted = false;
	size_t used = 0;

	for (size_t i = 0; i < size && used + 1 < capacity; i++) {
		if (raw[i] == '"') {
			quoted = !quoted;
		} else if (!quoted && (raw[i] == ';' || raw[i] == '#')) {
			break;
		} else if (raw[i] == '\\' && i + 1 < size) {
			i++;
			ret[used++] = raw[i] == 'n' ? '\n' : raw[i] == 't' ? '\t' : raw[i];
		} else {
			ret[used++] = raw[i];
		}
	}
	while (used && !quoted && ret[used - 1] == ' ')
		used--;
	ret[used] = '\0';
}

/* ---- lines ------------------------------------------------------------------------------------ */

enum line_kind { LINE_BLANK, LINE_HEAD, LINE_CUT, LINE_OURS, LINE_PATH, LINE_OTHER };

struct line {
	const char *text;
	size_t size; /* with its end */
	enum line_kind kind;
	bool drop;
};

static bool is_space(char character)
{
	return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static void trim(const char **text, size_t *size)
{
	while (*size && is_space(**text)) {
		(*text)++;
		(*size)--;
	}
	while (*size && is_space((*text)[*size - 1]))
		(*size)--;
}

static enum line_kind kind_of_entry(const char *text, size_t size)
{
	const char *equals = memchr(text, '=', size);
	size_t key_size = equals ? (size_t)(equals - text) : size;
	const char *raw = equals ? equals + 1 : text;
	size_t raw_size = equals ? size - key_size - 1 : 0;
	char value[VALUE_SIZE];
	char key[16];
	const char *rest;

	trim(&text, &key_size);
	trim(&raw, &raw_size);
	if (!equals || key_size >= sizeof(key))
		return LINE_OTHER;
	memcpy(key, text, key_size);
	key[key_size] = '\0';
	if (text_equal_fold(key, "useHttpPath"))
		return raw_size == 4 && memcmp(raw, "true", 4) == 0 ? LINE_PATH : LINE_OTHER;
	if (!text_equal_fold(key, "helper"))
		return LINE_OTHER;
	if (raw_size == 0)
		return LINE_CUT;
	read_value(raw, raw_size, value, sizeof(value));
	return is_our_program(value, &rest) && !*rest ? LINE_OURS : LINE_OTHER;
}

static enum line_kind kind_of(const char *text, size_t size)
{
	trim(&text, &size);
	if (size == 0 || *text == '#' || *text == ';')
		return LINE_BLANK;
	return *text == '[' ? LINE_HEAD : kind_of_entry(text, size);
}

/* Whether an entry goes on in the next line. */
static bool goes_on(const struct line *line)
{
	const char *text = line->text;
	size_t size = line->size;
	bool odd = false;

	if (line->kind == LINE_BLANK || line->kind == LINE_HEAD)
		return false;
	if (size && text[size - 1] == '\n')
		size--;
	if (size && text[size - 1] == '\r')
		size--;
	for (; size && text[size - 1] == '\\'; size--)
		odd = !odd;
	return odd;
}

static size_t count_lines(const char *text, const char *end)
{
	size_t count = 0;

	for (; text < end; count++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		text = newline ? newline + 1 : end;
	}
	return count;
}

/* Cuts the text at its lines; for the caller to free(). NULL without memory, or over LINES_MAX. */
static struct line *split(const struct buf *text, size_t *ret_count)
{
	const char *next = buf_text(text);
	const char *end = next + text->size;
	size_t count = count_lines(next, end);
	struct line *list = count <= LINES_MAX ? calloc(count + 1, sizeof(*list)) : NULL;
	bool inside = false;

	for (size_t i = 0; list && i < count; i++) {
		const char *newline = memchr(next, '\n', (size_t)(end - next));
		struct line *line = &list[i];

		line->text = next;
		line->size = (size_t)((newline ? newline + 1 : end) - next);
		line->kind = inside ? LINE_OTHER : kind_of(line->text, line->size);
		inside = goes_on(line);
		next += line->size;
	}
	*ret_count = count;
	return list;
}

/* ---- adding ----------------------------------------------------------------------------------- */

/* Whether the value at the end of the text goes on behind it; false without memory. */
static bool text_goes_on(const struct buf *text, bool *ret)
{
	size_t count;
	AUTOFREE struct line *list = split(text, &count);

	*ret = list && count && goes_on(&list[count - 1]);
	return list != NULL;
}

void git_section_add(struct buf *text, bool is_new, const char *endpoint, const char *helper)
{
	bool has_end = text->size && text->data[text->size - 1] == '\n';
	bool into_value;
	bool open_end;

	if (!text_goes_on(text, &into_value)) {
		text->failed = true;
		return;
	}
	open_end = text->size ? !has_end || into_value : !is_new;
	buf_printf(text, "%s[credential \"%s\"]\n\thelper =\n\thelper = ", open_end ? "\n" : "",
		   endpoint);
	put_value(text, helper);
	buf_printf(text, "\n\tuseHttpPath = true%s", open_end ? "" : "\n");
}

/* ---- taking out ------------------------------------------------------------------------------- */

/* The endpoint in a head that is written as ours are. */
static bool head_endpoint(const struct line *line, char ret[ENDPOINT_SIZE])
{
	static const char start[] = "[credential \"";
	static const char end[] = "\"]";
	const char *text = line->text;
	size_t size = line->size;
	size_t around = sizeof(start) - 1 + sizeof(end) - 1;

	trim(&text, &size);
	if (line->kind != LINE_HEAD || size <= around || size - around >= ENDPOINT_SIZE ||
	    memcmp(text, start, sizeof(start) - 1) != 0 ||
	    memcmp(text + size - (sizeof(end) - 1), end, sizeof(end) - 1) != 0)
		return false;
	memcpy(ret, text + sizeof(start) - 1, size - around);
	ret[size - around] = '\0';
	return true;
}

/* One section: each helper of ours, with the cut before it and the path behind it. */
static bool drop_ours(struct line *lines, size_t head, size_t end)
{
	size_t cut = NONE;
	bool after_ours = false;
	bool found = false;
	bool others = false;

	for (size_t i = head + 1; i < end; i++) {
		struct line *line = &lines[i];

		if (line->kind == LINE_CUT) {
			cut = i;
		} else if (line->kind == LINE_OURS) {
			line->drop = true;
			if (cut != NONE)
				lines[cut].drop = true;
			cut = NONE;
			after_ours = true;
			found = true;
		} else if (line->kind == LINE_PATH && after_ours) {
			line->drop = true;
			after_ours = false;
		}
	}
	for (size_t i = head + 1; i < end; i++)
		others |= lines[i].kind != LINE_BLANK && !lines[i].drop;
	lines[head].drop = found && !others;
	return found;
}

static void copy_rest(const struct line *list, size_t count, struct buf *ret)
{
	const struct line *last = count ? &list[count - 1] : NULL;

	for (size_t i = 0; i < count; i++) {
		if (!list[i].drop)
			buf_add(ret, list[i].text, list[i].size);
	}
	if (last && last->drop && last->text[last->size - 1] != '\n' && ret->size)
		ret->data[--ret->size] = '\0'; /* the end of line that was put before ours */
}

bool git_section_remove(const struct buf *text, const char *endpoint, struct buf *ret,
			git_section_found found, void *user)
{
	size_t count;
	AUTOFREE struct line *list = split(text, &count);
	bool changed = false;

	if (!list) {
		ret->failed = true;
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		char name[ENDPOINT_SIZE];
		size_t end = i + 1;

		if (!head_endpoint(&list[i], name) || (endpoint && strcmp(name, endpoint) != 0))
			continue;
		while (end < count && list[end].kind != LINE_HEAD)
			end++;
		if (!drop_ours(list, i, end))
			continue;
		changed = true;
		if (found)
			found(name, user);
	}
	copy_rest(list, count, ret);
	return changed;
}
