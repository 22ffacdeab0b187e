/* SPDX-License-Identifier: Apache-2.0 */
#include "core/grants_sides.h"

#include "base/text.h"

#define READS  (bit(PERMISSION_CONTENT_READ) | bit(PERMISSION_WRITE))
#define WRITES bit(PERMISSION_WRITE)

/* ---- the token's side ------------------------------------------------------------------------- */

static bool is_repo(const struct grants_entity *entity, const struct repo *repo)
{
	char id[REPO_ID_SIZE];

	if (entity->type < ENTITY_MODEL || entity->type > ENTITY_BUCKET ||
	    (int)repo->type != (int)entity->type - ENTITY_MODEL)
		return false;
	repo_id(repo, id);
	return text_equal_fold(entity->name, id);
}

static bool is_namespace(const struct grants_entity *entity, const char *namespace)
{
	return (entity->type == ENTITY_USER || entity->type == ENTITY_ORG) && *namespace &&
	       text_equal_fold(entity->name, namespace);
}

/* Whether a fine-grained token covers the repository with one of these permissions. */
static struct side covers(const struct inquiry *inquiry, uint64_t wanted)
{
	const struct grants *grants = inquiry->grants;
	bool in_group = false;
	bool anywhere = false;

	for (size_t i = 0; i < grants->entity_count; i++) {
		const struct grants_entity *entity = &grants->entities[i];

		if (!(entity->permissions & wanted))
			continue;
		if (is_repo(entity, inquiry->question->repo) ||
		    is_namespace(entity, inquiry->namespace))
			return YES_FOR(REASON_ENTITY);
		in_group |= entity->type == ENTITY_RESOURCE_GROUP && !inquiry->own;
		anywhere |= *entity->name != '\0';
	}
	if (in_group)
		return MAYBE_FOR(REASON_RESOURCE_GROUP);
	if (grants->cut)
		return MAYBE_FOR(REASON_CUT);
	/* A name of one segment is the old name of a repository that has an owner by now. */
	if (anywhere && !*inquiry->namespace)
		return MAYBE_FOR(REASON_FOREIGN);
	return NO_FOR(REASON_SCOPE_MISSING);
}

/* Sessions: what the scopes allow for the account's own things, and for organisations perhaps. */
static struct side scopes_allow(const struct inquiry *inquiry, uint64_t wanted)
{
	const struct grants *grants = inquiry->grants;

	if (!grants->scopes_known)
		return MAYBE_FOR(REASON_SESSION);
	if (grants->scopes & wanted)
		return inquiry->own ? YES_FOR(REASON_OWNER) : MAYBE_FOR(REASON_ORG_CONSENT);
	if (grants->scopes & bit(SCOPE_CONTRIBUTE_REPOS))
		return MAYBE_FOR(REASON_CONTRIBUTOR);
	return NO_FOR(REASON_SCOPE_MISSING);
}

#define SCOPES_WRITE (bit(SCOPE_WRITE_REPOS) | bit(SCOPE_MANAGE_REPOS))
#define SCOPES_READ  (SCOPES_WRITE | bit(SCOPE_READ_REPOS))

struct side side_token(const struct inquiry *inquiry, bool write)
{
	switch (inquiry->grants->kind) {
	case KIND_FINE_GRAINED:
		return covers(inquiry, write ? WRITES : READS);
	case KIND_READ:
		return write ? NO_FOR(REASON_READ_ONLY) : YES_FOR(REASON_ROLE);
	case KIND_WRITE:
		return YES_FOR(REASON_ROLE);
	case KIND_OAUTH:
	case KIND_JWT:
		return scopes_allow(inquiry, write ? SCOPES_WRITE : SCOPES_READ);
	default:
		return MAYBE_FOR(REASON_SESSION);
	}
}

bool grants_token_writes(const struct grants *grants, const struct repo *repo)
{
	const struct grants_question question = {.operation = GRANTS_WRITE, .repo = repo};
	struct inquiry inquiry = {
		.grants = grants, .question = &question, .namespace = repo->namespace};

	if (!grants->known)
		return false;
	inquiry.own = text_equal_fold(repo->namespace, grants->account);
	return side_token(&inquiry, true).verdict == VERDICT_GRANTS;
}

/* ---- the account's side ----------------------------------------------------------------------- */

static bool is_session(const struct grants *grants)
{
	return grants->kind == KIND_OAUTH || grants->kind == KIND_JWT ||
	       grants->kind == KIND_OTHER;
}

/* An owner that whoami did not name among the account's organisations. */
static struct side stranger(const struct inquiry *inquiry)
{
	const struct grants *grants = inquiry->grants;

