/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An export: refused whole, or tokens that are named, bound and not empty. The checksum would keep
 * the fuzzer out, so the input is read as it is, and again with a last line that fits it.
 */
#include "tests/fuzz/fuzz.h"

#include "base/checksum.h"
#include "base/url.h"
#include "core/export_text.h"

static void read_it(struct secret *text)
{
	AUTOEXPORTED struct exported exported = {.count = 0};
	struct err err = {0};

	if (export_parse(text, &exported, &err)) {
		CHECK(exported.count == 0 && *err.message);
		return;
	}
	CHECK(exported.count <= EXPORT_TOKENS_MAX);
	for (size_t i = 0; i < exported.count; i++) {
		const struct export_token *token = &exported.tokens[i];
		char endpoint[ENDPOINT_SIZE];

		CHECK(token_name_check(token->name, NULL) == 0);
		CHECK(endpoint_of_url(token->endpoint, endpoint, NULL) == 0);
		CHECK(strcmp(endpoint, token->endpoint) == 0);
		CHECK(*token->token && strlen(token->token) <= TOKEN_SECRET_MAX);
		CHECK(!strchr(token->token, '\n') && token->account);
		CHECK(token->token > text->data && token->token < text->data + text->size);
	}
}

static unsigned count_blocks(const char *text)
{
	unsigned count = 0;

	while ((text = strstr(text, "\n\n")) != NULL) {
		text += 2;
		count++;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret closed = {0};
	char *copy;
	char line[80];

	if (size > EXPORT_MAX)
		return 0;
	CHECK(secret_set(&text, (const char *)data, size) == 0);
	CHECK(secret_set(&closed, (const char *)data, size) == 0);
	copy = copy_input(data, size);
	(void)snprintf(line, sizeof(line), "end count=%u check=%016llx\n", count_blocks(copy),
		       (unsigned long long)checksum(copy, size));
	free(copy);
	CHECK(secret_add_text(&closed, line) == 0);
	read_it(&text);
	read_it(&closed);
	return 0;
}
