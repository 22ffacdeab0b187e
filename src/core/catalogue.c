/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue in memory. Its text form is catalogue_text.c's. */
#include "core/catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/text.h"
#include "core/catalogue_text.h"

#define FILE_NAME  CATALOGUE_FILE
#define LOCK_NAME  CATALOGUE_LOCK
#define FIRST_READ ((size_t)4 << 10)

struct catalogue_text {
	struct catalogue_text *next;
	char text[];
};

void catalogue_release(struct catalogue *catalogue)
{
	while (catalogue->texts) {
		struct catalogue_text *next = catalogue->texts->next;

		free(catalogue->texts);
		catalogue->texts = next;
	}
	free(catalogue->tokens);
	free(catalogue->defaults);
	free(catalogue->unknown_index);
	free(catalogue->unknown_details);
	free(catalogue->folder);
	cleanup_close(&catalogue->folder_fd);
	cleanup_close(&catalogue->lock);
	*catalogue = (struct catalogue)CATALOGUE_NONE;
}

char *catalogue_room(struct catalogue *catalogue, size_t size)
{
	struct catalogue_text *text = malloc(sizeof(*text) + size + 1);

	if (!text)
		return NULL;
	text->text[size] = '\0';
	text->next = catalogue->texts;
	catalogue->texts = text;
	return text->text;
}

const char *catalogue_keep(struct catalogue *catalogue, const char *text)
{
	size_t size = strlen(text);
	char *copy;

	if (size == 0)
		return "";
	copy = catalogue_room(catalogue, size);
	if (copy)
		memcpy(copy, text, size);
	return copy;
}

/* The part of the file that is wanted, NUL-terminated and owned by the catalogue. */
static int read_parts(struct catalogue *catalogue, enum catalogue_parts parts, int fd,
		      size_t size, char **ret, size_t *ret_size, struct err *err)
{
	size_t wanted = parts == CATALOGUE_ALL || size < FIRST_READ ? size : FIRST_READ;

	for (;;) {
		char *text = catalogue_room(catalogue, wanted);
		size_t index;
		int error;

		if (!text)
			return err_no_memory(err);
		error = file_read_exactly(fd, text, wanted, err);
		if (!error)
			error = catalogue_index_size(text, wanted, size, &index, err);
		if (error)
			return error;
		if (parts != CATALOGUE_ALL && index > wanted) {
			wanted = index;
			continue;
		}
		*ret = text;
		*ret_size = parts == CATALOGUE_ALL ? size : index;
		return 0;
	}
}

int catalogue_read_file(struct catalogue *catalogue, const char *name,
			enum catalogue_parts parts, struct err *err)
{
	CLOSED int fd = -1;
	char *text;
	size_t size;
	int error = file_open(catalogue->folder_fd, name, FILE_PRIVATE, CATALOGUE_MAX, &fd,
			      &size, err);

	if (!error)
		error = read_parts(catalogue, parts, fd, size, &text, &size, err);
	if (!error)
		error = catalogue_parse(catalogue, text, size, parts, err);
	return error;
}

/* Says what the previous version holds, since it is the way out. */
static int explain_damage(const struct catalogue *catalogue, struct err *err)
{
	AUTOCATALOGUE struct catalogue previous = CATALOGUE_NONE;
	const char *folder = catalogue->folder;
	int error;

	err->code = ERR_DAMAGED;
	previous.folder_fd = dup(catalogue->folder_fd);
	error = catalogue_read_file(&previous, FILE_NAME ".prev", CATALOGUE_ALL, NULL);
	if (error)
		return err_hint(err,
				"restore '%s/" FILE_NAME
				"' from a backup; or move that and '" FILE_NAME
				".prev' away and log in again",
				folder);
	return err_hint(err,
			"the version before it is whole and holds %zu token%s: "
			"hftoken store recover puts it in place",
			previous.count, previous.count == 1 ? "" : "s");
}

