/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in words: why, and what would help. */
#include "core/grants.h"

#include <string.h>

#include "base/text.h"
#include "core/pages.h"

const char *const verdict_names[VERDICT_COUNT] = {"denies", "may", "grants"};

const char *const grants_reason_names[REASON_COUNT] = {
	[REASON_ENTITY] = "entity",
	[REASON_OWNER] = "owner",
	[REASON_ROLE] = "role",
	[REASON_PUBLIC] = "public",
	[REASON_GLOBAL] = "global",
	[REASON_UNVERIFIED] = "unverified",
	[REASON_SESSION] = "session",
	[REASON_PUBLIC_ONLY] = "public-only",
	[REASON_GATE] = "gate",
	[REASON_FOREIGN] = "foreign",
	[REASON_NAMED] = "named",
	[REASON_ROLE_UNKNOWN] = "role-unknown",
	[REASON_CONTRIBUTOR] = "contributor",
	[REASON_RESOURCE_GROUP] = "resource-group",
	[REASON_ORG_CONSENT] = "org-consent",
	[REASON_CUT] = "cut",
	[REASON_EXPIRED] = "token-expired",
	[REASON_SCOPE_MISSING] = "scope-missing",
	[REASON_READ_ONLY] = "read-only-token",
	[REASON_ROLE_TOO_LOW] = "role-too-low",
	[REASON_NOT_VISIBLE] = "not-visible",
	[REASON_GATE_SETTING] = "gate-token-setting",
	[REASON_ORG_REVOKED] = "org-revoked",
	[REASON_ORG_APPROVAL] = "org-approval",
	[REASON_ORG_FINE_GRAINED_ONLY] = "org-fine-grained-only",
	[REASON_ORG_SSO] = "org-sso",
	[REASON_ORG_MFA] = "org-mfa",
	[REASON_ORG_IP] = "org-ip",
	[REASON_ORG_OTHER] = "org-other",
};

/*
 * %a the account, %n the owner of the repository, %r the repository, %o the account's role there,
 * %p what the question needs, %x restrictions that we do not know.
 */
static const char *const reason_texts[REASON_COUNT] = {
	[REASON_ENTITY] = "the token covers it",
	[REASON_OWNER] = "it is %a's own",
	[REASON_ROLE] = "%a has the role %o in %n",
	[REASON_PUBLIC] = "any token reads what is public",
	[REASON_GLOBAL] = "the token may do so everywhere",
	[REASON_UNVERIFIED] = "the Hub has not been asked about this token",
	[REASON_SESSION] = "the Hub does not tell what this token may do",
	[REASON_PUBLIC_ONLY] = "if it is public",
	[REASON_GATE] = "if %a was let through its gate",
	[REASON_FOREIGN] = "not %a's: only the Hub knows",
	[REASON_NAMED] = "not %a's, but the token is for it: only the Hub knows",
	[REASON_ROLE_UNKNOWN] = "if %a's role in %n allows it; the Hub did not tell",
	[REASON_CONTRIBUTOR] = "if it was created by the same, as contributors may",
	[REASON_RESOURCE_GROUP] = "if it is in the right resource group of %n",
	[REASON_ORG_CONSENT] = "if %n was ticked at its login",
	[REASON_CUT] = "perhaps; the Hub told more than is kept",
	[REASON_EXPIRED] = "the token has expired",
	[REASON_SCOPE_MISSING] = "the token lacks %p",
	[REASON_READ_ONLY] = "the token is for reading only",
	[REASON_ROLE_TOO_LOW] = "%a has too low a role in %n: %o",
	[REASON_NOT_VISIBLE] = "it is private, and %a is not in %n",
	[REASON_GATE_SETTING] = "box for gated ones not ticked",
	[REASON_ORG_REVOKED] = "%n has revoked this token",
	[REASON_ORG_APPROVAL] = "%n has not approved this token",
	[REASON_ORG_FINE_GRAINED_ONLY] = "%n allows fine-grained tokens only",
	[REASON_ORG_SSO] = "%n wants a sign-in through its single sign-on",
	[REASON_ORG_MFA] = "%n wants two-factor authentication",
	[REASON_ORG_IP] = "%n lets in its own network only",
	[REASON_ORG_OTHER] = "%n keeps the token out: %x",
};

/* %n, %r and %p as above (of the fault), %o the role that is needed. */
static const char *const remedy_texts[REASON_COUNT] = {
	[REASON_EXPIRED] = "make a new token, or refresh this one",
	[REASON_READ_ONLY] = "use a write token, or a fine-grained one with %p on %n",
	[REASON_ROLE_TOO_LOW] = "ask an admin of %n for the role %o",
	[REASON_NOT_VISIBLE] = "check the spelling, or ask %n for access",
	[REASON_GATE_SETTING] =
		("edit the token and tick \"Read access to contents of all public gated repos "
		 "you can access\""),
	[REASON_ORG_REVOKED] = "delete the token and make a new one for %n",
	[REASON_ORG_APPROVAL] = "ask an admin of %n to approve the token",
	[REASON_ORG_FINE_GRAINED_ONLY] = "make a fine-grained token for %n",
	[REASON_ORG_SSO] = "sign in through the single sign-on of %n in the browser",
	[REASON_ORG_MFA] = "switch two-factor authentication on",
	[REASON_ORG_IP] = "use the network of %n",
	[REASON_ORG_OTHER] = "ask an admin of %n",
};

