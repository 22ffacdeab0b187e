/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a token is: the answer of the Hub's whoami, read leniently, since its fields and the names of
 * permissions are an open list. What is not understood survives in the text that is kept.
 *
 * Source of the fields: the Hub's published OpenAPI document, and the types of huggingface.js.
 */
#pragma once

#include "base/json.h"
#include "core/claims.h"
#include "core/token.h"

#define IDENTITY_MAX ((size_t)256 << 10) /* of the text that is kept */

struct identity {
	struct json *document; /* the whole answer */
	char account[128];
	char fullname[256]; /* "" if it was not told; so is each text */
	char email[256];
	char type[32]; /* "user", "org", "app" */
	char display_name[128];
	enum token_kind kind;
	enum tristate gated_read;
	int64_t created;
	int64_t expires;
	char scopes[CLAIMS_SCOPES_SIZE]; /* of a session, which whoami does not tell */
};

/*
 * Reads an answer. `secret` (may be NULL) tells what whoami does not: the kinds of sessions (an OAuth
 * token, a repository's JWT) and their scopes. ERR_FORMAT for what is no whoami answer. All texts come out cleaned.
 */
struct secret;
int identity_parse(const char *text, size_t size, const struct secret *secret,
		   struct identity *ret, struct err *err) MUST_CHECK;

void identity_release(struct identity *identity);
#define AUTOIDENTITY CLEANUP(identity_release)

/*
 * The answer in one line of JSON, for token->identity. The scopes of a session stand in it as a member
 * of our own, IDENTITY_SCOPES, so that they are known without its secret.
 */
#define IDENTITY_SCOPES "hftokenScopes"
int identity_print(const struct identity *identity, struct buf *ret,
		   struct err *err) MUST_CHECK;

/* Copies what whoami told into the token's fields. The texts stay the identity's. */
void identity_apply(const struct identity *identity, struct token *token);

/* One organisation after the other: json_each(org, identity_orgs(…)). */
const struct json *identity_orgs(const struct identity *identity);

/*
 * What `before` can do that `after` cannot, a line each, in words for people: permissions per
 * entity of fine-grained tokens, gated reading, writing. Empty if nothing is lost, or not known.
 */
void identity_lost(const struct identity *before, const struct identity *after,
		   struct buf *ret_lines);
