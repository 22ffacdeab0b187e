/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/cache.h"
#include "core/record.h"
#include "core/shelves.h"

#define REPLACED_MAX 16 /* times that a secret is looked for anew */

void session_release(struct session *session)
{
	for (size_t i = 0; i < session->store_count; i++)
		store_release(&session->stores[i]);
	session->store_count = 0;
	catalogue_release(&session->catalogue);
	sources_free(session->sources);
	session->sources = NULL;
}

int session_reload(struct session *session, const struct session_options *options,
		   struct err *err)
{
	catalogue_release(&session->catalogue);
	return options->write ? catalogue_begin(&session->catalogue, err)
			      : catalogue_load(&session->catalogue, options->parts, err);
}

int session_open(struct session *session, const struct session_options *options,
		 struct err *err)
{
	int error;

	*session = (struct session) {.catalogue = CATALOGUE_NONE};
	session->one_secret = options->one_secret;
	error = settings_load(&session->settings, options->warn, err);
	if (!error)
		error = settings_endpoint(&session->settings, options->endpoint,
					  &session->endpoint, err);
	if (!error)
		error = settings_source_endpoint(session->source_endpoint, err);
	if (!error)
		error = sources_new(session->source_endpoint, &session->sources, err);
	if (!error)
		error = session_reload(session, options, err);
	return error ? error : session_bind_env(session, err);
}

int session_store(struct session *session, const char *name, struct store_client **ret,
		  struct err *err)
{
	int error;

	for (size_t i = 0; i < session->store_count; i++) {
		if (strcmp(session->stores[i].name, name) == 0) {
			*ret = &session->stores[i];
			return 0;
		}
	}
	if (session->store_count == SESSION_STORES)
		return err_set(err, ERR_FAILED, "more than %d stores in use", SESSION_STORES);
	error = store_init(&session->stores[session->store_count], name, err);
	if (error)
		return error;
	*ret = &session->stores[session->store_count++];
	(*ret)->hurry = session->one_secret;
	return 0;
}

void session_record_id(const struct token *token, uint32_t revision, char ret[RECORD_ID_SIZE])
{
	(void)snprintf(ret, RECORD_ID_SIZE, "%s.%u", token->id, revision);
}

/* What the cache holds is trusted no more than what a store does. */
static bool read_cached(const struct token *token, const char *id, struct secret *ret)
{
	AUTOSECRET struct secret record = {0};

	if (!cache_get(id, &record))
		return false;
	trace("cache: %s", token->name);
	if (!record_open(&record, token->endpoint, ret, NULL))
		return true;
	cache_drop(id);
	return false;
}

/* What the store has under the token's id, taken out of its record. */
static int read_secret(struct session *session, const struct token *token, struct secret *ret,
		       struct err *err)
{
	unsigned seconds = settings_cache_seconds(&session->settings, token->name);
	AUTOSECRET struct secret record = {0};
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error;

	session_record_id(token, token->revision, id);
	if (seconds && read_cached(token, id, ret))
		return 0;
	error = session_store(session, token->store, &store, err);
	if (!error)
		error = store_get(store, id, &record, err);
	if (!error)
		error = record_open(&record, token->endpoint, ret, err);
	if (!error && seconds)
		cache_put(id, &record, seconds);
	return error;
}

/*
 * What the catalogue names now; 1 if that is gone too. ERR_NOT_FOUND if it still is the revision
 * that was not there.
 */
static int read_again(struct session *session, const struct token *token, uint32_t *revision,
		      struct secret *ret, struct err *err)
{
	AUTOCATALOGUE struct catalogue now = CATALOGUE_NONE;
	const struct token *fresh;
	int error = catalogue_load(&now, CATALOGUE_INDEX, err);

	if (error)
		return error;
	fresh = catalogue_find_id(&now, token->id);
	if (!fresh)
		return err_set(err, ERR_NO_NAME, "it was removed meanwhile");
	if (fresh->revision == *revision || strcmp(fresh->endpoint, token->endpoint) != 0)
		return ERR_NOT_FOUND;
	*revision = fresh->revision;
	error = read_secret(session, fresh, ret, err);
	return error == ERR_NOT_FOUND ? 1 : error;
}

/*
 * A writer may have replaced the secret after we read the catalogue: then the new one is under
 * another revision, unless that was replaced as well meanwhile. ERR_NOT_FOUND once the revision
 * stands still.
 */
static int read_replaced(struct session *session, const struct token *token, struct secret *ret,
			 struct err *err)
{
	uint32_t revision = token->revision;
	int result = 1;

