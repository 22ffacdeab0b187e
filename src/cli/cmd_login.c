/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/follow.h"
#include "cli/login.h"
#include "cli/open_store.h"
#include "cli/run.h"
#include "cli/trust.h"
#include "cli/ui.h"
#include "core/ladder.h"
#include "core/outcomes.h"

static void login_release(struct login *login)
{
	hub_whoami_release(&login->ask);
	hf_follow_release(&login->follow);
	secret_release(&login->secret);
	buf_release(&login->lost);
	session_release(&login->session);
}

/* ---- before the token is read ----------------------------------------------------------------- */

static int take_name(struct login *login, struct err *err)
{
	int error = cli_typed_name(login->cli, 0, &login->wished, err);

	return !error && login->wished ? token_name_check(login->wished, err) : error;
}

static int take_store(struct login *login, struct err *err)
{
	const char *store = wished_store(login->cli, &login->session);
	struct ladder_step step;
	int error = check_store_name(store, err);

	login->store = store;
	if (error)
		return error;
	if (strcmp(store, "auto") != 0)
		return 0;
	error = login_check_need(login, err);
	if (error)
		return error;
	error = ladder_choose(&login->session, &step, err);
	if (error)
		return error;
	login->store = step.store;
	login->by_ladder = true;
	(void)text_copy(login->store_why, sizeof(login->store_why), step.why);
	return 0;
}

/*
 * Before the token is read: nobody shall paste one for a store that then cannot be used. The
 * keyring that the ladder has found is open.
 */
static int open_its_store(struct login *login, struct err *err)
{
	const struct token *old = login->wished ? catalogue_find(&login->session.catalogue,
								 login->wished)
						: NULL;
	const char *store = login->store;

	if (old && !cli_has(login->cli, OPT_STORE))
		store = old->store;
	else if (login->by_ladder && strcmp(store, STORE_KEYRING) == 0)
		return 0;
	return open_store(&login->session, store, NULL, err);
}

/* ---- with the token --------------------------------------------------------------------------- */

static int verify(struct login *login, struct err *err)
{
	int error = token_secret_check(&login->secret, login->session.endpoint.origin, err);

	if (error || cli_has(login->cli, OPT_NO_VERIFY))
		return error;
	login->ask.url = login->session.endpoint.url;
	login->ask.token = &login->secret;
	error = hub_whoami(&login->ask, 1, ui_tick, err);
	if (error)
		return error;
	if (login->ask.error) {
		*err = login->ask.err;
		if (*login->ask.message && login->ask.error == ERR_REFUSED) {
			char hint[sizeof(err->hint)];

			(void)text_copy(hint, sizeof(hint), err->hint);
			err_set(err, ERR_REFUSED, "%s (the Hub says: %s)",
				login->ask.err.message, login->ask.message);
			err_hint(err, "%s", hint);
		}
		return login->ask.error;
	}
	login->verified = true;
	return 0;
}

/* What a store protects is news where it is a new one, also to those who have had tokens before. */
static void look_into_store(struct login *login, const char *name)
{
	AUTOBUF struct buf ids = {0};
	struct store_client *store;

	login->store_was_empty = !session_store(&login->session, name, &store, NULL) &&
				 !store_list(store, &ids, NULL) && ids.size == 0;
}

/* The token's fields as they will be; texts point into `login` and `text`. */
static int describe(struct login *login, char masked[MASKED_SIZE], struct buf *text,
		    struct token *ret, struct err *err)
{
	mask_secret(&login->secret, masked);
	*ret = token_fresh(login->name, login->session.endpoint.origin, login->store, masked);
	return login->verified ? hub_learn(&login->ask.identity, ret, text, err) : 0;
}

static int refresh(struct login *login, struct token *token, const struct token *fresh,
		   struct err *err)
{
	struct catalogue *catalogue = &login->session.catalogue;
	struct token next = *fresh;
	int error = 0;

	next.id = token->id;
	next.revision = token->revision;
	next.store = token->store;
	next.extra = token->extra;
	/* What nobody has checked teaches nothing. */
	if (login->verified)
		error = catalogue_update(catalogue, token, &next, err);
	if (!error && cli_has(login->cli, OPT_DEFAULT))
		error = catalogue_set_default(catalogue, token, err);
	return error ? error : catalogue_commit(catalogue, err);
}

static int apply(struct login *login, struct token **ret, struct err *err)
{
	struct session *session = &login->session;
	bool make_default = cli_has(login->cli, OPT_DEFAULT);
	AUTOBUF struct buf text = {0};
	char masked[MASKED_SIZE];
	struct token fresh;
	struct token *token = catalogue_find(&session->catalogue, login->name);
	int error = describe(login, masked, &text, &fresh, err);

	if (error)
		return error;
	if (login->action == LOGIN_ADD) {
		struct ladder_step step = {.store = login->store};

		if (!login->by_ladder)
			return session_add(session, &fresh, &login->secret, make_default, ret,
					   err);
		(void)text_copy(step.why, sizeof(step.why), login->store_why);
		error = ladder_add(session, &step, &fresh, &login->secret, make_default, ret,
				   err);
		(void)text_copy(login->store_why, sizeof(login->store_why), step.why);
		return error;
	}
	*ret = token;
	if (login->action == LOGIN_REFRESH)
		return refresh(login, token, &fresh, err);
	fresh.extra = token->extra;
	if (!cli_has(login->cli, OPT_STORE))
		fresh.store = token->store;
	look_into_store(login, fresh.store);
	return session_replace(session, token, &fresh, &login->secret, make_default, err);
}

int cmd_login(struct cli *cli, struct err *err)
{
	const struct session_options reading = {.parts = CATALOGUE_ALL,
						.endpoint = cli->values[OPT_ENDPOINT],
						.warn = ui_settings_warning};
	CLEANUP(login_release)
	struct login login = {
		.cli = cli,
		.session = {.catalogue = CATALOGUE_NONE},
		.follow = HF_FOLLOW_NONE,
	};
	struct token *token;
	int error = take_name(&login, err);

	if (!error)
		error = session_open(&login.session, &reading, err);
	if (!error)
		error = login_check_name(&login, err);
	if (!error)
		error = trust_endpoint(&login.session, &reading, err);
	if (!error)
		error = take_store(&login, err);
	if (!error)
		error = open_its_store(&login, err);
	if (!error)
		error = login_input(&login, err);
	if (!error)
		error = verify(&login, err);
	if (!error)
		error = login_plan(&login, false, err);
	/* Prompts and the network are over: from here on the lock is held. */
	if (!error)
		error = session_reload(&login.session,
				       &(struct session_options) {.write = true}, err);
	if (!error)
		error = login_plan(&login, true, err);
	if (error)
		return error;
	hf_follow_begin(&login.follow, &login.session);
	error = apply(&login, &token, err);
	if (error)
		return error;
	/* Whoever logs in has reason to believe that it works by now. */
	if (login.verified)
		(void)outcomes_lift(token->id, true);
	login_show_result(&login, token);
	(void)follow_end(cli, &login.follow, &login.session);
	login_show_next(&login, token);
	return 0;
}
