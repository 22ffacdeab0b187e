/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken run`: another program with the right token in its environment. The token is never in its
 * arguments. With --via env we become that program, and so everything about it is as it would be
 * without us; with --via file somebody has to stay and remove the file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/run_child.h"
#include "cli/run_choose.h"
#include "cli/run_file.h"
#include "cli/ui.h"
#include "core/run_guess.h"

#define NOT_FOUND      127 /* as shells say it */
#define NOT_EXECUTABLE 126

extern char **environ;

struct run {
	struct cli *cli;
	struct session session;
	struct run_guess wanted; /* repositories, told or guessed */
	bool guessed;
	const char *name; /* explicit; NULL */
	const struct token *token;
	struct secret secret;
	bool via_file;
};

/* ---- what for --------------------------------------------------------------------------------- */

static bool path_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int take_repos(struct run *run, struct err *err)
{
	const struct cli *cli = run->cli;
	const char *endpoint = run->session.source_endpoint;

	for (unsigned i = 0; i < cli->repo_count; i++) {
		struct repo *repo = &run->wanted.repos[i];
		int error = repo_parse(cli->repos[i], repo, err);

		if (error)
			return error;
		if (*repo->endpoint && strcmp(repo->endpoint, endpoint) != 0) {
			err_set(err, ERR_USAGE, "the repository is at %s, but programs ask %s",
				endpoint_host(repo->endpoint), endpoint_host(endpoint));
			return err_hint(err, "set HF_ENDPOINT to the one that is meant");
		}
	}
	run->wanted.count = cli->repo_count;
	return 0;
}

static int find_repos(struct run *run, struct err *err)
{
	const struct cli *cli = run->cli;

	if (cli->repo_count)
		return take_repos(run, err);
	if (run->name)
		return 0; /* whatever for */
	run_guess(cli->wrapped, cli->wrapped_count, run->session.source_endpoint, path_exists,
		  &run->wanted);
	run->guessed = run->wanted.count > 0;
	return 0;
}

static void list_repos(const struct run *run, struct buf *ret)
{
	char id[REPO_ID_SIZE];

	for (size_t i = 0; i < run->wanted.count; i++) {
		repo_text(&run->wanted.repos[i], id);
		buf_printf(ret, "%s%s", i ? ", " : "", id);
	}
}

/* ---- which token ------------------------------------------------------------------------------ */

static int no_token(const struct run *run, size_t bound, struct err *err)
{
	const char *variable = getenv("HF_ENDPOINT");
	const char *endpoint = run->session.source_endpoint;
	const char *host = endpoint_host(endpoint);

	if (bound || !variable || !*variable) {
		err_set(err, ERR_NO_TOKEN, "no usable token for %s", host);
		return err_hint(err, bound ? "hftoken switch NAME" : "hftoken login");
	}
	err_set(err, ERR_NO_TOKEN, "no token is for %s, which HF_ENDPOINT names", host);
	return err_hint(err, "unset HF_ENDPOINT, or hftoken login --endpoint %s", endpoint);
}

/* The one that everything would use is known to be dead. */
static int dead(const struct run *run, struct err *err)
{
	const char *host = endpoint_host(run->session.source_endpoint);

	if (session_env(&run->session)) {
		err_set(err, ERR_NO_TOKEN, "%s has refused the token in HF_TOKEN", host);
		return err_hint(err, "unset HF_TOKEN, or hftoken run -n NAME");
	}
	err_set(err, ERR_NO_TOKEN, "%s has refused the default token", host);
	return err_hint(err, "hftoken whoami, or hftoken switch NAME");
}

static int choose_usual(struct run *run, struct err *err)
{
	struct session_pick picked CLEANUP(session_pick_release) = {0};
	const struct session_question question = {.endpoint = run->session.source_endpoint,
						  .name = run->name};
	int error = session_pick(&run->session, &question, &picked, err);

	if (error)
		return error;
	run->token = picked.pick.token;
	if (run->token)
		return 0;
	return picked.pick.all_denied ? dead(run, err) : no_token(run, picked.pick.bound, err);
}

static int refused(const struct run *run, struct err *err)
{
	AUTOBUF struct buf ids = {0};
	bool writes = run->wanted.writes;

	list_repos(run, &ids);
	err_set(err, ERR_REFUSED, "no token may %s %s", writes ? "write" : "read",
		buf_text(&ids));
	return err_hint(err, "hftoken why%s %s", writes ? " --write" : "", buf_text(&ids));
}

static int choose_among(struct run *run, struct session_pick picks[], struct err *err)
{
	size_t count = run->wanted.count;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		const struct session_question question = {
			.endpoint = run->session.source_endpoint,
			.repo = &run->wanted.repos[i],
			.operation = run->wanted.writes ? OPERATION_WRITE : OPERATION_READ,
			.explain = count > 1};

		error = session_pick(&run->session, &question, &picks[i], err);
	}
	if (error)
		return error;
	if (count > 1 && picks[0].pick.count)
		return run_choose(picks, count, &run->token, err);
	run->token = picks[0].pick.token;
	if (run->token)
		return 0;
	return picks[0].pick.all_denied ? refused(run, err)
					: no_token(run, picks[0].pick.bound, err);
}

static int try_to_choose(struct run *run, struct err *err)
{
	size_t count = run->wanted.count;
	AUTOFREE struct session_pick *picks = calloc(count, sizeof(*picks));
	int error = picks ? choose_among(run, picks, err) : err_no_memory(err);

	for (size_t i = 0; picks && i < count; i++)
		session_pick_release(&picks[i]);
	return error;
}

/*
 * A variable that is set, who knows since when, is not the default token of a repository that is
 * named: it comes only after those that are stored.
 */
static int choose_for_repos(struct run *run, struct err *err)
{
	enum environment_setting *setting = &run->session.settings.environment;
	struct err again = {0};
	int error;

	if (!session_env(&run->session) || *setting != ENVIRONMENT_DEFAULT)
		return try_to_choose(run, err);
	*setting = ENVIRONMENT_IGNORE;
	error = try_to_choose(run, err);
	*setting = ENVIRONMENT_DEFAULT;
	if ((error == ERR_NO_TOKEN || error == ERR_REFUSED) && !try_to_choose(run, &again))
		error = 0;
	return error;
}

static int choose(struct run *run, struct err *err)
{
	const struct token *env = session_env(&run->session);
	int error;

	if (cli_has(run->cli, OPT_ENV) && env) {
		run->token = env;
		return 0;
	}
	error = find_repos(run, err);
	run->wanted.writes |= cli_has(run->cli, OPT_WRITE);
	if (error)
		return error;
	return run->wanted.count && !run->name ? choose_for_repos(run, err)
					       : choose_usual(run, err);
}

/* What nobody has asked for is said. */
static void remark(const struct run *run)
{
	const struct token *env = session_env(&run->session);
	AUTOBUF struct buf ids = {0};

	list_repos(run, &ids);
	if (run->guessed)
		ui_say("the command names %s: it gets token '%s'%s", buf_text(&ids),
		       run->token->name, run->wanted.writes ? " for writing" : "");
	if (env && run->token != env && !cli_has(run->cli, OPT_NAME) &&
	    !secret_equal(&run->secret, program_token()))
		ui_say("HF_TOKEN (%s) is set and not used, but token '%s'; --env keeps it",
		       env->masked, run->token->name);
}

/* ---- the program ------------------------------------------------------------------------------ */

/* Variables that would get in the way of the token; of our own, the one that would choose another. */
static bool is_dropped(const char *entry)
{
	static const char *const names[] = {
		"HF_TOKEN",         "HUGGING_FACE_HUB_TOKEN",
		"HF_OIDC_RESOURCE", "HF_HUB_DISABLE_IMPLICIT_TOKEN",
		"HFTOKEN_NAME",
	};
	size_t size = strcspn(entry, "=");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == size && memcmp(entry, names[i], size) == 0)
			return true;
	}
	return false;
}

/* The list is new, the texts are not; `more` is the last of them. NULL without memory. */
static char **make_environment(char *more, bool drop_path)
{
	char **fresh;
	size_t count = 0;

	while (environ[count])
		count++;
	fresh = calloc(count + 2, sizeof(*fresh));
	if (!fresh)
		return NULL;
	count = 0;
	for (char **entry = environ; *entry; entry++) {
		if (!is_dropped(*entry) &&
		    !(drop_path && text_starts_with(*entry, "HF_TOKEN_PATH=")))
			fresh[count++] = *entry;
	}
	fresh[count] = more;
	return fresh;
}

static int cannot_run(struct run *run, int number)
{
	struct err err = {0};

	err_set(&err, ERR_FAILED, "cannot run '%s': %s", run->cli->wrapped[0],
		strerror(number));
	ui_error(&err);
	run->cli->exit_status = number == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
	return 0;
}

static int run_via_env(struct run *run, struct err *err)
{
	AUTOSECRET struct secret variable = {0};
	AUTOFREE char **environment = NULL;

	if (secret_add_text(&variable, "HF_TOKEN=") ||
	    secret_add(&variable, secret_text(&run->secret), run->secret.size))
		return err_no_memory(err);
	environment = make_environment(variable.data, false);
	if (!environment)
		return err_no_memory(err);
	return cannot_run(run, run_exec(run->cli->wrapped, environment));
}

static int run_via_file(struct run *run, struct err *err)
{
	AUTORUNFILE struct run_file file = RUN_FILE_NONE;
	AUTOFREE char **environment = NULL;
	AUTOFREE char *variable = NULL;
	int status = 0;
	int number = 0;
	int error = run_file_make(&file, &run->secret, err);

	secret_release(&run->secret);
	if (error)
		return error;
	if (asprintf(&variable, "HF_TOKEN_PATH=%s", file.path) < 0)
		variable = NULL;
	environment = variable ? make_environment(variable, true) : NULL;
	if (!environment)
		return err_no_memory(err);
	error = run_child(run->cli->wrapped, environment, &status, &number, err);
	run_file_close(&file);
	if (error)
		return error;
	if (number)
		return cannot_run(run, number);
	run_end_by_signal(status);
	run->cli->exit_status = WIFEXITED(status) ? WEXITSTATUS(status)
						  : 128 + WTERMSIG(status);
	return 0;
}

/* ---- the command ------------------------------------------------------------------------------ */

static int check_usage(struct run *run, struct err *err)
{
	const char *via = run->cli->values[OPT_VIA];

	run->via_file = via && strcmp(via, "file") == 0;
	if (via && !run->via_file && strcmp(via, "env") != 0)
		return err_set(err, ERR_USAGE, "--via is env or file");
	if (run->via_file && text_is_true(getenv("HUGGINGFACE_CO_STAGING"))) {
		err_set(err, ERR_USAGE, "with HUGGINGFACE_CO_STAGING no other file is read");
		return err_hint(err, "--via env");
	}
	if (cli_has(run->cli, OPT_ENV) && cli_has(run->cli, OPT_NAME))
		return err_set(err, ERR_USAGE, "--env and a name do not go together");
	return cli_token_name(run->cli, OPERANDS_MAX, &run->name, err);
}

static int prepare(struct run *run, struct err *err)
{
	const struct session_options how = {
		.parts = CATALOGUE_INDEX, .one_secret = true, .warn = ui_settings_warning};
	int error = check_usage(run, err);

	if (!error)
		error = session_open(&run->session, &how, err);
	if (!error)
		error = choose(run, err);
	if (!error)
		error = session_secret(&run->session, run->token, &run->secret, err);
	if (!error)
		remark(run);
	return error;
}

int cmd_run(struct cli *cli, struct err *err)
{
	struct run *run = calloc(1, sizeof(*run));
	int error;

	if (!run)
		return err_no_memory(err);
	run->cli = cli;
	run->session = (struct session) {.catalogue = CATALOGUE_NONE};
	run_file_sweep();
	error = prepare(run, err);
	/* Its stores end here, and what it has open is closed. */
	session_release(&run->session);
	if (!error)
		error = run->via_file ? run_via_file(run, err) : run_via_env(run, err);
	secret_release(&run->secret);
	free(run);
	return error;
}
