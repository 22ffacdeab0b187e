/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/text.h"
#include "core/grants_compact.h"
#include "core/store.h"

#define FIRST_COLUMNS 6
#define REST_COLUMNS  5
#define SHORTEST_LINE 100 /* about, of most tokens */
#define TIME_DIGITS   18  /* more overflow; a time is ten */

static int damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, "%s", what);
}

/* The number behind `key` in the first line. */
static bool header_number(const char *line, const char *key, uint64_t *ret)
{
	const char *found = strstr(line, key);
	char digits[24];
	size_t size;

	if (!found)
		return false;
	found += strlen(key);
	size = strspn(found, "0123456789");
	if (size == 0 || size >= sizeof(digits))
		return false;
	memcpy(digits, found, size);
	digits[size] = '\0';
	return text_to_number(digits, UINT64_MAX, ret);
}

struct header {
	uint64_t generation;
	uint64_t index;
	uint64_t length;
};

static int read_header(const char *text, size_t size, struct header *ret, struct err *err)
{
	const char *end = memchr(text, '\n', size < 200 ? size : 200);
	char line[201];

	if (!end || (size_t)(end - text) < strlen(CATALOGUE_MAGIC) ||
	    !text_starts_with(text, CATALOGUE_MAGIC) ||
	    memchr(text, '\0', (size_t)(end - text)))
		return damaged(err, "it does not begin as one");
	memcpy(line, text, (size_t)(end - text));
	line[end - text] = '\0';
	if (!text_starts_with(line + strlen(CATALOGUE_MAGIC), CATALOGUE_VERSION)) {
		err_set(err, ERR_TOO_NEW, "it was written by a newer hftoken");
		return err_hint(err, "use the newer hftoken");
	}
	if (!header_number(line, "generation=", &ret->generation) ||
	    !header_number(line, "index=", &ret->index) ||
	    !header_number(line, "length=", &ret->length))
		return damaged(err, "its first line makes no sense");
	return 0;
}

int catalogue_index_size(const char *text, size_t size, size_t file_size, size_t *ret,
			 struct err *err)
{
	struct header header;
	int error = read_header(text, size, &header, err);

	if (error)
		return error;
	if (header.length != file_size)
		return damaged(err, "its length is not what was written");
	if (header.index > file_size || header.index < CATALOGUE_CHECK_SIZE)
		return damaged(err, "its first line makes no sense");
	*ret = (size_t)header.index;
	return 0;
}

