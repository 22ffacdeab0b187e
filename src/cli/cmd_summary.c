/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken` alone: who you are, what git and hf would use, and what to do next. No network.
 */
#include <string.h>

#include "base/mask.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/git_config.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/summary.h"
#include "cli/ui.h"
#include "core/hf_follow.h"
#include "core/plain.h"

/* What each program would use: a token's name, a masked value, or NULL for nothing. */
struct summary {
	const struct token *ours;
	size_t stored; /* for this Hub */
	bool git_wired;
	char hf_masked[MASKED_SIZE]; /* "" for nothing */
	const char *hf_name;         /* the stored token of the same value */
	bool hf_follows;             /* that is the default token, and will be */
};

static const char *name_of_masked(const struct session *session, const char *masked)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].masked, masked) == 0)
			return session->catalogue.tokens[i].name;
	}
	return NULL;
}

/* Whose the token is, as far as its masked form tells. */
static void look_at_hf(const struct session *session, struct summary *ret)
{
	const struct token *target = hf_follow_target(session);

	ret->hf_follows = session->settings.hf_follow && !session_env(session) && target &&
			  strcmp(target->masked, ret->hf_masked) == 0;
	if (session_env(session))
		ret->hf_name = program_token_variable();
	else if (ret->hf_follows)
		ret->hf_name = target->name;
	else
		ret->hf_name = name_of_masked(session, ret->hf_masked);
}

static int collect(struct session *session, struct summary *ret, struct err *err)
{
	AUTOSECRET struct secret hf = {0};
	struct resolution pick;
	int error = session_resolve(session, &(struct resolve_request) {.now = 0}, &pick, err);

	if (!error)
		error = plain_hf_token(&hf, err);
	if (error)
		return error;
	ret->ours = pick.token;
	ret->stored = pick.bound;
	ret->git_wired = git_asks_us(session->endpoint.origin) == YES;
	if (session_env(session))
		(void)text_copy(ret->hf_masked, MASKED_SIZE, session_env(session)->masked);
	else if (hf.size)
		mask_secret(&hf, ret->hf_masked);
	look_at_hf(session, ret);
	return 0;
}

static void put_json(struct cli *cli, const struct session *session,
		     const struct summary *summary)
{
	const char *ours = summary->ours ? summary->ours->name : NULL;
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_put_text(&out, "endpoint", session->endpoint.origin);
	json_begin(&out, "effective", '{');
	json_put_text(&out, "hftoken", ours);
	json_put_text(&out, "hf",
		      summary->hf_name      ? summary->hf_name
		      : *summary->hf_masked ? summary->hf_masked
					    : NULL);
	json_put_text(&out, "git", summary->git_wired ? ours : NULL);
	json_end(&out, '}');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static void put_row(struct ui_table *table, const char *who, const char *what, const char *more)
{
	ui_table_add(table, UI_DIM, who);
	ui_table_add(table, UI_BOLD, what);
	ui_table_add(table, UI_PLAIN, more);
}

/* Whether anybody can have it now: nothing is unlocked for that. */
static const char *trouble_of(struct session *session, const struct token *token)
{
	struct store_state state = {0};
	struct store_client *store;

	if (session_store(session, token->store, &store, NULL) ||
	    store_probe(store, &state, NULL))
		return ", which does not answer";
	if (state.code == ERR_LOCKED)
		return ", which is locked: hftoken store unlock";
	return state.code == ERR_OK ? "" : ", which cannot be used now: hftoken store list";
}

static void put_ours(struct ui_table *table, struct session *session,
		     const struct summary *summary)
{
	const struct token *token = summary->ours;
	const char *twin = token ? name_of_masked(session, token->masked) : NULL;
	AUTOBUF struct buf more = {0};

	if (!token) {
		put_row(table, "you", "nobody",
			summary->stored ? "no default token that can be used"
					: "no token is stored for this Hub");
		return;
	}
	if (*token->id)
		buf_printf(&more, "%s token, in the store '%s'", token_kind_names[token->kind],
			   token->store);
	else if (token != session_env(session))
		buf_printf(&more, "the token in %s", sources_location(session->sources, token));
	else
		buf_printf(&more, "the token in %s%s%s", program_token_variable(),
			   twin ? ", which looks like " : "", twin ? twin : "");
	if (*token->id)
		buf_add_text(&more, trouble_of(session, token));
	if (token->gated_read == NO)
		buf_add_text(&more, ", may not read gated repositories");
	put_row(table, "you", *token->account ? token->account : token->masked,
		buf_text(&more));
}

static void put_hf(struct ui_table *table, const struct session *session,
		   const struct summary *summary)
{
	const char *name = summary->hf_name ? summary->hf_name : summary->hf_masked;

	if (!*summary->hf_masked)
		put_row(table, "hf", "-", "finds no token");
	else if (summary->hf_follows)
		put_row(table, "hf", name, "follows the default token");
	else if (session->settings.hf_follow && !session_env(session))
		put_row(table, "hf", name,
			catalogue_default(&session->catalogue, session->endpoint.origin)
				? "not the default token: hftoken setup hf"
				: "there is no default token that it could follow");
	else
		put_row(table, "hf", name,
			summary->hf_name ? summary->hf_masked : "not stored in hftoken");
}

static void put_table(struct cli *cli, struct session *session, const struct summary *summary)
{
	AUTOTABLE struct ui_table table = {.columns = 3};
	const char *ours = summary->ours ? summary->ours->name : "nothing";

	put_row(&table, "hub", endpoint_host(session->endpoint.origin), "");
	put_ours(&table, session, summary);
	put_row(&table, "hftoken", ours, "");
	if (summary->git_wired)
		put_row(&table, "git", ours, "asks hftoken");
	else
		put_row(&table, "git", "-", "does not ask hftoken");
	put_hf(&table, session, summary);
	ui_table_print(&table, &cli->out);
}

int summary_put(struct cli *cli, struct session *session, struct err *err)
{
	struct summary summary = {0};
	int error = collect(session, &summary, err);

	if (!error)
		put_table(cli, session, &summary);
	return error;
}

static void put_step(struct cli *cli, const char *command, const char *what)
{
	buf_printf(&cli->out, "  %-20s %s\n", command, what);
}

/* Three commands that work, and lead on from here. */
static void put_next(struct cli *cli, const struct session *session,
		     const struct summary *summary)
{
	buf_add_char(&cli->out, '\n');
	if (summary->stored == 0 && !summary->ours)
		put_step(cli, "hftoken login", "add a token");
	else if (!summary->ours)
		put_step(cli, "hftoken switch", "choose the default token");
	else
		put_step(cli, "hftoken whoami", "ask the Hub who you are");
	if (summary->git_wired)
		put_step(cli, "hftoken list", "all tokens");
	else
		put_step(cli, "hftoken setup git", "have git ask hftoken");
	if (summary->stored > 1 && summary->ours && !session_env(session))
		put_step(cli, "hftoken switch", "another default token");
	else
		put_step(cli, "hftoken help", "all commands");
}

int cmd_summary(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	struct summary summary = {0};
	int error;

	if (cli_has(cli, OPT_VERSION)) {
		buf_add_text(&cli->out, "hftoken " HFTOKEN_VERSION "\n");
		return 0;
	}
	error = session_open(&session,
			     &(struct session_options) {.parts = CATALOGUE_INDEX,
							.warn = ui_settings_warning},
			     err);
	if (!error)
		error = collect(&session, &summary, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &session, &summary);
		return 0;
	}
	put_table(cli, &session, &summary);
	put_next(cli, &session, &summary);
	cli_flush(cli);
	show_env_problem(&session);
	return 0;
}