	for (int tries = 0; tries < REPLACED_MAX && result == 1; tries++)
		result = read_again(session, token, &revision, ret, err);
	return result == 1 ? err_set(err, ERR_BUSY, "it is replaced again and again") : result;
}

int session_secret(struct session *session, const struct token *token, struct secret *ret,
		   struct err *err)
{
	int error;

	if (!*token->id)
		return sources_secret(session->sources, token, ret, err);
	error = read_secret(session, token, ret, err);
	if (error == ERR_NOT_FOUND)
		error = read_replaced(session, token, ret, err);
	if (error == ERR_NOT_FOUND) {
		err_set(err, ERR_NOT_FOUND, "the secret of token '%s' is gone from store '%s'",
			token->name, token->store);
		return err_hint(err, "hftoken login %s stores it again", token->name);
	}
	return error ? err_context(err, "token '%s'", token->name) : 0;
}

bool session_is_gone(int error)
{
	return error == ERR_NOT_FOUND || error == ERR_NO_NAME;
}

/* A keyring may take a secret, and then ask its user for leave each time that it is read. */
static int read_back(struct store_client *store, const char *id, const struct secret *record,
		     struct err *err)
{
	AUTOSECRET struct secret kept = {0};
	int error = store_get(store, id, &kept, err);

	if (!error && !secret_equal(&kept, record))
		error = err_set(err, ERR_DAMAGED, "store '%s' has not kept what was put there",
				store->name);
	if (error && store_del(store, id, NULL))
		trace("record %s stays in store %s", id, store->name);
	return error;
}

static int store_complain(const char *store, const struct store_state *state, struct err *err)
{
	err_set(err, state->code, "store '%s': %s", store, state->why);
	if (*state->hint)
		err_hint(err, "%s", state->hint);
	return state->code;
}

/* A write may take long; whether anybody is there to take it is known sooner. */
static int knock(struct store_client *store, struct err *err)
{
	struct store_state state;
	int error = store_probe(store, &state, err);

	if (!error && (state.code == ERR_UNAVAILABLE || state.code == ERR_TIMED_OUT))
		error = store_complain(store->name, &state, err);
	return error;
}

int session_put_record(struct session *session, const struct token *token,
		       const struct secret *record, struct err *err)
{
	AUTOBUF struct buf text = {0};
	struct store_label label = {.service = endpoint_host(token->endpoint),
				    .username = token->account};
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error;

	buf_printf(&text, "Hugging Face token \"%s\"", token->name);
	if (*token->account)
		buf_printf(&text, " (%s)", token->account);
	if (buf_failed(&text))
		return err_no_memory(err);
	label.label = buf_text(&text);
	session_record_id(token, token->revision, id);
	error = session_store(session, token->store, &store, err);
	if (!error)
		error = knock(store, err);
	if (!error)
		error = store_put(store, id, record, &label, err);
	return error ? error : read_back(store, id, record, err);
}

/* Puts the secret of a token that has its id already. */
static int put_secret(struct session *session, const struct token *token,
		      const struct secret *secret, struct err *err)
{
	AUTOSECRET struct secret record = {0};
	int error = record_make(secret, token->endpoint, time_now(), &record, err);

	return error ? error : session_put_record(session, token, &record, err);
}

int session_drop_record(struct session *session, const char *store_name, const char *id,
			struct err *err)
{
	struct store_client *store;
	int error = session_store(session, store_name, &store, err);

	cache_drop(id);
	if (!error)
		error = store_del(store, id, err);
	return error == ERR_NOT_FOUND ? 0 : error;
}

/* The first token of an endpoint becomes its default; a later one if that was asked for. */
static int commit_token(struct session *session, const struct token *token, bool make_default,
			struct err *err)
{
	struct catalogue *catalogue = &session->catalogue;
	int error = 0;

	if (make_default || !catalogue_default(catalogue, token->endpoint))
		error = catalogue_set_default(catalogue, token, err);
	return error ? error : catalogue_commit(catalogue, err);
}

int session_add(struct session *session, const struct token *token, const struct secret *secret,
		bool make_default, struct token **ret, struct err *err)
{
	struct catalogue *catalogue = &session->catalogue;
	struct token *added;
	int error = catalogue_add(catalogue, token, &added, err);

	if (error)
		return error;
	added->revision = 1;
	error = put_secret(session, added, secret, err);
	if (error) {
		catalogue_remove(catalogue, added);
		return error;
	}
	error = commit_token(session, added, make_default, err);
	if (error)
		return error;
	*ret = added;
	return 0;
}

