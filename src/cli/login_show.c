/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/login.h"

#include <string.h>

#include "base/text.h"
#include "cli/git_config.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/cause.h"
#include "core/pages.h"

void login_show_page(const struct login *login)
{
	bool write = cli_has(login->cli, OPT_WRITE);
	AUTOBUF struct buf url = {0};

	if (!pages_exist(login->session.endpoint.origin))
		return;
	page_new_token(login->session.endpoint.origin, login->cli->values[OPT_FOR], write,
		       &url);
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
	if (((login->action == LOGIN_ADD && is_first_in_store(login, token)) ||
	     login->store_was_empty) &&
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

/* In the words that `hftoken why` has for it. */
static void put_gated_remedy(const struct login *login, const struct token *token)
{
	static const struct repo_facts facts = {.is_private = UNKNOWN, .disabled = UNKNOWN};
	static const struct repo repo = {.type = REPO_MODEL};
	static const struct reply reply = {.asked = true};
	static const struct grants grants = {.known = false};
	struct evidence evidence = {.repo = &repo,
				    .endpoint = token->endpoint,
				    .facts = &facts,
				    .token = token,
				    .display_name = login->ask.identity.display_name,
				    .grants = &grants,
				    .reply = &reply};
	struct remedy remedy;
	AUTOBUF struct buf text = {0};

	remedy_for(CAUSE_GATE_TOKEN_SETTING, &evidence, &remedy);
	buf_printf(&text, "to allow it: %s", remedy.text);
	ui_put_folded(&login->cli->out, 4, buf_text(&text));
	if (*remedy.url)
		buf_printf(&login->cli->out, "    %s\n", remedy.url);
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
	put_gated_remedy(login, token);
}

/* Nothing for git if it asks us already. */
static void say_git(const struct token *token)
{
	if (git_asks_us(token->endpoint) == NO)
		ui_hint("run 'hftoken setup git' so that git asks hftoken");
}

/* Nothing leads to it, but it is the token all the same. */
static void say_left_behind(const struct session *session)
{
	if (*session->left_in)
		ui_warn("the copy before is still in the store '%s', which cannot be reached "
			"now; nothing uses it any more",
			session->left_in);
}

void login_show_next(struct login *login, const struct token *token)
{
	const struct session *session = &login->session;

	if (cli_has(login->cli, OPT_JSON) || cli_has(login->cli, OPT_QUIET))
		return;
	cli_flush(login->cli);
	say_left_behind(session);
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
