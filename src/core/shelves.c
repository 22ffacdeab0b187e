/* SPDX-License-Identifier: Apache-2.0 */
#include "core/shelves.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/ladder.h"

/* No revision is that high honestly; room is left for those that follow. */
#define REVISION_MAX (UINT32_MAX / 2)

void shelves_init(struct shelves *shelves)
{
	*shelves = (struct shelves) {{{.store = STORE_FILE}, {.store = STORE_KEYRING}}};
}

void shelves_release(struct shelves *shelves)
{
	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++)
		buf_release(&shelves->list[i].ids);
}

static void ask(struct session *session, struct shelf *shelf)
{
	struct store_client *store;

	if (shelf->asked)
		return;
	shelf->asked = true;
	shelf->known = !session_store(session, shelf->store, &store, &shelf->cause) &&
		       !store_list(store, &shelf->ids, &shelf->cause);
}

struct shelf *shelves_ask(struct shelves *shelves, struct session *session, const char *store)
{
	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		if (strcmp(shelves->list[i].store, store) != 0)
			continue;
		ask(session, &shelves->list[i]);
		return &shelves->list[i];
	}
	return NULL;
}

/* The next of a token's records from `*line` on, and its revision. False at the end. */
static bool next_record(const char **line, const struct token *token, char ret[RECORD_ID_SIZE],
			uint32_t *ret_revision)
{
	while (**line) {
		size_t size = strcspn(*line, "\n");
		uint64_t revision;

		(void)snprintf(ret, RECORD_ID_SIZE, "%.*s", (int)size, *line);
		*line += size + ((*line)[size] == '\n');
		if (!store_is_id(ret) || strncmp(ret, token->id, TOKEN_ID_SIZE - 1) != 0 ||
		    !text_to_number(ret + TOKEN_ID_SIZE, UINT32_MAX, &revision))
			continue;
		*ret_revision = (uint32_t)revision;
		return true;
	}
	return false;
}

bool shelf_has(const struct shelf *shelf, const struct token *token, uint32_t revision)
{
	const char *line = buf_text(&shelf->ids);
	char id[RECORD_ID_SIZE];
	uint32_t listed;

	while (next_record(&line, token, id, &listed)) {
		if (listed == revision)
			return true;
	}
	return false;
}

uint32_t shelf_latest(const struct shelf *shelf, const struct token *token, uint32_t after)
{
	const char *line = shelf->known ? buf_text(&shelf->ids) : "";
	uint32_t found = 0;
	char id[RECORD_ID_SIZE];
	uint32_t listed;

	while (next_record(&line, token, id, &listed)) {
		if (listed > after && listed > found && listed <= REVISION_MAX)
			found = listed;
	}
	return found;
}

uint32_t shelves_next_revision(struct shelves *shelves, struct session *session,
			       const struct token *token)
{
	uint32_t revision = token->revision;

	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		uint32_t found;

		ask(session, &shelves->list[i]);
		found = shelf_latest(&shelves->list[i], token, revision);
		if (found)
			revision = found;
	}
	return revision + 1;
}

void shelves_sweep(const struct shelves *shelves, struct session *session,
		   const struct token *token)
{
	for (size_t i = 0; i < ARRAY_SIZE(shelves->list); i++) {
		const struct shelf *shelf = &shelves->list[i];
		const char *line = shelf->known ? buf_text(&shelf->ids) : "";
		char id[RECORD_ID_SIZE];
		uint32_t listed;

		while (next_record(&line, token, id, &listed)) {
			if (listed != token->revision &&
			    session_drop_record(session, shelf->store, id, NULL))
				trace("record %s stays in store %s", id, shelf->store);
		}
	}
}
