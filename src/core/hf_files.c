/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"
#include "base/io.h"
#include "base/text.h"
#include "core/hf_stored.h"
#include "core/plain.h"

#define HALF_TRIES 4
#define HALF_MS    25
#define NAME_SIZE  (sizeof(HF_STORE) + HF_NAME_MAX + 32)

static int open_path(void *where)
{
	return open(where, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

/* An empty text where there is no such file; what else is wrong is a problem, and no error. */
static int read_file(struct sources *sources, const struct foreign_file *file,
		     struct secret *ret, bool *ret_settled, struct err *err)
{
	const char *path = file->where;
	struct err cause = {0};
	int error = foreign_read(file, ret, ret_settled, &cause);

	if (error && error != ERR_NOT_FOUND)
		sources_problem(sources, "%s: %s", path, cause.message);
	return error == ERR_NO_MEMORY ? err_no_memory(err) : 0;
}

/* ---- stored_tokens ---------------------------------------------------------------------------- */

static int add_entry(struct sources *sources, const struct hf_entry *entry, const char *path,
		     struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct err cause = {0};
	char name[NAME_SIZE];

	if (secret_set(&secret, entry->token, strlen(entry->token)))
		return err_no_memory(err);
	(void)snprintf(name, sizeof(name), HF_STORE ":%s", entry->name);
	if (token_secret_check(&secret, sources->endpoint, &cause)) {
		sources_problem(sources, "%s: '%s': %s", path, name, cause.message);
		return 0;
	}
	return sources_add(sources, HF_STORE, name, path, &secret, entry->expires, NULL, err);
}

/* A last line without its end may be half of one. */
static void cut_last_line(struct secret *text)
{
	size_t size = text->size;

	while (size > 0 && text->data[size - 1] != '\n')
		size--;
	secret_truncate(text, size);
}

static int search_stored(struct sources *sources, struct err *err)
{
	AUTOFREE struct hf_stored *stored = calloc(1, sizeof(*stored));
	AUTOFREE char *path = plain_hf_stored_path();
	AUTOSECRET struct secret text = {0};
	const struct foreign_file file = {.open = open_path,
					  .where = path,
					  .is_whole = hf_stored_is_whole,
					  .max = HF_STORED_MAX};
	struct err cause = {0};
	bool settled = true;
	int error;

	if (!stored)
		return err_no_memory(err);
	if (!path)
		return 0; /* there is no home */
	error = read_file(sources, &file, &text, &settled, err);
	if (error)
		return error;
	if (!settled && !hf_stored_is_whole(secret_text(&text), text.size))
		cut_last_line(&text);
	error = hf_stored_parse(&text, stored, &cause);
	if (error)
		sources_problem(sources, "%s: %s", path, cause.message);
	if (stored->unusable)
		sources_problem(sources, "%s: entries that cannot be used: %zu", path,
				stored->unusable);
	for (size_t i = 0; i < stored->count; i++) {
		if (!stored->entries[i].has_name)
			continue;
		error = add_entry(sources, &stored->entries[i], path, err);
		if (error)
			return error;
	}
	return 0;
}

/* ---- token ------------------------------------------------------------------------------------ */

static bool is_whole_token(const char *text, size_t size)
{
	return size > strspn(text, " \t\r\n");
}

/*
 * The stored token of that value: it has no other name. `ret_half`: the value is the beginning of
 * one, and so half of it.
 */
static const struct token *find_value(const struct sources *sources,
				      const struct secret *secret, bool *ret_half)
{
	*ret_half = false;
	for (size_t i = 0; i < sources->count; i++) {
		const struct secret *other = &sources->details[i].secret;

		if (strcmp(sources->tokens[i].store, HF_STORE) != 0)
			continue;
		if (secret_equal(secret, other)) {
			*ret_half = false;
			return &sources->tokens[i];
		}
		*ret_half |= secret->size < other->size &&
			     memcmp(secret->data, other->data, secret->size) == 0;
	}
	return NULL;
}

/* `hf:token`, or if that is the name of another one, something near it. */
static void name_active(const struct sources *sources, char ret[NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, HF_STORE ":" HF_ACTIVE_NAME);
	for (unsigned number = 2; sources_find(sources, ret); number++)
		(void)snprintf(ret, NAME_SIZE, HF_STORE ":" HF_ACTIVE_NAME "-file-%u", number);
}

static int search_active(struct sources *sources, struct err *err)
{
	AUTOFREE char *path = plain_hf_path();
	AUTOSECRET struct secret secret = {0};
	const struct foreign_file file = {.open = open_path,
					  .where = path,
					  .is_whole = is_whole_token,
					  .max = TOKEN_SECRET_MAX + 64};
	struct err cause = {0};
	char name[NAME_SIZE];
	bool half = true;
	int error = 0;

	if (!path)
		return 0;
	/* A writer that was stopped in the middle may go on in a moment. */
	for (int tries = 0; tries < HALF_TRIES && half; tries++) {
		if (tries)
			deadline_sleep(deadline_in(HALF_MS), HALF_MS);
		error = read_file(sources, &file, &secret, NULL, err);
		secret_trim(&secret);
		if (error || secret.size == 0)
			return error;
		sources->active = find_value(sources, &secret, &half);
	}
	if (sources->active)
		return 0;
	if (half || token_secret_check(&secret, sources->endpoint, &cause)) {
		sources_problem(sources, "%s: %s", path,
				half ? "it holds half a token" : cause.message);
		return 0;
	}
	name_active(sources, name);
	return sources_add(sources, HF_STORE, name, path, &secret, TIME_UNKNOWN,
			   &sources->active, err);
}

int hf_files_search(struct sources *sources, struct err *err)
{
	int error = search_stored(sources, err);

	return error ? error : search_active(sources, err);
}
