/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `revoke`, and `logout --revoke`: kill at the Hub, have whoami confirm it, and only then forget.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/forget.h"
#include "cli/input.h"
#include "cli/open_store.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/trust.h"
#include "cli/ui.h"

#define OAUTH_PAGE "/settings/connected-applications"

/* The Hub takes credentials of at most 200 characters. Source: its OpenAPI document. */
#define REVOCABLE_MAX ((size_t)200)

static int check_revocable(const struct secret *secret, const char *what, const char *endpoint,
			   struct err *err)
{
	if (secret->size <= REVOCABLE_MAX && token_kind_of_secret(secret) == KIND_OTHER)
		return 0;
	err_set(err, ERR_FAILED, "%s is an OAuth token, which cannot be revoked in this way",
		what);
	return err_hint(err, "revoke its application on %s" OAUTH_PAGE, endpoint);
}

static int confirm(const struct cli *cli, const char *what, struct err *err)
{
	AUTOBUF struct buf question = {0};
	bool yes = false;
	int error;

	if (cli_has(cli, OPT_YES))
		return 0;
	/* With the token on stdin there is no terminal left to ask on. */
	if (!prompt_possible()) {
		err_set(err, ERR_USAGE,
			"revoking cannot be undone, and there is no terminal to ask on");
		return err_hint(err, "add --yes");
	}
	buf_printf(&question, "Kill %s at the Hub? It cannot be undone.", what);
	error = prompt_yes(buf_text(&question), false, &yes, err);
	return !error && !yes ? err_set(err, ERR_CANCELLED, "nothing was revoked") : error;
}

/* Kills one token and makes sure that it is dead. */
static int kill_token(const char *url, const struct secret *secret, const char *what,
		      struct err *err)
{
	const struct secret *const list[] = {secret};
	struct hub_whoami ask = {.url = url, .token = secret};
	int error = hub_revoke(url, list, 1, ui_tick, err);

	if (!error)
		error = hub_whoami(&ask, 1, ui_tick, err);
	if (error)
		return error;
	if (ask.status == HUB_UNREACHABLE) {
		*err = ask.err;
		error = err_context(err, "%s: the Hub did not confirm that it is dead", what);
	} else if (ask.status == HUB_OK) {
		error = err_set(err, ERR_FAILED, "the Hub still accepts %s", what);
		err_hint(err, "delete it on %s/settings/tokens", url);
	}
	hub_whoami_release(&ask);
	return error;
}

/* ---- tokens that are not stored --------------------------------------------------------------- */

static int revoke_given(struct cli *cli, struct session *session,
			const struct session_options *how, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	const char *endpoint = session->endpoint.origin;
	int error = trust_endpoint(session, how, err);

	if (!error && isatty(STDIN_FILENO) && prompt_possible())
		error = prompt_secret("Paste the token (it will not be shown): ", &secret, err);
	else if (!error)
		error = input_token(STDIN_FILENO, &secret, err);
	secret_trim(&secret);
	if (!error)
		error = token_secret_check(&secret, endpoint, err);
	if (!error)
		error = check_revocable(&secret, "this", endpoint, err);
	if (!error)
		error = confirm(cli, "this token", err);
	if (!error)
		error = kill_token(session->endpoint.url, &secret, "this token", err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON))
		buf_add_text(&cli->out, "{\"removed\":[],\"default\":null}\n");
	else if (!cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s the token is dead\n", ui_mark(UI_YES));
	return 0;
}

/* ---- stored tokens ---------------------------------------------------------------------------- */

static int check_all(struct session *session, const struct selection *selection,
		     struct secret secrets[], struct err *err)
{
	for (size_t i = 0; i < selection->count; i++) {
		const struct token *token = catalogue_find(&session->catalogue,
							   selection->refs[i].name);
		int error;

		if (!token)
			return select_no_such(selection->refs[i].name, err);
		error = session_secret(session, token, &secrets[i], err);
		if (!error)
			error = check_revocable(&secrets[i], token->name, token->endpoint, err);
		if (error)
			return error;
	}
	return 0;
}

/*
 * The same value under another name dies with it, and is to be forgotten with it. Only a token that
 * looks the same is read.
 */
static int add_twins(struct session *session, struct selection *selection,
		     struct secret secrets[], struct err *err)
{
	const struct catalogue *catalogue = &session->catalogue;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *other = &catalogue->tokens[i];

		for (size_t j = 0; j < selection->count; j++) {
			const struct token *token = catalogue_find(catalogue,
								   selection->refs[j].name);
			AUTOSECRET struct secret secret = {0};
			size_t before = selection->count;
			int error;

			if (!token || strcmp(token->masked, other->masked) != 0 ||
			    strcmp(token->endpoint, other->endpoint) != 0 ||
			    session_secret(session, other, &secret, NULL) ||
			    !secret_equal(&secret, &secrets[j]))
				continue;
			error = selection_add(selection, session, other->name, err);
			if (error)
				return error;
			if (selection->count > before)
				secret_move(&secrets[before], &secret);
			break;
		}
	}
	return 0;
}

