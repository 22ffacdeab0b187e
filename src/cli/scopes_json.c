/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json_write.h"
#include "cli/scopes.h"

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

/* Names of the bits, then those that we do not know. */
static void put_names(struct json_out *out, const char *name, uint64_t bits,
		      const struct named *list, int count, const char *others)
{
	char word[GRANTS_TEXT_MAX + 1];

	json_begin(out, name, '[');
	for (int i = 0; i < count; i++) {
		if (bits & bit(i))
			json_put_text(out, NULL, list[i].name);
	}
	while (*others) {
		size_t size = strcspn(others, " ");

		if (size < sizeof(word)) {
			memcpy(word, others, size);
			word[size] = '\0';
			json_put_text(out, NULL, word);
		}
		others += size + (others[size] == ' ');
	}
	json_end(out, ']');
}

static void put_entities(struct json_out *out, const struct grants *grants)
{
	json_begin(out, "entities", '[');
	for (size_t i = 0; i < grants->entity_count; i++) {
		const struct grants_entity *entity = &grants->entities[i];

		json_begin(out, NULL, '{');
		json_put_text(out, "type", or_null(entity->type_text));
		json_put_text(out, "name", or_null(entity->name));
		put_names(out, "permissions", entity->permissions, permissions,
			  PERMISSION_COUNT, entity->others);
		json_end(out, '}');
	}
	json_end(out, ']');
}

static void put_orgs(struct json_out *out, const struct grants *grants)
{
	json_begin(out, "orgs", '[');
	for (size_t i = 0; i < grants->org_count; i++) {
		const struct grants_org *org = &grants->orgs[i];

		json_begin(out, NULL, '{');
		json_put_text(out, "name", or_null(org->name));
		json_put_text(out, "role", or_null(org->role_text));
		put_names(out, "restrictions", org->restrictions, restrictions,
			  RESTRICTION_COUNT, org->others);
		json_end(out, '}');
	}
	json_end(out, ']');
}

static void put_remedy(struct json_out *out, const struct scopes *scopes,
		       const struct sheet *sheet, const struct grants_fault *fault)
{
	struct grants_question question = {.repo = scopes->repo,
					   .owner_is_person = scopes->owner_is_person};
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf url = {0};

	grants_remedy(&question, fault, &text);
	grants_remedy_url(fault, sheet->token->endpoint, &url);
	json_begin(out, NULL, '{');
	json_put_text(out, "cause", grants_reason_names[fault->reason]);
	json_put_text(out, "text", buf_text(&text));
	json_put_text(out, "url", or_null(buf_text(&url)));
	json_put_null(out, "command");
	json_end(out, '}');
}

/* null without --repo */
static void put_can(struct json_out *out, const struct scopes *scopes,
		    const struct sheet *sheet)
{
	if (!scopes->repo) {
		json_put_null(out, "can");
		return;
	}
	json_begin(out, "can", '{');
	for (size_t i = 0; i < SCOPES_SHOWN; i++) {
		struct grants_answer answer;

		scopes_ask(scopes, sheet, scopes_shown[i], &answer);
		json_begin(out, scopes_shown_names[i], '{');
		json_put_text(out, "verdict", verdict_names[answer.verdict]);
		json_put_text(out, "reason", grants_reason_names[answer.reason]);
		json_begin(out, "needs", '[');
		for (size_t fault = 0; fault < answer.fault_count; fault++)
			put_remedy(out, scopes, sheet, &answer.faults[fault]);
		json_end(out, ']');
		json_end(out, '}');
	}
	json_end(out, '}');
}

static void put_token(struct json_out *out, const struct scopes *scopes,
		      const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;

	json_begin(out, NULL, '{');
	json_put_text(out, "name", sheet->token->name);
	json_put_text(out, "kind", token_kind_names[grants->kind]);
	json_put_text(out, "account", or_null(grants->account));
	json_put_tristate(out, "gated_read", grants->gated_read);
	put_names(out, "global", grants->global, permissions, PERMISSION_COUNT,
		  grants->global_others);
	put_entities(out, grants);
	put_orgs(out, grants);
	if (grants->scopes_known)
		put_names(out, "scopes", grants->scopes, oauth_scopes, SCOPE_COUNT,
			  grants->scopes_others);
	else
		json_put_null(out, "scopes");
	json_put_time(out, "expires_at", grants->expires);
	json_put_time(out, "as_of", grants->as_of);
	put_can(out, scopes, sheet);
	json_end(out, '}');
}

void scopes_put_json(struct buf *out, const struct scopes *scopes)
{
	struct json_out json = {.buf = out};
	char id[REPO_ID_SIZE];

	json_begin(&json, NULL, '{');
	if (scopes->repo) {
		repo_id(scopes->repo, id);
		json_begin(&json, "repo", '{');
		json_put_text(&json, "type", repo_type_names[scopes->repo->type]);
		json_put_text(&json, "id", id);
		json_end(&json, '}');
	} else {
		json_put_null(&json, "repo");
	}
	json_begin(&json, "tokens", '[');
	for (size_t i = 0; i < scopes->count; i++)
		put_token(&json, scopes, &scopes->sheets[i]);
	json_end(&json, ']');
	json_end(&json, '}');
	buf_add_char(out, '\n');
}
