/* SPDX-License-Identifier: Apache-2.0 */
/* Names of causes, and the texts of the Hub by which they are known. */
#include "core/cause_rows.h"

#include <string.h>

const struct named causes[CAUSE_COUNT] = {
	[CAUSE_OK] = {"ok", "works"},
	[CAUSE_NO_TOKEN] = {"no-token", "there is no token to send"},
	[CAUSE_TOKEN_MALFORMED] = {"token-malformed", "not a token"},
	[CAUSE_TOKEN_INVALID] = {"token-invalid", "unknown: deleted or replaced"},
	[CAUSE_TOKEN_EXPIRED] = {"token-expired", "expired"},
	[CAUSE_WRONG_ENDPOINT] = {"wrong-endpoint", "for another Hub"},
	[CAUSE_GATE_NOT_ASKED] = {"gate-not-asked", "the account has not asked for access"},
	[CAUSE_GATE_PENDING] = {"gate-pending", "the account waits to be let in"},
	[CAUSE_GATE_REJECTED] = {"gate-rejected", "the account was not let in"},
	[CAUSE_GATE_RESET] = {"gate-reset", "the account has to ask again"},
	[CAUSE_GATE_TOKEN_SETTING] =
		{"gate-token-setting",
		 "the token is not allowed to read gated repositories (a setting of the token, not of your account)"},
	[CAUSE_SCOPE_MISSING] = {"scope-missing", "the token is not for this"},
	[CAUSE_READ_ONLY_TOKEN] = {"read-only-token", "the token can only read"},
	[CAUSE_ROLE_TOO_LOW] = {"role-too-low", "the account may not"},
	[CAUSE_ORG_APPROVAL] = {"org-approval", "waits for the organization's approval"},
	[CAUSE_ORG_REVOKED] = {"org-revoked", "revoked by the organization"},
	[CAUSE_ORG_FINE_GRAINED_ONLY] = {"org-fine-grained-only",
					 "the organization wants a fine-grained one"},
	[CAUSE_ORG_SSO] = {"org-sso", "the organization wants a sign-in through SSO"},
	[CAUSE_ORG_MFA] = {"org-mfa", "the organization wants two factors"},
	[CAUSE_ORG_IP] = {"org-ip", "the organization wants its own network"},
	[CAUSE_NOT_VISIBLE] = {"not-visible", "missing, or private"},
	[CAUSE_OTHER_TYPE] = {"other-type", "it is of another type"},
	[CAUSE_MOVED] = {"moved", "has another name now"},
	[CAUSE_REPO_DISABLED] = {"repo-disabled", "disabled by the Hub"},
	[CAUSE_NO_SUCH_REVISION] = {"no-such-revision", "there is no such revision"},
	[CAUSE_NO_SUCH_FILE] = {"no-such-file", "there is no such file"},
	[CAUSE_QUOTA] = {"quota", "no space or credit left"},
	[CAUSE_RATE_LIMITED] = {"rate-limited", "asked too often"},
	[CAUSE_UNREACHABLE] = {"unreachable", "could not be asked"},
	[CAUSE_HUB_ERROR] = {"hub-error", "an answer that says nothing"},
};

const char *const finding_verdict_names[FINDING_VERDICT_COUNT] = {
	[FINDING_ALLOWED] = "allowed",
	[FINDING_DENIED] = "denied",
	[FINDING_UNKNOWN] = "unknown",
};

enum cause cause_by_name(const char *name)
{
	int found = named_find(causes, CAUSE_COUNT, name);

	return found < 0 ? CAUSE_COUNT : (enum cause)found;
}

/* ---- the Hub's words -------------------------------------------------------------------------- */

