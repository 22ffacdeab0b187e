/* SPDX-License-Identifier: Apache-2.0 */
/* git's helper `store`: the files that it looks into by itself, and those that git is told of. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/git_config.h"
#include "cli/import.h"
#include "core/git_store.h"
#include "core/plain.h"
#include "core/resolve.h"

/* ---- what is for a Hub ------------------------------------------------------------------------ */

/* Others' entries are none of our business. */
static bool is_hub(const struct import *import, const char *endpoint)
{
	const struct catalogue *catalogue = &import->session.catalogue;

	if (endpoint_is_hub(endpoint) || strcmp(endpoint, import->session.endpoint.origin) == 0)
		return true;
	for (size_t i = 0; i < catalogue->count; i++) {
		if (strcmp(catalogue->tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return false;
}

struct finder {
	struct import *import;
	int error;
	struct err *err;
};

static bool take(void *user, const struct credential *credential)
{
	struct finder *finder = user;
	AUTOSECRET struct secret secret = {0};
	char endpoint[ENDPOINT_SIZE];
	char label[IMPORT_LABEL_SIZE];
	char stem[TOKEN_NAME_MAX + 1];
	struct found *found;

	if (finder->error ||
	    endpoint_of_host(credential->scheme, credential->host, endpoint, NULL) ||
	    !is_hub(finder->import, endpoint))
		return false;
	if (secret_set(&secret, credential->password, strlen(credential->password))) {
		finder->error = err_no_memory(finder->err);
		return false;
	}
	(void)snprintf(label, sizeof(label), "%s@%s", credential->user,
		       endpoint_host(endpoint));
	finder->error = import_found(finder->import, label, endpoint, &secret, &found,
				     finder->err);
	if (finder->error || !found)
		return false;
	found->renewed = found->kind != KIND_OTHER;
	resolve_typed_name(credential->user, stem);
	if (!token_name_from(stem, found->wish))
		*found->wish = '\0';
	return false;
}

/* ---- files ------------------------------------------------------------------------------------ */

/* git replaces it as a whole. */
static bool is_whole(const char *text UNUSED, size_t size UNUSED)
{
	return true;
}

static int search_file(struct import *import, char *path, struct err *err)
{
	struct finder finder = {.import = import, .err = err};
	struct import_file *file = import_file(import, IMPORT_GIT, path);
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret rest = {0};
	size_t count;
	int error;

	if (!file || !import_read(file, GIT_STORE_MAX, is_whole, &text))
		return 0;
	error = git_store_filter(&text, take, &finder, &rest, &count, err);
	return error ? error : finder.error;
}

/*
 * `credential.helper = store --file PATH`, also for one URL. What the repository says that we happen
 * to be in is left out: whoever packed it could hand us a token of theirs.
 */
static void take_setting(void *user, const char *scope, const char *origin UNUSED,
			 const char *key, const char *value)
{
	struct finder *finder = user;
	size_t size = strlen(key);
	char *path = NULL;

	if (strcmp(scope, "local") == 0 || strcmp(scope, "worktree") == 0)
		return;
	if (!value || finder->error || !text_starts_with(key, "credential.") || size < 7 ||
	    strcmp(key + size - 7, ".helper") != 0)
		return;
	finder->error = git_store_path(value, &path)
				? search_file(finder->import, path, finder->err)
				: err_no_memory(finder->err);
}

int import_search_git(struct import *import, struct err *err)
{
	struct finder finder = {.import = import, .err = err};

	for (unsigned number = 0; number < PLAIN_GIT_FILES && !finder.error; number++)
		finder.error = search_file(import, plain_git_path(number), err);
	/* Without git there is no setting that it would follow. */
	if (!finder.error)
		(void)!git_config_each(take_setting, &finder, NULL);
	return finder.error;
}
