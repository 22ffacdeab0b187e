/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"
#include "protocol/serve.h"

int cmd_serve(struct cli *cli, struct err *err)
{
	const char *name = NULL;
	int error = cli_token_name(cli, OPERANDS_MAX, &name, err);

	return error ? error : serve(name, err);
}