/* The first that fits counts. */
static const struct row rows[] = {
	{401, "GatedRepo", "", NULL, ROW_PLAIN, CAUSE_NO_TOKEN},
	{403, NULL, "Please enable access to public gated repositories", NULL, ROW_PLAIN,
	 CAUSE_GATE_TOKEN_SETTING},
	{403, NULL, "Your request to access ", "awaiting a review", ROW_PLAIN,
	 CAUSE_GATE_PENDING},
	{403, NULL, "Your request to access ", "has been rejected", ROW_PLAIN,
	 CAUSE_GATE_REJECTED},
	{403, NULL, "Your request to access ", "has been reset", ROW_PLAIN, CAUSE_GATE_RESET},
	{403, NULL, "Access to ", "not in the authorized list", ROW_PLAIN,
	 CAUSE_GATE_NOT_ASKED},
	/* Words that we do not know, but the code says that it is the account's gate. */
	{403, "GatedRepo", "", NULL, ROW_PLAIN, CAUSE_GATE_NOT_ASKED},
	{401, NULL, "Access to ", "You must ", ROW_PLAIN, CAUSE_NO_TOKEN},
	{401, NULL, "User Access Token ", "is expired", ROW_PLAIN, CAUSE_TOKEN_EXPIRED},
	{401, NULL, "Invalid credentials", NULL, ROW_PLAIN, CAUSE_TOKEN_INVALID},
	{401, NULL, "Invalid username or password", NULL, ROW_NOBODY, CAUSE_TOKEN_INVALID},
	{401, NULL, "Password authentication in git is no longer supported", NULL, ROW_PLAIN,
	 CAUSE_TOKEN_MALFORMED},
	{404, "EntryNotFound", "", NULL, ROW_PLAIN, CAUSE_NO_SUCH_FILE},
	{404, "RevisionNotFound", "", NULL, ROW_PLAIN, CAUSE_NO_SUCH_REVISION},
	{404, "RepoNotFound", "", NULL, ROW_HIDDEN, CAUSE_NOT_VISIBLE},
	{404, NULL, "Entry not found", NULL, ROW_PLAIN, CAUSE_NO_SUCH_FILE},
	{404, NULL, "Invalid rev id", NULL, ROW_PLAIN, CAUSE_NO_SUCH_REVISION},
	{404, NULL, "Repository not found", NULL, ROW_HIDDEN, CAUSE_NOT_VISIBLE},
	{403, NULL, "You have read access but not the required permissions", NULL, ROW_WRITE,
	 CAUSE_SCOPE_MISSING},
	{403, NULL, "You don't have the rights to create", NULL, ROW_WRITE,
	 CAUSE_SCOPE_MISSING},
	{403, NULL, "", "create_pr=1", ROW_WRITE, CAUSE_SCOPE_MISSING},
	{403, NULL, "This authentication method does not have sufficient permissions", NULL,
	 ROW_PLAIN, CAUSE_SCOPE_MISSING},
	{403, NULL, "Due to the organization token policy", NULL, ROW_PLAIN,
	 CAUSE_ORG_APPROVAL},
	{403, NULL, "Your token has been revoked by the organization", NULL, ROW_PLAIN,
	 CAUSE_ORG_REVOKED},
	{403, NULL, "Access to this resource is disabled", NULL, ROW_PLAIN,
	 CAUSE_REPO_DISABLED},
	{0, NULL, "Private repository storage limit reached", NULL, ROW_PLAIN, CAUSE_QUOTA},
	{402, NULL, "", NULL, ROW_PLAIN, CAUSE_QUOTA},
	{429, NULL, "", NULL, ROW_PLAIN, CAUSE_RATE_LIMITED},
};

static bool begins(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

const struct row *cause_row(long status, const char *code, const char *message)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if ((row->status && row->status != status) ||
		    (row->code && strcmp(row->code, code) != 0))
			continue;
		if (begins(message, row->begins) &&
		    (!row->holds || strcasestr(message, row->holds)))
			return row;
	}
	return NULL;
}

enum cause cause_of_whoami(long status, const char *code, const char *message)
{
	const struct row *row = cause_row(status, code, message);

	return row ? row->cause : CAUSE_COUNT;
}

enum cause cause_of_words(long status, const char *code, const char *message)
{
	const struct row *row = cause_row(status, code, message);

	return row && row->kind == ROW_PLAIN ? row->cause : CAUSE_COUNT;
}
