/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/import.h"
#include "cli/open_store.h"
#include "cli/ui.h"
#include "core/record.h"
#include "hub/answer.h"

/* ---- what is stored already ------------------------------------------------------------------- */

int import_is_kept(struct session *session, const struct token *token,
		   const struct secret *secret, bool *ret, struct err *err)
{
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret kept = {0};
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error = session_store(session, token->store, &store, err);

	*ret = false;
	session_record_id(token, token->revision, id);
	if (!error)
		error = store_get(store, id, &record, err);
	if (!error)
		error = record_open(&record, token->endpoint, &kept, err);
	if (!error)
		*ret = secret_equal(&kept, secret);
	return error;
}

static bool looks_alike(const struct token *token, const struct found *found)
{
	char masked[MASKED_SIZE];

	mask_secret(&found->secret, masked);
	return strcmp(token->masked, masked) == 0 &&
	       strcmp(token->endpoint, found->endpoint) == 0;
}

int import_find_stored(struct session *session, const struct found *found,
		       const struct token **ret, struct token **ret_gone, struct err *err)
{
	const struct catalogue *catalogue = &session->catalogue;

	*ret = NULL;
	for (size_t i = 0; i < catalogue->count; i++) {
		struct token *token = &catalogue->tokens[i];
		struct err cause = {0};
		bool kept;
		int error;

		if (!looks_alike(token, found))
			continue;
		error = import_is_kept(session, token, &found->secret, &kept, &cause);
		if (error && error != ERR_NOT_FOUND) {
			*err = cause;
			return err_context(err, "token '%s'", token->name);
		}
		if (error && ret_gone)
			*ret_gone = token;
		if (!error && kept) {
			*ret = token;
			return 0;
		}
	}
	return 0;
}

void import_take(struct found *found, const struct token *token)
{
	found->result = IMPORT_THERE;
	(void)text_copy(found->id, sizeof(found->id), token->id);
	(void)text_copy(found->name, sizeof(found->name), token->name);
}

/* Somebody at the terminal can open a store in which the same token may be. */
static void open_alike(struct import *import, const struct found *found)
{
	const struct catalogue *catalogue = &import->session.catalogue;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];

		if (looks_alike(token, found) &&
		    open_store(&import->session, token->store, NULL, NULL))
			return; /* whoever asks that store says so */
	}
}

/* ---- what is not to be stored ----------------------------------------------------------------- */

static void leave(struct found *found, enum err_code code, const char *why)
{
	found->result = IMPORT_LEFT;
	(void)err_set(&found->err, code, "%s", why);
}

static void leave_session(const struct import *import, struct found *found)
{
	bool named = import->files[found->file].place == IMPORT_HF_STORED;

	found->result = IMPORT_LEFT;
	(void)err_set(&found->err, ERR_OK,
		      "a session of hf's, which renews it and is its only owner%s%s",
		      named ? "; used in place, as hf:" : "", named ? found->label : "");
}

static void judge(struct import *import, struct found *found)
{
	const struct token *stored;
	struct err cause = {0};
	int error;

	if (found->renewed) {
		leave_session(import, found);
		return;
	}
	if (token_secret_check(&found->secret, found->endpoint, &cause)) {
		leave(found, ERR_REFUSED, cause.message);
		return;
	}
	open_alike(import, found);
	error = import_find_stored(&import->session, found, &stored, NULL, &found->err);
	if (error)
		found->result = IMPORT_LEFT;
	else if (stored)
		import_take(found, stored);
	else if (found->expires != TIME_UNKNOWN && found->expires <= time_now())
		leave(found, ERR_REFUSED, "it has expired");
}

/* ---- who the others are ----------------------------------------------------------------------- */

static void take_answer(struct found *found, const struct hub_whoami *ask)
{
	if (!ask->error)
		return;
	found->result = IMPORT_LEFT;
	found->err = ask->err;
	if (*ask->message && ask->error == ERR_REFUSED)
		(void)err_set(&found->err, ERR_REFUSED, "%s (the Hub says: %s)",
			      ask->err.message, ask->message);
}

static int ask_hub(struct import *import, struct err *err)
{
	int error;

	for (size_t i = 0; i < import->count; i++) {
		const struct found *found = &import->found[i];
		const struct hub_endpoint *hub = &import->session.endpoint;

		if (found->result != IMPORT_PENDING || found->same != i)
			continue;
		import->asks[i].token = &found->secret;
		import->asks[i].url = strcmp(found->endpoint, hub->origin) == 0
					      ? hub->url
					      : found->endpoint;
	}
	error = hub_whoami(import->asks, import->count, ui_tick, err);
	for (size_t i = 0; i < import->count && !error; i++) {
		if (import->asks[i].token)
			take_answer(&import->found[i], &import->asks[i]);
	}
	return error;
}

static void leave_all_pending(struct import *import, const struct err *err)
{
	for (size_t i = 0; i < import->count; i++) {
		struct found *found = &import->found[i];

		if (found->result != IMPORT_PENDING)
			continue;
		found->result = IMPORT_LEFT;
		found->err = *err;
	}
}

int import_check(struct import *import, struct err *err)
{
	struct err offline = {0};
	size_t pending = 0;

	import->asks = calloc(import->count + 1, sizeof(*import->asks));
	if (!import->asks)
		return err_no_memory(err);
	for (size_t i = 0; i < import->count; i++) {
		struct found *found = &import->found[i];

		if (found->result == IMPORT_PENDING && found->same == i)
			judge(import, found);
		pending += found->result == IMPORT_PENDING && found->same == i;
	}
	if (!pending || cli_has(import->cli, OPT_NO_VERIFY))
		return 0;
	if (!hub_is_offline())
		return ask_hub(import, err);
	(void)hub_offline(&offline);
	leave_all_pending(import, &offline);
	return 0;
}
