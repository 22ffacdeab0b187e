/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"

#define EXPIRED_SUFFIX " (expired)"

/* Tokens in the order they are shown: the environment's, ours, those of other sources. */
typedef void (*shower)(void *out, struct session *session, const struct token *token);

static void show_each(struct session *session, shower show, void *out)
{
	const struct sources *sources = session->sources;

	if (session_env(session)) {
		struct token env = session_describe(session, session_env(session));

		show(out, session, &env);
	}
	for (size_t i = 0; i < session->catalogue.count; i++)
		show(out, session, &session->catalogue.tokens[i]);
	for (size_t i = 0; i < sources->count; i++) {
		struct token token = session_describe(session, &sources->tokens[i]);

		show(out, session, &token);
	}
}

/* The table, and the token that is used where nothing else is said, HF_TOKEN or a source maybe. */
struct listing {
	struct ui_table *table;
	bool wide; /* masked secrets, endpoints in full */
	bool hubs; /* endpoints: always if wide, else if one is not the Hub that is asked */
	const struct token *in_force; /* NULL: none */
};

static const char *mark_of(const struct listing *listing, const struct session *session,
			   const struct token *token)
{
	const struct token *in_force = listing->in_force;
	bool is_default = *token->id && show_is_default(session, token);

	if (in_force && strcmp(in_force->name, token->name) == 0)
		return "*";
	if (is_default && in_force && in_force == session_env(session) &&
	    strcmp(token->endpoint, session->endpoint.origin) == 0)
		return "(*)";
	return is_default ? "*" : "";
}

static void add_json(void *out, struct session *session, const struct token *token)
{
	show_token_json(out, NULL, session, token);
}

static void put_json(struct cli *cli, struct session *session)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "tokens", '[');
	show_each(session, add_json, &out);
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* A source's token has told nobody what it is, unless its prefix or its twin does. */
static bool is_kind_known(const struct token *token)
{
	return *token->id || token->kind != KIND_OTHER;
}

/* What all of them begin with is left out. */
static const char *short_endpoint(const struct token *token)
{
	return text_starts_with(token->endpoint, "https://") ? endpoint_host(token->endpoint)
							     : token->endpoint;
}

static void add_row(void *out, struct session *session, const struct token *token)
{
	const struct listing *listing = out;
	struct ui_table *table = listing->table;
	bool expired = token_has_expired(token, time_now());
	enum ui_colour colour = expired ? UI_DIM : UI_PLAIN;
	char date[16];
	char expires[32];

	show_date(token->expires, date);
	(void)text_copy(expires, sizeof(expires), date);
	if (expired)
		memcpy(expires + strlen(expires), EXPIRED_SUFFIX, sizeof(EXPIRED_SUFFIX));
	ui_table_add(table, UI_GREEN, mark_of(listing, session, token));
	ui_table_add(table, expired ? UI_DIM : UI_BOLD, token->name);
	ui_table_add(table, colour, show_text(token->account));
	ui_table_add(table, colour, is_kind_known(token) ? token_kind_names[token->kind] : "-");
	ui_table_add(table, token->gated_read == NO ? UI_YELLOW : colour,
		     show_tristate(token->gated_read));
	ui_table_add(table, expired ? UI_RED : colour, expires);
	ui_table_add(table, colour, token->store);
	if (listing->wide)
		ui_table_add(table, colour, token->masked);
	if (listing->hubs)
		ui_table_add(table, colour,
			     listing->wide ? token->endpoint : short_endpoint(token));
}

static void look_at_hub(void *out, struct session *session, const struct token *token)
{
	struct listing *listing = out;

	listing->hubs |= strcmp(token->endpoint, session->endpoint.origin) != 0;
}

static void add_heads(struct listing *listing)
{
	static const char *const heads[] = {"",      "name",    "account", "kind",
					    "gated", "expires", "store"};

	listing->table->columns = ARRAY_SIZE(heads) + listing->wide + listing->hubs;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(listing->table, UI_DIM, heads[i]);
	if (listing->wide)
		ui_table_add(listing->table, UI_DIM, "token");
	if (listing->hubs)
		ui_table_add(listing->table, UI_DIM, "endpoint");
}

static void put_table(struct cli *cli, struct session *session)
{
	bool wide = cli_has(cli, OPT_WIDE);
	AUTOTABLE struct ui_table table = {.fit = !wide};
	struct listing listing = {.table = &table, .wide = wide, .hubs = wide};
	struct resolution pick;

	if (!session_resolve(session, &(struct resolve_request) {.now = 0}, &pick, NULL))
		listing.in_force = pick.token;
	show_each(session, look_at_hub, &listing);
	add_heads(&listing);
	show_each(session, add_row, &listing);
	ui_table_print(&table, &cli->out);
}

int cmd_list(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	/* Names alone are what shells ask for while somebody types: no file of others, no store. */
	if (!error && (!cli_has(cli, OPT_QUIET) || cli_has(cli, OPT_JSON)))
		error = session_search(&session, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &session);
	} else if (cli_has(cli, OPT_QUIET)) {
		for (size_t i = 0; i < session.catalogue.count; i++)
			buf_printf(&cli->out, "%s\n", session.catalogue.tokens[i].name);
	} else if (session.catalogue.count || session.sources->count || session_env(&session)) {
		put_table(cli, &session);
		cli_flush(cli);
		show_env_warning(&session, "is used in place of the default token");
	} else {
		ui_say("no tokens yet");
		ui_hint("hftoken login");
	}
	cli_flush(cli);
	show_env_problem(&session);
	show_source_problems(&session);
	return 0;
}
