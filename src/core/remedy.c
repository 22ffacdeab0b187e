/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about each cause: a text, the page where it is done, a command. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/cause.h"
#include "core/pages.h"

/* The parts that texts are made of. */
struct writer {
	const struct evidence *evidence;
	struct buf text;
	struct buf url;
	struct buf command;
};

static const char *owner(const struct writer *writer)
{
	return writer->evidence->repo->namespace;
}

static bool is_env(const struct token *token)
{
	return strcmp(token->store, "env") == 0;
}

/* `the token "laptop"`: by its name at the Hub, which is what stands on its pages. */
static void say_token(struct writer *writer)
{
	const struct token *token = writer->evidence->token;
	const char *shown = writer->evidence->display_name;

	if (!*shown && token && is_env(token)) {
		buf_add_text(&writer->text, "the token in HF_TOKEN");
		return;
	}
	if (!*shown && token)
		shown = token->name;
	buf_printf(&writer->text, "the token \"%s\"", shown);
}

static const char *account(const struct writer *writer)
{
	const struct token *token = writer->evidence->token;

	return token && *token->account ? token->account : "the token's account";
}

static void say_page(struct writer *writer, const char *page)
{
	const struct evidence *evidence = writer->evidence;
	const char *endpoint = evidence->token ? evidence->token->endpoint : evidence->endpoint;

	if (pages_exist(endpoint))
		buf_printf(&writer->url, "%s%s", endpoint, page);
}

static void say_repo_page(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;

	if (pages_exist(evidence->endpoint))
		page_of_repo(evidence->endpoint, evidence->repo, &writer->url);
}

static bool is_organization(const struct writer *writer)
{
	const struct grants *grants = writer->evidence->grants;

	return grants->known && grants_org(grants, owner(writer)) != NULL;
}

static void say_new_token_page(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;
	const char *endpoint = evidence->token ? evidence->token->endpoint : evidence->endpoint;

	if (pages_exist(endpoint))
		page_new_token(endpoint, is_organization(writer) ? owner(writer) : NULL,
			       evidence->write, &writer->url);
}

static bool is_open(const struct evidence *evidence)
{
	return evidence->facts->is_private == NO && evidence->facts->gate == GATE_NONE &&
	       !evidence->write;
}

/* How a token that is to be replaced is replaced; a source's is not ours to replace. */
static void say_login(struct writer *writer)
{
	const struct token *token = writer->evidence->token;

	if (token && is_env(token))
		buf_printf(&writer->command, "unset HF_TOKEN%s",
			   is_open(writer->evidence) ? "" : " && hftoken login");
	else if (token && *token->id)
		buf_printf(&writer->command, "hftoken login %s", token->name);
	else
		buf_add_text(&writer->command, "hftoken login");
}

/* That a dead token is in the way of what needs none. */
static void say_public(struct writer *writer)
{
	if (is_open(writer->evidence))
		buf_add_text(&writer->text, "; this repository is public, and can be read "
					    "without any token");
}

/* ---- the token -------------------------------------------------------------------------------- */

static void no_token(struct writer *writer)
{
	buf_add_text(&writer->text, "log in: without a token nobody gets further");
	if (writer->evidence->facts->gate != GATE_NONE &&
	    writer->evidence->facts->gate != GATE_UNKNOWN)
		buf_add_text(&writer->text,
			     ", and only accounts that were let through its gate");
	say_new_token_page(writer);
	say_login(writer);
}

static void token_malformed(struct writer *writer)
{
	const char *what = writer->evidence->malformed;

	buf_printf(&writer->text, "copy the token again, whole%s%s", what ? ": " : "",
		   what ? what : "");
	say_page(writer, PAGE_TOKENS);
	say_login(writer);
}

static void token_invalid(struct writer *writer)
{
	buf_add_text(&writer->text, "the Hub does not know ");
	say_token(writer);
	buf_add_text(&writer->text, ": it was deleted or replaced; make a new one");
	say_public(writer);
	say_new_token_page(writer);
	say_login(writer);
}

static void token_expired(struct writer *writer)
{
	say_token(writer);
	buf_add_text(&writer->text, " has expired: refresh it, or make a new one");
	say_public(writer);
	say_page(writer, PAGE_TOKENS);
	say_login(writer);
}

static void wrong_endpoint(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;

	buf_printf(&writer->text,
		   "a token is never sent to another Hub than its own: log in at %s",
		   endpoint_host(evidence->endpoint));
	buf_printf(&writer->command, "hftoken login --endpoint %s", evidence->endpoint);
}

/* ---- the gate --------------------------------------------------------------------------------- */

static void gate_not_asked(struct writer *writer)
{
	if (writer->evidence->facts->gate == GATE_MANUAL)
		buf_printf(&writer->text,
			   "open the page as %s and ask for access; the authors then decide",
			   account(writer));
	else
		buf_printf(&writer->text,
			   "open the page as %s and agree to the conditions there",
			   account(writer));
	say_repo_page(writer);
}

