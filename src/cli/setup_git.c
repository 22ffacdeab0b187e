/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup git`. Our helper goes into one section per Hub, behind an empty helper that cuts off all
 * others: without the cut another helper would write our token into its plain file after the first
 * success, and an old entry of it would be used before ours.
 */
#include <string.h>

#include "base/paths.h"
#include "base/text.h"
#include "cli/git_config.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define HELPER_PROGRAM "git-credential-hftoken"
#define ENDPOINTS_MAX  32

/* ---- which Hubs ------------------------------------------------------------------------------- */

struct endpoints {
	const char *list[ENDPOINTS_MAX];
	size_t count;
};

static void add_endpoint(struct endpoints *endpoints, const char *endpoint)
{
	for (size_t i = 0; i < endpoints->count; i++) {
		if (strcmp(endpoints->list[i], endpoint) == 0)
			return;
	}
	if (endpoints->count < ENDPOINTS_MAX)
		endpoints->list[endpoints->count++] = endpoint;
}

static void collect_endpoints(const struct session *session, struct endpoints *endpoints)
{
	add_endpoint(endpoints, ENDPOINT_HUB);
	add_endpoint(endpoints, "https://hf.co");
	add_endpoint(endpoints, session->endpoint.origin);
	for (size_t i = 0; i < session->catalogue.count; i++)
		add_endpoint(endpoints, session->catalogue.tokens[i].endpoint);
}

/* ---- how git finds us ------------------------------------------------------------------------- */

/* The real path of the first program of that name in PATH, for the caller to free(). */
static char *find_in_path(const char *name)
{
	AUTOFREE char *folders = strdup(getenv("PATH") ? getenv("PATH") : "");
	char *rest = folders;
	const char *folder;

	while (rest && (folder = strsep(&rest, ":")) != NULL) {
		AUTOFREE char *candidate = *folder == '/' ? path_join(folder, name) : NULL;

		if (candidate && access(candidate, X_OK) == 0)
			return realpath(candidate, NULL);
	}
	return NULL;
}

/* git hands the value to a shell; an absolute path must stay one at its first byte. */
static void quote_for_git(const char *path, struct buf *ret)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./+-@%:,=";

	for (; *path; path++) {
		if (!strchr(plain, *path))
			buf_add_char(ret, '\\');
		buf_add_char(ret, *path);
	}
}

/* "hftoken" where git finds that to be this very program, else its absolute path. */
static int helper_value(struct buf *ret, struct err *err)
{
	AUTOFREE char *self = realpath("/proc/self/exe", NULL);
	AUTOFREE char *found = find_in_path(HELPER_PROGRAM);
	AUTOFREE char *beside = NULL;
	AUTOBUF struct buf quoted = {0};

	if (!self)
		return err_errno(err, "cannot find out where hftoken is");
	if (found && strcmp(found, self) == 0) {
		buf_add_text(ret, "hftoken");
		return buf_failed(ret) ? err_no_memory(err) : 0;
	}
	*strrchr(self, '/') = '\0';
	beside = path_join(self, HELPER_PROGRAM);
	if (!beside)
		return err_no_memory(err);
	if (access(beside, X_OK) < 0) {
		err_set(err, ERR_FAILED, "there is no %s beside hftoken", HELPER_PROGRAM);
		text_quote(&quoted, beside);
		return err_hint(err, "make it: ln -s hftoken %s", buf_text(&quoted));
	}
	quote_for_git(beside, ret);
	return buf_failed(ret) ? err_no_memory(err) : 0;
}

/* ---- other helpers ---------------------------------------------------------------------------- */

static bool is_wired(const struct git_helpers *helpers, const char *helper)
{
	return helpers->count == 1 && strcmp(helpers->list[0].value, helper) == 0;
}

/*
 * The helper that git would run besides ours once our section is written, NULL if none. One that
 * stands before ours is cut off. Before ours is there, the section will be the last of its scope;
 * what a narrower scope adds comes behind it in any case.
 */
static const struct git_helper *find_rival(const struct git_helpers *helpers,
					   enum git_scope scope)
{
	bool behind_ours = false;

	for (size_t i = 0; i < helpers->count; i++) {
		const struct git_helper *helper = &helpers->list[i];
		bool narrower = strcmp(helper->scope, "worktree") == 0 ||
				strcmp(helper->scope, "command") == 0 ||
				(scope == GIT_GLOBAL && strcmp(helper->scope, "local") == 0);

		if (git_helper_is_ours(helper->value))
			behind_ours = true;
		else if (behind_ours || narrower)
			return helper;
	}
	return NULL;
}

static int rival_error(const struct git_helper *rival, const char *endpoint, struct err *err)
{
	err_set(err, ERR_FAILED,
		"git's helper '%.100s' in %.200s comes after hftoken and would "
		"write tokens for %s into its own store",
		rival->value, rival->origin, endpoint_host(endpoint));
	return err_hint(err, "remove it there, or hftoken setup git --force");
}

/* ---- the command ------------------------------------------------------------------------------ */

/* Refuses before anything is written where that can be told. */
static int check_rivals(const char *endpoint, enum git_scope scope, const char *helper,
			bool *ret_wired, struct err *err)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};
	const struct git_helper *rival;
	int error = git_helpers_for(endpoint, &helpers, err);

	if (error)
		return error;
	*ret_wired = is_wired(&helpers, helper);
	rival = find_rival(&helpers, scope);
	return rival ? rival_error(rival, endpoint, err) : 0;
}

/* Writes one section, and takes it out again if another helper turns out to stand behind it. */
static int wire(const char *endpoint, enum git_scope scope, const char *helper, bool force,
		struct err *err)
{
	AUTOBUF struct buf before = {0};
	struct err ignored;
	bool wired = false;
	bool changed = false;
	int error = git_config_wire(scope, endpoint, helper, &before, err);

	if (error)
		return error;
	error = check_rivals(endpoint, scope, helper, &wired, err);
	if (!error && !wired)
		error = err_set(err, ERR_FAILED, "git does not see what was written for %s",
				endpoint_host(endpoint));
	if (error && force) {
		ui_warn("%s", err->message);
		return 0;
	}
	if (error && git_config_unwire(scope, endpoint, &before, &changed, &ignored))
		ui_warn("the section for %s could not be taken out again", endpoint);
	return error;
}

int setup_git(struct cli *cli, struct session *session, struct err *err)
{
	enum git_scope scope = cli_has(cli, OPT_LOCAL) ? GIT_LOCAL : GIT_GLOBAL;
	bool force = cli_has(cli, OPT_FORCE);
	bool wired[ENDPOINTS_MAX] = {false};
	struct endpoints endpoints = {.count = 0};
	AUTOBUF struct buf helper = {0};
	int error = helper_value(&helper, err);

	collect_endpoints(session, &endpoints);
	for (size_t i = 0; i < endpoints.count && !error; i++) {
		error = check_rivals(endpoints.list[i], scope, buf_text(&helper), &wired[i],
				     err);
		error = force ? 0 : error;
	}
	for (size_t i = 0; i < endpoints.count && !error; i++) {
		const char *endpoint = endpoints.list[i];

		if (!wired[i])
			error = wire(endpoint, scope, buf_text(&helper), force, err);
		if (!error && !cli_has(cli, OPT_QUIET))
			buf_printf(&cli->out, "%s git asks hftoken for %s%s\n", ui_mark(UI_YES),
				   endpoint_host(endpoint), wired[i] ? " (as before)" : "");
	}
	return error;
}

/* The Hubs that are wired need not be those of today's tokens, but these are all that we know. */
int undo_git(struct cli *cli, struct session *session, struct err *err)
{
	enum git_scope scope = cli_has(cli, OPT_LOCAL) ? GIT_LOCAL : GIT_GLOBAL;
	struct endpoints endpoints = {.count = 0};
	int error = 0;

	collect_endpoints(session, &endpoints);
	for (size_t i = 0; i < endpoints.count && !error; i++) {
		bool changed = false;

		error = git_config_unwire(scope, endpoints.list[i], NULL, &changed, err);
		if (!error && changed && !cli_has(cli, OPT_QUIET))
			buf_printf(&cli->out, "%s git no longer asks hftoken for %s\n",
				   ui_mark(UI_YES), endpoint_host(endpoints.list[i]));
	}
	return error;
}
