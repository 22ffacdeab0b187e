/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/inquiry.h"
#include "cli/run.h"
#include "cli/select.h"
#include "cli/show.h"
#include "cli/ui.h"

static int select_one(const struct cli *cli, struct session *session, struct inquiry *inquiry,
		      struct err *err)
{
	struct resolve_request request = {0};
	struct resolution pick;
	int error = cli_token_name(cli, 0, &request.name, err);

	if (error)
		return error;
	if (request.name) {
		/* Also one that has expired or is for another Hub: whoami is to say so. */
		error = session_find(session, request.name, &pick.token, err);
		if (!error && pick.token)
			inquiry_add(inquiry, pick.token);
		if (error || pick.token)
			return error;
	}
	error = session_resolve(session, &request, &pick, err);
	if (error || !pick.token)
		show_source_problems(session);
	if (error)
		return error;
	if (!pick.token)
		return show_no_token(session, session->endpoint.origin, pick.bound > 0, err);
	inquiry_add(inquiry, pick.token);
	return 0;
}

/* ---- output ----------------------------------------------------------------------------------- */

static void put_orgs(struct json_out *out, const struct identity *identity)
{
	json_begin(out, "orgs", '[');
	json_each (org, identity_orgs(identity)) {
		json_begin(out, NULL, '{');
		json_put_text(out, "name", json_member_text(org, "name"));
		json_put_text(out, "role", json_member_text(org, "roleInOrg"));
		json_end(out, '}');
	}
	json_end(out, ']');
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_json_token(struct json_out *out, const struct token *token,
			   const struct hub_whoami *ask)
{
	const struct identity *identity = &ask->identity;
	bool known = identity->document != NULL;
	bool is_source = !*token->id;

	json_begin(out, NULL, '{');
	json_put_text(out, "name", token->name);
	json_put_text(out, "source", is_source ? token->store : token->name);
	json_put_text(out, "endpoint", token->endpoint);
	json_put_text(out, "account", or_null(known ? identity->account : token->account));
	json_put_text(out, "type", or_null(identity->type));
	json_put_text(out, "fullname", or_null(identity->fullname));
	json_put_text(out, "email", or_null(identity->email));
	put_orgs(out, identity);
	json_put_text(out, "kind", token_kind_names[known ? identity->kind : token->kind]);
	json_put_text(out, "display_name", or_null(identity->display_name));
	json_put_time(out, "expires_at", known ? identity->expires : token->expires);
	json_put_text(out, "status", hub_status_names[ask->status]);
	json_put_text(out, "message",
		      ask->status == HUB_OK   ? NULL
		      : or_null(ask->message) ? ask->message
					      : ask->err.message);
	json_end(out, '}');
}

static void put_json(struct cli *cli, const struct inquiry *inquiry)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "tokens", '[');
	for (size_t i = 0; i < inquiry->count; i++)
		put_json_token(&out, inquiry->tokens[i], &inquiry->asks[i]);
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static void put_row(struct ui_table *table, const char *what, const char *value)
{
	if (!*value)
		return;
	ui_table_add(table, UI_DIM, "");
	ui_table_add(table, UI_DIM, what);
	ui_table_add(table, UI_PLAIN, value);
}

/* "acme (admin), friends (read)" */
static void list_orgs(const struct identity *identity, struct buf *ret)
{
	json_each (org, identity_orgs(identity)) {
		const char *name = json_member_text(org, "name");
		const char *role = json_member_text(org, "roleInOrg");

		if (!name)
			continue;
		buf_add_text(ret, ret->size ? ", " : "");
		text_clean(ret, name, strlen(name), 100);
		if (role) {
			buf_add_text(ret, " (");
			text_clean(ret, role, strlen(role), 30);
			buf_add_text(ret, ")");
		}
	}
}

