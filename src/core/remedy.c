/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about each cause: a text, the page where it is done, a command. */
#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "core/hf_files.h"
#include "core/pages.h"
#include "core/remedy_parts.h"

const char *remedy_owner(const struct writer *writer)
{
	const char *namespace = writer->evidence->repo->namespace;

	return *namespace ? namespace : "the organization";
}

static bool is_env(const struct token *token)
{
	return strcmp(token->store, "env") == 0;
}

void remedy_say_token(struct writer *writer)
{
	const struct token *token = writer->evidence->token;
	const char *shown = writer->evidence->display_name;

	if (!*shown && token && is_env(token)) {
		buf_printf(&writer->text, "the token in %s", program_token_variable());
		return;
	}
	if (!*shown && token)
		shown = token->name;
	buf_printf(&writer->text, "the token \"%s\"", shown);
}

const char *remedy_account(const struct writer *writer)
{
	const struct token *token = writer->evidence->token;

	return token && *token->account ? token->account : "its account";
}

void remedy_say_page(struct writer *writer, const char *page)
{
	const struct evidence *evidence = writer->evidence;
	const char *endpoint = evidence->token ? evidence->token->endpoint : evidence->endpoint;

	if (pages_exist(endpoint))
		buf_printf(&writer->url, "%s%s", endpoint, page);
}

bool remedy_is_session(const struct writer *writer)
{
	const struct token *token = writer->evidence->token;
	enum token_kind known = writer->evidence->grants->kind;
	enum token_kind kind = token ? token->kind : KIND_OTHER;

	return known == KIND_OAUTH || known == KIND_JWT || kind == KIND_OAUTH ||
	       kind == KIND_JWT;
}

void remedy_say_scope(struct writer *writer, enum oauth_scope scope)
{
	buf_printf(&writer->text, "allow the scope %s (%s) when logging in",
		   oauth_scopes[scope].name, oauth_scopes[scope].words);
}

static void say_repo_page(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;

	if (pages_exist(evidence->endpoint) && *evidence->repo->name)
		page_of_repo(evidence->endpoint, evidence->repo, &writer->url);
}

static bool is_organization(const struct writer *writer)
{
	const struct grants *grants = writer->evidence->grants;

	return grants->known && grants_org(grants, remedy_owner(writer)) != NULL;
}

void remedy_say_new_token(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;
	const char *endpoint = evidence->token ? evidence->token->endpoint : evidence->endpoint;

	if (pages_exist(endpoint))
		page_new_token(endpoint, is_organization(writer) ? remedy_owner(writer) : NULL,
			       evidence->write, &writer->url);
}

static bool is_open(const struct evidence *evidence)
{
	return evidence->facts->is_private == NO && evidence->facts->gate == GATE_NONE &&
	       !evidence->write;
}

void remedy_say_login(struct writer *writer)
{
	const struct token *token = writer->evidence->token;

	if (token && is_env(token))
		buf_printf(&writer->command, "unset %s%s", program_token_variables(),
			   is_open(writer->evidence) ? "" : " && hftoken login");
	else if (token && strcmp(token->store, HF_STORE) == 0)
		buf_add_text(&writer->command, "hf auth login"); /* the file is its own */
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
	const struct repo_facts *facts = writer->evidence->facts;

	if (facts->gate != GATE_NONE && facts->gate != GATE_UNKNOWN)
		buf_add_text(&writer->text, "log in with an account that was let through the "
					    "gate of this repository");
	else if (facts->hidden)
		buf_add_text(&writer->text, "log in: only to those who may read it does the "
					    "Hub say that a repository is there");
	else
		buf_add_text(&writer->text, "log in: the Hub was asked without a token");
	remedy_say_new_token(writer);
	remedy_say_login(writer);
}

static void token_malformed(struct writer *writer)
{
	const char *what = writer->evidence->malformed;

	buf_printf(&writer->text, "copy the token again, whole%s%s", what ? ": " : "",
		   what ? what : "");
	remedy_say_page(writer, PAGE_TOKENS);
	remedy_say_login(writer);
}

static void token_invalid(struct writer *writer)
{
	buf_add_text(&writer->text, "the Hub does not know ");
	remedy_say_token(writer);
	buf_add_text(&writer->text, ": it was deleted or replaced; make a new one");
	say_public(writer);
	remedy_say_new_token(writer);
	remedy_say_login(writer);
}

