/* SPDX-License-Identifier: Apache-2.0 */
/* From whoami's answer to grants: the only file that knows both. */
#include "core/grants.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/identity.h"

/* All texts lie behind the arrays, in one block, whose size was counted before. */
struct arena {
	char *next;
	size_t room;
};

/* Cleaning never makes a text longer, so what was counted is enough. */
static const char *keep(struct arena *arena, const char *text)
{
	AUTOBUF struct buf clean = {0};
	char *start = arena->next;

	if (!text || !*text)
		return "";
	text_clean(&clean, text, strlen(text), GRANTS_TEXT_MAX);
	if (clean.size >= arena->room)
		return "";
	memcpy(start, buf_text(&clean), clean.size + 1);
	mask_tokens(start);
	arena->next += clean.size + 1;
	arena->room -= clean.size + 1;
	return start;
}

/* Adds a word to a list that ends where the arena begins; the first one starts it. */
static void keep_other(struct arena *arena, const char **list, const char *text)
{
	char *start = arena->next;
	const char *word = keep(arena, text);

	if (!*word)
		return;
	for (; *start; start++) {
		if (*start == ' ') /* which divides the list */
			*start = '?';
	}
	if (**list)
		arena->next[-(ptrdiff_t)strlen(word) - 2] = ' ';
	else
		*list = word;
}

/* The words of a list, known ones as bits. */
static uint64_t take_words(struct arena *arena, const struct json *array,
			   const struct named *list, size_t count, const char **ret_others)
{
	uint64_t bits = 0;

	*ret_others = "";
	json_each (value, array) {
		int found = named_find(list, count, json_text(value));

		if (found >= 0)
			bits |= bit(found);
		else
			keep_other(arena, ret_others, json_text(value));
	}
	return bits;
}

/* ---- counting --------------------------------------------------------------------------------- */

static size_t count_text(const struct json *value)
{
	const char *text = json_text(value);
	size_t size = text ? strlen(text) + 1 : 0;

	json_each (child, value)
		size += count_text(child);
	return size;
}

static size_t count_elements(const struct json *array, size_t max, bool *cut)
{
	size_t count = 0;

	json_each (element, array) {
		if (!json_is_object(element))
			continue;
		if (count == max) {
			*cut = true;
			break;
		}
		count++;
	}
	return count;
}

/* ---- elements --------------------------------------------------------------------------------- */

static void take_entity(struct arena *arena, const struct json *scope,
			struct grants_entity *ret)
{
	const struct json *entity = json_member(scope, "entity");
	const char *type = json_member_text(entity, "type");
	int found = named_find(entity_types, ENTITY_TYPE_COUNT, type);

	ret->type = found > 0 ? (enum entity_type)found : ENTITY_OTHER;
	ret->type_text = keep(arena, type);
	ret->id = keep(arena, json_member_text(entity, "_id"));
	ret->name = keep(arena, json_member_text(entity, "name"));
	ret->permissions = take_words(arena, json_member(scope, "permissions"), permissions,
				      PERMISSION_COUNT, &ret->others);
}

static enum org_role role_of(const char *text)
{
	int found = named_find(org_roles, ROLE_COUNT, text);

	return found > 0 ? (enum org_role)found : ROLE_UNKNOWN;
}

static void take_org(struct arena *arena, const struct json *org, struct grants_org *ret)
{
	ret->name = keep(arena, json_member_text(org, "name"));
	ret->role = role_of(json_member_text(org, "roleInOrg"));
	ret->role_text = keep(arena, json_member_text(org, "roleInOrg"));
	ret->restrictions = (unsigned)take_words(arena,
						 json_member(org, "securityRestrictions"),
						 restrictions, RESTRICTION_COUNT, &ret->others);
	json_each (group, json_member(org, "resourceGroups")) {
		enum org_role role = role_of(json_member_text(group, "role"));

		if (role > ret->group_role)
			ret->group_role = role;
	}
}

static void take_all(struct arena *arena, const struct identity *identity,
		     struct grants *grants)
{
	const struct json *auth = json_member(identity->document, "auth");
	const struct json *fine = json_member(json_member(auth, "accessToken"), "fineGrained");
	size_t entities = 0;
	size_t orgs = 0;

