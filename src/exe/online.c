/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that need the Hub. hftoken becomes this program, with the same arguments; it is not
 * meant to be called by people.
 */
#include "base/program.h"
#include "cli/run.h"

/* CMD_LOGOUT comes here with --revoke only, CMD_RESOLVE with --probe. */
static const command_function functions[CMD_COUNT] = {
	[CMD_LOGIN] = cmd_login,   [CMD_LOGOUT] = cmd_revoke, [CMD_REVOKE] = cmd_revoke,
	[CMD_WHOAMI] = cmd_whoami, [CMD_SCOPES] = cmd_scopes, [CMD_WHY] = cmd_why,
	[CMD_STATUS] = cmd_status, [CMD_RESOLVE] = cmd_probe, [CMD_DOCTOR] = cmd_doctor,
	[CMD_IMPORT] = cmd_import,
};

int main(int argc, char **argv)
{
	CLEANUP(cli_release) struct cli cli;
	struct err err = {0};
	int error;

	program_harden();
	error = cli_parse(&cli, argc ? argc - 1 : 0, argv + (argc ? 1 : 0), &err);
	if (!error && !functions[cli.id]) {
		error = err_set(&err, ERR_USAGE, "this program is a part of hftoken");
		err_hint(&err, "call hftoken");
	}
	return cli_run_with_token(&cli, functions[cli.id], error, &err);
}
