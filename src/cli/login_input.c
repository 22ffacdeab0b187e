/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/login.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/input.h"
#include "cli/prompt.h"
#include "cli/ui.h"
#include "core/plain.h"
#include "hub/answer.h"

#define TRIES 3

static int read_path(const char *path, struct secret *ret, struct err *err)
{
	CLOSED int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		if (looks_like_token(path))
			err_errno(err, "cannot open the token file");
		else
			err_errno(err, "cannot open '%s'", path);
		err->code = ERR_FAILED; /* it is not a file of ours */
		return ERR_FAILED;
	}
	return input_token(fd, ret, err);
}

static int read_numbered(const char *text, struct secret *ret, struct err *err)
{
	uint64_t number;
	int error;

	if (!text_to_number(text, 65535, &number))
		return err_set(err, ERR_USAGE, "--token-fd needs the number of a descriptor");
	if (number == STDOUT_FILENO || number == STDERR_FILENO)
		return err_set(err, ERR_USAGE, "descriptors 1 and 2 are for output");
	if (fcntl((int)number, F_GETFD) < 0)
		return err_set(err, ERR_USAGE, "descriptor %s is not open", text);
	error = input_token((int)number, ret, err);
	(void)close((int)number);
	return error;
}

/* ---- huggingface_hub's file ------------------------------------------------------------------- */

static bool is_stored(const struct session *session, const struct secret *secret)
{
	char masked[16];

	mask_secret(secret, masked);
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].masked, masked) == 0)
			return true;
	}
	return false;
}

/*
 * OAuth sessions are not taken: their refresh token has one owner. Neither is a token sent to a Hub
 * that `hf` itself would not send it to.
 */
static bool can_be_taken(const struct session *session, const struct secret *secret)
{
	if (session->endpoint.from != ENDPOINT_BY_VARIABLE &&
	    session->endpoint.from != ENDPOINT_USUAL)
		return false;
	return secret->size > 0 && token_kind_of_secret(secret) == KIND_OTHER &&
	       !is_stored(session, secret) &&
	       token_secret_check(secret, session->endpoint.origin, NULL) == 0;
}

/* Offers the token that `hf` uses. `login->secret` stays empty if that is not wanted. */
static int offer_hf_token(struct login *login, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct hub_whoami ask = {.url = login->session.endpoint.url, .token = &secret};
	char question[256];
	bool yes = false;
	int error = plain_hf_token(&secret, err);

	if (error || !can_be_taken(&login->session, &secret))
		return error;
	error = hub_whoami(&ask, 1, ui_tick, err);
	if (error || ask.status != HUB_OK)
		return error;
	(void)snprintf(question, sizeof(question),
		       "hf is logged in as %s. Take that token over?", ask.identity.account);
	hub_whoami_release(&ask);
	error = prompt_yes(question, true, &yes, err);
	if (!error && yes)
		secret_move(&login->secret, &secret);
	return error;
}

/* ---- where no login is needed ----------------------------------------------------------------- */

static int not_needed(const struct token *token, const char *where, struct err *err)
{
	err_set(err, ERR_USAGE,
		"no login is needed here: the token in %s is used as it is (%s)", where,
		token->name);
	return err_hint(err, "hftoken login --store file, to store one all the same");
}

int login_check_need(struct login *login, struct err *err)
{
	struct session *session = &login->session;
	const struct token *env = session_env(session);
	const struct token *mounted;
	const char *variable = getenv("HFTOKEN_STORE");
	int error;

	if (cli_has(login->cli, OPT_STORE) || (variable && *variable) ||
	    strcmp(session->source_endpoint, session->endpoint.origin) != 0)
		return 0;
	error = session_search(session, err);
	if (error)
		return error;
	mounted = sources_mounted(session->sources);
	if (mounted)
		return not_needed(mounted, sources_location(session->sources, mounted), err);
	if (!text_is_true(getenv("CI")))
		return 0;
	if (env && session->settings.environment != ENVIRONMENT_IGNORE &&
	    strcmp(env->endpoint, session->endpoint.origin) == 0)
		return not_needed(env, program_token_variable(), err);
	err_set(err, ERR_USAGE,
		"no login is needed in CI: a token in HF_TOKEN is used as it is");
	return err_hint(err, "set HF_TOKEN, or hftoken login --store file to store one here");
}

