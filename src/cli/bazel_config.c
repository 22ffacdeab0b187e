/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bazel_config.h"

#include <string.h>

#include "base/text.h"

#define COMMENT "# by hftoken setup bazel; --undo takes it out"
#define COMMAND "common "
#define OPTION  "--credential_helper="
#define OLD     "--experimental_credential_helper="

/* ---- lines ------------------------------------------------------------------------------------ */

/* A line without its newline; `next` is where the one behind it begins. */
struct rc_line {
	const char *at;
	size_t size;
	const char *next;
};

static bool next_line(const struct secret *text, const char **at, struct rc_line *ret)
{
	const char *end = secret_text(text) + text->size;
	const char *newline;

	if (*at >= end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at));
	ret->at = *at;
	ret->size = (size_t)((newline ? newline : end) - *at);
	ret->next = newline ? newline + 1 : end;
	*at = ret->next;
	return true;
}

static bool line_begins(const struct rc_line *line, const char *start)
{
	size_t size = strlen(start);

	return line->size >= size && memcmp(line->at, start, size) == 0;
}

static bool line_is(const struct rc_line *line, const char *text)
{
	return line->size == strlen(text) && line_begins(line, text);
}

static bool line_ends(const struct rc_line *line, const char *end)
{
	size_t size = strlen(end);

	return line->size >= size && memcmp(line->at + line->size - size, end, size) == 0;
}

/* As we write it, for whatever host and with whatever path. */
static bool is_ours(const struct rc_line *line)
{
	return (line_begins(line, COMMAND OPTION) &&
		(line_ends(line, "=" BAZEL_HELPER) || line_ends(line, "/" BAZEL_HELPER))) ||
	       (line_begins(line, COMMAND "\"" OPTION) &&
		line_ends(line, "/" BAZEL_HELPER "\""));
}

/* Whether the line names a helper for exactly that host. */
static bool is_for_host(const struct rc_line *line, const char *host)
{
	static const char *const words[] = {OPTION, OLD};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *found = memmem(line->at, line->size, words[i], strlen(words[i]));
		size_t size = strlen(host);
		size_t left;

		if (!found)
			continue;
		found += strlen(words[i]);
		left = line->size - (size_t)(found - line->at);
		if (left > size && memcmp(found, host, size) == 0 && found[size] == '=')
			return true;
	}
	return false;
}

static bool is_comment(const struct rc_line *line)
{
	size_t indent = 0;

	while (indent < line->size && (line->at[indent] == ' ' || line->at[indent] == '\t'))
		indent++;
	return indent == line->size || line->at[indent] == '#';
}

/* Puts `piece` in place of what stands between two bytes of the text. */
static int splice(struct secret *text, const char *from, const char *to,
		  const struct buf *piece, struct err *err)
{
	const char *start = secret_text(text);
	const char *end = start + text->size;
	AUTOSECRET struct secret fresh = {0};

	if (buf_failed(piece) || secret_add(&fresh, start, (size_t)(from - start)) ||
	    secret_add(&fresh, buf_text(piece), piece->size) ||
	    secret_add(&fresh, to, (size_t)(end - to)))
		return err_no_memory(err);
	secret_move(text, &fresh);
	return 0;
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* Bazel cuts lines into words as a shell does; a path with other than plain bytes is quoted. */
static void make_line(struct buf *ret, const char *host, const char *program)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./+-@%:,";
	bool quoted = program[strspn(program, plain)] != '\0';

	buf_printf(ret, COMMAND "%s" OPTION "%s=", quoted ? "\"" : "", host);
	for (; *program; program++) {
		if (*program == '"' || *program == '\\')
			buf_add_char(ret, '\\');
		buf_add_char(ret, *program);
	}
	if (quoted)
		buf_add_char(ret, '"');
}

