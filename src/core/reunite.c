/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reunite.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/record.h"

enum result { NOTHING, FOUND, NOT_GIVEN, DOUBTFUL };

/* What may be the token's secret. */
struct candidate {
	const struct shelf *shelf; /* NULL: there is none */
	struct secret record;
	struct secret secret;
};

static void candidate_release(struct candidate *candidate)
{
	secret_release(&candidate->record);
	secret_release(&candidate->secret);
}

void reunion_release(struct reunion *reunion)
{
	buf_release(&reunion->found);
	buf_release(&reunion->missing);
	buf_release(&reunion->unknown);
	buf_release(&reunion->doubtful);
	shelves_release(&reunion->shelves);
}

/* The latest revision that any of them lists; 0 if there is none behind the token's. */
static uint32_t latest(struct session *session, struct shelves *shelves,
		       const struct token *token)
{
	uint32_t revision = 0;

	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		const char *store = shelves->list[i].store;
		const struct shelf *shelf = shelves_ask(shelves, session, store);
		uint32_t found = shelf_latest(shelf, token,
					      revision ? revision : token->revision);

		if (found)
			revision = found;
	}
	return revision;
}

/* Reads what was found, so that no name leads to a record that cannot be used. */
static enum result read_candidate(struct session *session, const struct token *token,
				  uint32_t revision, struct shelf *shelf, struct candidate *ret)
{
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error = session_store(session, shelf->store, &store, &shelf->cause);

	session_record_id(token, revision, id);
	if (!error)
		error = store_get(store, id, &ret->record, &shelf->cause);
	if (error)
		return error == ERR_NOT_FOUND || error == ERR_DAMAGED ? NOTHING : NOT_GIVEN;
	if (record_open(&ret->record, token->endpoint, &ret->secret, NULL))
		return NOTHING;
	ret->shelf = shelf;
	return FOUND;
}

/* Takes the later one of two into `best`. */
static enum result compare(struct candidate *best, struct candidate *other)
{
	int64_t made = record_created(&best->record);
	int64_t made_other = record_created(&other->record);

	if (!best->shelf || (made_other > made && made != TIME_UNKNOWN)) {
		best->shelf = other->shelf;
		secret_move(&best->record, &other->record);
		secret_move(&best->secret, &other->secret);
		return FOUND;
	}
	if (secret_equal(&best->record, &other->record) ||
	    (made > made_other && made_other != TIME_UNKNOWN))
		return FOUND;
	return DOUBTFUL;
}

/* The one record of that revision, or the best of several. */
static enum result choose(struct session *session, struct reunion *reunion,
			  const struct token *token, uint32_t revision, struct candidate *best)
{
	enum result result = NOTHING;

	for (size_t i = 0; i < SHELVES; i++) {
		CLEANUP(candidate_release) struct candidate other = {.shelf = NULL};
		struct shelf *shelf = &reunion->shelves.list[i];
		enum result found;

		if (!shelf->known || !shelf_has(shelf, token, revision))
			continue;
		/* One that gives nothing is not asked again: it may take its time for that. */
		found = reunion->silent[i]
				? NOT_GIVEN
				: read_candidate(session, token, revision, shelf, &other);
		if (found == FOUND)
			found = compare(best, &other);
		reunion->silent[i] |= found == NOT_GIVEN;
		if (found == NOT_GIVEN || found == DOUBTFUL)
			return found;
		if (found == FOUND)
			result = FOUND;
	}
	return result;
}

static enum result find_later(struct session *session, struct reunion *reunion,
			      struct token *token)
{
	CLEANUP(candidate_release) struct candidate best = {.shelf = NULL};
	uint32_t revision = latest(session, &reunion->shelves, token);
	struct token next = *token;
	char masked[MASKED_SIZE];
	enum result result;

	if (!revision)
		return NOTHING;
	result = choose(session, reunion, token, revision, &best);
	if (result != FOUND)
		return result;
	mask_secret(&best.secret, masked);
	next.store = best.shelf->store;
	next.revision = revision;
	next.masked = masked;
	return catalogue_update(&session->catalogue, token, &next, NULL) ? NOTHING : FOUND;
}

/*
 * Whether all that matter have answered. A keyring that is not there, as on a server, is not waited
 * for, unless the catalogue says that the secret is in it.
 */
static bool is_certain(const struct reunion *reunion, const struct shelf *own)
{
	if (!own->known)
		return false;
	for (size_t i = 0; i < SHELVES; i++) {
		const struct shelf *shelf = &reunion->shelves.list[i];

		if (!shelf->known && shelf->cause.code != ERR_UNAVAILABLE)
			return false;
	}
	return true;
}

/* What is not there may be in a store that could not be asked. */
static void note_silent(struct reunion *reunion)
{
	for (size_t i = 0; i < SHELVES; i++) {
		const struct shelf *shelf = &reunion->shelves.list[i];

		reunion->silent[i] |= shelf->asked && !shelf->known;
	}
}

static void reunite_token(struct session *session, struct reunion *reunion, struct token *token)
{
	const struct shelf *own = shelves_ask(&reunion->shelves, session, token->store);
	struct buf *names = &reunion->found;

	/* In a store of a newer version, or where the catalogue says. */
	if (!own || (own->known && shelf_has(own, token, token->revision)))
		return;
	switch (find_later(session, reunion, token)) {
	case FOUND:
		break;
	case DOUBTFUL:
		names = &reunion->doubtful;
		break;
	case NOT_GIVEN:
		names = &reunion->unknown;
		break;
	case NOTHING:
		names = is_certain(reunion, own) ? &reunion->missing : &reunion->unknown;
		break;
	}
	buf_printf(names, "%s\n", token->name);
	if (names != &reunion->found || !own->known)
		note_silent(reunion);
}

void reunite(struct session *session, struct reunion *ret)
{
	reunion_release(ret);
	*ret = (struct reunion) {.silent = {false}};
	shelves_init(&ret->shelves);
	for (size_t i = 0; i < session->catalogue.count; i++)
		reunite_token(session, ret, &session->catalogue.tokens[i]);
}
