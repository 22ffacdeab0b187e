/* SPDX-License-Identifier: Apache-2.0 */
/* Opening stores, and forgetting what opens them. */
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "cli/open_store.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/store.h"
#include "cli/ui.h"
#include "core/cache.h"
#include "core/ladder.h"

static void put_name(struct cli *cli, const char *name, const char *what)
{
	if (cli_has(cli, OPT_JSON))
		return;
	if (cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s\n", name);
	else
		buf_printf(&cli->out, "%s store '%s' %s\n", ui_mark(UI_YES), name, what);
}

/* ---- unlock ----------------------------------------------------------------------------------- */

static int unlock_with_passphrase(struct cli *cli, struct store_client *store,
				  const struct store_state *state, struct err *err)
{
	AUTOSECRET struct secret passphrase = {0};
	bool given = passphrase_is_given(cli);
	int error;

	if (!given && prompt_possible())
		return open_with_passphrase(store, err);
	if (!given) {
		store_error(store->name, state, err);
		return err_hint(err, "hftoken store unlock --with-passphrase reads the "
				     "passphrase from standard input");
	}
	error = read_passphrase(&passphrase, err);
	return error ? error : store_unlock(store, false, &passphrase, err);
}

/*
 * The store is told to unlock whatever it said before: what it said may be that it is left alone for
 * a while.
 */
static int unlock_one(struct cli *cli, struct session *session, const char *name,
		      bool *ret_unlocked, struct err *err)
{
	struct store_state state = {0};
	struct store_client *store;
	int error = session_store(session, name, &store, err);

	if (error)
		return error;
	store->interactive = prompt_possible();
	error = store_probe(store, &state, err);
	if (error)
		return error;
	/* One that is given opens it for its whole time anew. */
	if ((state.capabilities & STORE_PASSPHRASE) &&
	    (state.code == ERR_LOCKED || cli_has(cli, OPT_WITH_PASSPHRASE))) {
		error = unlock_with_passphrase(cli, store, &state, err);
	} else if (state.code == ERR_LOCKED && store->interactive) {
		error = open_with_window(store, err);
	} else {
		error = store_unlock(store, store->interactive, NULL, err);
		/* A damaged store whose version before is locked: it can be opened, and recovered. */
		if (error == ERR_LOCKED && (state.capabilities & STORE_PASSPHRASE))
			error = unlock_with_passphrase(cli, store, &state, err);
	}
	*ret_unlocked = state.code != ERR_OK || cli_has(cli, OPT_WITH_PASSPHRASE);
	return error;
}

/* The stores that are meant, each once. */
struct names {
	const char *list[SESSION_STORES];
	size_t count;
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->list[i], name) == 0)
			return;
	}
	if (names->count < ARRAY_SIZE(names->list))
		names->list[names->count++] = name;
}

static void find_names(const struct cli *cli, const struct session *session,
		       struct names *names)
{
	if (cli->operand_count) {
		add_name(names, cli->operands[0]);
	} else if (cli_has(cli, OPT_WITH_PASSPHRASE)) {
		add_name(names, STORE_FILE); /* the only one that has such a thing */
	} else {
		for (size_t i = 0; i < session->catalogue.count; i++)
			add_name(names, session->catalogue.tokens[i].store);
	}
}

static int unlock_all(struct cli *cli, struct session *session, const struct names *names,
		      struct json_out *out, struct err *err)
{
	int error = 0;

	for (size_t i = 0; i < names->count && !error; i++) {
		bool unlocked = false;

		error = unlock_one(cli, session, names->list[i], &unlocked, err);
		if (error)
			continue;
		if (unlocked && cli_has(cli, OPT_JSON))
			json_put_text(out, NULL, names->list[i]);
		if (unlocked)
			put_name(cli, names->list[i], "is unlocked");
		else if (!cli_has(cli, OPT_JSON) && !cli_has(cli, OPT_QUIET))
			buf_printf(&cli->out, "store '%s' was not locked\n", names->list[i]);
	}
	return error;
}

int store_do_unlock(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	struct json_out out = {.buf = &cli->out};
	struct names names = {.count = 0};
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	if (error)
		return error;
	find_names(cli, &session, &names);
	if (!names.count && !cli_has(cli, OPT_JSON))
		ui_say("there are no tokens, so there is nothing to unlock");
	if (cli_has(cli, OPT_JSON)) {
		json_begin(&out, NULL, '{');
		json_begin(&out, "unlocked", '[');
	}
	error = unlock_all(cli, &session, &names, &out, err);
	if (cli_has(cli, OPT_JSON)) {
		json_end(&out, ']');
		json_end(&out, '}');
		buf_add_char(&cli->out, '\n');
	} else if (error) {
		cli_flush(cli); /* what is open stays so */
	}
	return error;
}

/* ---- lock ------------------------------------------------------------------------------------- */

/* Works without the catalogue: even where that is damaged, keys are to be forgotten. */
static int lock_file(bool *ret_locked, bool *ret_open, struct err *err)
{
	CLEANUP(store_release) struct store_client store;
	struct store_state state = {0};
	int error = store_init(&store, STORE_FILE, err);

	if (!error)
		error = store_lock(&store, err);
	if (!error && !store_probe(&store, &state, NULL)) {
		*ret_locked = state.code == ERR_LOCKED;
		*ret_open = state.code == ERR_OK && !(state.capabilities & STORE_PASSPHRASE);
	}
	return error;
}

int store_do_lock(struct cli *cli, struct err *err)
{
	struct json_out out = {.buf = &cli->out};
	size_t dropped = cache_clear();
	bool locked = false;
	bool open = false;
	int error = lock_file(&locked, &open, err);

	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		json_begin(&out, NULL, '{');
		json_begin(&out, "locked", '[');
		if (locked)
			json_put_text(&out, NULL, STORE_FILE);
		json_end(&out, ']');
		json_put_int(&out, "dropped", (int64_t)dropped);
		json_end(&out, '}');
		buf_add_char(&cli->out, '\n');
		return 0;
	}
	if (locked)
		put_name(cli, STORE_FILE, "is locked");
	if (open && !cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out,
			   "store '%s' has no passphrase, so it stays open: hftoken store "
			   "passphrase sets one\n",
			   STORE_FILE);
	if (!cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out,
			   "cached tokens that were forgotten: %zu\n"
			   "the desktop's keyring is left as it is; its own application locks "
			   "it\n",
			   dropped);
	return 0;
}