static void gate_pending(struct writer *writer)
{
	buf_printf(&writer->text,
		   "the authors have yet to answer the request of %s: wait, or use another "
		   "account",
		   account(writer));
	say_page(writer, PAGE_GATED);
}

static void gate_rejected(struct writer *writer)
{
	buf_printf(&writer->text,
		   "the authors have rejected the request of %s: asking again is ignored, so "
		   "contact them",
		   account(writer));
	say_repo_page(writer);
}

static void gate_reset(struct writer *writer)
{
	buf_printf(
		&writer->text,
		"the authors have reset the request of %s: open the page as %s and ask again",
		account(writer), account(writer));
	say_repo_page(writer);
}

static void gate_token_setting(struct writer *writer)
{
	buf_add_text(&writer->text, "edit ");
	say_token(writer);
	buf_printf(&writer->text, " of %s and tick \"%s\"", account(writer), PAGE_GATED_BOX);
	say_page(writer, PAGE_TOKENS);
}

/* ---- rights ----------------------------------------------------------------------------------- */

/* Where whoami shows more, its words replace these. */
static void scope_missing(struct writer *writer)
{
	buf_add_text(&writer->text, "edit ");
	say_token(writer);
	buf_printf(&writer->text, " and add %s to the repository or its owner",
		   writer->evidence->write ? "repo.write (write access to contents)"
					   : "repo.content.read (read access to contents)");
	say_page(writer, PAGE_TOKENS);
}

static void read_only_token(struct writer *writer)
{
	say_token(writer);
	buf_add_text(&writer->text, " can only read: make one that may write");
	say_new_token_page(writer);
	say_login(writer);
}

static void role_too_low(struct writer *writer)
{
	const char *namespace = owner(writer);

	buf_printf(&writer->text, "%s may not %s there: ask %s%s for the role", account(writer),
		   writer->evidence->write ? "write" : "read",
		   *namespace ? "an admin of " : "an admin", namespace);
}

/* ---- the organisation ------------------------------------------------------------------------- */

static void org_approval(struct writer *writer)
{
	buf_printf(&writer->text, "an admin of %s must approve ", owner(writer));
	say_token(writer);
	buf_add_text(&writer->text, "; its page shows whether that is pending or denied");
	say_page(writer, PAGE_TOKENS);
}

static void org_revoked(struct writer *writer)
{
	buf_printf(&writer->text, "an admin of %s has revoked ", owner(writer));
	say_token(writer);
	buf_add_text(&writer->text, ": delete it and make a new one");
	say_new_token_page(writer);
	say_login(writer);
}

static void org_fine_grained_only(struct writer *writer)
{
	buf_printf(&writer->text, "%s wants fine-grained tokens: make one for it",
		   owner(writer));
	say_new_token_page(writer);
	say_login(writer);
}

static void org_sso(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;

	buf_printf(&writer->text, "sign in to %s through its single sign-on, as %s",
		   owner(writer), account(writer));
	if (pages_exist(evidence->endpoint))
		buf_printf(&writer->url, "%s/%s", evidence->endpoint, owner(writer));
}

static void org_mfa(struct writer *writer)
{
	buf_printf(&writer->text, "%s wants two-factor authentication: switch it on for %s",
		   owner(writer), account(writer));
	say_page(writer, PAGE_AUTHENTICATION);
}

static void org_ip(struct writer *writer)
{
	buf_printf(&writer->text,
		   "%s lets in its own network only: use that network, or its VPN",
		   owner(writer));
}

/* ---- the repository --------------------------------------------------------------------------- */

static void not_visible(struct writer *writer)
{
	buf_add_text(&writer->text,
		     "check the spelling; if the repository is private, ask its owner "
		     "to let in ");
	buf_add_text(&writer->text, account(writer));
}

static void other_type(struct writer *writer)
{
	char text[REPO_ID_SIZE];

	repo_text(&writer->evidence->facts->other_type, text);
	buf_printf(&writer->text, "it is a %s, not a %s: its id is %s",
		   repo_type_names[writer->evidence->facts->other_type.type],
		   repo_type_names[writer->evidence->repo->type], text);
	buf_printf(&writer->command, "hftoken why %s", text);
	if (pages_exist(writer->evidence->endpoint))
		page_of_repo(writer->evidence->endpoint, &writer->evidence->facts->other_type,
			     &writer->url);
}

static void moved(struct writer *writer)
{
	char text[REPO_ID_SIZE];

	repo_text(&writer->evidence->facts->moved, text);
	buf_printf(&writer->text, "it is called %s now: use that name", text);
}

static void repo_disabled(struct writer *writer)
{
	buf_add_text(&writer->text,
		     "the Hub has disabled this repository; the token is not the problem");
}

