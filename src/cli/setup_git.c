/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup git`. Our helper goes into one section per Hub, behind an empty helper that cuts off all
 * others: without the cut another helper would write our token into its plain file after the first
 * success, and an old entry of it would be used before ours. Nothing that others wrote is touched.
 */
#include <string.h>

#include "cli/git_config.h"
#include "cli/git_file.h"
#include "cli/git_section.h"
#include "cli/programs.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define HELPER_PROGRAM "git-credential-hftoken"

/* ---- which Hubs ------------------------------------------------------------------------------- */

static void add_endpoint(struct setup_endpoints *endpoints, const char *endpoint)
{
	for (size_t i = 0; i < endpoints->count; i++) {
		if (strcmp(endpoints->list[i], endpoint) == 0)
			return;
	}
	if (endpoints->count < SETUP_ENDPOINTS_MAX)
		endpoints->list[endpoints->count++] = endpoint;
}

void setup_endpoints_collect(const struct session *session, struct setup_endpoints *ret)
{
	add_endpoint(ret, ENDPOINT_HUB);
	add_endpoint(ret, "https://hf.co");
	add_endpoint(ret, session->endpoint.origin);
	for (size_t i = 0; i < session->catalogue.count; i++)
		add_endpoint(ret, session->catalogue.tokens[i].endpoint);
}

/* ---- how git finds us ------------------------------------------------------------------------- */

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
	AUTOFREE char *program = NULL;
	bool bare;
	int error = program_name_for(HELPER_PROGRAM, &program, &bare, err);

	if (error)
		return error;
	if (bare)
		buf_add_text(ret, "hftoken");
	else
		quote_for_git(program, ret);
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
	return err_hint(err, "remove it there, or: hftoken setup git --force");
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

/* Writes the sections that are missing, each behind everything else in the file. */
static int write_sections(struct cli *cli, struct git_file *file,
			  const struct setup_endpoints *endpoints, const bool wired[],
			  const char *helper, struct err *err)
{
	AUTOBUF struct buf text = {0};
	bool any = false;

	buf_add(&text, buf_text(&file->text), file->text.size);
	if (buf_failed(&text))
		return err_no_memory(err);
	for (size_t i = 0; i < endpoints->count; i++) {
		AUTOBUF struct buf without = {0};

		if (wired[i])
			continue;
		any = true;
		(void)git_section_remove(&text, endpoints->list[i], &without, NULL, NULL);
		git_section_add(&without, !file->exists, endpoints->list[i], helper);
		if (buf_failed(&without))
			return err_no_memory(err);
		buf_release(&text);
		text = without;
		without = (struct buf) {0};
	}
	return any ? setup_write_git(cli, file, &text, false, err) : 0;
}

/* Whether git now asks us, and nobody behind us. */
static int check_written(const char *endpoint, enum git_scope scope, const char *helper,
			 struct err *err)
{
	bool seen = false;
	int error = check_rivals(endpoint, scope, helper, &seen, err);

	if (!error && !seen)
		error = err_set(err, ERR_FAILED, "git does not see what was written for %s",
				endpoint_host(endpoint));
	return error;
}

static void put_back(struct git_file *file, const struct buf *before, bool existed)
{
	struct err err;

	if (git_file_write(file, before, !existed, &err))
		ui_warn("what was written into '%s' could not be taken out again", file->path);
}

/* Writes, and takes all of it back if another helper turns out to stand behind ours. */
static int wire(struct cli *cli, const struct setup_endpoints *endpoints, const bool wired[],
		enum git_scope scope, const char *helper, struct err *err)
{
	AUTOGITFILE struct git_file file = GIT_FILE_NONE;
	AUTOBUF struct buf before = {0};
	int error = git_file_read(&file, scope, err);
	bool existed = file.exists;

	if (error)
		return error;
	if (!setup_is_dry(cli))
		git_file_sweep(&file);
	buf_add(&before, buf_text(&file.text), file.text.size);
	if (buf_failed(&before)) /* what must be there to be put back */
		return err_no_memory(err);
	error = write_sections(cli, &file, endpoints, wired, helper, err);
	if (error || setup_is_dry(cli))
		return error;
	for (size_t i = 0; i < endpoints->count && !error; i++) {
		if (wired[i])
			continue;
		error = check_written(endpoints->list[i], scope, helper, err);
		if (error && cli_has(cli, OPT_FORCE)) {
			ui_warn("%s", err->message);
			error = 0;
		}
	}
	if (error)
		put_back(&file, &before, existed);
	return error;
}

int setup_git(struct cli *cli, struct session *session, struct err *err)
{
	enum git_scope scope = cli_has(cli, OPT_LOCAL) ? GIT_LOCAL : GIT_GLOBAL;
	bool force = cli_has(cli, OPT_FORCE);
	bool wired[SETUP_ENDPOINTS_MAX] = {false};
	struct setup_endpoints endpoints = {.count = 0};
	AUTOBUF struct buf helper = {0};
	int error = helper_value(&helper, err);

	setup_endpoints_collect(session, &endpoints);
	for (size_t i = 0; i < endpoints.count && !error; i++) {
		error = check_rivals(endpoints.list[i], scope, buf_text(&helper), &wired[i],
				     err);
		error = force ? 0 : error;
	}
	if (!error)
		error = wire(cli, &endpoints, wired, scope, buf_text(&helper), err);
	for (size_t i = 0; i < endpoints.count && !error && setup_tells(cli); i++)
		buf_printf(&cli->out, "%s git asks hftoken for %s%s\n", ui_mark(UI_YES),
			   endpoint_host(endpoints.list[i]), wired[i] ? " (as before)" : "");
	return error;
}

/* ---- undo ------------------------------------------------------------------------------------- */

static void say_undone(const char *endpoint, void *user)
{
	struct cli *cli = user;

	if (setup_tells(cli))
		buf_printf(&cli->out, "%s git no longer asks hftoken for %s\n", ui_mark(UI_YES),
			   endpoint_host(endpoint));
}

/* Sections of Hubs that no token is stored for any more go too. */
int undo_git(struct cli *cli, struct session *session UNUSED, struct err *err)
{
	enum git_scope scope = cli_has(cli, OPT_LOCAL) ? GIT_LOCAL : GIT_GLOBAL;
	AUTOGITFILE struct git_file file = GIT_FILE_NONE;
	AUTOBUF struct buf without = {0};
	bool ours_alone;
	int error = git_file_read(&file, scope, err);

	if (error)
		return error;
	if (!setup_is_dry(cli))
		git_file_sweep(&file);
	if (!git_section_remove(&file.text, NULL, &without, say_undone, cli))
		return buf_failed(&without) ? err_no_memory(err) : 0;
	/* One that was empty before has an empty line before ours: see git_section_add(). */
	ours_alone = *buf_text(&file.text) != '\n';
	error = setup_write_git(cli, &file, &without, ours_alone, err);
	if (error)
		buf_clear(&cli->out);
	return error;
}
