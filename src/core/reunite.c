/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reunite.h"

#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/ladder.h"
#include "core/record.h"

/* The ids that a store lists. */
struct shelf {
	const char *store;
	bool asked;
	bool known; /* it answered */
	struct buf ids;
};

struct shelves {
	struct shelf list[2];
};

static void shelves_release(struct shelves *shelves)
{
	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++)
		buf_release(&shelves->list[i].ids);
}

/* Asks once, and only a store that matters. */
static void ask(struct session *session, struct shelf *shelf)
{
	struct store_client *store;

	if (shelf->asked)
		return;
	shelf->asked = true;
	shelf->known = !session_store(session, shelf->store, &store, NULL) &&
		       !store_list(store, &shelf->ids, NULL);
}

/* The latest revision behind `after` of a token's secret; 0 if there is none. */
static uint32_t latest(const struct shelf *shelf, const struct token *token, uint32_t after)
{
	const char *line = buf_text(&shelf->ids);
	uint32_t found = 0;

	while (shelf->known && *line) {
		size_t size = strcspn(line, "\n");
		char id[RECORD_ID_SIZE];
		uint64_t revision;

		(void)snprintf(id, sizeof(id), "%.*s", (int)size, line);
		if (store_is_id(id) && strncmp(id, token->id, TOKEN_ID_SIZE - 1) == 0 &&
		    text_to_number(id + TOKEN_ID_SIZE, UINT32_MAX, &revision) &&
		    revision > after && revision > found)
			found = (uint32_t)revision;
		line += size + (line[size] == '\n');
	}
	return found;
}

/* Whether the record that the catalogue names is there, as far as anybody can tell. */
static bool is_there(struct session *session, struct shelves *shelves,
		     const struct token *token)
{
	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		struct shelf *shelf = &shelves->list[i];
		char id[RECORD_ID_SIZE];
		char line[RECORD_ID_SIZE + 1];

		if (strcmp(shelf->store, token->store) != 0)
			continue;
		ask(session, shelf);
		session_record_id(token, token->revision, id);
		(void)snprintf(line, sizeof(line), "%s\n", id);
		return !shelf->known || strstr(buf_text(&shelf->ids), line);
	}
	return true; /* in a store of a newer version */
}

/* Reads what was found, so that no name leads to a record that cannot be used. */
static int adopt(struct session *session, struct token *token, const char *where,
		 uint32_t revision, struct err *err)
{
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret secret = {0};
	char masked[MASKED_SIZE];
	struct token next = *token;
	struct store_client *store;
	char id[RECORD_ID_SIZE];
	int error = session_store(session, where, &store, err);

	next.store = where;
	next.revision = revision;
	session_record_id(&next, revision, id);
	if (!error)
		error = store_get(store, id, &record, err);
	if (!error)
		error = record_open(&record, token->endpoint, &secret, err);
	if (error)
		return error;
	mask_secret(&secret, masked);
	next.masked = masked;
	return catalogue_update(&session->catalogue, token, &next, err);
}

static bool find_later(struct session *session, struct shelves *shelves, struct token *token)
{
	const struct shelf *best = NULL;
	uint32_t revision = token->revision;

	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		uint32_t found;

		ask(session, &shelves->list[i]);
		found = latest(&shelves->list[i], token, revision);
		if (!found)
			continue;
		best = &shelves->list[i];
		revision = found;
	}
	return best && !adopt(session, token, best->store, revision, NULL);
}

void reunite(struct session *session, struct buf *ret_found, struct buf *ret_missing)
{
	CLEANUP(shelves_release)
	struct shelves shelves = {{{.store = STORE_FILE}, {.store = STORE_KEYRING}}};

	for (size_t i = 0; i < session->catalogue.count; i++) {
		struct token *token = &session->catalogue.tokens[i];

		if (is_there(session, &shelves, token))
			continue;
		buf_printf(find_later(session, &shelves, token) ? ret_found : ret_missing,
			   "%s\n", token->name);
	}
}