/* Whether the text ends in the checksum of what stands before. */
static bool has_check(const char *text, size_t size)
{
	char wanted[CATALOGUE_CHECK_SIZE + 1];

	if (size < CATALOGUE_CHECK_SIZE)
		return false;
	(void)snprintf(wanted, sizeof(wanted), "check %016" PRIx64 "\n",
		       checksum(text, size - CATALOGUE_CHECK_SIZE));
	return memcmp(text + size - CATALOGUE_CHECK_SIZE, wanted, CATALOGUE_CHECK_SIZE) == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %XX, in place. */
static void decode(char *text)
{
	char *to = strchr(text, '%');

	if (!to)
		return;
	for (const char *from = to; *from; from++) {
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;

		if (low >= 0 && (high || low)) {
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

/* Seconds since 1970, of which a look-up reads thousands. */
static int64_t read_time(const char *text)
{
	bool before = *text == '-';
	const char *digit = text + before;
	uint64_t seconds = 0;

	for (; (unsigned)(*digit - '0') <= 9; digit++)
		seconds = seconds * 10 + (unsigned)(*digit - '0');
	if (*digit || digit - text == before || digit - text > TIME_DIGITS)
		return TIME_UNKNOWN;
	return before ? -(int64_t)seconds : (int64_t)seconds;
}

static enum tristate read_tristate(const char *text)
{
	if (strcmp(text, "yes") == 0)
		return YES;
	return strcmp(text, "no") == 0 ? NO : UNKNOWN;
}

/* Cuts a line into its columns; what follows the last one stays together in `ret_rest`. */
static size_t split(char *line, char *columns[], size_t max, char **ret_rest)
{
	size_t count = 0;

	while (count < max) {
		char *space = strchr(line, ' ');

		columns[count++] = line;
		if (!space) {
			*ret_rest = line + strlen(line);
			return count;
		}
		*space = '\0';
		line = space + 1;
	}
	*ret_rest = line;
	return count;
}

/*
 * The first columns: all that a look-up needs of most tokens. The others are left in `unread`.
 * `endpoint` is that of the token before, NULL if there is none.
 */
static bool read_first(char *line, const char *endpoint, struct token *ret)
{
	char *column[FIRST_COLUMNS];
	char *rest;

	if (split(line, column, FIRST_COLUMNS, &rest) < FIRST_COLUMNS ||
	    column[2] - column[1] <= TOKEN_ID_SIZE || column[1][TOKEN_ID_SIZE - 1] != '.')
		return false;
	column[1][TOKEN_ID_SIZE - 1] = '\0';
	if (strcmp(column[2], CATALOGUE_SAME) != 0)
		endpoint = column[2];
	if (!endpoint)
		return false;
	if (column[3][0] == '-' && !column[3][1])
		column[3]++;
	decode(column[3]);
	*ret = (struct token) {
		.name = column[0],
		.id = column[1],
		.endpoint = endpoint,
		.account = column[3],
		.kind = token_kind_by_name(column[4]),
		.gated_read = UNKNOWN,
		.store = "",
		.masked = "",
		.created = TIME_UNKNOWN,
		.expires = read_time(column[5]),
		.verified = TIME_UNKNOWN,
		.identity = "",
		.grants = "",
		.unread = rest,
		.extra = "",
	};
	return true;
}

/* The revision stands behind the id. */
static bool read_rest(struct token *token)
{
	const char *revision = token->id + TOKEN_ID_SIZE;
	char *column[REST_COLUMNS];
	uint64_t number;
	char *rest;

	if (split(token->unread, column, REST_COLUMNS, &rest) < REST_COLUMNS ||
	    !store_is_id_part(token->id) || !text_to_number(revision, UINT32_MAX, &number) ||
	    *revision == '0' || !store_is_name(column[1]) ||
	    token_name_check(token->name, NULL))
		return false;
	decode(column[2]);
	token->revision = (uint32_t)number;
	token->gated_read = read_tristate(column[0]);
	token->store = column[1];
	token->masked = column[2];
	token->created = read_time(column[3]);
	token->verified = read_time(column[4]);
	token->grants = grants_compact_take(&rest);
	token->extra = rest;
	token->unread = NULL;
	return true;
}

static int bad_token(struct err *err)
{
	return damaged(err, "a token's line makes no sense");
}

int catalogue_complete(const struct token *token, struct err *err)
{
	/* What it says does not change by being read. */
	struct token *mine = (struct token *)(uintptr_t)token;

	if (!token->unread || read_rest(mine))
		return 0;
	mine->unread = strchr(token->unread, '\0'); /* cut up: it makes no sense for good */
	return bad_token(err);
}

static int read_token(struct catalogue *catalogue, char *line, bool whole, struct err *err)
{
	struct token *token = catalogue_grow(catalogue);
	const char *endpoint;

	if (!token)
		return err_no_memory(err);
	endpoint = catalogue->count ? token[-1].endpoint : NULL;
	if (catalogue->count >= CATALOGUE_TOKENS || !read_first(line, endpoint, token))
		return bad_token(err);
	if (whole && catalogue_complete(token, err))
		return ERR_DAMAGED;
	catalogue->count++;
	return 0;
}

static int read_default(struct catalogue *catalogue, char *line, struct err *err)
{
	char *id = strchr(line, ' ');

	if (!id)
		return damaged(err, "a default's line makes no sense");
	*id = '\0';
	if (catalogue_add_default(catalogue, line, id + 1))
		return err_no_memory(err);
	return 0;
}

static int read_identity(struct catalogue *catalogue, char *line)
{
	char *text = strchr(line, ' ');
	struct token *token;

	if (!text)
		return 0;
	*text = '\0';
	token = catalogue_find_id(catalogue, line);
	if (token)
		token->identity = text + 1;
	return 0;
}

static int keep_unknown(char **ret, const char *line, struct err *err)
{
	struct buf buf = {0};

	buf_add_text(&buf, *ret ? *ret : "");
	buf_add_text(&buf, line);
	buf_add_char(&buf, '\n');
	free(*ret);
	*ret = buf_steal(&buf);
	return *ret ? 0 : err_no_memory(err);
}

/* Moves past a word at the line's start, `size` letters. */
static bool take_word(char **line, const char *word, size_t size)
{
	if (strncmp(*line, word, size) != 0)
		return false;
	*line += size;
	return true;
}

#define TAKE_WORD(line, word) take_word(line, word, sizeof(word) - 1)

static int read_line(struct catalogue *catalogue, char *line, enum catalogue_parts part,
		     struct err *err)
{
	if (part != CATALOGUE_ALL) {
		if (TAKE_WORD(&line, "token "))
			return read_token(catalogue, line, part == CATALOGUE_INDEX, err);
		if (TAKE_WORD(&line, "default "))
			return read_default(catalogue, line, err);
		if (*line == '#')
			return 0;
		return keep_unknown(&catalogue->unknown_index, line, err);
	}
	if (TAKE_WORD(&line, "identity "))
		return read_identity(catalogue, line);
	return keep_unknown(&catalogue->unknown_details, line, err);
}

/* Reads the lines of one part, without its checksum. */
static int read_part(struct catalogue *catalogue, char *text, char *end,
		     enum catalogue_parts part, struct err *err)
{
	end -= CATALOGUE_CHECK_SIZE;
	while (text < end) {
		char *stop = memchr(text, '\n', (size_t)(end - text));
		int error;

		if (!stop)
			return damaged(err, "a line is cut off");
		*stop = '\0';
		error = read_line(catalogue, text, part, err);
		if (error)
			return error;
		text = stop + 1;
	}
	return 0;
}

int catalogue_parse(struct catalogue *catalogue, char *text, size_t size,
		    enum catalogue_parts parts, struct err *err)
{
	struct header header;
	char *body;
	int error = read_header(text, size, &header, err);

	if (error)
		return error;
	if (header.index > size || !has_check(text, (size_t)header.index))
		return damaged(err, "its checksum does not fit");
	if (parts == CATALOGUE_ALL &&
	    !has_check(text + header.index, size - (size_t)header.index))
		return damaged(err, "its second checksum does not fit");
	catalogue->generation = header.generation;
	/* Memory that is not touched costs nothing, moving what was read does. */
	if (catalogue_reserve(catalogue, (size_t)header.index / SHORTEST_LINE))
		return err_no_memory(err);
	body = (char *)memchr(text, '\n', size) + 1; /* read_header() found it */
	error = read_part(catalogue, body, text + header.index,
			  parts == CATALOGUE_LOOKUP ? CATALOGUE_LOOKUP : CATALOGUE_INDEX, err);
	if (!error && parts == CATALOGUE_ALL)
		error = read_part(catalogue, text + header.index, text + size, CATALOGUE_ALL,
				  err);
	return error;
}
