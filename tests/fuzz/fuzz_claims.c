/* SPDX-License-Identifier: Apache-2.0 */
/* What a session's token says of itself; the input is the part in the middle, before base64url. */
#include "tests/fuzz/fuzz.h"

#include "core/claims.h"
#include "core/token.h"

static void add_base64(struct buf *ret, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789-_";

	for (size_t i = 0; i < size; i += 3) {
		size_t count = size - i < 3 ? size - i : 3;
		uint32_t bits = (uint32_t)data[i] << 16;

		if (count > 1)
			bits |= (uint32_t)data[i + 1] << 8;
		if (count > 2)
			bits |= data[i + 2];
		for (size_t digit = 0; digit <= count; digit++)
			buf_add_char(ret, digits[bits >> (18 - 6 * digit) & 63]);
	}
}

static void check(const char *text, size_t size)
{
	AUTOSECRET struct secret secret = {0};
	struct claims claims;

	if (secret_set(&secret, text, size) || !claims_read(&secret, &claims))
		return;
	CHECK(size <= TOKEN_SECRET_MAX);
	CHECK(strlen(claims.scopes) < sizeof(claims.scopes));
	check_text(claims.scopes);
	CHECK(!strstr(claims.scopes, "  "));
	CHECK(claims.expires == TIME_UNKNOWN || claims.expires >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOBUF struct buf token = {0};

	check((const char *)data, size);
	buf_add_text(&token, "hf_oauth_e30.");
	add_base64(&token, data, size);
	buf_add_text(&token, ".c2ln");
	check(buf_text(&token), token.size);
	return 0;
}
