/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export_text.h"

#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/lines.h"
#include "base/text.h"
#include "base/url.h"

#define MAGIC    "hftoken-export "
#define VERSION  1
#define WORD_YES "yes"

#define ACCOUNT_MAX ((size_t)256)
#define LAST_SIZE   80 /* more than the last line takes */

void exported_release(struct exported *exported)
{
	free(exported->tokens);
	*exported = (struct exported) {.count = 0};
}

/* ---- writing ---------------------------------------------------------------------------------- */

static int add_line(struct secret *text, const char *line, struct err *err)
{
	return secret_add_text(text, line) ? err_no_memory(err) : 0;
}

static int check_size(const struct secret *text, struct err *err)
{
	return text->size > EXPORT_MAX - LAST_SIZE
		       ? err_set(err, ERR_FORMAT, "that is too much for one export")
		       : 0;
}

int export_begin(struct secret *text, struct err *err)
{
	char line[32];

	(void)snprintf(line, sizeof(line), MAGIC "%d\n", VERSION);
	return add_line(text, line, err);
}

int export_add(struct secret *text, const struct token *token, const struct secret *secret,
	       bool is_default, struct err *err)
{
	char time[TIME_TEXT_SIZE];
	int error = lines_add_text(text, "name", token->name, err);

	if (!error)
		error = lines_add_text(text, "endpoint", token->endpoint, err);
	if (!error && *token->account)
		error = lines_add_text(text, "account", token->account, err);
	if (!error)
		error = lines_add_text(text, "kind", token_kind_names[token->kind], err);
	if (!error && is_default)
		error = lines_add_text(text, "default", WORD_YES, err);
	time_to_text(token->expires, time);
	if (!error && token->expires != TIME_UNKNOWN)
		error = lines_add_text(text, "expires", time, err);
	if (!error)
		error = lines_add(text, "token", secret_text(secret), secret->size, err);
	if (!error)
		error = add_line(text, "\n", err);
	return error ? error : check_size(text, err);
}

int export_end(struct secret *text, size_t count, struct err *err)
{
	char line[LAST_SIZE];

	if (count > EXPORT_TOKENS_MAX)
		return err_set(err, ERR_FORMAT, "more than %d tokens in one export",
			       EXPORT_TOKENS_MAX);
	(void)snprintf(line, sizeof(line), "end count=%zu check=%016llx\n", count,
		       (unsigned long long)checksum(text->data, text->size));
	return add_line(text, line, err);
}

/* ---- reading: the frame ----------------------------------------------------------------------- */

static int damaged(const char *what, struct err *err)
{
	err_set(err, ERR_DAMAGED, "the export is damaged, and nothing was imported: %s", what);
	return err_hint(err, "look at what hftoken export said, and do it again");
}

/* The first line; `ret` gets what stands behind it. */
static int check_first(const struct secret *text, size_t *ret, struct err *err)
{
	size_t magic = strlen(MAGIC);
	size_t size = text->size < magic ? text->size : magic;
	const char *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
	char number[16] = "";
	uint64_t version;

	if (text->size == 0)
		return damaged("nothing came", err);
	if (memcmp(text->data, MAGIC, size) != 0)
		return err_set(err, ERR_FORMAT, "this is no export of hftoken's");
	if (!end)
		return damaged("it is cut off", err);
	if ((size_t)(end - text->data) - magic < sizeof(number))
		memcpy(number, text->data + magic, (size_t)(end - text->data) - magic);
	if (!text_to_number(number, UINT32_MAX, &version) || version == 0)
		return damaged("its first line makes no sense", err);
	if (version > VERSION) {
		err_set(err, ERR_TOO_NEW, "a newer hftoken has written this export");
		return err_hint(err, "install that version here too");
	}
	*ret = (size_t)(end - text->data) + 1;
	return 0;
}

/* The last line: `ret` gets where it begins, and `ret_count` its count. */
static int check_last(const struct secret *text, size_t *ret, uint64_t *ret_count,
		      struct err *err)
{
	const char *newline = text->data[text->size - 1] == '\n'
				      ? memrchr(text->data, '\n', text->size - 1)
				      : NULL;
	size_t start = newline ? (size_t)(newline - text->data) + 1 : 0;
	char line[LAST_SIZE];
	char wanted[LAST_SIZE];
	char *space;

