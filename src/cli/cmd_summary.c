/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken` alone: who you are, what git and hf would use, and what to do next. No network.
 */
#include <string.h>

#include "base/mask.h"
#include "cli/git_config.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/plain.h"

/* What each program would use: a token's name, a masked value, or NULL for nothing. */
struct summary {
	const struct token *ours;
	bool git_wired;
	char hf_masked[MASKED_SIZE]; /* "" for nothing */
	const char *hf_name;         /* the stored token of the same value */
};

static const char *name_of_masked(const struct session *session, const char *masked)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].masked, masked) == 0)
			return session->catalogue.tokens[i].name;
	}
	return NULL;
}

static bool is_git_wired(const char *endpoint)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};

	if (git_helpers_for(endpoint, &helpers, NULL))
		return false;
	return helpers.count > 0 && git_helper_is_ours(helpers.list[0].value);
}

static int collect(const struct session *session, struct summary *ret, struct err *err)
{
	AUTOSECRET struct secret hf = {0};
	struct resolution pick;
	int error = session_resolve(session, &(struct resolve_request) {.now = 0}, &pick, err);

	if (!error)
		error = plain_hf_token(&hf, err);
	if (error)
		return error;
	ret->ours = pick.token;
	ret->git_wired = is_git_wired(session->endpoint.origin);
	if (session_env(session))
		memcpy(ret->hf_masked, session->env.masked, strlen(session->env.masked) + 1);
	else if (hf.size)
		mask_secret(&hf, ret->hf_masked);
	ret->hf_name = session_env(session) ? "HF_TOKEN"
					    : name_of_masked(session, ret->hf_masked);
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

static void put_ours(struct ui_table *table, const struct summary *summary)
{
	const struct token *token = summary->ours;
	AUTOBUF struct buf more = {0};

	if (!token) {
		put_row(table, "you", "nobody", "no token is stored for this Hub");
		return;
	}
	buf_printf(&more, "%s token, ", token_kind_names[token->kind]);
	buf_printf(&more, "in %s",
		   strcmp(token->store, "env") == 0 ? "HF_TOKEN" : token->store);
	if (token->gated_read == NO)
		buf_add_text(&more, ", may not read gated repositories");
	put_row(table, "you", *token->account ? token->account : token->masked,
		buf_text(&more));
}

static void put_table(struct cli *cli, const struct session *session,
		      const struct summary *summary)
{
	AUTOTABLE struct ui_table table = {.columns = 3};
	const char *ours = summary->ours ? summary->ours->name : "nothing";

	put_row(&table, "hub", endpoint_host(session->endpoint.origin), "");
	put_ours(&table, summary);
	put_row(&table, "hftoken", ours, "");
	if (summary->git_wired)
		put_row(&table, "git", ours, "asks hftoken");
	else
		put_row(&table, "git", "-", "does not ask hftoken");
	if (*summary->hf_masked)
		put_row(&table, "hf", summary->hf_name ? summary->hf_name : summary->hf_masked,
			summary->hf_name ? summary->hf_masked : "not stored in hftoken");
	else
		put_row(&table, "hf", "-", "finds no token");
	ui_table_print(&table, &cli->out);
}

static void put_next(struct cli *cli, const struct session *session,
		     const struct summary *summary)
{
	buf_add_char(&cli->out, '\n');
	if (session->catalogue.count == 0)
		buf_add_text(&cli->out, "  hftoken login        add a token\n");
	else
		buf_add_text(&cli->out, "  hftoken list         all tokens\n");
	if (!summary->git_wired)
		buf_add_text(&cli->out, "  hftoken setup git    have git ask hftoken\n");
	else
		buf_add_text(&cli->out, "  hftoken switch       another default token\n");
	if (session->catalogue.count == 0)
		buf_add_text(&cli->out, "  hftoken help         all commands\n");
	else
		buf_add_text(&cli->out, "  hftoken whoami       ask the Hub who you are\n");
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
	return 0;
}