static bool is_about_membership(const struct grants_question *question,
				enum grants_reason reason)
{
	return question->owner_is_person &&
	       (reason == REASON_ROLE_TOO_LOW || reason == REASON_NOT_VISIBLE);
}

struct words {
	const char *account, *owner, *role, *permission, *others;
	const struct repo *repo;
};

static void put_repo(struct buf *ret, const struct repo *repo)
{
	char text[REPO_ID_SIZE];

	repo_text(repo, text);
	buf_add_text(ret, text);
}

static void put_word(struct buf *ret, char which, const struct words *words)
{
	if (which == 'a')
		buf_add_text(ret, *words->account ? words->account : "the account");
	else if (which == 'n')
		buf_add_text(ret, *words->owner ? words->owner : "the owner");
	else if (which == 'o')
		buf_add_text(ret, words->role);
	else if (which == 'p')
		buf_add_text(ret, words->permission);
	else if (which == 'x')
		buf_add_text(ret, words->others);
	else if (words->repo)
		put_repo(ret, words->repo);
}

static void fill_in(struct buf *ret, const char *text, const struct words *words)
{
	for (; *text; text++) {
		if (*text == '%')
			put_word(ret, *++text, words);
		else
			buf_add_char(ret, *text);
	}
}

static const char *permission_of(const struct grants_fault *fault)
{
	if (fault->permission >= 0)
		return permissions[fault->permission].name;
	return fault->scope >= 0 ? oauth_scopes[fault->scope].name : "";
}

void grants_why(const struct grants *grants, const struct grants_question *question,
		const struct grants_answer *answer, struct buf *ret)
{
	const char *owner = question->repo ? question->repo->namespace : "";
	const struct grants_org *org = grants_org(grants, owner);
	struct words words = {.account = grants->account ? grants->account : "",
			      .owner = owner,
			      .role = !org              ? "none"
				      : *org->role_text ? org->role_text
							: "unknown",
			      .permission = "",
			      .others = org ? org->others : "",
			      .repo = question->repo};

	if (answer->fault_count)
		words.permission = permission_of(&answer->faults[0]);
	/* What keeps a member out leaves open what is public. */
	if (answer->verdict == VERDICT_MAY && answer->reason >= REASON_EXPIRED)
		buf_add_text(ret, "if it is public; ");
	fill_in(ret,
		is_about_membership(question, answer->reason) ? "it is %n's own, and not %a's"
							      : reason_texts[answer->reason],
		&words);
}

/* By the words that stand there, where they are known; the API's name is the one in tools. */
static void put_box(struct buf *ret, enum permission permission)
{
	const char *box = permission_box(permission);

	if (box)
		buf_printf(ret, "\"%s\" (%s)", box, permissions[permission].name);
	else
		buf_printf(ret, "%s (%s)", permissions[permission].name,
			   permissions[permission].words);
}

/* "tick "Write access to contents/settings" (repo.write) for acme, or for acme/m1 alone" */
static void put_scope_remedy(const struct grants_question *question,
			     const struct grants_fault *fault, struct buf *ret)
{
	const char *where = *fault->entity ? fault->entity : "the owner";

	if (fault->scope >= 0) {
		buf_printf(ret, "allow the scope %s (%s) when logging in",
			   oauth_scopes[fault->scope].name, oauth_scopes[fault->scope].words);
		return;
	}
	buf_add_text(ret, "edit the token and tick ");
	put_box(ret, (enum permission)fault->permission);
	buf_printf(ret, " for %s", where);
	if (question->repo && fault->permission != PERMISSION_INFERENCE) {
		buf_add_text(ret, ", or for ");
		put_repo(ret, question->repo);
		buf_add_text(ret, " alone");
	}
}

void grants_remedy(const struct grants_question *question, const struct grants_fault *fault,
		   struct buf *ret)
{
	struct words words = {.account = "",
			      .owner = fault->entity,
			      .role = org_roles[fault->role].name,
			      .permission = permission_of(fault),
			      .others = "",
			      .repo = question->repo};

	if (is_about_membership(question, fault->reason))
		fill_in(ret, "only %n can grant access: ask %n, or use a token of %n", &words);
	else if (fault->reason == REASON_SCOPE_MISSING)
		put_scope_remedy(question, fault, ret);
	else if (remedy_texts[fault->reason])
		fill_in(ret, remedy_texts[fault->reason], &words);
}

void grants_remedy_url(const struct grants_fault *fault, const char *endpoint, struct buf *ret)
{
	/* A session has no page to change it on, and another server than a Hub has none at all. */
	if (fault->scope >= 0 || !pages_exist(endpoint))
		return;
	switch (fault->reason) {
	case REASON_EXPIRED:
	case REASON_SCOPE_MISSING:
	case REASON_READ_ONLY:
	case REASON_GATE_SETTING:
	case REASON_ORG_REVOKED:
	case REASON_ORG_APPROVAL:
	case REASON_ORG_FINE_GRAINED_ONLY:
		buf_printf(ret, "%s/settings/tokens", endpoint);
		return;
	case REASON_ORG_MFA:
		buf_printf(ret, "%s/settings/authentication", endpoint);
		return;
	default:
		return;
	}
}
