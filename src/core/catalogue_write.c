/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue as text, for writers. Reading is catalogue_text.c's. */
#include <inttypes.h>
#include <string.h>

#include "base/checksum.h"
#include "base/text.h"
#include "core/catalogue_text.h"

/* A column: never empty, and without a byte that would end it. */
static void put_column(struct buf *buf, const char *text)
{
	buf_add_char(buf, ' ');
	/* A dash alone is nothing; a text that is one is written otherwise. */
	if (!*text || strcmp(text, "-") == 0) {
		buf_add_text(buf, *text ? "%2d" : "-");
		return;
	}
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == 0x7f || byte == '%')
			buf_printf(buf, "%%%02x", byte);
		else
			buf_add_char(buf, *text);
	}
}

static void put_time(struct buf *buf, int64_t seconds)
{
	if (seconds == TIME_UNKNOWN)
		put_column(buf, "");
	else
		buf_printf(buf, " %" PRId64, seconds);
}

/* `before` is that of the line before, NULL if there is none. */
static void put_token(struct buf *buf, const struct token *token, const struct token *before)
{
	static const char *const words[] = {"no", "yes"};

	buf_printf(buf, "token %s %s.%u", token->name, token->id, token->revision);
	put_column(buf, before && strcmp(before->endpoint, token->endpoint) == 0
				? CATALOGUE_SAME
				: token->endpoint);
	put_column(buf, token->account);
	put_column(buf, token_kind_names[token->kind]);
	put_time(buf, token->expires);
	put_column(buf, token->gated_read == UNKNOWN ? "" : words[token->gated_read]);
	put_column(buf, token->store);
	put_column(buf, token->masked);
	put_time(buf, token->created);
	put_time(buf, token->verified);
	if (token->grants && *token->grants)
		buf_printf(buf, " %s", token->grants);
	if (*token->extra)
		buf_printf(buf, " %s", token->extra);
	buf_add_char(buf, '\n');
}

static int by_name(const void *one, const void *other)
{
	const struct token *const *left = one;
	const struct token *const *right = other;

	return strcmp((*left)->name, (*right)->name);
}

/* Sorted, so that every list is, and a diff of two versions shows what changed. */
static void put_tokens(struct buf *buf, const struct catalogue *catalogue)
{
	AUTOFREE const struct token **order = calloc(catalogue->count + 1,
						     sizeof(struct token *));

	if (!order) {
		buf->failed = true;
		return;
	}
	for (size_t i = 0; i < catalogue->count; i++)
		order[i] = &catalogue->tokens[i];
	qsort(order, catalogue->count, sizeof(struct token *), by_name);
	for (size_t i = 0; i < catalogue->count; i++)
		put_token(buf, order[i], i ? order[i - 1] : NULL);
}

static void put_index(struct buf *buf, const struct catalogue *catalogue)
{
	buf_add_text(buf, "# name id.revision endpoint account kind expires gated store masked "
			  "created verified\n");
	for (size_t i = 0; i < catalogue->default_count; i++)
		buf_printf(buf, "default %s %s\n", catalogue->defaults[i].endpoint,
			   catalogue->defaults[i].id);
	put_tokens(buf, catalogue);
	if (catalogue->unknown_index)
		buf_add_text(buf, catalogue->unknown_index);
}

static void put_details(struct buf *buf, const struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];

		if (*token->identity)
			buf_printf(buf, "identity %s %s\n", token->id, token->identity);
	}
	if (catalogue->unknown_details)
		buf_add_text(buf, catalogue->unknown_details);
}

/* The checksum over what the part holds so far, from `start` on. */
static void put_check(struct buf *buf, size_t start)
{
	if (!buf_failed(buf))
		buf_printf(buf, "check %016" PRIx64 "\n",
			   checksum(buf_text(buf) + start, buf->size - start));
}

static void put_header(struct buf *buf, uint64_t generation, size_t index, size_t length)
{
	buf_printf(buf,
		   CATALOGUE_MAGIC CATALOGUE_VERSION "generation=%" PRIu64
						     " index=%010zu length=%010zu\n",
		   generation, index, length);
}

int catalogue_format(const struct catalogue *catalogue, uint64_t generation, struct buf *ret,
		     struct err *err)
{
	AUTOBUF struct buf index = {0};
	AUTOBUF struct buf details = {0};
	AUTOBUF struct buf header = {0};
	size_t start;

	put_index(&index, catalogue);
	put_details(&details, catalogue);
	put_check(&details, 0);
	put_header(&header, generation, 0, 0); /* its numbers have a fixed width */
	start = header.size + index.size + CATALOGUE_CHECK_SIZE;
	put_header(ret, generation, start, start + details.size);
	buf_add(ret, index.data, index.size);
	put_check(ret, 0);
	buf_add(ret, details.data, details.size);
	if (buf_failed(&index) || buf_failed(&details) || buf_failed(&header) ||
	    buf_failed(ret))
		return err_no_memory(err);
	if (ret->size > CATALOGUE_MAX)
		return err_set(err, ERR_NO_SPACE, "the catalogue of tokens would be too large");
	return 0;
}
