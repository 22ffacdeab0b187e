/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/command.h"

#define WORDS_MAX 8
#define SECRET    "secretsecret"

/* Parses words that end in NULL. */
static int parse(struct cli *cli, const char *const words[], struct err *err)
{
	char *argv[70];
	int argc = 0;

	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	argv[argc] = NULL;
	return cli_parse(cli, argc, argv, err);
}

static const char *joined(const char *const words[])
{
	static char line[1024];
	size_t used = 0;

	for (size_t i = 0; words[i]; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %.40s", words[i]);
	return line;
}

/* A command line and what it is understood as. */
struct line {
	const char *words[WORDS_MAX];
	enum command_id id;
	const char *operands[4];
	struct {
		enum option_id id;
		const char *value;
	} options[3]; /* all that are given; OPT_END ends them */
};

static void check(const struct line *line)
{
	struct cli cli;
	struct err err = {0};
	size_t operands = 0;
	size_t given = 0;
	size_t wanted = 0;

	if (parse(&cli, line->words, &err))
		fail_msg("hftoken%s: %s", joined(line->words), err.message);
	if (cli.id != line->id)
		fail_msg("hftoken%s: command %d", joined(line->words), cli.id);
	assert_ptr_equal(cli.command, &commands[cli.id]);
	for (; line->operands[operands]; operands++)
		assert_string_equal(cli.operands[operands], line->operands[operands]);
	if (cli.operand_count != operands)
		fail_msg("hftoken%s: %u operands", joined(line->words), cli.operand_count);
	for (int id = 0; id < OPT_COUNT; id++)
		given += cli.values[id] != NULL;
	for (; wanted < 3 && line->options[wanted].id != OPT_END; wanted++) {
		const char *value = cli.values[line->options[wanted].id];

		if (!value || strcmp(value, line->options[wanted].value) != 0)
			fail_msg("hftoken%s: option %d is '%s'", joined(line->words),
				 line->options[wanted].id, value ? value : "(none)");
	}
	if (given != wanted)
		fail_msg("hftoken%s: %zu options", joined(line->words), given);
	cli_release(&cli);
}

static void commands_have_names_and_aliases(void **state UNUSED)
{
	static const struct line lines[] = {
		{{NULL}, CMD_NONE, {NULL}, {{OPT_END, NULL}}},
		{{"auth"}, CMD_NONE, {NULL}, {{OPT_END, NULL}}},
		{{"--version"}, CMD_NONE, {NULL}, {{OPT_VERSION, ""}}},
		{{"auth", "--json"}, CMD_NONE, {NULL}, {{OPT_JSON, ""}}},
		{{"login"}, CMD_LOGIN, {NULL}, {{OPT_END, NULL}}},
		{{"list"}, CMD_LIST, {NULL}, {{OPT_END, NULL}}},
		{{"ls"}, CMD_LIST, {NULL}, {{OPT_END, NULL}}},
		{{"auth", "list"}, CMD_LIST, {NULL}, {{OPT_END, NULL}}},
		{{"help"}, CMD_HELP, {NULL}, {{OPT_END, NULL}}},
		{{"help", "login"}, CMD_HELP, {"login"}, {{OPT_END, NULL}}},
		{{"git", "get"}, CMD_GIT, {"get"}, {{OPT_END, NULL}}},
		{{"rename", "a", "b"}, CMD_RENAME, {"a", "b"}, {{OPT_END, NULL}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check(&lines[i]);
}

static void options_stand_before_or_behind_operands(void **state UNUSED)
{
	static const struct line lines[] = {
		{{"token", "-n", "work"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "work"}}},
		{{"token", "-nwork"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "work"}}},
		{{"token", "--name", "work"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "work"}}},
		{{"token", "--name=work"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "work"}}},
		{{"token", "--token-name=work"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "work"}}},
		{{"token", "--name="}, CMD_TOKEN, {NULL}, {{OPT_NAME, ""}}},
		{{"token", "--name=a=b"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "a=b"}}},
		{{"token", "--name", "-x"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "-x"}}},
		{{"token", "--name", "--"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "--"}}},
		{{"switch", "--json", "work"}, CMD_SWITCH, {"work"}, {{OPT_JSON, ""}}},
		{{"switch", "work", "--json"}, CMD_SWITCH, {"work"}, {{OPT_JSON, ""}}},
		{{"logout", "a", "-y", "b", "--json", "c"},
		 CMD_LOGOUT,
		 {"a", "b", "c"},
		 {{OPT_YES, ""}, {OPT_JSON, ""}}},
		{{"login", "--token", "hf_x", "work"},
		 CMD_LOGIN,
		 {"work"},
		 {{OPT_TOKEN, "hf_x"}}},
		/* the last one counts */
		{{"token", "-n", "a", "--name=b"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "b"}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check(&lines[i]);
}

