/* SPDX-License-Identifier: Apache-2.0 */
/* Writing outcomes: rarely, and never at anybody's cost. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "core/outcomes.h"
#include "core/outcomes_file.h"

void outcomes_header(const char *body, size_t size, char ret[HEADER_SIZE + 1])
{
	(void)snprintf(ret, HEADER_SIZE + 1, HEADER "%016" PRIx64 "\n", checksum(body, size));
}

/* ---- what to write ---------------------------------------------------------------------------- */

/* Whether the file says it already, and lately enough. */
static bool is_known(const struct outcome *old, const struct outcome *fresh)
{
	int64_t age = fresh->at - old->at;
	int64_t life = fresh->result == OUTCOME_REFUSED ? OUTCOME_REFUSED_SECONDS / 2
							: OUTCOME_REPEAT_SECONDS;

	return old->result == fresh->result && age >= -CLOCK_SLACK && age < life;
}

/* A line of the body, for the choice of those that stay. */
struct kept {
	const char *line;
	size_t size; /* with its newline */
	int64_t at;
};

static int newest_first(const void *one, const void *other)
{
	const struct kept *left = one;
	const struct kept *right = other;

	return (left->at < right->at) - (left->at > right->at);
}

/* Whether a line is about the same token, repository and operation, in whichever revision. */
static bool is_same(const char *line, size_t key_size, const struct outcome *old,
		    const char *key, const struct outcome *fresh)
{
	return strlen(key) == key_size && memcmp(line, key, key_size) == 0 &&
	       old->operation == fresh->operation && strcmp(old->id, fresh->id) == 0;
}

/* The lines that stay; `SIZE_MAX` if the new one is there already. */
static size_t keep_lines(const char *body, const char *end, const char *key,
			 const struct outcome *fresh, struct kept *ret, size_t max)
{
	size_t count = 0;

	while (body < end && count < max) {
		const char *stop = memchr(body, '\n', (size_t)(end - body));
		struct outcome old;
		size_t key_size;

		if (!stop || !outcome_parse(body, stop, &key_size, &old))
			return 0; /* not what was written: nothing of it is kept */
		if (!is_same(body, key_size, &old, key, fresh))
			ret[count++] = (struct kept) {body, (size_t)(stop + 1 - body), old.at};
		else if (old.revision == fresh->revision && is_known(&old, fresh))
			return SIZE_MAX;
		body = stop + 1;
	}
	return count;
}

bool outcomes_add(const char *text, size_t size, const struct repo *repo,
		  const struct outcome *outcome, struct buf *ret)
{
	AUTOFREE struct kept *kept = calloc(OUTCOMES_MAX + 1, sizeof(*kept));
	AUTOBUF struct buf body = {0};
	const char *old = outcomes_body(text, size);
	char header[HEADER_SIZE + 1];
	char key[OUTCOME_KEY_SIZE];
	size_t count = 0;

	outcome_key(repo, key);
	if (kept && old)
		count = keep_lines(old, text + size, key, outcome, kept, OUTCOMES_MAX + 1);
	if (!kept || count == SIZE_MAX)
		return false;
	qsort(kept, count, sizeof(*kept), newest_first);
	outcome_put(&body, key, outcome);
	for (size_t i = 0; i < count && i < OUTCOMES_MAX - 1; i++)
		buf_add(&body, kept[i].line, kept[i].size);
	outcomes_header(buf_text(&body), body.size, header);
	buf_add_text(ret, header);
	buf_add(ret, body.data, body.size);
	return !buf_failed(&body) && !buf_failed(ret) && ret->size <= OUTCOMES_SIZE;
}

/* ---- the file --------------------------------------------------------------------------------- */

static bool is_new(int folder, const struct repo *repo, const struct outcome *outcome,
		   struct buf *ret)
{
	AUTOBUF struct buf text = {0};
	int error = file_read(folder, OUTCOMES_NAME, FILE_PRIVATE, OUTCOMES_SIZE, &text, NULL);

	if (error && error != ERR_NOT_FOUND && error != ERR_DAMAGED)
		return false;
	return outcomes_add(buf_text(&text), error ? 0 : text.size, repo, outcome, ret);
}

bool outcomes_note(const struct repo *repo, const struct outcome *outcome)
{
	AUTOFREE char *path = NULL;
	AUTOBUF struct buf fresh = {0};
	AUTOBUF struct buf again = {0};
	CLOSED int folder = -1;
	CLOSED int lock = -1;

	if (!*outcome->id || path_of(PATH_CACHE, &path, NULL) ||
	    folder_open(path, FOLDER_CREATE, &folder, NULL) ||
	    !is_new(folder, repo, outcome, &fresh))
		return false;
	/* Looked at once more under the lock: somebody may have written meanwhile. */
	if (file_try_lock(folder, OUTCOMES_NAME ".lock", &lock, NULL) ||
	    !is_new(folder, repo, outcome, &again) ||
	    file_replace(folder, OUTCOMES_NAME, buf_text(&again), again.size, REPLACE_ONLY,
			 NULL))
		return false;
	trace("outcome: noted");
	return true;
}