static void token_expired(struct writer *writer)
{
	remedy_say_token(writer);
	buf_add_text(&writer->text, " has expired: refresh it, or make a new one");
	say_public(writer);
	remedy_say_page(writer, PAGE_TOKENS);
	remedy_say_login(writer);
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
			   remedy_account(writer));
	else
		buf_printf(&writer->text,
			   "open the page as %s and agree to the conditions there",
			   remedy_account(writer));
	say_repo_page(writer);
}

static void gate_pending(struct writer *writer)
{
	buf_printf(&writer->text,
		   "the authors have yet to answer the request of %s: wait, or use another "
		   "account",
		   remedy_account(writer));
	remedy_say_page(writer, PAGE_GATED);
}

static void gate_rejected(struct writer *writer)
{
	buf_printf(&writer->text,
		   "the authors have rejected the request of %s: asking again is ignored, so "
		   "contact them",
		   remedy_account(writer));
	say_repo_page(writer);
}

static void gate_reset(struct writer *writer)
{
	buf_printf(
		&writer->text,
		"the authors have reset the request of %s: open the page as %s and ask again",
		remedy_account(writer), remedy_account(writer));
	say_repo_page(writer);
}

/* Its scopes were chosen when it was allowed; no page changes them afterwards. */
static bool is_session(const struct token *token)
{
	return token && (token->kind == KIND_OAUTH || token->kind == KIND_JWT);
}

static void gate_token_setting(struct writer *writer)
{
	if (is_session(writer->evidence->token)) {
		buf_printf(&writer->text, "allow the scope %s (%s) when logging in",
			   oauth_scopes[SCOPE_GATED_REPOS].name,
			   oauth_scopes[SCOPE_GATED_REPOS].words);
		return;
	}
	buf_add_text(&writer->text, "edit ");
	remedy_say_token(writer);
	buf_printf(&writer->text, " of %s and tick \"%s\"", remedy_account(writer),
		   PAGE_GATED_BOX);
	remedy_say_page(writer, PAGE_TOKENS);
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
	[CAUSE_SCOPE_MISSING] = remedy_scope_missing,
	[CAUSE_READ_ONLY_TOKEN] = remedy_read_only_token,
	[CAUSE_ROLE_TOO_LOW] = remedy_role_too_low,
	[CAUSE_ORG_APPROVAL] = remedy_org_approval,
	[CAUSE_ORG_REVOKED] = remedy_org_revoked,
	[CAUSE_ORG_FINE_GRAINED_ONLY] = remedy_org_fine_grained_only,
	[CAUSE_ORG_SSO] = remedy_org_sso,
	[CAUSE_ORG_MFA] = remedy_org_mfa,
	[CAUSE_ORG_IP] = remedy_org_ip,
	[CAUSE_NOT_VISIBLE] = remedy_not_visible,
	[CAUSE_OTHER_TYPE] = remedy_other_type,
	[CAUSE_MOVED] = remedy_moved,
	[CAUSE_REPO_DISABLED] = remedy_repo_disabled,
	[CAUSE_NO_SUCH_REVISION] = remedy_no_such_revision,
	[CAUSE_NO_SUCH_FILE] = remedy_no_such_file,
	[CAUSE_QUOTA] = remedy_quota,
	[CAUSE_RATE_LIMITED] = remedy_rate_limited,
	[CAUSE_UNREACHABLE] = remedy_unreachable,
	[CAUSE_HUB_ERROR] = remedy_hub_error,
};

bool remedy_is_stranger(const struct evidence *evidence)
{
	const struct grants *grants = evidence->grants;
	const char *owner = evidence->repo->namespace;

	return evidence->token && grants->known && !grants->cut && *grants->account && *owner &&
	       !*evidence->facts->moved.name && !text_equal_fold(owner, grants->account) &&
	       !grants_org(grants, owner);
}

void remedy_for(enum cause cause, const struct evidence *evidence, struct remedy *ret)
{
	struct writer writer = {.evidence = evidence};
	AUTOBUF struct buf text = {0};

	*ret = (struct remedy) {0};
	if (cause >= CAUSE_COUNT || !writers[cause])
		return;
	writers[cause](&writer);
	/* What is too long is cut behind a character. */
	text_clean(&text, buf_text(&writer.text), writer.text.size, sizeof(ret->text) - 1);
	(void)text_copy(ret->text, sizeof(ret->text), buf_text(&text));
	(void)text_copy(ret->url, sizeof(ret->url), buf_text(&writer.url));
	(void)text_copy(ret->command, sizeof(ret->command), buf_text(&writer.command));
	buf_release(&writer.text);
	buf_release(&writer.url);
	buf_release(&writer.command);
}
