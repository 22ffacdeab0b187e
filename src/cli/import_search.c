/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/import.h"
#include "core/export_text.h"
#include "core/hf_stored.h"
#include "core/plain.h"

#define INPUT_MS \
	600000 /* at the pipe's other end somebody may have to type a passphrase first */

#define NO_NAME    "(no name that can be shown)"
#define TOKEN_FILE "token"

/* ---- what is found ---------------------------------------------------------------------------- */

struct import_file *import_file(struct import *import, enum import_place place, char *path)
{
	struct import_file *file = &import->files[import->file_count];

	if (!path)
		return NULL;
	for (size_t i = 0; i < import->file_count; i++) {
		if (strcmp(import->files[i].path, path) == 0) {
			free(path);
			return NULL;
		}
	}
	if (import->file_count == IMPORT_FILES_MAX) {
		free(path);
		return NULL;
	}
	*file = (struct import_file) {.place = place, .path = path};
	import->file_count++;
	return file;
}

/* Room for one more; false if there is no memory. */
static bool make_room(struct import *import)
{
	size_t capacity = import->capacity ? import->capacity * 2 : 16;
	struct found *list;

	if (import->count < import->capacity)
		return true;
	list = reallocarray(import->found, capacity, sizeof(*list));
	if (!list)
		return false;
	import->found = list;
	import->capacity = capacity;
	return true;
}

int import_found(struct import *import, const char *label, const char *endpoint,
		 struct secret *secret, struct found **ret, struct err *err)
{
	struct found *found;

	*ret = NULL;
	if (import->count == IMPORT_MAX) {
		import->left_out++;
		return 0;
	}
	if (!make_room(import))
		return err_no_memory(err);
	found = &import->found[import->count];
	*found = (struct found) {.file = import->file_count - 1,
				 .kind = token_kind_of_secret(secret),
				 .expires = TIME_UNKNOWN,
				 .same = import->count};
	(void)text_copy(found->label, sizeof(found->label), label);
	text_disarm(found->label);
	mask_tokens(found->label);
	(void)text_copy(found->endpoint, sizeof(found->endpoint), endpoint);
	secret_move(&found->secret, secret);
	for (size_t i = 0; i < import->count; i++) {
		if (secret_equal(&import->found[i].secret, &found->secret) &&
		    strcmp(import->found[i].endpoint, endpoint) == 0) {
			found->same = i;
			break;
		}
	}
	import->count++;
	*ret = found;
	return 0;
}

