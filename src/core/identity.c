/* SPDX-License-Identifier: Apache-2.0 */
#include "core/identity.h"

#include <string.h>

#include "base/json_write.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"

#define CLEAN_MAX ((size_t)200)

/* A text of the Hub, cleaned and cut to the room there is. */
static void take_text(const struct json *object, const char *name, char *ret, size_t capacity)
{
	const char *text = json_member_text(object, name);
	AUTOBUF struct buf clean = {0};

	if (text)
		text_clean(&clean, text, strlen(text), capacity - 1);
	(void)text_copy(ret, capacity, buf_text(&clean));
	mask_tokens(ret);
}

static int64_t take_time(const struct json *object, const char *name)
{
	const char *text = json_member_text(object, name);
	int64_t seconds;

	return text && time_from_text(text, &seconds) ? seconds : TIME_UNKNOWN;
}

static enum token_kind kind_of_role(const char *role)
{
	if (!role)
		return KIND_OTHER;
	if (strcmp(role, "fineGrained") == 0)
		return KIND_FINE_GRAINED;
	if (strcmp(role, "read") == 0)
		return KIND_READ;
	return strcmp(role, "write") == 0 ? KIND_WRITE : KIND_OTHER;
}

static const struct json *access_token(const struct identity *identity)
{
	return json_member(json_member(identity->document, "auth"), "accessToken");
}

static const struct json *fine_grained(const struct identity *identity)
{
	return json_member(access_token(identity), "fineGrained");
}

/* Classic tokens may always read what their account may; a fine-grained one must be told to. */
static enum tristate gated_read_of(const struct identity *identity)
{
	switch (identity->kind) {
	case KIND_READ:
	case KIND_WRITE:
		return YES;
	case KIND_FINE_GRAINED:
		return json_bool(json_member(fine_grained(identity), "canReadGatedRepos")) ==
				       YES
			       ? YES
			       : NO;
	default:
		return UNKNOWN;
	}
}

/* An expiry of the access token itself is in no document, but an older client's types have it. */
static int64_t expires_of(const struct json *auth, const struct json *access)
{
	int64_t expires = take_time(auth, "expiresAt");

	if (expires == TIME_UNKNOWN)
		expires = take_time(access, "expiration");
	return expires;
}

/* From the token itself, or as identity_print() has kept them. */
static void take_scopes(struct identity *identity, const struct secret *secret)
{
	struct claims claims;

	take_text(identity->document, IDENTITY_SCOPES, identity->scopes,
		  sizeof(identity->scopes));
	if (!secret || json_member(access_token(identity), "role") ||
	    !claims_read(secret, &claims))
		return;
	(void)text_copy(identity->scopes, sizeof(identity->scopes), claims.scopes);
	if (identity->expires == TIME_UNKNOWN)
		identity->expires = claims.expires;
}

int identity_parse(const char *text, size_t size, const struct secret *secret,
		   struct identity *ret, struct err *err)
{
	struct identity identity = {0};
	const struct json *auth;
	const struct json *access;
	int error = json_parse(text, size, &identity.document, err);

	if (error)
		return error;
	take_text(identity.document, "name", identity.account, sizeof(identity.account));
	auth = json_member(identity.document, "auth");
	if (!*identity.account || !json_is_object(auth)) {
		json_free(identity.document);
		return err_set(err, ERR_FORMAT, "the answer does not say who the token is");
	}
	take_text(identity.document, "fullname", identity.fullname, sizeof(identity.fullname));
	take_text(identity.document, "email", identity.email, sizeof(identity.email));
	take_text(identity.document, "type", identity.type, sizeof(identity.type));
	access = access_token(&identity);
	take_text(access, "displayName", identity.display_name, sizeof(identity.display_name));
	identity.kind = access ? kind_of_role(json_member_text(access, "role"))
			       : token_kind_of_secret(secret);
	identity.gated_read = gated_read_of(&identity);
	identity.created = take_time(access, "createdAt");
	identity.expires = expires_of(auth, access);
	take_scopes(&identity, secret);
	*ret = identity;
	return 0;
}

void identity_release(struct identity *identity)
{
	json_free(identity->document);
	*identity = (struct identity) {0};
}