int session_replace(struct session *session, struct token *token, const struct token *fresh,
		    const struct secret *secret, bool make_default, struct err *err)
{
	AUTOSHELVES struct shelves shelves;
	struct err ignored = {0};
	char old_store[STORE_NAME_MAX + 1];
	char old_id[RECORD_ID_SIZE];
	char next_id[RECORD_ID_SIZE];
	struct token next = *fresh;
	int error;

	shelves_init(&shelves);
	session_record_id(token, token->revision, old_id);
	(void)text_copy(old_store, sizeof(old_store), token->store);
	next.id = token->id;
	next.revision = shelves_next_revision(&shelves, session, token);
	error = catalogue_update(&session->catalogue, token, &next, err);
	/* One that died after this step left a record, which its store may not have listed. */
	session_record_id(&next, next.revision, next_id);
	(void)session_drop_record(session, next.store, next_id, NULL);
	if (!error)
		error = put_secret(session, token, secret, err);
	if (!error)
		error = commit_token(session, token, make_default, err);
	if (error)
		return error;
	/* The new secret is in force whatever happens to the old one, and to what others left. */
	shelves_sweep(&shelves, session, token);
	if (session_drop_record(session, old_store, old_id, &ignored)) {
		trace("record %s stays in store %s: %s", old_id, old_store, ignored.message);
		(void)text_copy(session->left_in, sizeof(session->left_in), old_store);
	}
	return 0;
}

/* The token that is meant, if it is still what it was; its store must be there. */
static int condemn(struct session *session, const struct token_ref *ref, struct token **ret,
		   struct err *err)
{
	struct token *token = catalogue_find_id(&session->catalogue, ref->id);
	struct store_client *store;
	struct store_state state;
	int error;

	*ret = NULL;
	if (!token)
		return 0; /* somebody else has removed it */
	if (token->revision != ref->revision) {
		err_set(err, ERR_BUSY, "token '%s' was replaced meanwhile and is still here",
			token->name);
		return err_hint(err, "look at it again: hftoken whoami %s", token->name);
	}
	error = session_store(session, token->store, &store, err);
	if (!error)
		error = store_probe(store, &state, err);
	if (error)
		return error;
	*ret = token;
	return state.code == ERR_OK ? 0 : store_complain(token->store, &state, err);
}

int session_can_remove(struct session *session, const struct token_ref *ref, struct err *err)
{
	struct token *token;

	return condemn(session, ref, &token, err);
}

/* Where a default has gone and one token is left, there is no doubt which one is meant now. */
static int choose_defaults(struct catalogue *catalogue, struct err *err)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];
		size_t rivals = 0;
		int error;

		for (size_t j = 0; j < catalogue->count; j++)
			rivals += strcmp(catalogue->tokens[j].endpoint, token->endpoint) == 0;
		if (rivals != 1)
			continue;
		error = catalogue_set_default(catalogue, token, err);
		if (error)
			return error;
	}
	return 0;
}

/* A record that is still to be deleted once the catalogue no longer names it. */
struct doomed {
	char store[STORE_NAME_MAX + 1];
	char id[RECORD_ID_SIZE];
};

static int remove_all(struct session *session, const struct token_ref refs[], size_t count,
		      struct doomed doomed[], size_t *ret_doomed, struct err *err)
{
	struct catalogue *catalogue = &session->catalogue;
	struct token *token;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = condemn(session, &refs[i], &token, err);
	for (size_t i = 0; i < count && !error; i++) {
		token = catalogue_find_id(catalogue, refs[i].id);
		if (!token)
			continue;
		(void)text_copy(doomed[*ret_doomed].store, sizeof(doomed->store), token->store);
		session_record_id(token, token->revision, doomed[*ret_doomed].id);
		catalogue_remove(catalogue, token);
		(*ret_doomed)++;
	}
	if (!error)
		error = choose_defaults(catalogue, err);
	return error ? error : catalogue_commit(catalogue, err);
}

int session_remove(struct session *session, const struct token_ref refs[], size_t count,
		   bool *ret_done, struct err *err)
{
	AUTOFREE struct doomed *doomed = calloc(count + 1, sizeof(*doomed));
	size_t doomed_count = 0;
	int error = doomed ? remove_all(session, refs, count, doomed, &doomed_count, err)
			   : err_no_memory(err);

	*ret_done = !error;
	if (error)
		return error;
	for (size_t i = 0; i < doomed_count; i++) {
		struct err *first = error ? NULL : err;
		int dropped = session_drop_record(session, doomed[i].store, doomed[i].id,
						  first);

		if (dropped && !error)
			error = err_context(err,
					    "a token is forgotten, but its secret is still "
					    "in its store");
	}
	return error;
}
