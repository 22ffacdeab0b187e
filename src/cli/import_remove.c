/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/import.h"
#include "core/git_store.h"
#include "core/hf_stored_cut.h"
#include "core/hf_token.h"
#include "core/plain_edit.h"

/* Which tokens may go from one file. */
struct removal {
	struct import *import;
	size_t file;
};

/* ---- what may go ------------------------------------------------------------------------------ */

/* Its store has it, now: whatever was true a moment ago. */
static bool is_safe(struct import *import, const struct found *found)
{
	const struct token *token = catalogue_find_id(&import->session.catalogue, found->id);
	struct import_file *file = &import->files[found->file];
	bool kept = false;
	int error = token ? import_is_kept(&import->session, token, &found->secret, &kept,
					   &file->remove)
			  : ERR_NOT_FOUND;

	if (error || !kept)
		(void)err_set(&file->remove, error ? (enum err_code)error : ERR_DAMAGED,
			      "'%s' could not be read back from its store, so nothing was "
			      "deleted",
			      found->name);
	return !error && kept;
}

/* One that is not read back keeps all of its file as it is. */
static bool may_edit(struct import *import, size_t file)
{
	bool any = false;

	for (size_t i = 0; i < import->count; i++) {
		if (import->found[i].file != file || !import_is_done(&import->found[i]))
			continue;
		if (!is_safe(import, &import->found[i]))
			return false;
		any = true;
	}
	return any;
}

/* Whether the file's token of that value was stored. */
static bool may_go(const struct removal *removal, const char *endpoint, const char *value)
{
	for (size_t i = 0; i < removal->import->count; i++) {
		const struct found *found = &removal->import->found[i];

		if (found->file == removal->file && import_is_done(found) &&
		    strcmp(found->endpoint, endpoint) == 0 &&
		    strcmp(secret_text(&found->secret), value) == 0)
			return true;
	}
	return false;
}

/* ---- the files -------------------------------------------------------------------------------- */

static bool hf_goes(void *user, const struct hf_entry *entry)
{
	const struct removal *removal = user;

	return !entry->refreshes && may_go(removal, removal->import->hf_endpoint, entry->token);
}

static int edit_hf(void *user, const struct secret *text, struct secret *ret, size_t *ret_count,
		   struct err *err)
{
	return hf_stored_cut(text, hf_goes, user, ret, ret_count, err);
}

static bool git_goes(void *user, const struct credential *credential)
{
	char endpoint[ENDPOINT_SIZE];

	return !endpoint_of_host(credential->scheme, credential->host, endpoint, NULL) &&
	       may_go(user, endpoint, credential->password);
}

static int edit_git(void *user, const struct secret *text, struct secret *ret,
		    size_t *ret_count, struct err *err)
{
	return git_store_filter(text, git_goes, user, ret, ret_count, err);
}

/* The file of one token goes as a whole, if it still holds that. */
static int remove_token_file(struct removal *removal, size_t *ret_count, struct err *err)
{
	struct import *import = removal->import;
	AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
	int error;

	if (import->session.settings.hf_follow) {
		(void)err_set(err, ERR_OK,
			      "it stays, since it follows the default token (setup hf)");
		err_hint(err, "hftoken setup hf --undo ends that");
		return 0;
	}
	error = hf_token_look(&file, &import->session, err);
	if (error || file.content != HF_STORED ||
	    !may_go(removal, import->hf_endpoint, secret_text(&file.value)))
		return error;
	error = hf_token_remove(&file, err);
	if (!error)
		*ret_count = 1;
	return error;
}

static void remove_from(struct import *import, size_t number)
{
	struct removal removal = {.import = import, .file = number};
	struct import_file *file = &import->files[number];
	size_t count = 0;
	int error = 0;

	switch (file->place) {
	case IMPORT_HF_TOKEN:
		error = remove_token_file(&removal, &count, &file->remove);
		break;
	case IMPORT_HF_STORED:
		error = plain_edit(file->path, PLAIN_HF, edit_hf, &removal, &count,
				   &file->remove);
		break;
	case IMPORT_GIT:
		error = plain_edit(file->path, PLAIN_GIT, edit_git, &removal, &count,
				   &file->remove);
		break;
	case IMPORT_STDIN:
		break;
	}
	if (!error)
		file->removed = count;
}

void import_remove(struct import *import)
{
	for (size_t i = 0; i < import->file_count; i++) {
		if (may_edit(import, i))
			remove_from(import, i);
	}
}