static int load(struct catalogue *catalogue, enum catalogue_parts parts, struct err *err)
{
	struct err local = {0};
	struct err *cause = err ? err : &local;
	int error = catalogue_read_file(catalogue, FILE_NAME, parts, cause);

	if (error == ERR_NOT_FOUND) {
		if (faccessat(catalogue->folder_fd, FILE_NAME ".prev", F_OK, 0) < 0)
			return 0;
		/* Its first two versions may have come just now, between the two looks. */
		error = catalogue_read_file(catalogue, FILE_NAME, parts, cause);
	}
	if (error == ERR_NOT_FOUND) {
		err_set(cause, ERR_DAMAGED,
			"the catalogue of tokens '%s/" FILE_NAME "' is missing",
			catalogue->folder);
		return explain_damage(catalogue, cause);
	}
	if (error == ERR_DAMAGED) {
		err_context(cause, "the catalogue of tokens '%s/" FILE_NAME "' is damaged",
			    catalogue->folder);
		return explain_damage(catalogue, cause);
	}
	if (error)
		return err_context(cause, "catalogue of tokens in '%s'", catalogue->folder);
	trace("catalogue: generation %llu, %zu tokens",
	      (unsigned long long)catalogue->generation, catalogue->count);
	return 0;
}

int catalogue_load(struct catalogue *catalogue, enum catalogue_parts parts, struct err *err)
{
	AUTOCATALOGUE struct catalogue fresh = CATALOGUE_NONE;
	int error = path_of(PATH_DATA, &fresh.folder, err);

	/* Without a home there is nothing of ours, but the environment's token still works. */
	if (error != ERR_NOT_FOUND) {
		if (!error)
			error = folder_open(fresh.folder, FOLDER_READ, &fresh.folder_fd, err);
		if (!error)
			error = load(&fresh, parts, err);
	}
	if (error && error != ERR_NOT_FOUND)
		return error;
	*catalogue = fresh;
	fresh = (struct catalogue)CATALOGUE_NONE;
	return 0;
}

static int lock(struct catalogue *catalogue, struct err *err)
{
	int error = file_lock(catalogue->folder_fd, LOCK_NAME, &catalogue->lock, err);

	if (error == ERR_READ_ONLY)
		return err_set(err, ERR_READ_ONLY, "'%s' cannot be written: it is read-only",
			       catalogue->folder);
	return error ? err_context(err, "'%s'", catalogue->folder) : 0;
}

int catalogue_begin(struct catalogue *catalogue, struct err *err)
{
	AUTOCATALOGUE struct catalogue fresh = CATALOGUE_NONE;
	int error = path_of(PATH_DATA, &fresh.folder, err);

	if (!error)
		error = folder_open(fresh.folder, FOLDER_CREATE, &fresh.folder_fd, err);
	if (!error)
		error = lock(&fresh, err);
	if (!error)
		error = load(&fresh, CATALOGUE_ALL, err);
	if (error)
		return error;
	*catalogue = fresh;
	fresh = (struct catalogue)CATALOGUE_NONE;
	return 0;
}

int catalogue_commit(struct catalogue *catalogue, struct err *err)
{
	AUTOBUF struct buf text = {0};
	int error = catalogue_format(catalogue, catalogue->generation + 1, &text, err);

	if (!error)
		error = file_replace(catalogue->folder_fd, FILE_NAME, text.data, text.size,
				     REPLACE_KEEP_PREVIOUS, err);
	if (error)
		return err_context(err, "cannot save the catalogue of tokens");
	catalogue->generation++;
	return 0;
}

/* The catalogue is const for readers; what it points to is theirs to change under the lock. */
struct token *catalogue_find(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		if (strcmp(catalogue->tokens[i].name, name) == 0)
			return &catalogue->tokens[i];
	}
	return NULL;
}

int catalogue_free_name(const struct catalogue *catalogue, const char *name,
			char ret[TOKEN_NAME_MAX + 1], struct err *err)
{
	(void)text_copy(ret, TOKEN_NAME_MAX + 1, name);
	for (unsigned number = 2; catalogue_find(catalogue, ret); number++) {
		char suffix[16];

		if (number > CATALOGUE_TOKENS)
			return err_set(err, ERR_FAILED, "no name is free for this token");
		(void)snprintf(suffix, sizeof(suffix), "-%u", number);
		(void)snprintf(ret, TOKEN_NAME_MAX + 1, "%.*s%s",
			       (int)(TOKEN_NAME_MAX - strlen(suffix)), name, suffix);
	}
	return 0;
}

struct token *catalogue_find_id(const struct catalogue *catalogue, const char *id)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		if (strcmp(catalogue->tokens[i].id, id) == 0)
			return &catalogue->tokens[i];
	}
	return NULL;
}