static int append(struct secret *text, const char *line, struct err *err)
{
	const char *end = secret_text(text) + text->size;
	AUTOBUF struct buf piece = {0};
	const char *at = secret_text(text);
	struct rc_line found;
	bool has_comment = false;

	while (next_line(text, &at, &found))
		has_comment |= line_is(&found, COMMENT);
	if (text->size && end[-1] != '\n')
		buf_add_char(&piece, '\n');
	if (!has_comment)
		buf_add_text(&piece, COMMENT "\n");
	buf_printf(&piece, "%s\n", line);
	return splice(text, end, end, &piece, err);
}

static int refuse_rival(const char *host, struct err *err)
{
	err_set(err, ERR_FAILED, "Bazel asks another helper for %s", host);
	return err_hint(err, "remove its line, or hftoken setup bazel --force");
}

int bazel_config_wire(struct secret *text, const char *host, const char *program, bool force,
		      bool *ret_before, struct err *err)
{
	const char *at = secret_text(text);
	AUTOBUF struct buf wanted = {0};
	struct rc_line line;

	*ret_before = false;
	make_line(&wanted, host, program);
	if (buf_failed(&wanted))
		return err_no_memory(err);
	while (next_line(text, &at, &line)) {
		if (is_comment(&line) || !is_for_host(&line, host))
			continue;
		*ret_before = line_is(&line, buf_text(&wanted));
		if (*ret_before)
			return 0;
		if (is_ours(&line)) /* for a program that lay elsewhere */
			return splice(text, line.at, line.at + line.size, &wanted, err);
		if (!force)
			return refuse_rival(host, err);
	}
	return append(text, buf_text(&wanted), err);
}

int bazel_config_unwire(struct secret *text, size_t *ret_count, struct err *err)
{
	const char *start = secret_text(text);
	AUTOSECRET struct secret fresh = {0};
	const char *at = start;
	struct rc_line line;

	*ret_count = 0;
	while (next_line(text, &at, &line)) {
		if (is_ours(&line))
			(*ret_count)++;
		else if (!line_is(&line, COMMENT) &&
			 secret_add(&fresh, line.at, (size_t)(line.next - line.at)))
			return err_no_memory(err);
	}
	secret_move(text, &fresh);
	return 0;
}

/* ---- looking ---------------------------------------------------------------------------------- */

/* One word of a line, as Bazel cuts it: quotes and backslashes as in a shell. */
static void take_word(const char **at, const char *end, struct buf *ret)
{
	char quote = '\0';

	for (; *at < end && (quote || (**at != ' ' && **at != '\t')); (*at)++) {
		if (**at == '\\' && quote != '\'' && *at + 1 < end)
			buf_add_char(ret, *++*at);
		else if (quote ? **at == quote : (**at == '"' || **at == '\''))
			quote = quote ? '\0' : **at;
		else
			buf_add_char(ret, **at);
	}
}

/* --credential_helper=HOST=PROGRAM; without a host it is for all, and nothing of ours. */
static void find_helper(const char *word, bazel_helper_found found, void *user)
{
	const char *value = text_starts_with(word, OPTION) ? word + strlen(OPTION)
			    : text_starts_with(word, OLD)  ? word + strlen(OLD)
							   : NULL;
	const char *equals = value ? strchr(value, '=') : NULL;
	AUTOFREE char *host = equals ? strndup(value, (size_t)(equals - value)) : NULL;

	if (host)
		found(user, host, equals + 1);
}

int bazel_config_each(const struct secret *text, bazel_helper_found found, void *user,
		      struct err *err)
{
	const char *at = secret_text(text);
	struct rc_line line;

	while (next_line(text, &at, &line)) {
		const char *word = line.at;
		const char *end = line.at + line.size;

		while (!is_comment(&line) && word < end) {
			AUTOBUF struct buf plain = {0};

			take_word(&word, end, &plain);
			if (buf_failed(&plain))
				return err_no_memory(err);
			find_helper(buf_text(&plain), found, user);
			word += word < end;
		}
	}
	return 0;
}
