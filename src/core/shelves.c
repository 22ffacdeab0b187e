/* SPDX-License-Identifier: Apache-2.0 */
#include "core/shelves.h"

#include <stdio.h>
#include <string.h>

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

bool shelf_has(const struct shelf *shelf, const struct token *token, uint32_t revision)
{
	char id[RECORD_ID_SIZE];
	const char *line = buf_text(&shelf->ids);
	size_t size;

	session_record_id(token, revision, id);
	size = strlen(id);
	while (*line) {
		size_t length = strcspn(line, "\n");

		if (length == size && memcmp(line, id, size) == 0)
			return true;
		line += length + (line[length] == '\n');
	}
	return false;
}

uint32_t shelf_latest(const struct shelf *shelf, const struct token *token, uint32_t after)
{
	const char *line = buf_text(&shelf->ids);
	uint32_t found = 0;

	while (shelf->known && *line) {
		size_t size = strcspn(line, "\n");
		char id[RECORD_ID_SIZE];
		uint64_t revision;

		(void)snprintf(id, sizeof(id), "%.*s", (int)size, line);
		if (store_is_id(id) && strncmp(id, token->id, TOKEN_ID_SIZE - 1) == 0 &&
		    text_to_number(id + TOKEN_ID_SIZE, REVISION_MAX, &revision) &&
		    revision > after && revision > found)
			found = (uint32_t)revision;
		line += size + (line[size] == '\n');
	}
	return found;
}

uint32_t shelves_next_revision(struct session *session, const struct token *token)
{
	AUTOSHELVES struct shelves shelves;
	uint32_t revision = token->revision;

	shelves_init(&shelves);
	for (size_t i = 0; i < ARRAY_SIZE(shelves.list); i++) {
		uint32_t found;

		ask(session, &shelves.list[i]);
		found = shelf_latest(&shelves.list[i], token, revision);
		if (found)
			revision = found;
	}
	return revision + 1;
}
