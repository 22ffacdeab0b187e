/* SPDX-License-Identifier: Apache-2.0 */
/* The words themselves: data only, but for the search. */
#include "core/permission.h"

#include <string.h>

const struct named permissions[PERMISSION_COUNT] = {
	[PERMISSION_CONTENT_READ] = {"repo.content.read", "read repositories"},
	[PERMISSION_WRITE] = {"repo.write", "write and create repositories"},
	[PERMISSION_ACCESS_READ] = {"repo.access.read", "see who asks for access"},
	[PERMISSION_DISCUSSION_WRITE] = {"discussion.write", "open discussions"},
	[PERMISSION_POST_WRITE] = {"post.write", "write posts"},
	[PERMISSION_INFERENCE] = {"inference.serverless.write", "call Inference Providers"},
	[PERMISSION_ENDPOINT_INFER] = {"inference.endpoints.infer.write", "call endpoints"},
	[PERMISSION_ENDPOINT_WRITE] = {"inference.endpoints.write", "manage endpoints"},
	[PERMISSION_COLLECTION_READ] = {"collection.read", "read collections"},
	[PERMISSION_COLLECTION_WRITE] = {"collection.write", "write collections"},
	[PERMISSION_JOB_WRITE] = {"job.write", "run jobs"},
	[PERMISSION_WEBHOOK_READ] = {"user.webhooks.read", "see webhooks"},
	[PERMISSION_WEBHOOK_WRITE] = {"user.webhooks.write", "manage webhooks"},
	[PERMISSION_BILLING_READ] = {"user.billing.read", "see billing"},
	[PERMISSION_NOTIFICATION_READ] = {"user.notifications.read", "read the inbox"},
	[PERMISSION_NOTIFICATION_WRITE] = {"user.notifications.write", "manage the inbox"},
	[PERMISSION_ORG_READ] = {"org.read", "see settings"},
	[PERMISSION_ORG_WRITE] = {"org.write", "manage settings and members"},
	[PERMISSION_SERVICE_ACCOUNT_READ] = {"org.serviceAccounts.read",
					     "see service accounts"},
	[PERMISSION_SERVICE_ACCOUNT_WRITE] = {"org.serviceAccounts.write",
					      "manage service accounts"},
	[PERMISSION_NETWORK_READ] = {"org.networkSecurity.read", "see network security"},
	[PERMISSION_NETWORK_WRITE] = {"org.networkSecurity.write", "manage network security"},
	[PERMISSION_RESOURCE_GROUP_WRITE] = {"resourceGroup.write", "manage resource groups"},
};

const struct named entity_types[ENTITY_TYPE_COUNT] = {
	[ENTITY_OTHER] = {"", ""},
	[ENTITY_MODEL] = {"model", "model"},
	[ENTITY_DATASET] = {"dataset", "dataset"},
	[ENTITY_SPACE] = {"space", "space"},
	[ENTITY_KERNEL] = {"kernel", "kernel"},
	[ENTITY_BUCKET] = {"bucket", "bucket"},
	[ENTITY_COLLECTION] = {"collection", "collection"},
	[ENTITY_ORG] = {"org", "organization"},
	[ENTITY_USER] = {"user", "user"},
	[ENTITY_RESOURCE_GROUP] = {"resource-group", "resource group"},
	[ENTITY_OAUTH_APP] = {"oauth-app", "application"},
};

const struct named org_roles[ROLE_COUNT] = {
	[ROLE_UNKNOWN] = {"", "an unknown role"},
	[ROLE_NO_ACCESS] = {"no_access", "no access"},
	[ROLE_READ] = {"read", "read"},
	[ROLE_CONTRIBUTOR] = {"contributor", "contributor: writes what it has created"},
	[ROLE_WRITE] = {"write", "write"},
	[ROLE_ADMIN] = {"admin", "admin"},
};

const struct named restrictions[RESTRICTION_COUNT] = {
	[RESTRICTION_REVOKED] = {"token-revoked", "has revoked this token"},
	[RESTRICTION_POLICY] = {"token-policy", "has a policy that keeps this token out"},
	[RESTRICTION_SSO] = {"sso", "wants a sign-in through its single sign-on"},
	[RESTRICTION_MFA] = {"mfa", "wants two-factor authentication"},
	[RESTRICTION_IP] = {"ip", "wants an address of its own network"},
};

const struct named oauth_scopes[SCOPE_COUNT] = {
	[SCOPE_OPENID] = {"openid", "see the account's id"},
	[SCOPE_PROFILE] = {"profile", "see the profile"},
	[SCOPE_EMAIL] = {"email", "see the e-mail address"},
	[SCOPE_READ_BILLING] = {"read-billing", "see whether one can pay"},
	[SCOPE_READ_MEMBERSHIPS] = {"read-memberships", "see organizations"},
	[SCOPE_READ_REPOS] = {"read-repos", "read repositories"},
	[SCOPE_GATED_REPOS] = {"gated-repos", "read gated repositories"},
	[SCOPE_CONTRIBUTE_REPOS] = {"contribute-repos", "create repositories, and write those"},
	[SCOPE_WRITE_REPOS] = {"write-repos", "write repositories"},
	[SCOPE_MANAGE_REPOS] = {"manage-repos", "write, create and delete repositories"},
	[SCOPE_READ_COLLECTIONS] = {"read-collections", "read collections"},
	[SCOPE_WRITE_COLLECTIONS] = {"write-collections", "write collections"},
	[SCOPE_INFERENCE] = {"inference-api", "call Inference Providers"},
	[SCOPE_READ_ENDPOINTS] = {"read-endpoints", "see endpoints"},
	[SCOPE_WRITE_ENDPOINTS] = {"write-endpoints", "manage endpoints"},
	[SCOPE_JOBS] = {"jobs", "run jobs"},
	[SCOPE_WEBHOOKS] = {"webhooks", "manage webhooks"},
	[SCOPE_WRITE_DISCUSSIONS] = {"write-discussions", "open discussions"},
};

const char *permission_box(enum permission permission)
{
	switch (permission) {
	case PERMISSION_CONTENT_READ:
		return "Read access to contents";
	case PERMISSION_WRITE:
		return "Write access to contents/settings";
	default:
		return NULL;
	}
}

int named_find(const struct named *list, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++) {
		if (strcmp(list[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}
