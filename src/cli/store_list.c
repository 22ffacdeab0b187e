/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/store.h"
#include "cli/ui.h"
#include "core/ladder.h"

/* What is known of one store. */
struct row {
	const char *name;
	size_t tokens;
	size_t missing; /* of these, whose secret is not there */
	bool for_login; /* login would use it */
	struct store_state state;
};

struct rows {
	struct row rows[SESSION_STORES];
	size_t count;
	char why[256]; /* why login would not use the keyring; "" if it would, or was told to */
};

static const char *state_name(enum err_code code)
{
	switch (code) {
	case ERR_OK:
		return "ready";
	case ERR_LOCKED:
	case ERR_TIMED_OUT:
	case ERR_UNSAFE:
	case ERR_DAMAGED:
		return err_name(code);
	default:
		return "unavailable";
	}
}

static struct row *find_row(struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->rows[i].name, name) == 0)
			return &rows->rows[i];
	}
	if (rows->count == SESSION_STORES)
		return NULL;
	rows->rows[rows->count] = (struct row) {.name = name};
	return &rows->rows[rows->count++];
}

/* One that cannot even be asked has a state, too. */
static void ask(struct session *session, struct row *row)
{
	struct store_client *store;
	struct err cause = {0};
	int error = session_store(session, row->name, &store, &cause);

	if (!error)
		error = store_probe(store, &row->state, &cause);
	if (!error)
		return;
	row->state = (struct store_state) {.code = (enum err_code)error};
	(void)text_copy(row->state.why, sizeof(row->state.why), cause.message);
	(void)text_copy(row->state.hint, sizeof(row->state.hint), cause.hint);
}

/* Whatever its revision: it may be replaced while we look. */
static bool holds(const struct buf *ids, const struct token *token)
{
	return strstr(buf_text(ids), token->id) != NULL;
}

/* A store may be open and have nothing of what the catalogue knows: of another vault, say. */
static void count_missing(struct session *session, struct row *row)
{
	AUTOBUF struct buf ids = {0};
	struct store_client *store;

	if (row->state.code != ERR_OK || !row->tokens ||
	    session_store(session, row->name, &store, NULL) || store_list(store, &ids, NULL))
		return;
	for (size_t i = 0; i < session->catalogue.count; i++) {
		const struct token *token = &session->catalogue.tokens[i];

		if (strcmp(token->store, row->name) == 0)
			row->missing += !holds(&ids, token);
	}
	if (!row->missing)
		return;
	row->state.code = row->missing == row->tokens ? ERR_DAMAGED : ERR_OK;
	(void)snprintf(row->state.why, sizeof(row->state.why),
		       "the secrets of %zu of %zu tokens are not in it", row->missing,
		       row->tokens);
	(void)snprintf(row->state.hint, sizeof(row->state.hint),
		       "if it was moved away or replaced, put it back; else hftoken login NAME "
		       "stores a token again, and hftoken logout NAME forgets it");
}

static void mark_for_login(const struct session *session, struct rows *rows)
{
	const char *chosen = getenv("HFTOKEN_STORE");
	struct ladder_step step;

	if (!chosen || !*chosen)
		chosen = session->settings.store;
	if (strcmp(chosen, "auto") == 0) {
		ladder_decide(&find_row(rows, STORE_KEYRING)->state, &step);
		chosen = step.store;
		(void)text_copy(rows->why, sizeof(rows->why), step.why);
	}
	for (size_t i = 0; i < rows->count; i++)
		rows->rows[i].for_login = strcmp(rows->rows[i].name, chosen) == 0;
}

static void collect(struct session *session, struct rows *rows)
{
	(void)find_row(rows, STORE_KEYRING);
	(void)find_row(rows, STORE_FILE);
	for (size_t i = 0; i < session->catalogue.count; i++) {
		struct row *row = find_row(rows, session->catalogue.tokens[i].store);

		if (row)
			row->tokens++;
	}
	for (size_t i = 0; i < rows->count; i++) {
		ask(session, &rows->rows[i]);
		count_missing(session, &rows->rows[i]);
	}
	mark_for_login(session, rows);
}

static void put_json(struct cli *cli, const struct rows *rows)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "stores", '[');
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		bool available = row->state.code == ERR_OK;

		json_begin(&out, NULL, '{');
		json_put_text(&out, "name", row->name);
		json_put_bool(&out, "available", available);
		json_put_text(&out, "state", state_name(row->state.code));
		json_put_text(&out, "why", *row->state.why ? row->state.why : NULL);
		json_put_int(&out, "tokens", (int64_t)row->tokens);
		json_put_int(&out, "missing", (int64_t)row->missing);
		json_put_text(&out, "protects", row->state.protects);
		json_put_bool(&out, "login", row->for_login);
		json_end(&out, '}');
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static void put_table(struct cli *cli, const struct rows *rows)
{
	static const char *const heads[] = {"", "store", "state", "tokens"};
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads), .fit = true};

	for (size_t i = 0; i < table.columns; i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		bool ready = row->state.code == ERR_OK;
		char tokens[24];

		(void)snprintf(tokens, sizeof(tokens), "%zu", row->tokens);
		ui_table_add(&table, UI_GREEN, row->for_login ? "*" : "");
		ui_table_add(&table, UI_BOLD, row->name);
		ui_table_add(&table, ready ? UI_GREEN : UI_YELLOW, state_name(row->state.code));
		ui_table_add(&table, UI_PLAIN, tokens);
	}
	ui_table_print(&table, &cli->out);
}

static void put_sentences(struct cli *cli, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];

		/* Of one that nothing is in, and nothing goes to, few want to know more. */
		if (!row->tokens && !row->for_login && !cli_has(cli, OPT_WIDE))
			continue;
		buf_printf(&cli->out, "\n%s\n", row->name);
		if (*row->state.why)
			ui_put_folded(&cli->out, 4, row->state.why);
		if (*row->state.why && *row->state.hint)
			ui_put_folded(&cli->out, 4, row->state.hint);
		if (*row->state.protects)
			ui_put_folded(&cli->out, 4, row->state.protects);
	}
	buf_printf(&cli->out, "\n* is where a new token goes%s%s\n", *rows->why ? ": " : "",
		   rows->why);
}

int store_do_list(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	struct rows rows = {.count = 0};
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	if (error)
		return error;
	collect(&session, &rows);
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &rows);
	} else if (cli_has(cli, OPT_QUIET)) {
		for (size_t i = 0; i < rows.count; i++)
			buf_printf(&cli->out, "%s\n", rows.rows[i].name);
	} else {
		put_table(cli, &rows);
		put_sentences(cli, &rows);
	}
	return 0;
}