static void put_one(struct cli *cli, const struct token *token, const struct hub_whoami *ask)
{
	const struct identity *identity = &ask->identity;
	AUTOTABLE struct ui_table table = {.columns = 3};
	AUTOBUF struct buf orgs = {0};
	AUTOBUF struct buf kind = {0};
	char expires[16];

	ui_put(&cli->out, ask->status == HUB_OK ? UI_GREEN : UI_YELLOW, "%s",
	       ui_mark(ask->status == HUB_OK ? UI_YES : UI_WARNING));
	ui_put(&cli->out, UI_BOLD, " %s", identity->account);
	buf_printf(&cli->out, " (%s)\n", token->name);
	show_date(identity->expires, expires);
	list_orgs(identity, &orgs);
	buf_printf(&kind, "%s%s%s", token_kind_names[identity->kind],
		   *identity->display_name ? ", at the Hub named " : "",
		   identity->display_name);
	put_row(&table, "name", identity->fullname);
	put_row(&table, "orgs", buf_text(&orgs));
	put_row(&table, "token", buf_text(&kind));
	put_row(&table, "expires", identity->expires == TIME_UNKNOWN ? "" : expires);
	put_row(&table, "gated",
		identity->gated_read == NO ? "this token may not read gated repositories" : "");
	put_row(&table, "hub",
		strcmp(token->endpoint, ENDPOINT_HUB) == 0 ? "" : token->endpoint);
	ui_table_print(&table, &cli->out);
}

static enum ui_colour status_colour(enum hub_status status)
{
	if (status == HUB_OK)
		return UI_GREEN;
	return status == HUB_UNREACHABLE ? UI_YELLOW : UI_RED;
}

/* Where the secret could not be read the Hub was not asked, and is not to blame. */
static const char *status_text(const struct hub_whoami *ask)
{
	if (ask->token || !ask->error)
		return hub_status_names[ask->status];
	return ask->error == ERR_LOCKED ? "locked" : "not readable";
}

static void put_table(struct cli *cli, const struct inquiry *inquiry)
{
	static const char *const heads[] = {"name",  "account", "kind",
					    "gated", "expires", "status"};
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads), .fit = true};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < inquiry->count; i++) {
		const struct hub_whoami *ask = &inquiry->asks[i];
		const struct identity *identity = &ask->identity;
		const struct token *token = inquiry->tokens[i];
		bool known = identity->document != NULL;
		char expires[16];

		show_date(known ? identity->expires : token->expires, expires);
		ui_table_add(&table, UI_BOLD, token->name);
		ui_table_add(&table, UI_PLAIN,
			     show_text(known ? identity->account : token->account));
		ui_table_add(&table, UI_PLAIN,
			     token_kind_names[known ? identity->kind : token->kind]);
		ui_table_add(&table, UI_PLAIN,
			     show_tristate(known ? identity->gated_read : token->gated_read));
		ui_table_add(&table, UI_PLAIN, expires);
		ui_table_add(&table, status_colour(ask->status), status_text(ask));
	}
	ui_table_print(&table, &cli->out);
}

static void put_quiet(struct cli *cli, const struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		if (inquiry->asks[i].status == HUB_OK)
			buf_printf(&cli->out, "%s\n", inquiry->asks[i].identity.account);
	}
}

int cmd_whoami(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOINQUIRY struct inquiry inquiry = {.count = 0};
	int error = session_open(
		&session,
		&(struct session_options) {.parts = CATALOGUE_ALL, .warn = ui_settings_warning},
		err);

	if (!error && cli_has(cli, OPT_ALL) && (cli->operand_count || cli_has(cli, OPT_NAME)))
		error = err_set(err, ERR_USAGE, "--all and a name do not go together");
	if (!error && cli_has(cli, OPT_ALL))
		error = session_search(&session, err);
	if (!error)
		error = inquiry_init(&inquiry, session.catalogue.count + SOURCES_MAX + 2, err);
	if (!error)
		error = cli_has(cli, OPT_ALL) ? inquiry_add_all(&inquiry, &session, err)
					      : select_one(cli, &session, &inquiry, err);
	if (!error)
		error = inquiry_ask(&inquiry, &session, !cli_has(cli, OPT_ALL), err);
	if (error)
		return error;
	inquiry_recall(&inquiry);
	if (cli_has(cli, OPT_JSON))
		put_json(cli, &inquiry);
	else if (cli_has(cli, OPT_QUIET))
		put_quiet(cli, &inquiry);
	else if (cli_has(cli, OPT_ALL))
		put_table(cli, &inquiry);
	else if (inquiry.asks[0].identity.document)
		put_one(cli, inquiry.tokens[0], &inquiry.asks[0]);
	cli_flush(cli);
	inquiry_say_troubles(&inquiry);
	cli->exit_status = inquiry_status(&inquiry);
	return 0;
}
