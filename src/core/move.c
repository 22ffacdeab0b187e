/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moved secret has the next revision, as a replaced one has: a reader who still has the catalogue
 * of before looks again when the old record is gone, and no cached copy of the old one is taken for
 * the new.
 */
#include "core/move.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/ladder.h"
#include "core/record.h"

int move_strength(const char *store, const struct store_state *state)
{
	if (strcmp(store, STORE_KEYRING) == 0)
		return 3;
	if (strcmp(store, STORE_FILE) == 0)
		return state->capabilities & STORE_PASSPHRASE ? 2 : 1;
	return 0;
}

/* The record as it is, whatever stands in it, once it is known to be this token's. */
static int read_record(struct session *session, const struct token *token, struct secret *ret,
		       struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	AUTOSECRET struct secret record = {0};
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error;

	session_record_id(token, token->revision, id);
	error = session_store(session, token->store, &store, err);
	if (!error)
		error = store_get(store, id, &record, err);
	if (error == ERR_NOT_FOUND) {
		err_set(err, error, "the secret of token '%s' is gone from store '%s'",
			token->name, token->store);
		return err_hint(err, "hftoken login %s stores it again", token->name);
	}
	if (!error)
		error = record_open(&record, token->endpoint, &secret, err);
	if (!error)
		secret_move(ret, &record);
	return error;
}

/*
 * A try that died before its commit may have left the record there already. The same one is used;
 * another one was left by some other change, and nothing leads to it.
 */
static int place_record(struct session *session, const struct token *moved,
			const struct secret *record, struct err *err)
{
	AUTOSECRET struct secret left = {0};
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error;

	session_record_id(moved, moved->revision, id);
	error = session_store(session, moved->store, &store, err);
	if (error)
		return error;
	error = store_get(store, id, &left, err);
	if (!error && secret_equal(&left, record))
		return 0;
	if (!error)
		error = session_drop_record(session, moved->store, id, err);
	if (error && error != ERR_NOT_FOUND)
		return error;
	return session_put_record(session, moved, record, err);
}

static int drop_old(struct session *session, const char *store, const char *id, struct err *err)
{
	int error = session_drop_record(session, store, id, err);

	return error ? err_context(err, "the old copy is still in store '%s'", store) : 0;
}

/*
 * The record that a move left behind when it died behind its commit. A store that does not answer is
 * not asked again, since it may take its time for that.
 */
static int sweep(struct session *session, struct move *move, const struct token *token,
		 struct err *err)
{
	static const char *const stores[] = {STORE_FILE, STORE_KEYRING};
	char id[RECORD_ID_SIZE];

	session_record_id(token, token->revision - 1, id);
	for (size_t i = 0; token->revision > 1 && i < ARRAY_SIZE(stores); i++) {
		AUTOSECRET struct secret left = {0};
		struct store_client *store;
		int error;

		if (move->no_sweep || strcmp(stores[i], token->store) == 0)
			continue;
		error = session_store(session, stores[i], &store, err);
		if (error)
			return error;
		error = store_get(store, id, &left, NULL);
		move->no_sweep = error && error != ERR_NOT_FOUND;
		if (error)
			continue;
		error = drop_old(session, stores[i], id, err);
		if (error)
			return error;
	}
	return 0;
}

static int move_record(struct session *session, struct move *move, struct token *token,
		       struct err *err)
{
	AUTOSECRET struct secret record = {0};
	char from[STORE_NAME_MAX + 1];
	char old_id[RECORD_ID_SIZE];
	struct token moved = *token;
	int error;

	(void)text_copy(from, sizeof(from), token->store);
	session_record_id(token, token->revision, old_id);
	moved.store = move->to;
	moved.revision++;
	error = read_record(session, token, &record, err);
	if (!error)
		error = place_record(session, &moved, &record, err);
	if (!error)
		error = catalogue_update(&session->catalogue, token, &moved, err);
	/* Whether a commit that fails has come to be is not known: both copies stay. */
	if (!error)
		error = catalogue_commit(&session->catalogue, err);
	if (error)
		return error;
	trace("record %s moved from store %s to %s", old_id, from, move->to);
	error = drop_old(session, from, old_id, err);
	move->result = error ? MOVE_LEFT_OLD : MOVE_DONE;
	return error;
}

int move_token(struct session *session, struct move *move, const struct token_ref *ref,
	       struct err *err)
{
	struct token *token = catalogue_find_id(&session->catalogue, ref->id);
	int error;

	move->result = MOVE_NOTHING;
	if (!token)
		return err_set(err, ERR_NO_NAME, "token '%s' was removed meanwhile", ref->name);
	if (strcmp(token->store, move->to) != 0)
		return move_record(session, move, token, err);
	error = sweep(session, move, token, err);
	move->result = error ? MOVE_LEFT_OLD : MOVE_THERE;
	return error;
}
