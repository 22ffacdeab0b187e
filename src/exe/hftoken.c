/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that people and git call. It needs no library, since git starts it for every fetch, and
 * it shall run alone in an empty image; what needs the Hub is handed to hftoken-online.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "cli/run.h"
#include "cli/ui.h"
#include "core/token.h"

static const command_function functions[CMD_COUNT] = {
	[CMD_NONE] = cmd_summary,          [CMD_LIST] = cmd_list,
	[CMD_SWITCH] = cmd_switch,         [CMD_RENAME] = cmd_rename,
	[CMD_LOGOUT] = cmd_logout,         [CMD_TOKEN] = cmd_token,
	[CMD_CONFIG] = cmd_config,         [CMD_GIT] = cmd_git,
	[CMD_SETUP] = cmd_setup,           [CMD_HELP] = cmd_help,
	[CMD_STORE] = cmd_store,           [CMD_RULE] = cmd_rule,
	[CMD_RESOLVE] = cmd_resolve,       [CMD_DOCKER] = cmd_docker,
	[CMD_BAZEL] = cmd_bazel,           [CMD_HEADER] = cmd_header,
	[CMD_SERVE] = cmd_serve,           [CMD_RUN] = cmd_run,
	[CMD_COMPLETION] = cmd_completion, [CMD_EXPORT] = cmd_export,
};

/* The names under which a protocol's program is called, and the command that speaks it. */
static const struct {
	const char *program;
	const char *command;
} fronts[] = {
	{"git-credential-hftoken", "git"},
	{"docker-credential-hftoken", "docker"},
	{"bazel-credential-hftoken", "bazel"},
};

/*
 * `--token T` never reaches the next program's arguments: the value goes through a pipe, and the
 * two words are replaced by `--token-fd N`. Returns the descriptor's text, NULL on failure.
 */
static char *move_to_pipe(const char *token, struct err *err)
{
	int ends[2];
	char *text;

	/* It fits a pipe's buffer, so writing cannot wait for a reader. */
	if (pipe(ends) < 0 ||
	    io_write_all(ends[1], token, strlen(token), deadline_in(1000), err))
		return NULL;
	(void)close(ends[1]);
	return asprintf(&text, "--token-fd=%d", ends[0]) < 0 ? NULL : text;
}

static bool is_token_option(const char *word)
{
	return strcmp(word, "--token") == 0 || strncmp(word, "--token=", 8) == 0;
}

/* argv for the other program, the token's words replaced; the list is new, the words are not. */
static char **without_token(const struct cli *cli, int argc, char **argv, struct err *err)
{
	char **fresh = calloc((size_t)argc + 1, sizeof(*fresh));
	bool ended = false;
	int count = 0;

	for (int i = 0; fresh && i < argc; i++) {
		ended |= strcmp(argv[i], "--") == 0;
		if (ended || !cli_has(cli, OPT_TOKEN) || !is_token_option(argv[i])) {
			fresh[count++] = argv[i];
			continue;
		}
		if (argv[i][strlen("--token")] != '=')
			i++;
		fresh[count] = move_to_pipe(cli->values[OPT_TOKEN], err);
		if (!fresh[count++]) {
			free(fresh);
			return NULL;
		}
	}
	return fresh;
}

/* Becomes hftoken-online. Returns only if that is not possible. */
static int go_online(const struct cli *cli, int argc, char **argv, struct err *err)
{
	AUTOFREE char *path = NULL;
	AUTOFREE char **words = NULL;
	int error = proc_helper_path("hftoken-online", &path, err);

	if (error) {
		err_set(err, ERR_FAILED,
			"'hftoken %s' needs hftoken-online, which is not installed: this is "
			"the single program",
			cli->command->name);
		return err_hint(err, "do that where hftoken is installed whole; here, a token "
				     "in HF_TOKEN or a mounted file is used as it is");
	}
	if (cli_has(cli, OPT_TOKEN) && strlen(cli->values[OPT_TOKEN]) > TOKEN_SECRET_MAX)
		return err_set(err, ERR_USAGE, "the token is too long to be one");
	if (cli_has(cli, OPT_TOKEN))
		ui_warn("other users of this machine could see that token; prefer --with-token");
	words = without_token(cli, argc, argv, err);
	if (!words)
		return err_no_memory(err);
	(void)execv(path, words);
	return err_errno(err, "cannot start '%s'", path);
}

/* Called as a protocol's program, the command is understood. */
static int parse(struct cli *cli, int argc, char **argv, struct err *err)
{
	const char *program = argc ? strrchr(argv[0], '/') : NULL;
	char *words[OPERANDS_MAX];
	int count = 0;

	program = program ? program + 1 : argc ? argv[0] : "";
	for (size_t i = 0; i < ARRAY_SIZE(fronts); i++) {
		if (strcmp(program, fronts[i].program) != 0)
			continue;
		words[count++] = (char *)(uintptr_t)fronts[i].command;
		for (int word = 1; word < argc && count < OPERANDS_MAX; word++)
			words[count++] = argv[word];
		return cli_parse(cli, count, words, err);
	}
	return cli_parse(cli, argc ? argc - 1 : 0, argv + (argc ? 1 : 0), err);
}

int main(int argc, char **argv)
{
	CLEANUP(cli_release) struct cli cli;
	struct err err = {0};
	int error;

	program_harden_for_now();
	error = parse(&cli, argc, argv, &err);
	if (cli.id != CMD_RUN)
		program_seal();
	if (!error && cli_is_online(&cli))
		error = go_online(&cli, argc, argv, &err);
	return cli_run_with_token(&cli, functions[cli.id], error, &err);
}
