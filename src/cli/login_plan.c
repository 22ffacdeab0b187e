/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/login.h"

#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/prompt.h"
#include "cli/ui.h"
#include "core/outcomes.h"

static const char *account_of(const struct login *login)
{
	return login->verified ? login->ask.identity.account : "";
}

static void decide(struct login *login, enum login_action action, const char *name)
{
	login->action = action;
	if (name != login->name)
		(void)text_copy(login->name, sizeof(login->name), name);
}

/*
 * Its store is closed, and another one was asked for: whatever it holds, it is to be replaced, and
 * that is the way out.
 */
static bool is_left_behind(const struct login *login, const struct token *token, int error)
{
	bool closed = error == ERR_LOCKED || error == ERR_UNAVAILABLE ||
		      error == ERR_TIMED_OUT || error == ERR_DENIED || error == ERR_UNSAFE ||
		      error == ERR_DAMAGED || error == ERR_TOO_NEW;

	return closed && cli_has(login->cli, OPT_STORE) &&
	       strcmp(token->store, login->store) != 0;
}

/* Whether the stored token has this very secret. Only one that looks the same is read. */
static int has_same_secret(struct login *login, const struct token *token, bool *ret,
			   struct err *err)
{
	AUTOSECRET struct secret stored = {0};
	char masked[MASKED_SIZE];
	int error;

	*ret = false;
	mask_secret(&login->secret, masked);
	if (strcmp(masked, token->masked) != 0 ||
	    strcmp(token->endpoint, login->session.endpoint.origin) != 0)
		return 0;
	error = session_secret(&login->session, token, &stored, err);
	/* Gone from its store: logging in again is the way out. */
	if (session_is_gone(error) || is_left_behind(login, token, error))
		return 0;
	if (!error)
		*ret = secret_equal(&stored, &login->secret);
	return error;
}

/* ---- replacing -------------------------------------------------------------------------------- */

static void find_losses(struct login *login, const struct token *old)
{
	struct identity before = {0};

	buf_clear(&login->lost);
	if (!login->verified || !*old->identity ||
	    identity_parse(old->identity, strlen(old->identity), NULL, &before, NULL))
		return;
	identity_lost(&before, &login->ask.identity, &login->lost);
	identity_release(&before);
}

/* The losses on one line, for an error or a question. */
static void join_losses(const struct login *login, char *ret, size_t capacity)
{
	AUTOBUF struct buf joined = {0};

	for (const char *c = buf_text(&login->lost); *c; c++) {
		if (*c != '\n')
			buf_add_char(&joined, *c);
		else if (c[1])
			buf_add_text(&joined, "; ");
	}
	(void)text_copy(ret, capacity, buf_text(&joined));
}

/* A token that can do less is not to take another's place unnoticed. */
static int confirm_losses(struct login *login, const char *name, bool locked, struct err *err)
{
	char losses[300];
	char question[500];
	bool yes = false;
	int error;

	if (login->lost.size == 0 || login->confirmed || cli_has(login->cli, OPT_REPLACE))
		return 0;
	join_losses(login, losses, sizeof(losses));
	if (locked)
		return err_set(err, ERR_BUSY, "token '%s' was changed meanwhile; try again",
			       name);
	if (!prompt_possible()) {
		err_set(err, ERR_FAILED, "the new token can do less than '%s': %s", name,
			losses);
		return err_hint(err, "hftoken login %s --replace if that is meant", name);
	}
	(void)snprintf(question, sizeof(question),
		       "The new token can no longer: %s. Replace '%s'?", losses, name);
	error = prompt_yes(question, false, &yes, err);
	if (!error && !yes)
		return err_set(err, ERR_CANCELLED, "nothing was changed");
	login->confirmed = yes;
	return error;
}

static int other_account(const struct login *login, const struct token *old, struct err *err)
{
	const char *account = account_of(login);

	err_set(err, ERR_FAILED, "token '%s' belongs to %s, and this one to %s", old->name,
		*old->account ? old->account : "nobody known",
		*account ? account : "nobody known");
	return err_hint(err, "choose another name, or hftoken login %s --replace", old->name);
}

static int check_endpoint(const struct login *login, const struct token *old, struct err *err)
{
	if (cli_has(login->cli, OPT_REPLACE) ||
	    strcmp(old->endpoint, login->session.endpoint.origin) == 0)
		return 0;
	err_set(err, ERR_FAILED, "token '%s' is for %s", old->name, old->endpoint);
	return err_hint(err, "choose another name, or hftoken login %s --replace", old->name);
}

