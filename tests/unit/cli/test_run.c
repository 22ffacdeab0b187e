/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/json.h"
#include "cli/run.h"

#define TOKEN "hf_abcdefghijklmnopqrstuvwxyz"

static void every_error_has_its_exit_status(void **state UNUSED)
{
	static const struct {
		enum err_code code;
		int status;
	} cases[] = {
		{ERR_OK, 0},        {ERR_FAILED, 1},      {ERR_USAGE, 2},
		{ERR_NO_NAME, 3},   {ERR_NO_TOKEN, 4},    {ERR_REFUSED, 5},
		{ERR_NOT_FOUND, 6}, {ERR_LOCKED, 6},      {ERR_UNAVAILABLE, 6},
		{ERR_TIMED_OUT, 6}, {ERR_DENIED, 6},      {ERR_UNSAFE, 6},
		{ERR_DAMAGED, 6},   {ERR_TOO_NEW, 6},     {ERR_BUSY, 6},
		{ERR_READ_ONLY, 6}, {ERR_NO_SPACE, 6},    {ERR_IO, 6},
		{ERR_NETWORK, 7},   {ERR_CANCELLED, 130}, {ERR_NO_MEMORY, 1},
		{ERR_FORMAT, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (exit_status(cases[i].code) != cases[i].status)
			fail_msg("%d: %d", cases[i].code, exit_status(cases[i].code));
	}
}

/* ---- the token that was named ----------------------------------------------------------------- */

static void a_name_comes_from_three_places(void **state UNUSED)
{
	static const struct {
		const char *operand, *option, *variable;
		const char *name;
		int error;
	} cases[] = {
		{NULL, NULL, NULL, NULL, 0},
		{"a", NULL, NULL, "a", 0},
		{NULL, "a", NULL, "a", 0},
		{NULL, NULL, "a", "a", 0},
		{NULL, NULL, "", NULL, 0},
		{"a", NULL, "b", "a", 0},
		{NULL, "a", "b", "a", 0},
		{"a", "a", NULL, "a", 0},
		{"a", "b", NULL, NULL, ERR_USAGE},
		{TOKEN, NULL, NULL, NULL, ERR_USAGE},
		{NULL, TOKEN, NULL, NULL, ERR_USAGE},
		{NULL, NULL, TOKEN, NULL, ERR_USAGE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cli cli = {.command = &commands[CMD_TOKEN]};
		const char *name = NULL;
		struct err err = {0};

		(void)unsetenv("HFTOKEN_NAME");
		if (cases[i].variable)
			(void)setenv("HFTOKEN_NAME", cases[i].variable, 1);
		cli.values[OPT_NAME] = cases[i].option;
		cli.operands[0] = cases[i].operand;
		cli.operand_count = cases[i].operand != NULL;
		assert_int_equal(cli_token_name(&cli, 0, &name, &err), cases[i].error);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
		assert_null(strstr(err.message, "abcdefgh"));
	}
}

/* ---- running ---------------------------------------------------------------------------------- */

static int succeed(struct cli *cli, struct err *err UNUSED)
{
	buf_add_text(&cli->out, "answer\n");
	return 0;
}

static int have_bad_news(struct cli *cli, struct err *err UNUSED)
{
	buf_add_text(&cli->out, "answer\n");
	cli->exit_status = 5;
	return 0;
}

static int fail_halfway(struct cli *cli, struct err *err)
{
	buf_add_text(&cli->out, "half an ans");
	err_set(err, ERR_LOCKED, "cannot open \"%s\"", TOKEN);
	return err_hint(err, "unlock %s", TOKEN);
}

static int run_out_of_memory(struct cli *cli, struct err *err UNUSED)
{
	(void)buf_reserve(&cli->out, BUF_MAX);
	return 0;
}

struct run {
	command_function function;
	bool json;
	bool help;
	int parse_error;
	const char *stdout_path;
};

static int be_run(void *user)
{
	const struct run *run = user;
	CLEANUP(cli_release) struct cli cli = {.command = &commands[CMD_LIST], .id = CMD_LIST};
	struct err err = {.code = ERR_USAGE, .message = "wrong word"};
	int out = open(run->stdout_path ? run->stdout_path : "out", O_WRONLY | O_CREAT, 0600);
	int errors = open("errors", O_WRONLY | O_CREAT, 0600);

	if (dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		return 99;
	cli.values[OPT_JSON] = run->json ? "" : NULL;
	cli.values[OPT_HELP] = run->help ? "" : NULL;
	return cli_run(&cli, run->function, run->parse_error, &err);
}

static void an_answer_goes_to_stdout(void **state UNUSED)
{
	struct run run = {.function = succeed};

	assert_int_equal(in_child(be_run, &run), 0);
	assert_file_text("out", "answer\n");
	assert_file_text("errors", "");
}

static void bad_news_is_an_answer(void **state UNUSED)
{
	struct run run = {.function = have_bad_news};

	assert_int_equal(in_child(be_run, &run), 5);
	assert_file_text("out", "answer\n");
}

/* All or nothing on stdout, the cause on stderr, and no token anywhere. */
static void an_error_goes_to_stderr(void **state UNUSED)
{
	struct run run = {.function = fail_halfway};

	assert_int_equal(in_child(be_run, &run), 6);
	assert_file_text("out", "");
	assert_file_text("errors", "hftoken: cannot open \"hf_**************************\"\n"
				   "hint: unlock hf_**************************\n");
}

static void an_error_can_be_json(void **state UNUSED)
{
	struct run run = {.function = fail_halfway, .json = true};
	struct json *document;
	const struct json *error;
	size_t size;
	char *text;

	assert_int_equal(in_child(be_run, &run), 6);
	text = read_bytes("out", &size);
	assert_int_equal(json_parse(text, size, &document, NULL), 0);
	error = json_member(document, "error");
	assert_begins(text, "{\"error\":{\"code\":6,");
	assert_string_equal(json_member_text(error, "message"),
			    "cannot open \"hf_**************************\"");
	assert_string_equal(json_member_text(error, "hint"),
			    "unlock hf_**************************");
	json_free(document);
	free(text);
}

static void a_parsers_error_runs_nothing(void **state UNUSED)
{
	struct run run = {.function = succeed, .parse_error = ERR_USAGE};

	assert_int_equal(in_child(be_run, &run), 2);
	assert_file_text("out", "");
	assert_file_text("errors", "hftoken: wrong word\n");
}

static void help_runs_nothing(void **state UNUSED)
{
	struct run run = {.function = fail_halfway, .help = true};
	char *text;

	assert_int_equal(in_child(be_run, &run), 0);
	text = read_bytes("out", NULL);
	assert_begins(text, "usage: hftoken list");
	free(text);
}

static void output_that_cannot_be_written_is_a_failure(void **state UNUSED)
{
	struct run run = {.function = succeed, .stdout_path = "/dev/full"};
	char *text;

	assert_int_equal(in_child(be_run, &run), 1);
	text = read_bytes("errors", NULL);
	assert_non_null(strstr(text, "standard output"));
	free(text);
}

static void output_without_memory_is_a_failure(void **state UNUSED)
{
	struct run run = {.function = run_out_of_memory};

	assert_int_equal(in_child(be_run, &run), 1);
	assert_file_text("out", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_its_exit_status),
		in_a_home(a_name_comes_from_three_places),
		in_a_home(an_answer_goes_to_stdout),
		in_a_home(bad_news_is_an_answer),
		in_a_home(an_error_goes_to_stderr),
		in_a_home(an_error_can_be_json),
		in_a_home(a_parsers_error_runs_nothing),
		in_a_home(help_runs_nothing),
		in_a_home(output_that_cannot_be_written_is_a_failure),
		in_a_home(output_without_memory_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
