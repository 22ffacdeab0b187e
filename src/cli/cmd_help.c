/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"

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
	cli_help(cli, &commands[id]);
	return 0;
}
