/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"
#include "protocol/bazel.h"

int cmd_bazel(struct cli *cli, struct err *err)
{
	const char *name = NULL;
	int error = cli_token_name(cli, OPERANDS_MAX, &name, err);

	return error ? error : bazel_serve(cli->operands[0], name, err);
}