static int open_path(void *where)
{
	return open(where, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

bool import_read(struct import_file *file, size_t max,
		 bool (*is_whole)(const char *text, size_t size), struct secret *ret)
{
	const struct foreign_file foreign = {
		.open = open_path, .where = file->path, .is_whole = is_whole, .max = max};
	bool settled = true;
	int error = foreign_read(&foreign, ret, &settled, &file->err);

	if (error == ERR_NOT_FOUND) {
		file->err = (struct err) {.code = ERR_OK};
		return false;
	}
	file->read = true;
	if (!error && !settled && !is_whole(secret_text(ret), ret->size))
		error = err_set(&file->err, ERR_BUSY,
				"it is being written; try again in a moment");
	return !error;
}

/* ---- huggingface_hub's ------------------------------------------------------------------------ */

static int add_stored(struct import *import, const struct hf_entry *entry, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct found *found;
	int error;

	if (secret_set(&secret, entry->token, strlen(entry->token)))
		return err_no_memory(err);
	error = import_found(import, entry->has_name ? entry->name : NO_NAME,
			     import->hf_endpoint, &secret, &found, err);
	if (error || !found)
		return error;
	found->renewed = entry->refreshes || found->kind != KIND_OTHER;
	if (!entry->has_name || !token_name_from(entry->name, found->wish))
		*found->wish = '\0';
	return 0;
}

static int search_stored(struct import *import, struct err *err)
{
	AUTOFREE struct hf_stored *stored = calloc(1, sizeof(*stored));
	AUTOSECRET struct secret text = {0};
	struct import_file *file = import_file(import, IMPORT_HF_STORED,
					       plain_hf_stored_path());
	int error = 0;

	if (!stored)
		return err_no_memory(err);
	if (!file || !import_read(file, HF_STORED_MAX, hf_stored_is_whole, &text))
		return 0;
	if (hf_stored_parse(&text, stored, &file->err))
		return 0;
	if (stored->unusable)
		(void)err_set(&file->err, ERR_OK,
			      "entries without a token, or without a name to show: %zu",
			      stored->unusable);
	for (size_t i = 0; i < stored->count && !error; i++)
		error = add_stored(import, &stored->entries[i], err);
	return error;
}

static bool is_token(const char *text, size_t size)
{
	return size > strspn(text, " \t\r\n");
}

/* What `stored_tokens` says of that value: it is the default, a session, or the half of another. */
static void compare_active(struct import *import, struct found *active)
{
	bool half = false;

	for (size_t i = 0; i + 1 < import->count; i++) {
		struct found *other = &import->found[i];

		if (secret_equal(&other->secret, &active->secret)) {
			other->preferred = true;
			active->renewed |= other->renewed;
			other->renewed = active->renewed;
			return;
		}
		half |= other->secret.size > active->secret.size &&
			memcmp(other->secret.data, active->secret.data, active->secret.size) ==
				0;
	}
	active->preferred = true;
	if (!half)
		return;
	active->result = IMPORT_LEFT;
	err_set(&active->err, ERR_BUSY, "it holds half a token; try again in a moment");
}

static int search_active(struct import *import, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct import_file *file = import_file(import, IMPORT_HF_TOKEN, plain_hf_path());
	struct found *found;
	int error;

	if (!file || !import_read(file, TOKEN_SECRET_MAX + 64, is_token, &secret))
		return 0;
	secret_trim(&secret);
	if (secret.size == 0)
		return 0;
	error = import_found(import, TOKEN_FILE, import->hf_endpoint, &secret, &found, err);
	if (error || !found)
		return error;
	found->renewed = found->kind != KIND_OTHER;
	compare_active(import, found);
	return 0;
}

int import_search_hf(struct import *import, struct err *err)
{
	int error = search_stored(import, err);

	return error ? error : search_active(import, err);
}

/* ---- an export -------------------------------------------------------------------------------- */

static int add_exported(struct import *import, const struct export_token *token,
			struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	struct found *found;
	int error;

	if (secret_set(&secret, token->token, strlen(token->token)))
		return err_no_memory(err);
	error = import_found(import, token->name, token->endpoint, &secret, &found, err);
	if (error || !found)
		return error;
	(void)text_copy(found->wish, sizeof(found->wish), token->name);
	if (!text_copy(found->account, sizeof(found->account), token->account))
		*found->account = '\0';
	found->kind = token->kind;
	found->expires = token->expires;
	found->preferred = token->is_default;
	return 0;
}

int import_search_stdin(struct import *import, struct err *err)
{
	AUTOEXPORTED struct exported exported = {.count = 0};
	AUTOSECRET struct secret text = {0};
	struct import_file *file = import_file(import, IMPORT_STDIN, strdup("standard input"));
	int error;

	if (!file)
		return err_no_memory(err);
	file->read = true;
	error = io_read_all(STDIN_FILENO, &text, EXPORT_MAX, deadline_in(INPUT_MS), err);
	if (error == ERR_FORMAT) {
		err_set(err, ERR_DAMAGED, "what came is too long for an export");
		return err_hint(err, "export some tokens by name, in several runs");
	}
	if (error) {
		err_context(err, "cannot read the export");
		err->code = error == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_FAILED;
		return err->code;
	}
	error = export_parse(&text, &exported, err);
	if (error == ERR_FORMAT)
		return err_hint(err, "for a single token: hftoken login --with-token");
	for (size_t i = 0; i < exported.count && !error; i++)
		error = add_exported(import, &exported.tokens[i], err);
	return error;
}
