/* SPDX-License-Identifier: Apache-2.0 */
/* Names and secrets of tokens: what passes is one plain word, and no error repeats a secret. */
#include "tests/fuzz/fuzz.h"

#include "base/url.h"
#include "core/token.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static void check_name(const char *text)
{
	char name[TOKEN_NAME_MAX + 1];
	struct err err = {0};

	if (token_name_check(text, &err) == 0) {
		CHECK(*text && strlen(text) <= TOKEN_NAME_MAX);
		CHECK(text[strspn(text, plain)] == '\0' && *text != '-' && *text != '.');
		CHECK(!looks_like_token(text));
	} else {
		CHECK(err.code == ERR_USAGE && *err.message);
		CHECK(strlen(text) < 8 || !strstr(err.message, text));
	}
	if (token_name_from(text, name))
		CHECK(token_name_check(name, NULL) == 0);
}

static void check_secret(const struct secret *secret, const char *endpoint)
{
	char masked[MASKED_SIZE];
	struct err err = {0};

	mask_secret(secret, masked);
	check_text(masked);
	CHECK(secret->size >= 16 || strcmp(masked, "****") == 0);
	if (token_secret_check(secret, endpoint, &err)) {
		CHECK(err.code == ERR_USAGE && *err.message);
		return;
	}
	CHECK(secret->size && secret->size <= TOKEN_SECRET_MAX);
	for (size_t i = 0; i < secret->size; i++)
		CHECK(secret->data[i] > ' ' && secret->data[i] < 0x7f);
	CHECK(!endpoint_is_hub(endpoint) || text_starts_with(secret_text(secret), "hf_"));
	(void)token_kind_of_secret(secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	AUTOSECRET struct secret secret = {0};

	check_name(text);
	if (secret_set(&secret, text, size))
		return 0;
	secret_trim(&secret);
	check_secret(&secret, ENDPOINT_HUB);
	check_secret(&secret, "https://hub.example.com");
	return 0;
}
