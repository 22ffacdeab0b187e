/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/run.h"
#include "cli/verbs.h"

static bool has_verb(const struct command *command, const char *verb)
{
	const char *name;
	size_t size;

	for (unsigned i = 0; (name = command_verb(command, i, &size)) != NULL; i++) {
		if (strlen(verb) == size && memcmp(verb, name, size) == 0)
			return true;
	}
	return false;
}

int cmd_help(struct cli *cli, struct err *err)
{
	enum command_id id;

	if (cli->operand_count == 0) {
		cli_overview(cli);
		return 0;
	}
	id = command_by_name(cli->operands[0]);
	if (id == CMD_COUNT) {
		err_set(err, ERR_USAGE, "there is no such command");
		return err_hint(err, "hftoken help");
	}
	if (cli->operand_count > 1 && !has_verb(&commands[id], cli->operands[1])) {
		err_set(err, ERR_USAGE, "'hftoken %s' has no such word of its own",
			commands[id].name);
		return err_hint(err, "hftoken help %s", commands[id].name);
	}
	cli_help(cli, &commands[id]);
	return 0;
}