/* How many die at the Hub, which knows no names. */
static size_t count_values(const struct selection *selection, const struct secret secrets[])
{
	size_t count = 0;

	for (size_t i = 0; i < selection->count; i++) {
		size_t before = 0;

		while (before < i && !secret_equal(&secrets[i], &secrets[before]))
			before++;
		count += before == i;
	}
	return count;
}

static void describe(const struct selection *selection, const struct secret secrets[],
		     struct buf *ret)
{
	size_t count = count_values(selection, secrets);

	if (selection->count == 1)
		buf_printf(ret, "token '%s'", selection->refs[0].name);
	else if (count == 1)
		buf_add_text(ret, "the one token that all of these are");
	else
		buf_printf(ret, "these %zu tokens", count);
}

/* Each of several is named before it is asked about them: it cannot be undone. */
static void name_all(const struct cli *cli, const struct selection *selection)
{
	if (selection->count == 1 || cli_has(cli, OPT_YES))
		return;
	for (size_t i = 0; i < selection->count; i++)
		ui_say("  %s", selection->refs[i].name);
}

/* Those that died are forgotten even if a later one could not be killed. */
static int kill_all(struct session *session, struct selection *selection,
		    struct secret secrets[], struct err *err)
{
	size_t count = selection->count;
	int error = 0;

	for (size_t i = 0; i < count; i++) {
		const struct token *token = catalogue_find(&session->catalogue,
							   selection->refs[i].name);
		char what[128];

		(void)snprintf(what, sizeof(what), "token '%s'", selection->refs[i].name);
		error = kill_token(hub_url_for(session, token), &secrets[i], what, err);
		if (!error)
			continue;
		selection->count = i;
		break;
	}
	return error;
}

static int check_writable(struct err *err)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	return catalogue_begin(&catalogue, err);
}

/* Killed it can be, but not forgotten here; so its owner is to be told, and takes it away there. */
static int refuse_sources(const struct cli *cli, struct err *err)
{
	for (unsigned i = 0; i <= cli->operand_count; i++) {
		const char *name = i < cli->operand_count ? cli->operands[i]
							  : cli->values[OPT_NAME];
		AUTOBUF struct buf quoted = {0};

		if (!name || !source_is_name(name))
			continue;
		select_foreign(name, err);
		text_quote(&quoted, name);
		return err_hint(err, "hftoken token %s | hftoken revoke --with-token --yes",
				buf_text(&quoted));
	}
	return 0;
}

static int revoke_stored(struct cli *cli, struct session *session, struct err *err)
{
	AUTOSELECTION struct selection selection = {.count = 0};
	struct secret *secrets = calloc(SELECTED_MAX, sizeof(*secrets));
	struct err forget_err = {0};
	AUTOBUF struct buf what = {0};
	int killed;
	int error = secrets ? refuse_sources(cli, err) : err_no_memory(err);

	if (!error)
		error = select_tokens(cli, session, "Which token shall be killed?", &selection,
				      err);
	if (!error)
		error = open_stores(session, &selection, err);
	if (!error)
		error = check_all(session, &selection, secrets, err);
	if (!error)
		error = add_twins(session, &selection, secrets, err);
	/* What cannot be forgotten afterwards had better not be killed. */
	if (!error)
		error = check_writable(err);
	if (!error && selection.count) {
		describe(&selection, secrets, &what);
		name_all(cli, &selection);
		error = confirm(cli, buf_text(&what), err);
	}
	killed = error ? error : kill_all(session, &selection, secrets, err);
	for (size_t i = 0; secrets && i < SELECTED_MAX; i++)
		secret_release(&secrets[i]);
	free(secrets);
	if (error || (killed && selection.count == 0))
		return error ? error : killed;
	error = forget_tokens(cli, session, &selection, "revoked", &forget_err);
	if (error && !killed)
		*err = forget_err;
	else if (error)
		ui_warn("%s", forget_err.message);
	return killed ? killed : error;
}

int cmd_revoke(struct cli *cli, struct err *err)
{
	const struct session_options how = {.parts = CATALOGUE_INDEX,
					    .endpoint = cli->values[OPT_ENDPOINT],
					    .warn = ui_settings_warning};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	int error = session_open(&session, &how, err);

	if (error)
		return error;
	if (!cli_has(cli, OPT_WITH_TOKEN))
		return revoke_stored(cli, &session, err);
	if (cli->operand_count || cli_has(cli, OPT_ALL) || cli_has(cli, OPT_NAME))
		return err_set(err, ERR_USAGE, "--with-token and a name do not go together");
	return revoke_given(cli, &session, &how, err);
}
