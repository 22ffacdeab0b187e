/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue's text: as it is, and as the lines of a file whose lengths and checksums fit, the
 * two parts divided by a line of "---". What is taken can be written, and is taken again.
 */
#include "tests/fuzz/fuzz.h"

#include <inttypes.h>

#include "base/checksum.h"
#include "core/catalogue_text.h"

#define CHECK_SIZE (sizeof("check 0123456789abcdef\n") - 1)
#define DIVIDER    "---\n"

static void put_index(struct buf *text, const char *lines, size_t lines_size, size_t index,
		      size_t length)
{
	buf_printf(text, "hftoken-catalogue 1 generation=7 index=%010zu length=%010zu\n", index,
		   length);
	buf_add(text, lines, lines_size);
}

static void put_check(struct buf *text, size_t start)
{
	buf_printf(text, "check %016" PRIx64 "\n",
		   checksum(text->data + start, text->size - start));
}

static void parse(struct buf *text, enum catalogue_parts parts, struct catalogue *ret)
{
	size_t index;

	if (catalogue_index_size(text->data, text->size, text->size, &index, NULL))
		return;
	if (catalogue_parse(ret, text->data, parts == CATALOGUE_ALL ? text->size : index, parts,
			    NULL))
		return;
	for (size_t i = 0; i < ret->count; i++) {
		const struct token *token = &ret->tokens[i];

		CHECK(catalogue_find(ret, token->name) && catalogue_find_id(ret, token->id));
		CHECK(strlen(token->id) == TOKEN_ID_SIZE - 1);
		CHECK(strlen(token->account) + strlen(token->extra) + strlen(token->masked) <
		      text->size);
		(void)catalogue_default(ret, token->endpoint);
	}
}

static void parse_and_write(struct buf *text)
{
	AUTOCATALOGUE struct catalogue first = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue again = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue index = CATALOGUE_NONE;
	AUTOBUF struct buf copy = {0};
	AUTOBUF struct buf written = {0};
	size_t index_size;

	buf_add(&copy, text->data, text->size);
	parse(&copy, CATALOGUE_INDEX, &index);
	if (catalogue_index_size(text->data, text->size, text->size, &index_size, NULL) ||
	    catalogue_parse(&first, text->data, text->size, CATALOGUE_ALL, NULL))
		return;
	CHECK(index.count == first.count);
	CHECK(catalogue_format(&first, 8, &written, NULL) == 0);
	CHECK(catalogue_parse(&again, written.data, written.size, CATALOGUE_ALL, NULL) == 0);
	CHECK(again.count == first.count);
	CHECK(again.default_count == first.default_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *input = copy_input(data, size);
	AUTOBUF struct buf raw = {0};
	AUTOBUF struct buf text = {0};
	const char *divider = memmem(input, size, DIVIDER, strlen(DIVIDER));
	size_t index_size = divider ? (size_t)(divider - input) : size;
	const char *details = divider ? divider + strlen(DIVIDER) : input + size;
	size_t details_size = (size_t)(input + size - details);
	size_t start;

	buf_add(&raw, input, size);
	parse_and_write(&raw);

	put_index(&text, input, index_size, 0, 0);
	start = text.size + CHECK_SIZE;
	buf_clear(&text);
	put_index(&text, input, index_size, start, start + details_size + CHECK_SIZE);
	put_check(&text, 0);
	buf_add(&text, details, details_size);
	put_check(&text, start);
	parse_and_write(&text);
	return 0;
}