/* ---- all ways --------------------------------------------------------------------------------- */

static int no_input(struct err *err)
{
	err_set(err, ERR_USAGE, "there is no terminal to ask for the token on");
	return err_hint(err, "printf %%s \"$TOKEN\" | hftoken login --with-token");
}

/*
 * Nothing is shown of the answer: it may be the token once more, which is then the one that is meant.
 * `ret_yes` is false also for one that begins with hf_, as it needs no question.
 */
static int ask_to_send(struct login *login, const char *question, bool *ret_yes,
		       struct err *err)
{
	for (int tries = 0; tries < TRIES; tries++) {
		AUTOSECRET struct secret answer = {0};
		enum tristate meaning;
		int error = prompt_secret(question, &answer, err);

		if (error)
			return error;
		secret_trim(&answer);
		if (text_starts_with(secret_text(&answer), "hf_")) {
			secret_move(&login->secret, &answer);
			return token_secret_check(&login->secret,
						  login->session.endpoint.origin, err);
		}
		meaning = prompt_meaning(secret_text(&answer));
		*ret_yes = meaning == YES;
		if (meaning != UNKNOWN || answer.size == 0)
			return 0;
		ui_say("answer y or n");
	}
	return 0;
}

/* Other Hubs may have tokens of any form; but a password in the clipboard has any form too. */
static int check_pasted(struct login *login, struct err *err)
{
	const char *endpoint = login->session.endpoint.origin;
	char question[ENDPOINT_SIZE + 80];
	bool yes = false;
	int error = token_secret_check(&login->secret, endpoint, err);

	if (error || text_starts_with(secret_text(&login->secret), "hf_"))
		return error;
	(void)snprintf(question, sizeof(question),
		       "That does not begin with hf_. Send it to %s all the same? [y/N] ",
		       endpoint_host(endpoint));
	error = ask_to_send(login, question, &yes, err);
	if (error || yes || text_starts_with(secret_text(&login->secret), "hf_"))
		return error;
	return err_set(err, ERR_USAGE, "it was not sent");
}

/* Whatever was pasted would go to the Hub: only what can be a token does. */
static int paste(struct login *login, struct err *err)
{
	int error = 0;

	for (int tries = 0; tries < TRIES; tries++) {
		error = prompt_secret(
			"Paste the token (it will not be shown): ", &login->secret, err);
		if (error)
			return error;
		secret_trim(&login->secret);
		error = check_pasted(login, err);
		/* Enter alone is no slip: somebody wants to get out. */
		if (error != ERR_USAGE || login->secret.size == 0)
			return error;
		ui_say("%s", err->message);
		secret_release(&login->secret);
	}
	return error;
}

static int ask_for_token(struct login *login, struct err *err)
{
	int error;

	if (!prompt_possible())
		return no_input(err);
	/* Before anything is typed that could not be used. */
	if (hub_is_offline() && !cli_has(login->cli, OPT_NO_VERIFY))
		return hub_offline(err);
	error = offer_hf_token(login, err);
	if (error || login->secret.size)
		return error;
	login_show_page(login);
	return paste(login, err);
}

int login_input(struct login *login, struct err *err)
{
	static const enum option_id ways[] = {OPT_WITH_TOKEN, OPT_TOKEN_FILE, OPT_TOKEN_FD,
					      OPT_TOKEN};
	const struct cli *cli = login->cli;
	enum option_id way = OPT_END;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!cli_has(cli, ways[i]))
			continue;
		if (way != OPT_END)
			return err_set(err, ERR_USAGE, "--%s and --%s do not go together",
				       options[way].name, options[ways[i]].name);
		way = ways[i];
	}
	switch (way) {
	case OPT_WITH_TOKEN:
		if (isatty(STDIN_FILENO))
			return prompt_possible() ? paste(login, err) : no_input(err);
		return input_token(STDIN_FILENO, &login->secret, err);
	case OPT_TOKEN_FILE:
		return read_path(cli->values[OPT_TOKEN_FILE], &login->secret, err);
	case OPT_TOKEN_FD:
		return read_numbered(cli->values[OPT_TOKEN_FD], &login->secret, err);
	default:
		return ask_for_token(login, err);
	}
}
