/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mask.h"
#include "cli/run.h"
#include "cli/ui.h"
#include "protocol/docker.h"

#define USAGE "Usage: docker-credential-hftoken <store|get|erase|list|version>"

/* docker reads why something failed on standard output, and compares some of these texts. */
static int fail(struct cli *cli, struct err *err)
{
	mask_tokens(err->message);
	mask_tokens(err->hint);
	buf_printf(&cli->out, "%s%s%s\n", err->message, *err->hint ? "; " : "", err->hint);
	cli->exit_status = 1;
	return 0;
}

int cmd_docker(struct cli *cli, struct err *err)
{
	bool wants_version = cli_has(cli, OPT_VERSION);
	AUTOBUF struct buf note = {0};
	const char *name = NULL;
	int error;

	if (cli->operand_count != 1 && !wants_version) {
		buf_add_text(&cli->out, USAGE "\n");
		cli->exit_status = 1;
		return 0;
	}
	error = cli_token_name(cli, OPERANDS_MAX, &name, err);
	if (!error)
		error = docker_serve(wants_version ? "version" : cli->operands[0], name, &note,
				     err);
	if (note.size)
		ui_warn("%s", buf_text(&note));
	return error ? fail(cli, err) : 0;
}
