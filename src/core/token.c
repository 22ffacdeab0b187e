/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

#include <string.h>

#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"

const char *const token_kind_names[KIND_COUNT] = {
	[KIND_OTHER] = "other", [KIND_FINE_GRAINED] = "fine-grained",
	[KIND_READ] = "read",   [KIND_WRITE] = "write",
	[KIND_OAUTH] = "oauth", [KIND_JWT] = "jwt",
};

struct token token_fresh(const char *name, const char *endpoint, const char *store,
			 const char *masked)
{
	return (struct token) {
		.name = name,
		.id = "",
		.endpoint = endpoint,
		.account = "",
		.gated_read = UNKNOWN,
		.store = store,
		.masked = masked,
		.created = TIME_UNKNOWN,
		.expires = TIME_UNKNOWN,
		.verified = TIME_UNKNOWN,
		.identity = "",
		.grants = "",
		.extra = "",
	};
}

/* Words that other parts of the program give a meaning. */
static const char *const reserved[] = {"env"};

enum token_kind token_kind_by_name(const char *name)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (*token_kind_names[kind] == *name &&
		    strcmp(token_kind_names[kind], name) == 0)
			return (enum token_kind)kind;
	}
	return KIND_OTHER;
}

enum token_kind token_kind_of_secret(const struct secret *secret)
{
	const char *text = secret ? secret_text(secret) : "";

	if (text_starts_with(text, "hf_jwt_"))
		return KIND_JWT;
	return text_starts_with(text, "hf_oauth_") ? KIND_OAUTH : KIND_OTHER;
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A table, since each look-up checks every name of the catalogue. */
static bool is_name_char(char c)
{
	static const bool legal[256] = {
		['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
		['.'] = true,         ['_'] = true,         ['-'] = true,
	};

	return legal[(unsigned char)c];
}

int token_name_check(const char *name, struct err *err)
{
	size_t size = 0;

	if (looks_like_token(name)) {
		err_set(err, ERR_USAGE,
			"that is a token, not a name; it may now be in your shell history");
		return err_hint(err, "hftoken login NAME reads the token without showing it");
	}
	while (is_name_char(name[size]))
		size++;
	if (name[size] || size > TOKEN_NAME_MAX || !is_alphanumeric(*name)) {
		err_set(err, ERR_USAGE, "not a legal token name");
		return err_hint(err, "use 1 to 64 letters, digits, '.', '_', '-', "
				     "beginning with a letter or digit");
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (*name == *reserved[i] && strcmp(name, reserved[i]) == 0)
			return err_set(err, ERR_USAGE, "'%s' is not free as a token name",
				       name);
	}
	return 0;
}

bool token_name_from(const char *text, char ret[TOKEN_NAME_MAX + 1])
{
	size_t size = 0;
	bool gap = false;

	for (; *text && size < TOKEN_NAME_MAX; text++) {
		if (!is_name_char(*text) || (size == 0 && !is_alphanumeric(*text))) {
			gap = size > 0;
			continue;
		}
		if (gap && size + 1 < TOKEN_NAME_MAX)
			ret[size++] = '-';
		gap = false;
		ret[size++] = *text;
	}
	ret[size] = '\0';
	return size > 0 && token_name_check(ret, NULL) == 0;
}

bool token_has_expired(const struct token *token, int64_t now)
{
	return token->expires != TIME_UNKNOWN && token->expires <= now;
}

static int bad_secret(struct err *err, const char *what)
{
	err_set(err, ERR_USAGE, "%s", what);
	return err_hint(err,
			"copy the whole token, and nothing else, from the page that made it");
}

int token_secret_check(const struct secret *secret, const char *endpoint, struct err *err)
{
	const char *text = secret_text(secret);

	if (secret->size == 0)
		return bad_secret(err, "the token is empty");
	if (secret->size > TOKEN_SECRET_MAX)
		return bad_secret(err, "the token is too long to be one");
	if (*text == '"' || *text == '\'')
		return bad_secret(err, "the token has quotation marks around it");
	for (size_t i = 0; i < secret->size; i++) {
		/* Quotes and backslashes are in no token, and would need escaping in JSON. */
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"' || text[i] == '\\')
			return bad_secret(err, "the token has a space, a line break or another "
					       "stray character in it");
	}
	if (!endpoint_is_hub(endpoint))
		return 0;
	if (text_starts_with(text, "api_org"))
		return bad_secret(err, "organization API tokens no longer work");
	if (!text_starts_with(text, "hf_"))
		return bad_secret(err, "a Hugging Face token begins with hf_");
	return 0;
}