int login_check_name(const struct login *login, struct err *err)
{
	const struct token *old = login->wished ? catalogue_find(&login->session.catalogue,
								 login->wished)
						: NULL;

	return old ? check_endpoint(login, old, err) : 0;
}

static int plan_replacement(struct login *login, const struct token *old, bool locked,
			    struct err *err)
{
	bool forced = cli_has(login->cli, OPT_REPLACE);
	bool same;
	int error = has_same_secret(login, old, &same, err);

	if (error)
		return error;
	if (same) {
		decide(login, LOGIN_REFRESH, old->name);
		return 0;
	}
	error = check_endpoint(login, old, err);
	if (error)
		return error;
	if (!forced && (!*old->account || !text_equal_fold(old->account, account_of(login))))
		return other_account(login, old, err);
	find_losses(login, old);
	decide(login, LOGIN_REPLACE, old->name);
	return confirm_losses(login, old->name, locked, err);
}

/* ---- without a name --------------------------------------------------------------------------- */

/* The name at the Hub made legal, else one from the account. */
static void derive_name(const struct login *login, char ret[TOKEN_NAME_MAX + 1])
{
	const struct identity *identity = &login->ask.identity;
	char text[TOKEN_NAME_MAX * 4];

	if (login->verified && token_name_from(identity->display_name, ret))
		return;
	(void)snprintf(text, sizeof(text), "%s%s", identity->kind == KIND_OAUTH ? "oauth-" : "",
		       identity->account);
	if (!login->verified || !token_name_from(text, ret))
		(void)text_copy(ret, TOKEN_NAME_MAX + 1, "token");
}

/* Should it not come to replacing it: nothing is to be answered with it any more. */
static void note_death(const struct token *token)
{
	struct outcome outcome = {.revision = token->revision,
				  .result = OUTCOME_DEAD,
				  .source = OUTCOME_BY_LOGIN,
				  .at = time_now(),
				  .verified = token->verified};

	outcome_token_id(token, outcome.id);
	(void)outcomes_note(NULL, &outcome);
}

/* Asks the Hub whether the stored token of that name still works; its death is remembered. */
static int ask_about_old(struct login *login, const struct token *old, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct hub_whoami ask = {.url = hub_url_for(&login->session, old), .token = &secret};
	int error;

	if (!login->verified || !text_equal_fold(old->account, account_of(login)) ||
	    strcmp(old->endpoint, login->session.endpoint.origin) != 0)
		return 0;
	error = session_secret(&login->session, old, &secret, err);
	if (session_is_gone(error) || is_left_behind(login, old, error)) {
		(void)text_copy(login->dead_id, sizeof(login->dead_id), old->id);
		return 0;
	}
	if (!error)
		error = hub_whoami(&ask, 1, ui_tick, err);
	if (error)
		return error;
	if (ask.status == HUB_INVALID || ask.status == HUB_EXPIRED) {
		(void)text_copy(login->dead_id, sizeof(login->dead_id), old->id);
		note_death(old);
	}
	hub_whoami_release(&ask);
	return 0;
}

static int plan_unnamed(struct login *login, bool locked, struct err *err)
{
	const struct catalogue *catalogue = &login->session.catalogue;
	char name[TOKEN_NAME_MAX + 1];
	const struct token *old;
	int error = 0;

	for (size_t i = 0; i < catalogue->count; i++) {
		bool same;

		error = has_same_secret(login, &catalogue->tokens[i], &same, err);
		if (error)
			return error;
		if (same) {
			decide(login, LOGIN_REFRESH, catalogue->tokens[i].name);
			return 0;
		}
	}
	derive_name(login, name);
	old = catalogue_find(catalogue, name);
	if (!old) {
		decide(login, LOGIN_ADD, name);
		return 0;
	}
	if (!locked)
		error = ask_about_old(login, old, err);
	if (error)
		return error;
	if (strcmp(login->dead_id, old->id) == 0)
		return plan_replacement(login, old, locked, err);
	decide(login, LOGIN_ADD, "");
	return catalogue_free_name(catalogue, name, login->name, err);
}

int login_plan(struct login *login, bool locked, struct err *err)
{
	const struct token *old;

	if (!login->wished)
		return plan_unnamed(login, locked, err);
	old = catalogue_find(&login->session.catalogue, login->wished);
	if (old)
		return plan_replacement(login, old, locked, err);
	decide(login, LOGIN_ADD, login->wished);
	return 0;
}