static struct catalogue_default *find_default(const struct catalogue *catalogue,
					      const char *endpoint)
{
	for (size_t i = 0; i < catalogue->default_count; i++) {
		if (strcmp(catalogue->defaults[i].endpoint, endpoint) == 0)
			return &catalogue->defaults[i];
	}
	return NULL;
}

struct token *catalogue_default(const struct catalogue *catalogue, const char *endpoint)
{
	const struct catalogue_default *found = find_default(catalogue, endpoint);

	struct token *token = found ? catalogue_find_id(catalogue, found->id) : NULL;

	/* One that has moved to another Hub is no default here. */
	return token && strcmp(token->endpoint, endpoint) == 0 ? token : NULL;
}

static int new_id(char ret[TOKEN_ID_SIZE], struct err *err)
{
	unsigned char random[(TOKEN_ID_SIZE - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_errno(err, "cannot get random numbers");
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", random[i]);
	return 0;
}

int catalogue_update(struct catalogue *catalogue, struct token *token,
		     const struct token *fresh, struct err *err)
{
	struct token copy = *fresh;
	const char **texts[] = {&copy.name,     &copy.id,     &copy.endpoint,
				&copy.account,  &copy.store,  &copy.masked,
				&copy.identity, &copy.grants, &copy.extra};

	if (!copy.grants)
		copy.grants = "";
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *kept = catalogue_keep(catalogue, *texts[i]);

		if (!kept)
			return err_no_memory(err);
		*texts[i] = kept;
	}
	*token = copy;
	return 0;
}

int catalogue_reserve(struct catalogue *catalogue, size_t capacity)
{
	struct token *tokens;

	if (capacity <= catalogue->capacity)
		return 0;
	tokens = reallocarray(catalogue->tokens, capacity, sizeof(*tokens));
	if (!tokens)
		return ERR_FAILED;
	catalogue->tokens = tokens;
	catalogue->capacity = capacity;
	return 0;
}

struct token *catalogue_grow(struct catalogue *catalogue)
{
	size_t more = catalogue->capacity ? 2 * catalogue->capacity : 16;

	if (catalogue->count == catalogue->capacity && catalogue_reserve(catalogue, more))
		return NULL;
	return &catalogue->tokens[catalogue->count];
}

int catalogue_add(struct catalogue *catalogue, const struct token *token, struct token **ret,
		  struct err *err)
{
	struct token fresh = *token;
	char id[TOKEN_ID_SIZE];
	struct token *place;
	int error;

	if (catalogue->count >= CATALOGUE_TOKENS)
		return err_set(err, ERR_NO_SPACE, "there are %d tokens already",
			       CATALOGUE_TOKENS);
	if (!*fresh.id) {
		error = new_id(id, err);
		if (error)
			return error;
		fresh.id = id;
	}
	place = catalogue_grow(catalogue);
	if (!place)
		return err_no_memory(err);
	error = catalogue_update(catalogue, place, &fresh, err);
	if (error)
		return error;
	catalogue->count++;
	*ret = place;
	return 0;
}

void catalogue_remove(struct catalogue *catalogue, struct token *token)
{
	struct catalogue_default *set = find_default(catalogue, token->endpoint);
	size_t position = (size_t)(token - catalogue->tokens);

	if (set && strcmp(set->id, token->id) == 0)
		*set = catalogue->defaults[--catalogue->default_count];
	catalogue->count--;
	memmove(token, token + 1, (catalogue->count - position) * sizeof(*token));
}

int catalogue_add_default(struct catalogue *catalogue, const char *endpoint, const char *id)
{
	struct catalogue_default *defaults = reallocarray(
		catalogue->defaults, catalogue->default_count + 1, sizeof(*defaults));

	if (!defaults)
		return ERR_NO_MEMORY;
	catalogue->defaults = defaults;
	defaults[catalogue->default_count++] = (struct catalogue_default) {.endpoint = endpoint,
									   .id = id};
	return 0;
}

int catalogue_set_default(struct catalogue *catalogue, const struct token *token,
			  struct err *err)
{
	struct catalogue_default *set = find_default(catalogue, token->endpoint);

	if (set) {
		set->id = token->id;
		return 0;
	}
	if (catalogue_add_default(catalogue, token->endpoint, token->id))
		return err_no_memory(err);
	return 0;
}
