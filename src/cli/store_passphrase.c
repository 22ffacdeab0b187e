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
#define SHORT 8 /* bytes; it is a hint, not a rule */

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
	if (passphrase_is_given(cli))
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

static int hint_lines(struct err *err)
{
	return err_hint(err, "in the first line of standard input stands the passphrase as it "
			     "is, in the second the new one");
}

/*
 * An open vault tells nothing about who sits here: whoever finds a desk left alone could lock its
 * owner out, or take the protection away.
 */
static int check_old(const struct cli *cli, struct store_client *store, struct err *err)
{
	AUTOSECRET struct secret old = {0};
	int error;

	if (!passphrase_is_given(cli) && prompt_possible())
		return open_with_passphrase(store, err);
	if (!passphrase_is_given(cli)) {
		err_set(err, ERR_USAGE, "the passphrase of the store '%s' is needed first",
			store->name);
		return err_hint(err, "on a terminal, or with --with-passphrase in the first "
				     "line of standard input");
	}
	error = read_passphrase(&old, err);
	if (!error)
		error = store_unlock(store, false, &old, err);
	return error == ERR_DENIED || error == ERR_USAGE ? hint_lines(err) : error;
}

static int open_file(const struct cli *cli, struct session *session, struct store_client **ret,
		     bool *ret_has_one, struct err *err)
{
	struct store_state state = {0};
	int error = open_store(session, STORE_FILE, &state, err);

	if (!error)
		error = session_store(session, STORE_FILE, ret, err);
	*ret_has_one = state.capabilities & STORE_PASSPHRASE;
	/* Where it was locked, it has just been opened by it. */
	if (!error && *ret_has_one && state.code == ERR_OK)
		error = check_old(cli, *ret, err);
	return error;
}

int store_do_passphrase(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret passphrase = {0};
	bool remove = cli_has(cli, OPT_REMOVE);
	struct store_client *store;
	bool has_one = false;
	int error = open_file(cli, &session, &store, &has_one, err);
	bool change = !remove || has_one;

	if (!error && !remove)
		error = new_passphrase(cli, &passphrase, err);
	if (error == ERR_USAGE && has_one && passphrase_is_given(cli))
		return hint_lines(err);
	if (!error && !remove && passphrase.size < SHORT)
		ui_warn("a passphrase of fewer than %d characters can be guessed by whoever has "
			"the file",
			SHORT);
	if (!error && change)
		error = store_set_passphrase(store, remove ? NULL : &passphrase, err);
	return error ? error : put_answer(cli, store, change, err);
}
