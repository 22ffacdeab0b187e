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

/*
 * Whether the file says it already, and lately enough. What another one saw bars nobody who asks
 * until he is let in, and tells nobody's account; so it is news that git saw it too.
 */
static bool is_known(const struct outcome *old, const struct outcome *fresh)
{
	bool refused = fresh->result == OUTCOME_REFUSED;
	int64_t life = refused ? OUTCOME_REFUSED_SECONDS / 2 : OUTCOME_REPEAT_SECONDS;
	int64_t age = fresh->at - old->at;

	if (fresh->source == OUTCOME_BY_GIT && old->source != OUTCOME_BY_GIT)
		return false;
	return old->result == fresh->result && old->revision == fresh->revision &&
	       old->at >= fresh->verified && age >= -CLOCK_SLACK && age < life;
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

/* What is to become of the lines: one is added, or nothing is held against a token any more. */
struct edit {
	const char *key;
	const struct outcome *fresh; /* NULL: */
	const char *lifted;
	bool refusals;
	bool is_known; /* the new one is there already */
	bool changes;  /* something goes besides what the new one renews */
};

static bool is_lifted(const struct edit *edit, const struct outcome *old)
{
	return strcmp(old->id, edit->lifted) == 0 &&
	       (old->result == OUTCOME_DEAD ||
		(edit->refusals && old->result == OUTCOME_REFUSED));
}

static bool goes(struct edit *edit, const char *line, size_t key_size,
		 const struct outcome *old)
{
	const struct outcome *fresh = edit->fresh;
	bool here;
	bool renewed;

	if (!fresh) {
		edit->changes |= is_lifted(edit, old);
		return is_lifted(edit, old);
	}
	here = strlen(edit->key) == key_size && memcmp(line, edit->key, key_size) == 0;
	if (strcmp(old->id, fresh->id) != 0 || !(here || old->result == OUTCOME_DEAD))
		return false;
	renewed = here && old->operation == fresh->operation;
	edit->is_known |= renewed && is_known(old, fresh);
	if (!outcome_replaces(fresh, old))
		return false;
	edit->changes |= !renewed;
	return true;
}

/* The lines that stay; `SIZE_MAX` if that is all of them. */
static size_t keep_lines(const char *body, const char *end, struct edit *edit, struct kept *ret,
			 size_t max)
{
	size_t count = 0;

	while (body < end && count < max) {
		const char *stop = memchr(body, '\n', (size_t)(end - body));
		struct outcome old;
		size_t key_size;

		if (!stop || !outcome_parse(body, stop, &key_size, &old)) {
			edit->changes = true; /* not what was written: nothing of it is kept */
			return 0;
		}
		if (!goes(edit, body, key_size, &old))
			ret[count++] = (struct kept) {body, (size_t)(stop + 1 - body), old.at};
		body = stop + 1;
	}
	return !edit->changes && (edit->is_known || !edit->fresh) ? SIZE_MAX : count;
}

static bool rewrite(const char *text, size_t size, struct edit *edit, struct buf *ret)
{
	AUTOFREE struct kept *kept = calloc(OUTCOMES_MAX + 1, sizeof(*kept));
	AUTOBUF struct buf body = {0};
	const char *old = outcomes_body(text, size);
	char header[HEADER_SIZE + 1];
	size_t room = OUTCOMES_MAX;
	size_t count = 0;

	if (kept && (old || !edit->fresh))
		count = keep_lines(old, old ? text + size : old, edit, kept, OUTCOMES_MAX + 1);
	if (!kept || count == SIZE_MAX)
		return false;
	qsort(kept, count, sizeof(*kept), newest_first);
	if (edit->fresh) {
		outcome_put(&body, edit->key, edit->fresh);
		room--;
	}
	for (size_t i = 0; i < count && i < room; i++)
		buf_add(&body, kept[i].line, kept[i].size);
	outcomes_header(buf_text(&body), body.size, header);
	buf_add_text(ret, header);
	buf_add(ret, body.data, body.size);
	return !buf_failed(&body) && !buf_failed(ret) && ret->size <= OUTCOMES_SIZE;
}

bool outcomes_add(const char *text, size_t size, const struct repo *repo,
		  const struct outcome *outcome, struct buf *ret)
{
	char key[OUTCOME_KEY_SIZE];
	struct edit edit = {.key = key, .fresh = outcome};

	outcome_key(repo, key);
	return *outcome->id && rewrite(text, size, &edit, ret);
}

bool outcomes_drop(const char *text, size_t size, const char *id, bool refusals,
		   struct buf *ret)
{
	struct edit edit = {.lifted = id, .refusals = refusals};

	return *id && rewrite(text, size, &edit, ret);
}

/* ---- the file --------------------------------------------------------------------------------- */

/* News, or a token's id. */
struct change {
	const struct outcome_news *news;
	size_t count;
	const char *lifted;
	bool refusals;
};

/* Replaces the text by what comes after it, if anything does. */
static bool follow(struct buf *text, struct buf *next, bool is_new)
{
	struct buf held = *text;

	if (!is_new) {
		buf_clear(next);
		return false;
	}
	*text = *next;
	*next = held;
	buf_clear(next);
	return true;
}

/* Whether there is anything to write; then `ret` is the file as it will be. */
static bool is_new(int folder, const struct change *change, struct buf *ret)
{
	AUTOBUF struct buf next = {0};
	int error = file_read(folder, OUTCOMES_NAME, FILE_PRIVATE, OUTCOMES_SIZE, ret, NULL);
	bool found = false;

	if (error && error != ERR_NOT_FOUND && error != ERR_DAMAGED)
		return false;
	if (error)
		buf_clear(ret);
	if (change->lifted)
		found = follow(ret, &next,
			       outcomes_drop(buf_text(ret), ret->size, change->lifted,
					     change->refusals, &next));
	for (size_t i = 0; i < change->count; i++)
		found |= follow(ret, &next,
				outcomes_add(buf_text(ret), ret->size, change->news[i].repo,
					     &change->news[i].outcome, &next));
	return found;
}

static bool write_change(const struct change *change)
{
	AUTOFREE char *path = NULL;
	AUTOBUF struct buf fresh = {0};
	AUTOBUF struct buf again = {0};
	CLOSED int folder = -1;
	CLOSED int lock = -1;

	if (path_of(PATH_CACHE, &path, NULL) ||
	    folder_open(path, change->count ? FOLDER_CREATE : FOLDER_READ, &folder, NULL) ||
	    !is_new(folder, change, &fresh))
		return false;
	/* Looked at once more under the lock: somebody may have written meanwhile. */
	if (file_try_lock(folder, OUTCOMES_NAME ".lock", &lock, NULL) ||
	    !is_new(folder, change, &again) ||
	    file_replace(folder, OUTCOMES_NAME, buf_text(&again), again.size, REPLACE_ONLY,
			 NULL))
		return false;
	trace("outcome: noted");
	return true;
}

bool outcomes_note(const struct repo *repo, const struct outcome *outcome)
{
	const struct outcome_news news = {.repo = repo, .outcome = *outcome};

	return outcomes_note_all(&news, 1);
}

bool outcomes_note_all(const struct outcome_news news[], size_t count)
{
	const struct change change = {.news = news, .count = count};

	/* One that has no id is none that could be found again, and no folder is made for it. */
	while (count > 0 && !*news[count - 1].outcome.id)
		count--;
	return count > 0 && write_change(&change);
}

bool outcomes_lift(const char *id, bool refusals)
{
	const struct change change = {.lifted = id, .refusals = refusals};

	return write_change(&change);
}
