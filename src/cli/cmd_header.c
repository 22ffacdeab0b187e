/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/run.h"
#include "protocol/header.h"

static int choose_format(const struct cli *cli, enum header_format *ret, struct err *err)
{
	const char *typed = cli->values[OPT_FORMAT];

	*ret = HEADER_PLAIN;
	for (int i = 0; typed && i < HEADER_FORMAT_COUNT; i++) {
		if (strcmp(typed, header_format_names[i]) == 0) {
			*ret = (enum header_format)i;
			return 0;
		}
	}
	if (!typed)
		return 0;
	err_set(err, ERR_USAGE, "there is no such format");
	return err_hint(err, "--format header, curl or netrc");
}

int cmd_header(struct cli *cli, struct err *err)
{
	enum header_format format;
	const char *name = NULL;
	int error = choose_format(cli, &format, err);

	if (!error)
		error = cli_token_name(cli, OPERANDS_MAX, &name, err);
	return error ? error : header_write(cli->operands[0], format, name, err);
}