	if (!newline || text->size - start >= sizeof(line))
		return damaged("it is cut off", err);
	memcpy(line, text->data + start, text->size - start);
	line[text->size - start] = '\0';
	space = text_starts_with(line, "end count=") ? strchr(line + 10, ' ') : NULL;
	if (!space)
		return damaged("it is cut off", err);
	*space = '\0';
	if (!text_to_number(line + 10, EXPORT_TOKENS_MAX, ret_count))
		return damaged("its last line makes no sense", err);
	*space = ' ';
	(void)snprintf(wanted, sizeof(wanted), "end count=%zu check=%016llx\n",
		       (size_t)*ret_count, (unsigned long long)checksum(text->data, start));
	if (strcmp(line, wanted) != 0)
		return damaged("it was changed on its way", err);
	*ret = start;
	return 0;
}

/* ---- reading: blocks -------------------------------------------------------------------------- */

enum field { NAME, ENDPOINT, ACCOUNT, KIND, DEFAULT, EXPIRES, TOKEN, FIELDS };

static const char *const field_names[FIELDS] = {
	[NAME] = "name",       [ENDPOINT] = "endpoint", [ACCOUNT] = "account", [KIND] = "kind",
	[DEFAULT] = "default", [EXPIRES] = "expires",   [TOKEN] = "token",
};

static bool is_endpoint(const char *text)
{
	char endpoint[ENDPOINT_SIZE];

	return text && !endpoint_of_url(text, endpoint, NULL) && strcmp(endpoint, text) == 0;
}

/* What somebody may be shown, and what a column of the catalogue takes. */
static bool is_account(const char *text)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, text, strlen(text), ACCOUNT_MAX);
	return strcmp(buf_text(&clean), text) == 0;
}

static int take_block(const char *const values[FIELDS], struct export_token *ret,
		      struct err *err)
{
	*ret = (struct export_token) {
		.name = values[NAME],
		.endpoint = values[ENDPOINT],
		.account = values[ACCOUNT] && is_account(values[ACCOUNT]) ? values[ACCOUNT]
									  : "",
		.token = values[TOKEN],
		.kind = values[KIND] ? token_kind_by_name(values[KIND]) : KIND_OTHER,
		.expires = TIME_UNKNOWN,
		.is_default = values[DEFAULT] && strcmp(values[DEFAULT], WORD_YES) == 0,
	};
	if (!ret->name || token_name_check(ret->name, NULL))
		return damaged("a token has no legal name", err);
	if (!is_endpoint(ret->endpoint))
		return damaged("a token is bound to no Hub", err);
	if (!ret->token || !*ret->token || strlen(ret->token) > TOKEN_SECRET_MAX)
		return damaged("a name has no token", err);
	if (values[EXPIRES] && !time_from_text(values[EXPIRES], &ret->expires))
		return damaged("a time makes no sense", err);
	return 0;
}

static int read_block(char *text, size_t size, struct export_token *ret, struct err *err)
{
	const char *values[FIELDS] = {NULL};
	struct lines lines;
	struct line line;
	int found;

	lines_init(&lines, text, size);
	while ((found = lines_next(&lines, &line, NULL)) > 0) {
		for (int field = 0; field < FIELDS; field++) {
			if (strcmp(line.key, field_names[field]) != 0)
				continue;
			if (values[field])
				return damaged("something is there twice", err);
			values[field] = line.value;
		}
	}
	if (found < 0)
		return damaged("a line makes no sense", err);
	return take_block(values, ret, err);
}

static int read_blocks(char *text, size_t size, struct exported *ret, struct err *err)
{
	size_t count = 0;

	while (size > 0) {
		const char *end = memmem(text, size, "\n\n", 2);
		size_t used = end ? (size_t)(end - text) + 2 : 0;
		int error;

		if (!end || count == ret->count)
			return damaged("it does not have the tokens that it says", err);
		error = read_block(text, used - 1, &ret->tokens[count++], err);
		if (error)
			return error;
		text += used;
		size -= used;
	}
	return count == ret->count ? 0 : damaged("it has fewer tokens than it says", err);
}

int export_parse(struct secret *text, struct exported *ret, struct err *err)
{
	AUTOEXPORTED struct exported read = {.count = 0};
	size_t start;
	size_t end;
	uint64_t count;
	int error;

	if (text->size > EXPORT_MAX)
		return damaged("it is too long", err);
	error = check_first(text, &start, err);
	if (!error)
		error = check_last(text, &end, &count, err);
	if (!error && end < start)
		error = damaged("it is cut off", err);
	if (error)
		return error;
	read.count = (size_t)count;
	read.tokens = calloc(read.count + 1, sizeof(*read.tokens));
	if (!read.tokens)
		return err_no_memory(err);
	error = read_blocks(text->data + start, end - start, &read, err);
	if (error)
		return error;
	*ret = read;
	read = (struct exported) {.count = 0};
	return 0;
}
