/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git would use. In its order: the password of the remote's URL, netrc (libcurl looks there
 * before git asks anybody), then its helpers, one after the other.
 */
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/text.h"
#include "cli/git_config.h"
#include "cli/status.h"
#include "core/git_hints.h"
#include "core/session_pick.h"

/* ---- addresses of remotes, and headers -------------------------------------------------------- */

struct remotes {
	struct status *status;
	size_t used; /* the index of the one that git uses, and one; 0: none */
};

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

static void put_remote(struct remotes *remotes, const char *origin, const char *key,
		       const char *value)
{
	struct status *status = remotes->status;
	AUTOSECRET struct secret copy = {0};
	struct credential credential;
	char location[LOCATION_SIZE];

	if (secret_set(&copy, value, strlen(value)) ||
	    !credential_of_url(copy.data, &credential) ||
	    !credential_is_for(&credential, status->endpoint))
		return;
	(void)snprintf(location, sizeof(location), "%.100s in %s", key, origin);
	if (!status_add(status, "remote-url", location, credential.password,
			strlen(credential.password), TOOL_GIT))
		return;
	if (!remotes->used || strcmp(key, "remote.origin.url") == 0)
		remotes->used = status->count;
}

/* "Authorization: Bearer hf_…", sent whatever else git knows. */
static void put_header(struct remotes *remotes, const char *origin, const char *key,
		       const char *value)
{
	const char *bearer = strrchr(value, ' ');
	char location[LOCATION_SIZE];
	struct place *place;

	if (strncasecmp(value, "authorization:", 14) != 0 || !bearer)
		return;
	(void)snprintf(location, sizeof(location), "%.100s in %s", key, origin);
	bearer = strstr(value, "hf_") ? bearer + 1 : NULL;
	place = status_add(remotes->status, "git-header", location, bearer,
			   bearer ? strlen(bearer) : 0, TOOL_GIT);
	status_problem(place, "git sends it with every request");
}

static void take_entry(void *user, const char *scope UNUSED, const char *origin,
		       const char *key, const char *value)
{
	struct remotes *remotes = user;

	if (!value)
		return;
	if (text_starts_with(key, "remote.") &&
	    (ends_in(key, ".url") || ends_in(key, ".pushurl")))
		put_remote(remotes, origin, key, value);
	else if (text_starts_with(key, "http.") && ends_in(key, "extraheader"))
		put_header(remotes, origin, key, value);
}

/* ---- helpers ---------------------------------------------------------------------------------- */

/* What `hftoken git get` would answer here. */
static void fill_in_ours(struct status *status, struct place *place)
{
	AUTOSESSIONPICK struct session_pick picked = {0};
	AUTOFREE char *folder = getcwd(NULL, 0);
	const char *name = getenv("HFTOKEN_NAME");
	struct repo repo;
	bool known = folder &&
		     git_hints_of_folder(folder, getenv("GIT_DIR"), status->endpoint, &repo);
	const struct session_question question = {.endpoint = status->endpoint,
						  .name = name && *name ? name : NULL,
						  .repo = known ? &repo : NULL,
						  .operation = OPERATION_READ};
	char id[REPO_ID_SIZE] = "";
	struct err err = {0};

	if (session_pick(status->session, &question, &picked, &err) || !picked.pick.token) {
		status_problem(place, "%s",
			       *err.message ? err.message : "it has no token to give");
		return;
	}
	if (known)
		repo_text(&repo, id);
	(void)snprintf(place->location + strlen(place->location),
		       sizeof(place->location) - strlen(place->location), "%s%s",
		       known ? ", here " : "", id);
	(void)text_copy(place->masked, sizeof(place->masked), picked.pick.token->masked);
	/* Others see a source's value only: it bears the same name here as where they look. */
	if (!*picked.pick.token->id)
		status_find_name(status, place);
	if (!*place->token)
		(void)text_copy(place->token, sizeof(place->token), picked.pick.token->name);
}

