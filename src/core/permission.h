/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the Hub's permission system as numbers and back: permissions of fine-grained tokens,
 * kinds of entities, roles, restrictions of organisations, scopes of OAuth tokens. The lists of the
 * Hub are open; what is not here is kept as text by its readers, shown, and never taken for a right.
 *
 * Sources: the Hub's OpenAPI document (whoami-v2, service accounts) and its pages on OAuth scopes,
 * token settings and organisation roles.
 */
#pragma once

#include "base/base.h"

enum permission {
	PERMISSION_CONTENT_READ,
	PERMISSION_WRITE, /* includes reading */
	PERMISSION_ACCESS_READ,
	PERMISSION_DISCUSSION_WRITE,
	PERMISSION_POST_WRITE,
	PERMISSION_INFERENCE,
	PERMISSION_ENDPOINT_INFER,
	PERMISSION_ENDPOINT_WRITE,
	PERMISSION_COLLECTION_READ,
	PERMISSION_COLLECTION_WRITE,
	PERMISSION_JOB_WRITE,
	PERMISSION_WEBHOOK_READ,
	PERMISSION_WEBHOOK_WRITE,
	PERMISSION_BILLING_READ,
	PERMISSION_NOTIFICATION_READ,
	PERMISSION_NOTIFICATION_WRITE,
	PERMISSION_ORG_READ,
	PERMISSION_ORG_WRITE,
	PERMISSION_SERVICE_ACCOUNT_READ,
	PERMISSION_SERVICE_ACCOUNT_WRITE,
	PERMISSION_NETWORK_READ,
	PERMISSION_NETWORK_WRITE,
	PERMISSION_RESOURCE_GROUP_WRITE,
	PERMISSION_COUNT,
};

enum entity_type {
	ENTITY_OTHER,
	ENTITY_MODEL,
	ENTITY_DATASET,
	ENTITY_SPACE,
	ENTITY_KERNEL,
	ENTITY_BUCKET,
	ENTITY_COLLECTION,
	ENTITY_ORG,
	ENTITY_USER,
	ENTITY_RESOURCE_GROUP,
	ENTITY_OAUTH_APP,
	ENTITY_TYPE_COUNT,
};

/* In rising order, so that roles can be compared. Unknown: not told, or a word of later. */
enum org_role {
	ROLE_UNKNOWN,
	ROLE_NO_ACCESS,
	ROLE_READ,
	ROLE_CONTRIBUTOR, /* creates; writes only what it has created */
	ROLE_WRITE,
	ROLE_ADMIN,
	ROLE_COUNT,
};

/* What keeps a way of authentication out of an organisation. */
enum restriction {
	RESTRICTION_REVOKED,
	RESTRICTION_POLICY, /* of a fine-grained token: not approved; of others: not fine-grained */
	RESTRICTION_SSO,
	RESTRICTION_MFA,
	RESTRICTION_IP,
	RESTRICTION_COUNT,
};

enum oauth_scope {
	SCOPE_OPENID,
	SCOPE_PROFILE,
	SCOPE_EMAIL,
	SCOPE_READ_BILLING,
	SCOPE_READ_MEMBERSHIPS,
	SCOPE_READ_REPOS,
	SCOPE_GATED_REPOS,
	SCOPE_CONTRIBUTE_REPOS,
	SCOPE_WRITE_REPOS,
	SCOPE_MANAGE_REPOS,
	SCOPE_READ_COLLECTIONS,
	SCOPE_WRITE_COLLECTIONS,
	SCOPE_INFERENCE,
	SCOPE_READ_ENDPOINTS,
	SCOPE_WRITE_ENDPOINTS,
	SCOPE_JOBS,
	SCOPE_WEBHOOKS,
	SCOPE_WRITE_DISCUSSIONS,
	SCOPE_COUNT,
};

/* Each word's number is its place in the list; `words` say it to people. */
struct named {
	const char *name;
	const char *words;
};

extern const struct named permissions[PERMISSION_COUNT];
extern const struct named entity_types[ENTITY_TYPE_COUNT]; /* [0] has the name "" */
extern const struct named org_roles[ROLE_COUNT];           /* so has this [0] */
extern const struct named restrictions[RESTRICTION_COUNT];
extern const struct named oauth_scopes[SCOPE_COUNT];

/* The words beside the box on a token's page, where they are known; NULL. */
const char *permission_box(enum permission permission);

/* The place of a name in a list, case counted; -1 for NULL and for what is not in it. */
int named_find(const struct named *list, size_t count, const char *name);

static inline uint64_t bit(int number)
{
	return UINT64_C(1) << number;
}