static void no_such_revision(struct writer *writer)
{
	buf_printf(&writer->text,
		   "there is no revision \"%s\" in this repository; the token is not the "
		   "problem",
		   writer->evidence->revision);
}

static void no_such_file(struct writer *writer)
{
	buf_printf(&writer->text,
		   "there is no file \"%s\" in this revision; the token is not the problem",
		   writer->evidence->file);
}

static void quota(struct writer *writer)
{
	const char *message = writer->evidence->reply->message;

	buf_add_text(&writer->text, "the token is not the problem");
	if (*message)
		buf_printf(&writer->text, "; the Hub says \"%s\"", message);
	say_page(writer, "/settings/billing");
}

/* ---- the answer ------------------------------------------------------------------------------- */

static void rate_limited(struct writer *writer)
{
	uint64_t wait = writer->evidence->reply->wait;

	if (wait)
		buf_printf(&writer->text, "wait %llu s: the Hub was asked too often",
			   (unsigned long long)wait);
	else
		buf_add_text(&writer->text, "wait some minutes: the Hub was asked too often");
	buf_add_text(&writer->text, "; the token may be fine");
}

static void unreachable(struct writer *writer)
{
	const struct reply *reply = writer->evidence->reply;

	if (reply->status)
		buf_printf(&writer->text,
			   "a proxy in between answers with status %ld: check the proxy "
			   "variables",
			   reply->status);
	else
		buf_add_text(&writer->text,
			     *reply->trouble ? reply->trouble : "the Hub was not asked");
	if (!reply->status && *reply->hint)
		buf_printf(&writer->text, ": %s", reply->hint);
}

static void hub_error(struct writer *writer)
{
	const struct reply *reply = writer->evidence->reply;

	if (*reply->trouble)
		buf_printf(&writer->text, "%s%s%s", reply->trouble, *reply->hint ? ": " : "",
			   reply->hint);
	else if (*reply->message)
		buf_printf(&writer->text, "the Hub says \"%s\" (status %ld)", reply->message,
			   reply->status);
	else
		buf_printf(&writer->text, "the Hub answers with status %ld: try again later",
			   reply->status);
	if (*reply->request_id)
		buf_printf(&writer->text, " (request %s)", reply->request_id);
}

static void (*const writers[CAUSE_COUNT])(struct writer *) = {
	[CAUSE_NO_TOKEN] = no_token,
	[CAUSE_TOKEN_MALFORMED] = token_malformed,
	[CAUSE_TOKEN_INVALID] = token_invalid,
	[CAUSE_TOKEN_EXPIRED] = token_expired,
	[CAUSE_WRONG_ENDPOINT] = wrong_endpoint,
	[CAUSE_GATE_NOT_ASKED] = gate_not_asked,
	[CAUSE_GATE_PENDING] = gate_pending,
	[CAUSE_GATE_REJECTED] = gate_rejected,
	[CAUSE_GATE_RESET] = gate_reset,
	[CAUSE_GATE_TOKEN_SETTING] = gate_token_setting,
	[CAUSE_SCOPE_MISSING] = scope_missing,
	[CAUSE_READ_ONLY_TOKEN] = read_only_token,
	[CAUSE_ROLE_TOO_LOW] = role_too_low,
	[CAUSE_ORG_APPROVAL] = org_approval,
	[CAUSE_ORG_REVOKED] = org_revoked,
	[CAUSE_ORG_FINE_GRAINED_ONLY] = org_fine_grained_only,
	[CAUSE_ORG_SSO] = org_sso,
	[CAUSE_ORG_MFA] = org_mfa,
	[CAUSE_ORG_IP] = org_ip,
	[CAUSE_NOT_VISIBLE] = not_visible,
	[CAUSE_OTHER_TYPE] = other_type,
	[CAUSE_MOVED] = moved,
	[CAUSE_REPO_DISABLED] = repo_disabled,
	[CAUSE_NO_SUCH_REVISION] = no_such_revision,
	[CAUSE_NO_SUCH_FILE] = no_such_file,
	[CAUSE_QUOTA] = quota,
	[CAUSE_RATE_LIMITED] = rate_limited,
	[CAUSE_UNREACHABLE] = unreachable,
	[CAUSE_HUB_ERROR] = hub_error,
};

void remedy_for(enum cause cause, const struct evidence *evidence, struct remedy *ret)
{
	struct writer writer = {.evidence = evidence};

	*ret = (struct remedy) {0};
	if (cause >= CAUSE_COUNT || !writers[cause])
		return;
	writers[cause](&writer);
	(void)text_copy(ret->text, sizeof(ret->text), buf_text(&writer.text));
	(void)text_copy(ret->url, sizeof(ret->url), buf_text(&writer.url));
	(void)text_copy(ret->command, sizeof(ret->command), buf_text(&writer.command));
	buf_release(&writer.text);
	buf_release(&writer.url);
	buf_release(&writer.command);
}
