/* SPDX-License-Identifier: Apache-2.0 */
/* Remedies for what the token or account may not do, organisations, repositories, and answers. */
#include "base/text.h"
#include "core/pages.h"
#include "core/remedy_parts.h"

/* ---- rights ----------------------------------------------------------------------------------- */

/* Where whoami shows more, its words replace these. */
void remedy_scope_missing(struct writer *writer)
{
	if (remedy_is_session(writer)) {
		remedy_say_scope(writer, writer->evidence->write ? SCOPE_WRITE_REPOS
								 : SCOPE_READ_REPOS);
		if (*remedy_owner(writer))
			buf_printf(&writer->text, ", also for %s", remedy_owner(writer));
		return;
	}
	buf_add_text(&writer->text, "edit ");
	remedy_say_token(writer);
	buf_printf(&writer->text, " and add %s to the repository or its owner",
		   writer->evidence->write
			   ? "\"Write access to contents/settings\" (repo.write)"
			   : "\"Read access to contents\" (repo.content.read)");
	remedy_say_page(writer, PAGE_TOKENS);
}

void remedy_read_only_token(struct writer *writer)
{
	remedy_say_token(writer);
	buf_add_text(&writer->text, " can only read: make one that may write");
	remedy_say_new_token(writer);
	remedy_say_login(writer);
}

void remedy_role_too_low(struct writer *writer)
{
	if (remedy_is_stranger(writer->evidence)) {
		buf_printf(&writer->text,
			   "%s has no role in %s: open a pull request, or ask its owner to "
			   "let in %s",
			   remedy_account(writer), remedy_owner(writer),
			   remedy_account(writer));
		return;
	}
	buf_printf(&writer->text, "%s may not %s there: ask an admin of %s for the role",
		   remedy_account(writer), writer->evidence->write ? "write" : "read",
		   remedy_owner(writer));
}

/* ---- the organisation ------------------------------------------------------------------------- */

void remedy_org_approval(struct writer *writer)
{
	buf_printf(&writer->text, "an admin of %s must approve ", remedy_owner(writer));
	remedy_say_token(writer);
	buf_add_text(&writer->text, "; its page shows whether that is pending or denied");
	remedy_say_page(writer, PAGE_TOKENS);
}

void remedy_org_revoked(struct writer *writer)
{
	buf_printf(&writer->text, "an admin of %s has revoked ", remedy_owner(writer));
	remedy_say_token(writer);
	buf_add_text(&writer->text, ": delete it and make a new one");
	remedy_say_new_token(writer);
	remedy_say_login(writer);
}

void remedy_org_fine_grained_only(struct writer *writer)
{
	buf_printf(&writer->text, "%s wants fine-grained tokens: make one for it",
		   remedy_owner(writer));
	remedy_say_new_token(writer);
	remedy_say_login(writer);
}

void remedy_org_sso(struct writer *writer)
{
	const struct evidence *evidence = writer->evidence;

	buf_printf(&writer->text, "sign in to %s through its single sign-on, as %s",
		   remedy_owner(writer), remedy_account(writer));
	if (pages_exist(evidence->endpoint) && *evidence->repo->namespace)
		buf_printf(&writer->url, "%s/%s", evidence->endpoint, remedy_owner(writer));
}

void remedy_org_mfa(struct writer *writer)
{
	buf_printf(&writer->text, "%s wants two-factor authentication: switch it on for %s",
		   remedy_owner(writer), remedy_account(writer));
	remedy_say_page(writer, PAGE_AUTHENTICATION);
}

void remedy_org_ip(struct writer *writer)
{
	buf_printf(&writer->text,
		   "%s lets in its own network only: use that network, or its VPN",
		   remedy_owner(writer));
}

/* ---- the repository --------------------------------------------------------------------------- */

/* To its owner the Hub hides nothing. */
static bool is_owner(const struct evidence *evidence)
{
	return evidence->token && *evidence->token->account && evidence->grants->known &&
	       text_equal_fold(evidence->token->account, evidence->repo->namespace);
}

void remedy_not_visible(struct writer *writer)
{
	if (is_owner(writer->evidence)) {
		buf_printf(&writer->text,
			   "it does not exist: %s would be its owner, and sees all of them; "
			   "check the spelling",
			   remedy_account(writer));
		return;
	}
	buf_add_text(&writer->text,
		     "check the spelling; if the repository is private, ask its owner "
		     "to let in ");
	buf_add_text(&writer->text, remedy_account(writer));
}

void remedy_other_type(struct writer *writer)
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

void remedy_moved(struct writer *writer)
{
	char text[REPO_ID_SIZE];

	repo_text(&writer->evidence->facts->moved, text);
	buf_printf(&writer->text, "it is called %s now: use that name", text);
}

void remedy_repo_disabled(struct writer *writer)
{
	buf_add_text(&writer->text,
		     "the Hub has disabled this repository; the token is not the problem");
}

void remedy_no_such_revision(struct writer *writer)
{
	buf_printf(&writer->text,
		   "there is no revision \"%s\" in this repository; the token is not the "
		   "problem",
		   writer->evidence->revision);
}

void remedy_no_such_file(struct writer *writer)
{
	buf_printf(&writer->text,
		   "there is no file \"%s\" in this revision; the token is not the problem",
		   writer->evidence->file);
}

void remedy_quota(struct writer *writer)
{
	const char *message = writer->evidence->reply->message;

	buf_add_text(&writer->text, "the token is not the problem");
	if (*message)
		buf_printf(&writer->text, "; the Hub says \"%s\"", message);
	remedy_say_page(writer, "/settings/billing");
}

/* ---- the answer ------------------------------------------------------------------------------- */

void remedy_rate_limited(struct writer *writer)
{
	uint64_t wait = writer->evidence->reply->wait;

	if (wait)
		buf_printf(&writer->text, "wait %llu s: the Hub was asked too often",
			   (unsigned long long)wait);
	else
		buf_add_text(&writer->text, "wait some minutes: the Hub was asked too often");
	buf_add_text(&writer->text, "; the token may be fine");
}

void remedy_unreachable(struct writer *writer)
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

/* A gate that saw no token, and whoami that saw a good one. */
static bool is_stripped(const struct evidence *evidence)
{
	const struct reply *reply = evidence->reply;

	return evidence->standing == STANDING_GOOD && reply->status == 401 &&
	       cause_of_words(reply->status, reply->code, reply->message) == CAUSE_NO_TOKEN;
}

void remedy_hub_error(struct writer *writer)
{
	const struct reply *reply = writer->evidence->reply;

	if (is_stripped(writer->evidence))
		buf_add_text(&writer->text,
			     "the token is good, but does not reach the Hub with this "
			     "question: check the proxy variables and HF_ENDPOINT");
	else if (*reply->trouble)
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
