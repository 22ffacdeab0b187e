/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inquiry.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"

void inquiry_release(struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		hub_whoami_release(&inquiry->asks[i]);
		secret_release(&inquiry->secrets[i]);
	}
	free(inquiry->tokens);
	free(inquiry->asks);
	free(inquiry->secrets);
}

int inquiry_init(struct inquiry *inquiry, size_t capacity, struct err *err)
{
	inquiry->tokens = calloc(capacity, sizeof(*inquiry->tokens));
	inquiry->asks = calloc(capacity, sizeof(*inquiry->asks));
	inquiry->secrets = calloc(capacity, sizeof(*inquiry->secrets));
	if (!inquiry->tokens || !inquiry->asks || !inquiry->secrets)
		return err_no_memory(err);
	return 0;
}

void inquiry_add(struct inquiry *inquiry, const struct token *token)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		if (inquiry->tokens[i] == token)
			return;
	}
	inquiry->tokens[inquiry->count++] = token;
}

int inquiry_add_all(struct inquiry *inquiry, const struct session *session, struct err *err)
{
	inquiry->count = 0;
	if (session_env(session))
		inquiry->tokens[inquiry->count++] = session_env(session);
	for (size_t i = 0; i < session->catalogue.count; i++)
		inquiry->tokens[inquiry->count++] = &session->catalogue.tokens[i];
	for (size_t i = 0; i < session->sources->count; i++)
		inquiry->tokens[inquiry->count++] = &session->sources->tokens[i];
	show_source_problems(session);
	if (inquiry->count == 0) {
		err_set(err, ERR_NO_TOKEN, "there are no tokens");
		return err_hint(err, "hftoken login");
	}
	return 0;
}

/* A secret that cannot be read is one token's trouble, not that of the others. */
static void read_secret(struct session *session, const struct token *token,
			struct secret *secret, struct hub_whoami *ask)
{
	ask->url = hub_url_for(session, token);
	ask->status = HUB_UNREACHABLE;
	ask->error = session_secret(session, token, secret, &ask->err);
	ask->token = ask->error ? NULL : secret;
}

int inquiry_ask(struct inquiry *inquiry, struct session *session, bool alone, struct err *err)
{
	int error;

	for (size_t i = 0; i < inquiry->count; i++)
		read_secret(session, inquiry->tokens[i], &inquiry->secrets[i],
			    &inquiry->asks[i]);
	if (alone && inquiry->asks[0].error) {
		*err = inquiry->asks[0].err;
		return inquiry->asks[0].error;
	}
	error = hub_whoami(inquiry->asks, inquiry->count, ui_tick, err);
	if (!error)
		hub_keep(inquiry->tokens, inquiry->asks, inquiry->count);
	return error;
}

void inquiry_recall(struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		const struct token *token = inquiry->tokens[i];
		struct hub_whoami *ask = &inquiry->asks[i];

		if (ask->status == HUB_OK || !*token->identity)
			continue;
		if (identity_parse(token->identity, strlen(token->identity),
				   &inquiry->secrets[i], &ask->identity, NULL))
			trace("token '%s': what was known is not readable", token->name);
		else
			ask->identity.kind =
				token->kind; /* a part of it is told by the secret */
	}
}

int inquiry_status(const struct inquiry *inquiry)
{
	int status = 0;

	for (size_t i = 0; i < inquiry->count; i++) {
		int error = inquiry->asks[i].error;

		if (error && (status != 7))
			status = exit_status((enum err_code)error);
	}
	return status;
}

/* A hint that several have is said once, below the last of them. */
static bool is_said_later(const struct inquiry *inquiry, size_t position)
{
	for (size_t i = position + 1; i < inquiry->count; i++) {
		if (inquiry->asks[i].error &&
		    strcmp(inquiry->asks[i].err.hint, inquiry->asks[position].err.hint) == 0)
			return true;
	}
	return false;
}

/* The token is named in front of it. */
static const char *without_name(const char *message, const char *name)
{
	char start[TOKEN_NAME_MAX + 16];

	(void)snprintf(start, sizeof(start), "token '%s': ", name);
	return text_starts_with(message, start) ? message + strlen(start) : message;
}

void inquiry_say_troubles(const struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		const struct hub_whoami *ask = &inquiry->asks[i];
		const struct token *token = inquiry->tokens[i];
		AUTOBUF struct buf line = {0};
		char date[16];

		if (!ask->error)
			continue;
		buf_printf(&line, "%s: %s", token->name,
			   without_name(ask->err.message, token->name));
		if (*ask->message && !strstr(ask->err.message, ask->message))
			buf_printf(&line, " (\"%s\")", ask->message);
		show_date(token->verified, date);
		if (ask->status == HUB_UNREACHABLE && ask->identity.document)
			buf_printf(&line, "; shown as last known on %s", date);
		ui_say("%s", buf_text(&line));
		if (*ask->err.hint && !is_said_later(inquiry, i))
			ui_hint("%s", ask->err.hint);
	}
}
