/* SPDX-License-Identifier: Apache-2.0 */
#include "core/adopt.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mask.h"
#include "base/program.h"
#include "base/text.h"
#include "core/ladder.h"

#define SECRET_MIN 16 /* of a shorter one nothing is shown, by which it would be known again */
#define NAMES_MAX  1000

/* ---- whose it is ------------------------------------------------------------------------------ */

static void recognise_stored(struct session *session, const struct secret *secret,
			     struct recognised *ret)
{
	char masked[MASKED_SIZE];

	mask_secret(secret, masked);
	for (size_t i = 0; i < session->catalogue.count && !ret->token; i++) {
		const struct token *token = &session->catalogue.tokens[i];
		AUTOSECRET struct secret value = {0};

		if (strcmp(token->masked, masked) != 0)
			continue;
		if (session_secret(session, token, &value, NULL))
			ret->known = true; /* for all we know */
		else if (secret_equal(&value, secret))
			ret->token = token;
	}
}

static void recognise_source(const struct sources *sources, const struct secret *secret,
			     struct recognised *ret)
{
	for (size_t i = 0; i < PROGRAM_VARIABLES; i++)
		ret->known |= secret_equal(&program_variables()[i].value, secret);
	if (*sources->env.name && secret_equal(program_token(), secret))
		ret->token = &sources->env;
	for (size_t i = 0; i < sources->count && !ret->token; i++) {
		if (secret_equal(&sources->details[i].secret, secret))
			ret->token = &sources->tokens[i];
	}
}

int session_recognise(struct session *session, const struct secret *secret,
		      struct recognised *ret, struct err *err)
{
	struct recognised found = {0};
	int error;

	recognise_stored(session, secret, &found);
	if (!found.token && !found.known) {
		error = session_search(session, err);
		if (error)
			return error;
		recognise_source(session->sources, secret, &found);
	}
	found.known |= found.token != NULL;
	*ret = found;
	return 0;
}

/* ---- keeping it ------------------------------------------------------------------------------- */

/* Nobody has typed it, or it is not known whether somebody else keeps it. */
static bool must_not(const struct session *session)
{
	return !session->settings.git_adopt || program_no_input() ||
	       sources_mounted(session->sources) || session->sources->problems.size > 0;
}

/* A name that no token has; false if there is none. */
static bool choose_name(const struct catalogue *catalogue, const char *user,
			char ret[TOKEN_NAME_MAX + 1])
{
	char stem[TOKEN_NAME_MAX + 1];
	char text[sizeof(stem) + 8];

	resolve_typed_name(user, stem);
	for (int number = 1; number < NAMES_MAX; number++) {
		(void)snprintf(text, sizeof(text), number > 1 ? "%s-%d" : "%s", stem, number);
		if (token_name_from(text, ret) && !catalogue_find(catalogue, ret))
			return true;
	}
	return false;
}

/* As at a login that names none. */
static int choose_store(struct session *session, const char **ret, struct err *err)
{
	const char *variable = getenv("HFTOKEN_STORE");
	struct ladder_step step;
	int error;

	*ret = variable && *variable ? variable : session->settings.store;
	if (!store_is_name(*ret))
		return err_set(err, ERR_USAGE, "not the name of a store");
	if (strcmp(*ret, "auto") != 0)
		return 0;
	error = ladder_choose(session, &step, err);
	if (!error)
		*ret = step.store;
	return error;
}

static int keep(struct session *session, const struct secret *secret, struct token *token,
		struct adopted *ret, struct err *err)
{
	AUTOFOLLOW struct hf_follow follow = HF_FOLLOW_NONE;
	struct err ignored = {0};
	struct token *added;
	int error;

	hf_follow_begin(&follow, session);
	error = session_add(session, token, secret, false, &added, err);
	if (error)
		return error;
	ret->done = true;
	(void)text_copy(ret->store, sizeof(ret->store), added->store);
	/* The token is kept whatever becomes of a file that only follows. */
	if (hf_follow_end(&follow, session, &ret->hf, &ignored))
		trace("hf's token file does not follow: %s", ignored.message);
	return 0;
}

static int adopt(struct session *session, const struct secret *secret, const char *endpoint,
		 const char *user, struct adopted *ret, struct err *err)
{
	char masked[MASKED_SIZE];
	struct token token = token_fresh(ret->name, endpoint, NULL, masked);
	int error = choose_store(session, &token.store, err);

	if (error)
		return error;
	if (!choose_name(&session->catalogue, user, ret->name))
		return err_set(err, ERR_FAILED, "there are too many tokens of that name");
	token.kind = token_kind_of_secret(secret);
	mask_secret(secret, masked);
	return keep(session, secret, &token, ret, err);
}

int session_adopt(struct session *session, const struct secret *secret, const char *endpoint,
		  const char *user, struct adopted *ret, struct err *err)
{
	const struct session_options options = {.parts = CATALOGUE_ALL, .write = true};
	struct recognised found;
	int error;

	*ret = (struct adopted) {.done = false};
	if (secret->size < SECRET_MIN || token_secret_check(secret, endpoint, NULL) ||
	    program_no_input() || !session->settings.git_adopt)
		return 0;
	error = session_recognise(session, secret, &found, err);
	if (error || found.known || must_not(session))
		return error;
	/* Another of us may be doing the same: what counts is what is there under the lock. */
	session_release(session);
	error = session_open(session, &options, err);
	if (!error)
		error = session_recognise(session, secret, &found, err);
	if (error || found.known || must_not(session))
		return error;
	return adopt(session, secret, endpoint, user, ret, err);
}
