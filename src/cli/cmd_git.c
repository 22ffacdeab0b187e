/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"
#include "protocol/git.h"

/*
 * The operation is the last word; git puts those of the configuration before it.
 */
int cmd_git(struct cli *cli, struct err *err)
{
	const char *name = NULL;
	int error = cli_token_name(cli, OPERANDS_MAX, &name, err);

	return error ? error : git_serve(cli->operands[cli->operand_count - 1], name, err);
}
