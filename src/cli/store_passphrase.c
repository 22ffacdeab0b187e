/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json_write.h"
#include "cli/open_store.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/store.h"
#include "cli/ui.h"
#include "core/ladder.h"

#define TRIES 3

/* Twice, since nobody sees what is typed and a slip would cost every token. */
static int ask_twice(struct secret *ret, struct err *err)
{
	int error = 0;

	for (int tries = 0; tries < TRIES; tries++) {
		AUTOSECRET struct secret first = {0};
		AUTOSECRET struct secret second = {0};

		error = prompt_secret("new passphrase: ", &first, err);
		if (error)
			return error;
		error = store_check_passphrase(&first, err);
		if (!error)
			error = prompt_secret("the same again: ", &second, err);
		if (error && error != ERR_USAGE)
			return error;
		if (!error && secret_equal(&first, &second)) {
			secret_move(ret, &first);
			return 0;
		}
		if (!error)
			error = err_set(err, ERR_USAGE, "the two are not the same");
		ui_say("%s", err->message);
	}
	return error;
}

static int new_passphrase(const struct cli *cli, struct secret *ret, struct err *err)
{
	if (cli_has(cli, OPT_WITH_PASSPHRASE))
		return read_passphrase(ret, err);
	if (prompt_possible())
		return ask_twice(ret, err);
	err_set(err, ERR_USAGE, "there is no terminal to type a passphrase on");
	return err_hint(err, "hftoken store passphrase --with-passphrase reads it from "
			     "standard input");
}

static int put_answer(struct cli *cli, struct store_client *store, bool changed,
		      struct err *err)
{
	struct json_out out = {.buf = &cli->out};
	struct store_state state;
	int error = store_probe(store, &state, err);
	bool has_one = !error && (state.capabilities & STORE_PASSPHRASE);

	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		json_begin(&out, NULL, '{');
		json_put_text(&out, "store", store->name);
		json_put_bool(&out, "passphrase", has_one);
		json_put_text(&out, "protects", state.protects);
		json_end(&out, '}');
		buf_add_char(&cli->out, '\n');
	} else if (cli_has(cli, OPT_QUIET)) {
		buf_printf(&cli->out, "%s\n", store->name);
	} else {
		buf_printf(&cli->out, "%s store '%s' %s passphrase%s\n", ui_mark(UI_YES),
			   store->name, has_one ? "has a" : "has no",
			   !changed  ? ""
			   : has_one ? " now"
				     : " any more");
		ui_put_folded(&cli->out, 4, state.protects);
	}
	return 0;
}

int store_do_passphrase(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret passphrase = {0};
	bool remove = cli_has(cli, OPT_REMOVE);
	struct store_state state = {0};
	struct store_client *store;
	bool change;
	int error;

	if (remove && cli_has(cli, OPT_WITH_PASSPHRASE))
		return err_set(err, ERR_USAGE, "--remove takes no passphrase");
	error = open_store(&session, STORE_FILE, &state, err);
	if (!error)
		error = session_store(&session, STORE_FILE, &store, err);
	change = !remove || (state.capabilities & STORE_PASSPHRASE);
	if (!error && !remove)
		error = new_passphrase(cli, &passphrase, err);
	if (!error && change)
		error = store_set_passphrase(store, remove ? NULL : &passphrase, err);
	return error ? error : put_answer(cli, store, change, err);
}