/* `store --file PATH` */
static void put_own_file(struct status *status, const char *value, struct place **ret)
{
	AUTOFREE char *path = NULL;

	status->no_memory |= !git_store_path(value, &path);
	if (path)
		*ret = status_git_credentials(status, path, true);
}

static void put_stores(struct status *status, const struct git_helpers *helpers,
		       struct place **ret)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = path_home();
	AUTOFREE char *usual = home ? path_join(home, ".git-credentials") : NULL;
	AUTOFREE char *folder = config && *config ? strdup(config)
				: home            ? path_join(home, ".config")
						  : NULL;
	AUTOFREE char *other = folder ? path_join(folder, "git/credentials") : NULL;
	bool wanted = false;

	status->no_memory |= home && (!usual || !other);
	for (size_t i = 0; i < helpers->count; i++) {
		if (git_helper_is_store(helpers->list[i].value) &&
		    !strstr(helpers->list[i].value, "--file"))
			wanted = true;
		else if (git_helper_is_store(helpers->list[i].value))
			put_own_file(status, helpers->list[i].value, ret);
	}
	if (usual) {
		struct place *found = status_git_credentials(status, usual, wanted);

		*ret = *ret || !wanted ? *ret : found;
	}
	if (other) {
		struct place *found = status_git_credentials(status, other, wanted);

		*ret = *ret || !wanted ? *ret : found;
	}
}

void status_git_stores(struct status *status)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};
	struct place *first = NULL;

	if (git_helpers_for(status->endpoint, &helpers, NULL))
		helpers.count = 0;
	put_stores(status, &helpers, &first);
}

/* The rows of helpers, as many as git has; those of its files come later. */
static size_t put_helpers(struct status *status, const struct git_helpers *helpers)
{
	size_t first = status->count;

	for (size_t i = 0; i < helpers->count; i++) {
		const struct git_helper *helper = &helpers->list[i];
		char location[LOCATION_SIZE];
		struct place *place;

		(void)snprintf(location, sizeof(location), "%.80s (%s)", helper->value,
			       text_starts_with(helper->origin, "file:") ? helper->origin + 5
									 : helper->origin);
		place = status_add(status, "git-helper", location, NULL, 0, TOOL_GIT);
		if (place && git_helper_is_ours(helper->value))
			fill_in_ours(status, place);
		else if (place && strstr(helper->value, "hf_"))
			status_problem(place, "a token stands in it");
	}
	return first;
}

static void use(struct status *status, struct place *place)
{
	place->in_use |= TOOL_GIT;
	(void)text_copy(status->git_how, sizeof(status->git_how), place->location);
}

/* The first one that answers; `store` does if its file has something. */
static void use_helper(struct status *status, const struct git_helpers *helpers, size_t first,
		       struct place *kept)
{
	for (size_t i = 0; i < helpers->count && first + i < status->count; i++) {
		struct place *place = &status->places[first + i];
		const char *value = helpers->list[i].value;

		if (git_helper_is_ours(value) && *place->token) {
			use(status, place);
			return;
		}
		if (git_helper_is_store(value) && kept) {
			use(status, kept);
			return;
		}
		if (!git_helper_is_ours(value) && !git_helper_is_store(value)) {
			status->git_unknown = true;
			status_problem(place, "what it holds, only git can ask");
			return;
		}
	}
}

void status_git(struct status *status)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};
	struct remotes remotes = {.status = status};
	struct place *netrc;
	struct place *kept = NULL;
	size_t first;

	if (git_helpers_for(status->endpoint, &helpers, NULL))
		helpers.count = 0; /* without git there is nothing that it would use */
	first = put_helpers(status, &helpers);
	netrc = status_netrc(status);
	(void)!git_config_each(take_entry, &remotes, NULL);
	put_stores(status, &helpers, &kept);
	if (remotes.used)
		use(status, &status->places[remotes.used - 1]);
	else if (netrc)
		use(status, netrc);
	else
		use_helper(status, &helpers, first, kept);
}
