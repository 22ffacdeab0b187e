/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/run.h"
#include "protocol/git.h"

/* git's own messages stand around ours: one line is all there is room for. */
static void join_hint(struct err *err)
{
	size_t used = strlen(err->message);

	if (*err->hint)
		(void)snprintf(err->message + used, sizeof(err->message) - used, "; %s",
			       err->hint);
	err->hint[0] = '\0';
}

/*
 * The operation is the last word; git puts those of the configuration before it.
 */
int cmd_git(struct cli *cli, struct err *err)
{
	const char *name = NULL;
	int error = cli_token_name(cli, OPERANDS_MAX, &name, err);

	if (!error)
		error = git_serve(cli->operands[cli->operand_count - 1], name, err);
	if (error)
		join_hint(err);
	return error;
}