static void letters_can_stand_together(void **state UNUSED)
{
	static const struct line lines[] = {
		{{"logout", "-yq", "a"}, CMD_LOGOUT, {"a"}, {{OPT_YES, ""}, {OPT_QUIET, ""}}},
		{{"logout", "-yqn", "a"},
		 CMD_LOGOUT,
		 {NULL},
		 {{OPT_YES, ""}, {OPT_QUIET, ""}, {OPT_NAME, "a"}}},
		{{"logout", "-yna"}, CMD_LOGOUT, {NULL}, {{OPT_YES, ""}, {OPT_NAME, "a"}}},
		{{"logout", "-ny"}, CMD_LOGOUT, {NULL}, {{OPT_NAME, "y"}}},
		{{"token", "-n=a"}, CMD_TOKEN, {NULL}, {{OPT_NAME, "=a"}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check(&lines[i]);
}

static void two_dashes_end_the_options(void **state UNUSED)
{
	static const struct line lines[] = {
		{{"logout", "--", "-y", "--json"},
		 CMD_LOGOUT,
		 {"-y", "--json"},
		 {{OPT_END, NULL}}},
		{{"logout", "-y", "--", "--"}, CMD_LOGOUT, {"--"}, {{OPT_YES, ""}}},
		{{"logout", "--"}, CMD_LOGOUT, {NULL}, {{OPT_END, NULL}}},
		{{"logout", "-"}, CMD_LOGOUT, {"-"}, {{OPT_END, NULL}}},
		{{"logout", ""}, CMD_LOGOUT, {""}, {{OPT_END, NULL}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check(&lines[i]);
}

static void help_is_given_whatever_is_missing(void **state UNUSED)
{
	static const struct line lines[] = {
		{{"rename", "--help"}, CMD_RENAME, {NULL}, {{OPT_HELP, ""}}},
		{{"rename", "-h"}, CMD_RENAME, {NULL}, {{OPT_HELP, ""}}},
		{{"-h"}, CMD_NONE, {NULL}, {{OPT_HELP, ""}}},
		{{"login", "--help"}, CMD_LOGIN, {NULL}, {{OPT_HELP, ""}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		check(&lines[i]);
		struct cli cli;

		assert_int_equal(parse(&cli, lines[i].words, NULL), 0);
		assert_false(cli_is_online(&cli));
	}
}

static void what_makes_no_sense_is_named(void **state UNUSED)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *message, *hint; /* parts of them */
	} cases[] = {
		{{"logni"}, "there is no command 'logni'", "did you mean 'hftoken login'?"},
		{{"lst"}, "there is no command 'lst'", "did you mean 'hftoken list'?"},
		{{"comp"}, "there is no command 'comp'", "did you mean 'hftoken completion'?"},
		{{"x"}, "there is no command 'x'", "hftoken help"},
		{{"supercalifragilistic"}, "there is no command", "hftoken help"},
		{{""}, "there is no command ''", "hftoken help"},
		{{"auth", "auth"}, "there is no command 'auth'", "hftoken help"},
		{{"Login"}, "there is no command 'Login'", NULL},
		{{"list", "--colour"}, "unknown option '--colour'", "hftoken list --help"},
		{{"list", "--colour=red"}, "unknown option '--colour", NULL},
		{{"list", "-x"}, "unknown option '-x'", NULL},
		{{"list", "-qx"}, "unknown option", NULL},
		{{"list", "--name", "a"},
		 "unknown option '--name'",
		 NULL},                                              /* not of this one */
		{{"list", "--jso"}, "unknown option '--jso'", NULL}, /* no guessing */
		{{"list", "--jsonx"}, "unknown option '--jsonx'", NULL},
		{{"list", "---json"}, "unknown option", NULL},
		{{"list", "--=x"}, "unknown option", NULL},
		{{"list", "--json=x"}, "'--json' takes no value", NULL},
		{{"list", "--json="}, "'--json' takes no value", NULL},
		{{"token", "--name"}, "'--name' needs a value", "hftoken token --help"},
		{{"token", "-n"}, "'--name' needs a value", NULL},
		{{"logout", "-yn"}, "'--name' needs a value", NULL},
		{{"list", "work"}, "'hftoken list' takes no 'work'", NULL},
		{{"token", "a", "b"}, "takes no 'b'", NULL},
		{{"rename", "a"}, "needs: OLD NEW", NULL},
		{{"rename"}, "needs: OLD NEW", NULL},
		{{"rename", "a", "b", "c"}, "takes no 'c'", NULL},
		{{"git"}, "needs:", NULL},
		{{"--json", "list"}, "takes no 'list'", "hftoken --help"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cli cli;
		struct err err = {0};

		if (parse(&cli, cases[i].words, &err) != ERR_USAGE)
			fail_msg("hftoken%s is taken", joined(cases[i].words));
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.message, cases[i].message))
			fail_msg("hftoken%s: '%s'", joined(cases[i].words), err.message);
		assert_true(*err.hint);
		if (cases[i].hint)
			assert_non_null(strstr(err.hint, cases[i].hint));
		assert_non_null(cli.command); /* so that the error can be shown */
		cli_release(&cli);
	}
}

/* Wherever somebody types one by mistake. */
static void what_may_be_a_secret_is_not_repeated(void **state UNUSED)
{
	static const char *const lines[][WORDS_MAX] = {
		{"hf_" SECRET},
		{"api_org_" SECRET},
		{"auth", "hf_" SECRET},
		{"list", "hf_" SECRET},
		{"list", "--hf_" SECRET},
		{"list", "--tokne=hf_" SECRET},
		{"list", "--json=hf_" SECRET},
		{"list", "-hf_" SECRET},
		{"list", "-thf_" SECRET},
		{"token", "a", "hf_" SECRET},
		{"rename", "hf_" SECRET},
		{"rename", "a", "b", "hf_" SECRET},
		{"rename", "--", "a", "b", "--hf_" SECRET},
		{"list", "x" SECRET SECRET SECRET SECRET}, /* long, of another maker */
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct cli cli;
		struct err err = {0};

		if (parse(&cli, lines[i], &err) == 0)
			fail_msg("hftoken%s is taken", joined(lines[i]));
		if (strstr(err.message, SECRET) || strstr(err.hint, SECRET))
			fail_msg("'%s' (%s)", err.message, err.hint);
		cli_release(&cli);
	}
}

static void there_is_a_most_of_operands(void **state UNUSED)
{
	const char *words[OPERANDS_MAX + 3] = {"logout"};
	struct cli cli;
	struct err err = {0};

	for (size_t i = 1; i <= OPERANDS_MAX; i++)
		words[i] = "x";
	assert_int_equal(parse(&cli, words, &err), 0);
	assert_int_equal(cli.operand_count, OPERANDS_MAX);
	words[OPERANDS_MAX + 1] = "x";
	assert_int_equal(parse(&cli, words, &err), ERR_USAGE);
}

/* Whatever another program's words look like, they are not ours; however many there are. */
static void what_is_wrapped_is_left_alone(void **state UNUSED)
{
	static const struct {
		const char *words[WORDS_MAX];
		unsigned from; /* where the other program's begin */
		const char *repo;
	} cases[] = {
		{{"run", "--", "hf", "--help"}, 2, NULL},
		{{"run", "hf", "--json", "-n"}, 1, NULL},
		{{"run", "--repo", "acme/m1", "--", "--", "x"}, 4, "acme/m1"},
		{{"run", "--repo=acme/m1", "x", "--repo", "acme/m2"}, 2, "acme/m1"},
		{{"auth", "run", "-n", "work", "x", "--", "y"}, 4, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cli cli;
		struct err err = {0};
		unsigned count = 0;

		while (cases[i].words[count])
			count++;
		assert_int_equal(parse(&cli, cases[i].words, &err), 0);
		assert_int_equal(cli.wrapped_count, count - cases[i].from);
		assert_int_equal(cli.operand_count, 0);
		assert_int_equal(cli.repo_count, cases[i].repo != NULL);
		if (cases[i].repo)
			assert_string_equal(cli.repos[0], cases[i].repo);
		assert_null(cli.values[OPT_HELP]);
	}
}

static void there_is_a_most_of_repositories(void **state UNUSED)
{
	static const char *const word = "--repo=acme/m1";
	const char *words[REPOS_MAX + 4] = {"run"};
	struct cli cli;
	struct err err = {0};

	for (size_t i = 1; i <= REPOS_MAX; i++)
		words[i] = word;
	words[REPOS_MAX + 1] = "x";
	assert_int_equal(parse(&cli, words, &err), 0);
	assert_int_equal(cli.repo_count, REPOS_MAX);
	words[REPOS_MAX + 1] = word;
	words[REPOS_MAX + 2] = "x";
	assert_int_equal(parse(&cli, words, &err), ERR_USAGE);
}

static void json_is_known_also_where_the_line_is_wrong(void **state UNUSED)
{
	static const char *const lines[][WORDS_MAX] = {
		{"list", "--json", "--wrong"},
		{"list", "--wrong", "--json"},
		{"nonsense", "--json"},
		{"rename", "--json", "a"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct cli cli;

		assert_int_equal(parse(&cli, lines[i], NULL) < 0, 1);
		if (!cli_has(&cli, OPT_JSON))
			fail_msg("hftoken%s", joined(lines[i]));
	}
}

static void some_need_the_hub(void **state UNUSED)
{
	static const struct {
		const char *words[WORDS_MAX];
		bool online;
	} cases[] = {
		{{NULL}, false},
		{{"login"}, true},
		{{"whoami"}, true},
		{{"revoke", "a"}, true},
		{{"logout", "a"}, false},
		{{"logout", "a", "--revoke"}, true},
		{{"list"}, false},
		{{"switch", "a"}, false},
		{{"token"}, false},
		{{"git", "get"}, false},
		{{"whoami", "-h"}, false},
		{{"logout", "--revoke", "--help"}, false},
		{{"help", "login"}, false},
		{{"config", "list"}, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cli cli;

		assert_int_equal(parse(&cli, cases[i].words, NULL), 0);
		if (cli_is_online(&cli) != cases[i].online)
			fail_msg("hftoken%s", joined(cases[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_have_names_and_aliases),
		cmocka_unit_test(options_stand_before_or_behind_operands),
		cmocka_unit_test(letters_can_stand_together),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(help_is_given_whatever_is_missing),
		cmocka_unit_test(what_makes_no_sense_is_named),
		cmocka_unit_test(what_may_be_a_secret_is_not_repeated),
		cmocka_unit_test(there_is_a_most_of_operands),
		cmocka_unit_test(what_is_wrapped_is_left_alone),
		cmocka_unit_test(there_is_a_most_of_repositories),
		cmocka_unit_test(json_is_known_also_where_the_line_is_wrong),
		cmocka_unit_test(some_need_the_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
