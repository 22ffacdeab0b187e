/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"

#define EXPIRED_SUFFIX " (expired)"

static void put_json(struct cli *cli, const struct session *session)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "tokens", '[');
	if (session_env(session))
		show_token_json(&out, NULL, session, session_env(session));
	for (size_t i = 0; i < session->catalogue.count; i++)
		show_token_json(&out, NULL, session, &session->catalogue.tokens[i]);
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static void add_row(struct ui_table *table, const struct session *session,
		    const struct token *token, bool wide)
{
	bool expired = token_has_expired(token, time_now());
	enum ui_colour colour = expired ? UI_DIM : UI_PLAIN;
	char date[16];
	char expires[32];

	show_date(token->expires, date);
	(void)text_copy(expires, sizeof(expires), date);
	if (expired)
		memcpy(expires + strlen(expires), EXPIRED_SUFFIX, sizeof(EXPIRED_SUFFIX));
	ui_table_add(table, UI_GREEN, show_is_default(session, token) ? "*" : "");
	ui_table_add(table, expired ? UI_DIM : UI_BOLD, token->name);
	ui_table_add(table, colour, show_text(token->account));
	ui_table_add(table, colour, *token->id ? token_kind_names[token->kind] : "-");
	ui_table_add(table, token->gated_read == NO ? UI_YELLOW : colour,
		     show_tristate(token->gated_read));
	ui_table_add(table, expired ? UI_RED : colour, expires);
	ui_table_add(table, colour, token->store);
	if (wide) {
		ui_table_add(table, colour, token->masked);
		ui_table_add(table, colour, token->endpoint);
	}
}

static void put_table(struct cli *cli, const struct session *session)
{
	static const char *const heads[] = {"",        "name",  "account", "kind",    "gated",
					    "expires", "store", "token",   "endpoint"};
	bool wide = cli_has(cli, OPT_WIDE);
	AUTOTABLE struct ui_table table = {.columns = wide ? 9 : 7, .fit = !wide};

	for (size_t i = 0; i < table.columns; i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	if (session_env(session))
		add_row(&table, session, session_env(session), wide);
	for (size_t i = 0; i < session->catalogue.count; i++)
		add_row(&table, session, &session->catalogue.tokens[i], wide);
	ui_table_print(&table, &cli->out);
}

int cmd_list(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &session);
	} else if (cli_has(cli, OPT_QUIET)) {
		for (size_t i = 0; i < session.catalogue.count; i++)
			buf_printf(&cli->out, "%s\n", session.catalogue.tokens[i].name);
	} else if (session.catalogue.count || session_env(&session)) {
		put_table(cli, &session);
		cli_flush(cli);
		show_env_warning(&session, "is used in place of the default token");
	} else {
		ui_say("no tokens yet");
		ui_hint("hftoken login");
	}
	return 0;
}
