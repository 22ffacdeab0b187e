/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/open_store.h"

#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "cli/prompt.h"
#include "cli/ui.h"
#include "core/ladder.h"

#define TRIES 3

int store_error(const char *name, const struct store_state *state, struct err *err)
{
	err_set(err, state->code, "store '%s': %s", name, state->why);
	if (*state->hint)
		err_hint(err, "%s", state->hint);
	return state->code;
}

const char *wished_store(const struct cli *cli, const struct session *session)
{
	const char *variable = getenv("HFTOKEN_STORE");

	if (cli_has(cli, OPT_STORE))
		return cli->values[OPT_STORE];
	return variable && *variable ? variable : session->settings.store;
}

int check_store_name(const char *name, struct err *err)
{
	if (strcmp(name, "auto") == 0 || strcmp(name, STORE_FILE) == 0 ||
	    strcmp(name, STORE_KEYRING) == 0 || store_is_installed(name))
		return 0;
	if (store_is_name(name))
		err_set(err, ERR_USAGE, "there is no store '%s'", name);
	else
		err_set(err, ERR_USAGE, "not the name of a store");
	return err_hint(err, "stores: file, secret-service; auto chooses");
}

int open_with_passphrase(struct store_client *store, struct err *err)
{
	char question[STORE_NAME_MAX + 40];
	int error = 0;

	(void)snprintf(question, sizeof(question),
		       "passphrase of the store '%s': ", store->name);
	for (int tries = 0; tries < TRIES; tries++) {
		AUTOSECRET struct secret passphrase = {0};

		error = prompt_secret(question, &passphrase, err);
		if (!error)
			error = store_unlock(store, true, &passphrase, err);
		if (error != ERR_DENIED && error != ERR_USAGE)
			return error;
		ui_say("%s", err->message);
	}
	return error;
}

static bool has_desktop(void)
{
	const char *x11 = getenv("DISPLAY");
	const char *wayland = getenv("WAYLAND_DISPLAY");

	return (x11 && *x11) || (wayland && *wayland);
}

int open_with_window(struct store_client *store, struct err *err)
{
	int error;

	ui_say("store '%s' is locked; waiting up to %d s for its window to be answered",
	       store->name, STORE_UNLOCK_MS / 1000);
	error = store_unlock(store, true, NULL, err);
	if ((error != ERR_DENIED && error != ERR_TIMED_OUT) || has_desktop())
		return error;
	err_set(err, ERR_LOCKED,
		"store '%s' is locked, and there is no desktop session here that could show "
		"its window",
		store->name);
	return err_hint(err, "gnome-keyring-daemon --unlock opens GNOME's keyring with the "
			     "password on its standard input; or, at the desktop: hftoken "
			     "store move --all --to file");
}

bool passphrase_is_given(const struct cli *cli)
{
	return cli_has(cli, OPT_WITH_PASSPHRASE) && !isatty(STDIN_FILENO);
}

int read_passphrase(struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret text = {0};
	int error = input_line(STDIN_FILENO, PASSPHRASE_MAX + 1, &text, err);

	if (error) {
		err_context(err, "cannot read the passphrase");
		err->code = error == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_FAILED;
		return err->code;
	}
	error = store_check_passphrase(&text, err);
	if (!error)
		secret_move(ret, &text);
	return error;
}

/* Locked, and nobody to ask. */
static int stays_locked(const char *name, const struct store_state *state, struct err *err)
{
	store_error(name, state, err);
	if (state->capabilities & STORE_PASSPHRASE)
		return err_hint(err,
				"hftoken store unlock on a terminal, or give it the "
				"passphrase: hftoken store unlock --with-passphrase <FILE");
	return state->code;
}

static int unlock(struct store_client *store, const struct store_state *state, struct err *err)
{
	if (state->capabilities & STORE_PASSPHRASE)
		return open_with_passphrase(store, err);
	return open_with_window(store, err);
}

int open_store(struct session *session, const char *name, struct store_state *ret,
	       struct err *err)
{
	struct store_state state = {0};
	struct store_client *store;
	int error = session_store(session, name, &store, err);

	if (error)
		return error;
	/* Only now: under the lock on the catalogue nobody shall be waited for. */
	store->interactive = prompt_possible();
	error = store_probe(store, &state, err);
	if (!error && ret)
		*ret = state;
	if (!error && state.code == ERR_LOCKED)
		error = prompt_possible() ? unlock(store, &state, err)
					  : stays_locked(name, &state, err);
	else if (!error && state.code != ERR_OK)
		error = store_error(name, &state, err);
	store->interactive = false;
	return error;
}

static bool asked_before(const struct session *session, const struct selection *selection,
			 size_t position, const char *store)
{
	for (size_t i = 0; i < position; i++) {
		const struct token *token = catalogue_find_id(&session->catalogue,
							      selection->refs[i].id);

		if (token && strcmp(token->store, store) == 0)
			return true;
	}
	return false;
}

int open_stores(struct session *session, const struct selection *selection, struct err *err)
{
	int first = 0;

	if (!prompt_possible())
		return 0;
	for (size_t i = 0; i < selection->count && first != ERR_CANCELLED; i++) {
		const struct token *token = catalogue_find_id(&session->catalogue,
							      selection->refs[i].id);
		struct store_state state = {0};
		int error;

		if (!token || asked_before(session, selection, i, token->store))
			continue;
		error = open_store(session, token->store, &state, first ? NULL : err);
		if (!first && error && (state.code == ERR_LOCKED || error == ERR_CANCELLED))
			first = error;
	}
	return first;
}
