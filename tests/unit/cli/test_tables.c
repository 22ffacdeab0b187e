/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <ctype.h>

#include "cli/command.h"

static void every_option_can_be_shown(void **state UNUSED)
{
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		const struct option *option = &options[id];

		if (!option->name || !option->help)
			fail_msg("option %d has no name or help", id);
		assert_true(*option->name && islower((unsigned char)*option->name));
		assert_int_equal(strspn(option->name, "abcdefghijklmnopqrstuvwxyz-"),
				 strlen(option->name));
		assert_true(*option->help && islower((unsigned char)*option->help));
		assert_int_not_equal(option->help[strlen(option->help) - 1], '.');
		if (option->value)
			assert_true(isupper((unsigned char)*option->value));
	}
	assert_null(options[OPT_END].name);
}

static void every_command_can_be_shown(void **state UNUSED)
{
	for (int id = 0; id < CMD_COUNT; id++) {
		const struct command *command = &commands[id];

		assert_non_null(command->name);
		assert_non_null(command->operands);
		if (!command->summary || !islower((unsigned char)*command->summary))
			fail_msg("'%s': its summary begins no sentence", command->name);
		assert_int_not_equal(command->summary[strlen(command->summary) - 1], '.');
		assert_true(command->min <= command->max && command->max <= OPERANDS_MAX);
		assert_int_equal(*command->operands != '\0', command->max > 0);
		if (id != CMD_NONE)
			assert_true(*command->name && command->group);
		if (command->description)
			assert_int_equal(command->description[strlen(command->description) - 1],
					 '\n');
	}
}

static void names_are_given_once(void **state UNUSED)
{
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		const struct command *command = &commands[id];

		if (command_by_name(command->name) != (enum command_id)id)
			fail_msg("'%s' is another command", command->name);
		if (command->alias)
			assert_int_equal(command_by_name(command->alias), id);
		assert_string_not_equal(command->name, "auth");
	}
	assert_int_equal(command_by_name(""), CMD_COUNT);
	assert_int_equal(command_by_name("nonsense"), CMD_COUNT);
	assert_int_equal(command_by_name("auth"), CMD_COUNT);
	for (int one = OPT_END + 1; one < OPT_COUNT; one++) {
		for (int other = OPT_END + 1; other < one; other++)
			assert_string_not_equal(options[one].name, options[other].name);
	}
}

/* Each option of a command is found by its names and letter, and is that option. */
static void options_of_a_command_are_told_apart(void **state UNUSED)
{
	for (int id = 0; id < CMD_COUNT; id++) {
		const struct command *command = &commands[id];
		bool letters[128] = {false};
		bool has_help = false;
		size_t count = 0;

		for (; command->options[count] != OPT_END; count++) {
			enum option_id found = command->options[count];
			const struct option *option = &options[found];

			assert_true(count + 1 < COMMAND_OPTIONS_MAX);
			assert_int_equal(
				command_option(command, option->name, strlen(option->name)),
				found);
			if (option->alias)
				assert_int_equal(command_option(command, option->alias,
								strlen(option->alias)),
						 found);
			if (option->letter && letters[(int)option->letter])
				fail_msg("'%s' has two options -%c", command->name,
					 option->letter);
			letters[(int)option->letter] = true;
			has_help |= found == OPT_HELP;
		}
		if (!has_help)
			fail_msg("'%s' has no --help", command->name);
		assert_int_equal(command_option(command, "nonsense", 8), OPT_END);
		assert_int_equal(command_option(command, "", 0), OPT_END);
		assert_int_equal(command_option(command, "helpx", 4), OPT_HELP);
	}
}

static void every_option_belongs_to_a_command(void **state UNUSED)
{
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		bool found = false;

		for (int command = 0; command < CMD_COUNT; command++) {
			for (size_t i = 0; commands[command].options[i] != OPT_END; i++)
				found |= commands[command].options[i] == (enum option_id)id;
		}
		if (!found)
			fail_msg("--%s belongs to nobody", options[id].name);
	}
}

static void assert_lines_fit(const char *text)
{
	for (const char *line = text; *line;) {
		size_t size = strcspn(line, "\n");

		if (size > 80)
			fail_msg("%zu columns: '%.*s'", size, (int)size, line);
		assert_true(size == 0 || line[size - 1] != ' ');
		line += size + (line[size] == '\n');
	}
}

static void the_overview_names_every_command_once(void **state UNUSED)
{
	struct cli cli = {.command = &commands[CMD_NONE]};

	cli_overview(&cli);
	assert_lines_fit(buf_text(&cli.out));
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		char line[256];
		const char *found;

		(void)snprintf(line, sizeof(line), "\n  %-10s %s\n", commands[id].name,
			       commands[id].summary);
		found = strstr(buf_text(&cli.out), line);
		if (!found || strstr(found + 1, line))
			fail_msg("'%s'", commands[id].name);
	}
	cli_release(&cli);
}

static void the_help_of_a_command_names_its_options(void **state UNUSED)
{
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		struct cli cli = {.command = &commands[id]};
		char usage[128];

		cli_help(&cli, cli.command);
		assert_lines_fit(buf_text(&cli.out));
		(void)snprintf(usage, sizeof(usage), "usage: hftoken %s ", commands[id].name);
		assert_begins(buf_text(&cli.out), usage);
		for (size_t i = 0; commands[id].options[i] != OPT_END; i++) {
			const struct option *option = &options[commands[id].options[i]];
			char shown[64];

			(void)snprintf(shown, sizeof(shown), "--%s%s%s ", option->name,
				       option->value ? " " : "",
				       option->value ? option->value : "");
			if (!strstr(buf_text(&cli.out), shown) ||
			    !strstr(buf_text(&cli.out),
				    option_help(&commands[id], commands[id].options[i])))
				fail_msg("%s: %s", commands[id].name, shown);
		}
		cli_release(&cli);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_can_be_shown),
		cmocka_unit_test(every_command_can_be_shown),
		cmocka_unit_test(names_are_given_once),
		cmocka_unit_test(options_of_a_command_are_told_apart),
		cmocka_unit_test(every_option_belongs_to_a_command),
		cmocka_unit_test(the_overview_names_every_command_once),
		cmocka_unit_test(the_help_of_a_command_names_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
