/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a token besides its secret.
 */
#pragma once

#include "base/err.h"

#define TOKEN_NAME_MAX ((size_t)64)
#define TOKEN_ID_SIZE  33 /* 32 hex digits and a NUL */

/* As whoami's `role` and `auth.type` tell, and where they say nothing, the token's prefix. */
enum token_kind {
	KIND_OTHER,
	KIND_FINE_GRAINED,
	KIND_READ,
	KIND_WRITE,
	KIND_OAUTH,
	KIND_JWT,
	KIND_COUNT,
};

/* Texts belong to whoever made the token (mostly the catalogue) and are never NULL. */
struct token {
	const char *name;
	const char *id;       /* "" for a token of a read-only source */
	uint32_t revision;    /* of the secret, from 1 */
	const char *endpoint; /* the origin that it is bound to */
	const char *account;  /* "" while nobody has asked the Hub */
	enum token_kind kind;
	enum tristate gated_read;
	const char *store; /* name of a store, or of a source: "env" */
	const char *masked;
	int64_t created; /* at the Hub; seconds since 1970 or TIME_UNKNOWN, as are the next two */
	int64_t expires;
	int64_t verified; /* when whoami last said that it is good */
	const char
		*identity; /* whoami's answer as compact JSON; "" if none, or if not loaded */
	const char *
		grants; /* the same for look-ups, see core/grants_compact.h; NULL or "" if none */
	char *unread;   /* of a catalogue's look-up: the rest, until catalogue_complete() */
	const char *extra; /* columns that a newer version has written; kept as they are */
};

/* One of which nothing is known but where it goes and how it looks. The texts stay the caller's. */
struct token token_fresh(const char *name, const char *endpoint, const char *store,
			 const char *masked);

extern const char *const token_kind_names[KIND_COUNT]; /* "fine-grained"… */

/* KIND_OTHER for a word it does not know. */
enum token_kind token_kind_by_name(const char *name);

/*
 * ERR_USAGE unless the name is [A-Za-z0-9][A-Za-z0-9._-]{0,63} and none of the reserved ones. A
 * token typed where a name belongs is named as such and never repeated in the message.
 */
int token_name_check(const char *name, struct err *err) MUST_CHECK;

/* Makes a name out of any text, such as whoami's displayName; false if nothing is left of it. */
bool token_name_from(const char *text, char ret[TOKEN_NAME_MAX + 1]);

bool token_has_expired(const struct token *token, int64_t now);

/*
 * Checks the secret itself before it goes anywhere: no white space or control bytes inside, at
 * most TOKEN_SECRET_MAX, and for endpoints of Hugging Face the known prefix. ERR_USAGE says what
 * is wrong without showing any of it. Sources: huggingface.js demands `hf_`; huggingface_hub
 * refuses `api_org`; other endpoints have tokens of any shape.
 */
#define TOKEN_SECRET_MAX ((size_t)4096)
struct secret;

/*
 * KIND_OAUTH or KIND_JWT for the tokens of sessions, which their prefix tells and whoami does not;
 * KIND_OTHER for all others, and for NULL.
 */
enum token_kind token_kind_of_secret(const struct secret *secret);

int token_secret_check(const struct secret *secret, const char *endpoint,
		       struct err *err) MUST_CHECK;