	if (!*inquiry->namespace)
		return MAYBE_FOR(REASON_FOREIGN);
	if (grants->cut)
		return MAYBE_FOR(REASON_CUT);
	if (is_session(grants)) /* of these, whoami does not tell all organisations */
		return MAYBE_FOR(REASON_ORG_CONSENT);
	for (size_t i = 0; i < grants->entity_count; i++) {
		if (is_namespace(&grants->entities[i], inquiry->namespace))
			return MAYBE_FOR(REASON_ROLE_UNKNOWN);
		if (is_repo(&grants->entities[i], inquiry->question->repo))
			/* Somebody could tick it. */
			return MAYBE_FOR(grants->entities[i].permissions & READS
						 ? REASON_NAMED
						 : REASON_FOREIGN);
	}
	return NO_FOR(REASON_NOT_VISIBLE);
}

struct side side_account(const struct inquiry *inquiry, enum org_role needed)
{
	const struct grants_org *org = inquiry->org;
	bool as_contributor = needed == ROLE_WRITE;

	if (inquiry->own)
		return YES_FOR(REASON_OWNER);
	if (!org)
		return stranger(inquiry);
	if (org->role >= needed)
		return YES_FOR(REASON_ROLE);
	if (org->role == ROLE_UNKNOWN)
		return MAYBE_FOR(REASON_ROLE_UNKNOWN);
	if (as_contributor && org->role == ROLE_CONTRIBUTOR)
		return MAYBE_FOR(REASON_CONTRIBUTOR);
	if (org->group_role >= (as_contributor ? ROLE_CONTRIBUTOR : needed))
		return MAYBE_FOR(REASON_RESOURCE_GROUP);
	return NO_FOR(REASON_ROLE_TOO_LOW);
}

/* Whether the token may pass gates. */
struct side side_gates(const struct inquiry *inquiry, struct side token)
{
	const struct grants *grants = inquiry->grants;

	if (grants->kind == KIND_READ || grants->kind == KIND_WRITE)
		return YES_FOR(REASON_GATE);
	if (grants->kind == KIND_FINE_GRAINED) {
		if (grants->gated_read == YES || token.verdict == VERDICT_GRANTS)
			return YES_FOR(REASON_GATE);
		return token.verdict == VERDICT_MAY ? token : NO_FOR(REASON_GATE_SETTING);
	}
	if (!grants->scopes_known)
		return MAYBE_FOR(REASON_SESSION);
	if (grants->scopes & bit(SCOPE_GATED_REPOS))
		return YES_FOR(REASON_GATE);
	/* Whether reading alone includes what is gated is not documented. */
	return grants->scopes & SCOPES_READ ? MAYBE_FOR(REASON_SESSION)
					    : NO_FOR(REASON_SCOPE_MISSING);
}

struct side side_inference(const struct grants *grants)
{
	uint64_t wanted = bit(PERMISSION_INFERENCE);

	switch (grants->kind) {
	case KIND_READ:
	case KIND_WRITE:
		return YES_FOR(REASON_GLOBAL);
	case KIND_FINE_GRAINED:
		if (grants->global & wanted) /* where older tokens have it */
			return YES_FOR(REASON_GLOBAL);
		for (size_t i = 0; i < grants->entity_count; i++) {
			if (grants->entities[i].permissions & wanted)
				return YES_FOR(REASON_ENTITY);
		}
		return grants->cut ? MAYBE_FOR(REASON_CUT) : NO_FOR(REASON_SCOPE_MISSING);
	default:
		if (!grants->scopes_known)
			return MAYBE_FOR(REASON_SESSION);
		return grants->scopes & bit(SCOPE_INFERENCE) ? YES_FOR(REASON_GLOBAL)
							     : NO_FOR(REASON_SCOPE_MISSING);
	}
}

struct side side_discuss(const struct inquiry *inquiry)
{
	const struct grants *grants = inquiry->grants;
	uint64_t wanted = bit(PERMISSION_DISCUSSION_WRITE);

	switch (grants->kind) {
	case KIND_READ:
		return NO_FOR(REASON_READ_ONLY);
	case KIND_WRITE:
		return YES_FOR(REASON_GLOBAL);
	case KIND_FINE_GRAINED:
		return grants->global & wanted ? YES_FOR(REASON_GLOBAL)
					       : covers(inquiry, wanted | WRITES);
	default:
		if (!grants->scopes_known || grants->scopes & SCOPES_WRITE)
			return grants->scopes & bit(SCOPE_WRITE_DISCUSSIONS)
				       ? YES_FOR(REASON_GLOBAL)
				       : MAYBE_FOR(REASON_SESSION);
		return grants->scopes & bit(SCOPE_WRITE_DISCUSSIONS)
			       ? YES_FOR(REASON_GLOBAL)
			       : NO_FOR(REASON_SCOPE_MISSING);
	}
}
