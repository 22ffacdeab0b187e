/* SPDX-License-Identifier: Apache-2.0 */
#include "core/claims.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/token.h"

#define SCOPES_MAX     64
#define SCOPE_TEXT_MAX ((size_t)60)
#define TIME_MAX       (UINT64_C(1) << 40)

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

/* base64url without padding, as a JWS has it. */
static bool decode(const char *text, size_t size, struct secret *ret)
{
	unsigned bits = 0;
	unsigned value = 0;

	for (size_t i = 0; i < size; i++) {
		int next = digit(text[i]);
		char byte;

		if (next < 0)
			return false;
		value = (value << 6 | (unsigned)next) & 0xffffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		byte = (char)(value >> bits & 0xff);
		if (secret_add(ret, &byte, 1))
			return false;
	}
	return true;
}

/* The second of three parts. */
static bool decode_payload(const struct secret *secret, struct secret *ret)
{
	const char *first = strchr(secret_text(secret), '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;

	return second && !strchr(second + 1, '.') &&
	       decode(first + 1, (size_t)(second - first - 1), ret);
}

static void add_scope(struct buf *scopes, const char *text, size_t size)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, text, size, SCOPE_TEXT_MAX);
	if (!clean.size || strchr(buf_text(&clean), ' '))
		return;
	buf_add_text(scopes, scopes->size ? " " : "");
	buf_add_text(scopes, buf_text(&clean));
}

static void add_scopes(struct buf *scopes, const struct json *scope)
{
	const char *text = json_text(scope);
	size_t count = 0;

	for (; text && *text && count++ < SCOPES_MAX; text += strspn(text, " ")) {
		size_t size = strcspn(text, " ");

		add_scope(scopes, text, size);
		text += size;
	}
	json_each (one, scope) {
		const char *name = json_text(one);

		if (name && count++ < SCOPES_MAX)
			add_scope(scopes, name, strlen(name));
	}
}

static int64_t read_time(const struct json *value)
{
	AUTOBUF struct buf text = {0};
	uint64_t seconds;

	if (value && !json_print(value, &text, NULL) &&
	    text_to_number(buf_text(&text), TIME_MAX, &seconds))
		return (int64_t)seconds;
	return TIME_UNKNOWN;
}

bool claims_read(const struct secret *secret, struct claims *ret)
{
	AUTOSECRET struct secret payload = {0};
	AUTOJSON struct json *document = NULL;
	AUTOBUF struct buf scopes = {0};
	const struct json *scope;

	if (secret->size > TOKEN_SECRET_MAX || token_kind_of_secret(secret) == KIND_OTHER ||
	    !decode_payload(secret, &payload) ||
	    json_parse(secret_text(&payload), payload.size, &document, NULL))
		return false;
	scope = json_member(document, "scope");
	add_scopes(&scopes, scope);
	if (!scope || buf_failed(&scopes) || scopes.size >= sizeof(ret->scopes))
		return false;
	ret->expires = read_time(json_member(document, "exp"));
	return text_copy(ret->scopes, sizeof(ret->scopes), buf_text(&scopes));
}
