/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/login.h"

#include <string.h>

#include "base/text.h"
#include "cli/git_config.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"

/* The words beside the box on the token's page. */
#define GATED_BOX "Read access to contents of all public gated repos you can access"

/* A Hub's own pages; other servers that speak its protocol have none of them. */
static bool has_pages(const char *endpoint)
{
	return endpoint_is_hub(endpoint) || endpoint_is_loopback(endpoint);
}

static void add_escaped(struct buf *url, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			     (byte >= '0' && byte <= '9') || strchr("-._~", byte);

		if (plain)
			buf_add_char(url, *text);
		else
			buf_printf(url, "%%%02X", byte);
	}
}

/*
 * The form's query keys are not documented; they are those of links on the Hub's own pages:
 * tokenType, ownUserPermissions, orgs, orgPermissions, canReadGatedRepos.
 */
void login_show_page(const struct login *login)
{
	const char *org = login->cli->values[OPT_FOR];
	bool write = cli_has(login->cli, OPT_WRITE);
	AUTOBUF struct buf url = {0};

	if (!has_pages(login->session.endpoint.origin))
		return;
	buf_printf(&url, "%s/settings/tokens/new?tokenType=fineGrained&canReadGatedRepos=true",
		   login->session.endpoint.origin);
	buf_add_text(&url, "&ownUserPermissions=repo.content.read");
	if (write)
		buf_add_text(&url, "&ownUserPermissions=repo.write");
	if (org) {
		buf_add_text(&url, "&orgs=");
		add_escaped(&url, org);
		buf_add_text(&url, "&orgPermissions=repo.content.read");
		if (write)
			buf_add_text(&url, "&orgPermissions=repo.write");
	}
	ui_say("This page makes a token that can read your repositories%s and gated ones:",
	       write ? " (and write to them)" : "");
	ui_say("  %s", buf_text(&url));
}

static void put_json(struct login *login, const struct token *token)
{
	struct json_out out = {.buf = &login->cli->out};
	char *rest = login->lost.data;
	const char *line;

	json_begin(&out, NULL, '{');
	show_token_json(&out, "token", &login->session, token);
	json_put_bool(&out, "replaced", login->action == LOGIN_REPLACE);
	json_begin(&out, "lost", '[');
	while (rest && (line = strsep(&rest, "\n")) != NULL) {
		if (*line)
			json_put_text(&out, NULL, line);
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&login->cli->out, '\n');
}

/* "added", "replaced", "known already", and whose it is. */
static void put_summary(struct login *login, const struct token *token)
{
	static const char *const done[] = {
		[LOGIN_ADD] = "logged in",
		[LOGIN_REPLACE] = "replaced",
		[LOGIN_REFRESH] = "already stored",
	};
	struct buf *out = &login->cli->out;
	char date[16];

	ui_put(out, UI_GREEN, "%s", ui_mark(UI_YES));
	buf_printf(out, " %s: ", done[login->action]);
	ui_put(out, UI_BOLD, "%s", token->name);
	if (login->verified)
		buf_printf(out, " (%s, %s token)", token->account,
			   token_kind_names[token->kind]);
	else
		buf_add_text(out, " (not checked)");
	show_date(token->expires, date);
	if (token->expires != TIME_UNKNOWN)
		buf_printf(out, ", expires %s", date);
	buf_printf(out, "%s\n",
		   show_is_default(&login->session, token) ? ", the default token" : "");
}

static bool is_first_in_store(const struct login *login, const struct token *token)
{
	const struct catalogue *catalogue = &login->session.catalogue;
	size_t count = 0;

	for (size_t i = 0; i < catalogue->count; i++)
		count += strcmp(catalogue->tokens[i].store, token->store) == 0;
	return count == 1;
}

/* Where it is; and, with the first one that goes there, what that is good for. */
static void put_store(struct login *login, const struct token *token)
{
	struct store_client *store;
	struct store_state state;

	if (login->action == LOGIN_REFRESH)
		return;
	buf_printf(&login->cli->out, "  kept in the store '%s'", token->store);
	if (*login->store_why)
		buf_printf(&login->cli->out, " (%s)", login->store_why);
	buf_add_char(&login->cli->out, '\n');
	if (login->action == LOGIN_ADD && is_first_in_store(login, token) &&
	    !session_store(&login->session, token->store, &store, NULL) &&
	    !store_probe(store, &state, NULL) && *state.protects)
		ui_put_folded(&login->cli->out, 4, state.protects);
}

static void put_losses(struct login *login)
{
	char *rest = login->lost.data;
	const char *line;

	while (rest && (line = strsep(&rest, "\n")) != NULL) {
		if (*line)
			buf_printf(&login->cli->out, "  no longer: %s\n", line);
	}
}

static void put_gated(const struct login *login, const struct token *token)
{
	struct buf *out = &login->cli->out;

	if (token->gated_read == YES)
		buf_printf(out, "  %s can read gated repositories that %s has been granted\n",
			   ui_mark(UI_YES), token->account);
	if (token->gated_read != NO)
		return;
	ui_put(out, UI_YELLOW, "  %s", ui_mark(UI_NO));
	buf_add_text(out, " cannot read gated repositories, even those that the account may\n");
	buf_printf(out, "    to allow it: %s/settings/tokens, edit the token%s%s%s,\n",
		   token->endpoint, *login->ask.identity.display_name ? " \"" : "",
		   login->ask.identity.display_name,
		   *login->ask.identity.display_name ? "\"" : "");
	buf_add_text(out, "    tick \"" GATED_BOX "\"\n");
}

/* Nothing for git if it asks us already. */
static void say_git(const struct token *token)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};

	if (git_helpers_for(token->endpoint, &helpers, NULL))
		return;
	if (helpers.count == 0 || !git_helper_is_ours(helpers.list[0].value))
		ui_hint("run 'hftoken setup git' so that git asks hftoken");
}

void login_show_next(struct login *login, const struct token *token)
{
	const struct session *session = &login->session;

	if (cli_has(login->cli, OPT_JSON) || cli_has(login->cli, OPT_QUIET))
		return;
	cli_flush(login->cli);
	show_env_warning(session, "is used in place of the default token until you unset it");
	say_git(token);
	if (!session->settings.hf_follow &&
	    strcmp(token->endpoint, session->source_endpoint) == 0)
		ui_hint("run 'hftoken setup hf' so that hf uses the default token");
}

void login_show_result(struct login *login, const struct token *token)
{
	struct cli *cli = login->cli;

	if (cli_has(cli, OPT_JSON)) {
		put_json(login, token);
		return;
	}
	if (cli_has(cli, OPT_QUIET)) {
		buf_printf(&cli->out, "%s\n", token->name);
		return;
	}
	put_summary(login, token);
	put_store(login, token);
	put_losses(login);
	put_gated(login, token);
}