	json_each (scope, json_member(fine, "scoped")) {
		if (json_is_object(scope) && entities < grants->entity_count)
			take_entity(arena, scope, &grants->entities[entities++]);
	}
	json_each (org, identity_orgs(identity)) {
		if (json_is_object(org) && orgs < grants->org_count)
			take_org(arena, org, &grants->orgs[orgs++]);
	}
	grants->global = take_words(arena, json_member(fine, "global"), permissions,
				    PERMISSION_COUNT, &grants->global_others);
}

/* Scopes are a text, since that is how they are kept. */
static void take_scopes(struct arena *arena, const char *text, struct grants *grants)
{
	char word[CLAIMS_SCOPES_SIZE];

	grants->scopes_known = *text != '\0';
	while (*text) {
		size_t size = strcspn(text, " ");
		int found;

		memcpy(word, text, size);
		word[size] = '\0';
		found = named_find(oauth_scopes, SCOPE_COUNT, word);
		if (found >= 0)
			grants->scopes |= bit(found);
		else
			keep_other(arena, &grants->scopes_others, word);
		text += size + (text[size] == ' ');
	}
}

/* ---- whole answers ---------------------------------------------------------------------------- */

static int make_room(const struct identity *identity, struct grants *grants, struct arena *ret,
		     struct err *err)
{
	const struct json *auth = json_member(identity->document, "auth");
	const struct json *fine = json_member(json_member(auth, "accessToken"), "fineGrained");
	size_t texts = count_text(identity->document) + sizeof(identity->account) +
		       sizeof(identity->scopes) + 1;
	size_t entities;
	size_t orgs;
	char *block;

	grants->entity_count = count_elements(json_member(fine, "scoped"), GRANTS_ENTITIES_MAX,
					      &grants->cut);
	grants->org_count = count_elements(identity_orgs(identity), GRANTS_ORGS_MAX,
					   &grants->cut);
	entities = grants->entity_count * sizeof(*grants->entities);
	orgs = grants->org_count * sizeof(*grants->orgs);
	block = calloc(1, entities + orgs + texts);
	if (!block)
		return err_no_memory(err);
	grants->memory = block;
	grants->entities = (struct grants_entity *)(void *)block;
	grants->orgs = (struct grants_org *)(void *)(block + entities);
	*ret = (struct arena) {.next = block + entities + orgs, .room = texts};
	return 0;
}

int grants_from_identity(const struct identity *identity, struct grants *ret, struct err *err)
{
	struct grants grants = {.known = true,
				.kind = identity->kind,
				.gated_read = identity->gated_read,
				.expires = identity->expires,
				.as_of = time_now(),
				.global_others = "",
				.scopes_others = ""};
	struct arena arena = {0};
	int error = make_room(identity, &grants, &arena, err);

	if (error)
		return error;
	grants.account = keep(&arena, identity->account);
	take_all(&arena, identity, &grants);
	take_scopes(&arena, identity->scopes, &grants);
	*ret = grants;
	return 0;
}

int grants_from_token(const struct token *token, struct grants *ret, struct err *err)
{
	AUTOIDENTITY struct identity identity = {0};
	int error;

	if (!*token->identity) {
		*ret = (struct grants) {.kind = token->kind,
					.account = "",
					.gated_read = token->gated_read,
					.expires = token->expires,
					.as_of = TIME_UNKNOWN,
					.global_others = "",
					.scopes_others = ""};
		return 0;
	}
	error = identity_parse(token->identity, strlen(token->identity), NULL, &identity, err);
	if (!error)
		error = grants_from_identity(&identity, ret, err);
	if (error)
		return error;
	ret->as_of = token->verified;
	if (ret->kind == KIND_OTHER)
		ret->kind = token->kind;
	if (token->expires != TIME_UNKNOWN) /* also one that the Hub has called expired */
		ret->expires = token->expires;
	return 0;
}

void grants_release(struct grants *grants)
{
	free(grants->memory);
	*grants = (struct grants) {0};
}