/* Behind the last member of the object that the text ends in, which has some. */
static void add_member(struct buf *text, const char *name, const char *value)
{
	struct json_out out = {.buf = text, .comma = true};

	if (buf_failed(text) || text->size < 2)
		return;
	text->data[--text->size] = '\0';
	json_put_text(&out, name, value);
	json_end(&out, '}');
}

int identity_print(const struct identity *identity, struct buf *ret, struct err *err)
{
	size_t before = ret->size;
	int error = json_print(identity->document, ret, err);

	if (!error && *identity->scopes && !json_member(identity->document, IDENTITY_SCOPES))
		add_member(ret, IDENTITY_SCOPES, identity->scopes);

	if (!error && ret->size - before > IDENTITY_MAX)
		return err_set(err, ERR_FORMAT, "the answer is too long to be kept");
	return error;
}

void identity_apply(const struct identity *identity, struct token *token)
{
	token->account = identity->account;
	token->kind = identity->kind;
	token->gated_read = identity->gated_read;
	token->created = identity->created;
	token->expires = identity->expires;
}

const struct json *identity_orgs(const struct identity *identity)
{
	return json_member(identity->document, "orgs");
}

/* ---- what a new token can no longer do -------------------------------------------------------- */

static bool same_text(const char *one, const char *other)
{
	return one && other && text_equal_fold(one, other);
}

/* Whether the list of permissions has this one. */
static bool has_permission(const struct json *permissions, const char *wanted)
{
	json_each (permission, permissions) {
		if (same_text(json_text(permission), wanted))
			return true;
	}
	return false;
}

static const struct json *scoped(const struct identity *identity)
{
	return json_member(fine_grained(identity), "scoped");
}

static bool covers(const struct identity *identity, const struct json *entity,
		   const char *permission)
{
	const char *id = json_member_text(entity, "_id");
	const char *name = json_member_text(entity, "name");

	json_each (scope, scoped(identity)) {
		const struct json *other = json_member(scope, "entity");
		bool same = same_text(json_member_text(other, "_id"), id) ||
			    (same_text(json_member_text(other, "name"), name) &&
			     same_text(json_member_text(other, "type"),
				       json_member_text(entity, "type")));

		if (same && has_permission(json_member(scope, "permissions"), permission))
			return true;
	}
	return false;
}

static void add_line(struct buf *lines, const char *what, const char *where)
{
	if (what)
		text_clean(lines, what, strlen(what), CLEAN_MAX);
	if (where) {
		buf_add_text(lines, " on ");
		text_clean(lines, where, strlen(where), CLEAN_MAX);
	}
	buf_add_char(lines, '\n');
}

#define COMPARED_MAX 500 /* permissions; a sensible token has a dozen */

static void add_lost_scopes(const struct identity *before, const struct identity *after,
			    struct buf *lines)
{
	size_t compared = 0;

	json_each (scope, scoped(before)) {
		const struct json *entity = json_member(scope, "entity");
		const char *name = json_member_text(entity, "name");

		json_each (permission, json_member(scope, "permissions")) {
			if (compared++ < COMPARED_MAX &&
			    !covers(after, entity, json_text(permission)))
				add_line(lines, json_text(permission),
					 name ? name : json_member_text(entity, "_id"));
		}
	}
	json_each (permission, json_member(fine_grained(before), "global")) {
		if (!has_permission(json_member(fine_grained(after), "global"),
				    json_text(permission)))
			add_line(lines, json_text(permission), NULL);
	}
}

void identity_lost(const struct identity *before, const struct identity *after,
		   struct buf *lines)
{
	bool classic = before->kind == KIND_READ || before->kind == KIND_WRITE;

	if (before->gated_read == YES && after->gated_read == NO)
		add_line(lines, "read gated repositories", NULL);
	if (before->kind == KIND_WRITE && after->kind == KIND_READ)
		add_line(lines, "write", NULL);
	if (classic && after->kind == KIND_FINE_GRAINED)
		add_line(lines,
			 before->kind == KIND_WRITE
				 ? "write wherever the account can"
				 : "read every private repository that the account can",
			 NULL);
	/* A write token does all that a fine-grained one of the same account may. */
	if (before->kind == KIND_FINE_GRAINED && after->kind == KIND_FINE_GRAINED)
		add_lost_scopes(before, after, lines);
	if (before->kind == KIND_FINE_GRAINED && after->kind == KIND_READ)
		add_line(lines, "whatever it was given besides reading", NULL);
}
