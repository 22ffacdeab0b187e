/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static void put_group(struct buf *out, const char *group)
{
	buf_printf(out, "\n%s\n", group);
	for (int id = 0; id < CMD_COUNT; id++) {
		const struct command *command = &commands[id];

		if (command->group && strcmp(command->group, group) == 0)
			buf_printf(out, "  %-10s %s\n", command->name, command->summary);
	}
}

void cli_overview(struct cli *cli)
{
	const char *group = "";

	buf_add_text(&cli->out,
		     "usage: hftoken COMMAND [OPTION...]\n\n"
		     "Keeps your Hugging Face tokens, and hands the right one to git and "
		     "others.\n");
	for (int id = 0; id < CMD_COUNT; id++) {
		if (!commands[id].group || strcmp(commands[id].group, group) == 0)
			continue;
		group = commands[id].group;
		put_group(&cli->out, group);
	}
	buf_add_text(&cli->out, "\n'hftoken help COMMAND' and hftoken(1) tell more.\n");
}

/* Options are shared; what one does is another thing for some of those that have it. */
const char *option_help(const struct command *command, enum option_id id)
{
	static const struct {
		enum command_id command;
		enum option_id option;
		const char *help;
	} own[] = {
		{CMD_LOGIN, OPT_WRITE, "have the page for a new token include writing"},
		{CMD_RULE, OPT_WRITE, "for writing only"},
		{CMD_IMPORT, OPT_REMOVE, "delete the plain copies of what is stored"},
		{CMD_STORE, OPT_REMOVE, "remove the passphrase"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (command == &commands[own[i].command] && id == own[i].option)
			return own[i].help;
	}
	return options[id].help;
}

static void put_option(struct buf *out, const struct command *command, enum option_id id)
{
	const struct option *option = &options[id];
	char names[64];
	char letter[8] = "    ";

	if (option->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	(void)snprintf(names, sizeof(names), "%s--%s%s%s", letter, option->name,
		       option->value ? " " : "", option->value ? option->value : "");
	buf_printf(out, "  %-24s %s\n", names, option_help(command, id));
}

void cli_help(struct cli *cli, const struct command *command)
{
	struct buf *out = &cli->out;

	if (command == &commands[CMD_NONE]) {
		cli_overview(cli);
		return;
	}
	buf_printf(out, "usage: hftoken %s", command->name);
	if (command->wraps) /* what stands behind its operands is not ours to read */
		buf_printf(out, " [OPTION...] %s", command->operands);
	else
		buf_printf(out, "%s%s [OPTION...]", *command->operands ? " " : "",
			   command->operands);
	buf_printf(out, "\n\n%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
	if (command->description)
		buf_printf(out, "\n%s", command->description);
	buf_add_text(out, "\nOptions\n");
	for (const enum option_id *id = command->options; *id != OPT_END; id++)
		put_option(out, command, *id);
}
