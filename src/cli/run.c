/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"

#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/json_write.h"
#include "base/mask.h"
#include "base/program.h"
#include "cli/ui.h"
#include "core/token.h"

#define OUTPUT_MS 60000 /* a pager may make us wait */

int exit_status(enum err_code code)
{
	switch (code) {
	case ERR_OK:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_NO_NAME:
		return 3;
	case ERR_NO_TOKEN:
		return 4;
	case ERR_REFUSED:
		return 5;
	case ERR_NOT_FOUND:
	case ERR_LOCKED:
	case ERR_UNAVAILABLE:
	case ERR_TIMED_OUT:
	case ERR_DENIED:
	case ERR_UNSAFE:
	case ERR_DAMAGED:
	case ERR_TOO_NEW:
	case ERR_BUSY:
	case ERR_READ_ONLY:
	case ERR_NO_SPACE:
	case ERR_IO:
		return 6;
	case ERR_NETWORK:
		return 7;
	case ERR_CANCELLED:
		return 130;
	default:
		return 1;
	}
}

void put_error_json(struct json_out *out, const struct err *err)
{
	json_begin(out, "error", '{');
	json_put_int(out, "code", exit_status(err->code));
	json_put_text(out, "message", err->message);
	json_put_text(out, "hint", *err->hint ? err->hint : NULL);
	json_end(out, '}');
}

static void put_json_error(struct cli *cli, const struct err *err)
{
	struct json_out out = {.buf = &cli->out};

	buf_clear(&cli->out);
	json_begin(&out, NULL, '{');
	put_error_json(&out, err);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static int write_output(struct cli *cli, struct err *err)
{
	ui_tick_done();
	if (cli->out.size == 0 && !buf_failed(&cli->out))
		return 0;
	if (buf_failed(&cli->out) || buf_ever_failed()) /* something may be missing in it */
		return err_no_memory(err);
	if (io_write_all(STDOUT_FILENO, cli->out.data, cli->out.size, deadline_in(OUTPUT_MS),
			 err))
		return err_set(err, ERR_FAILED, "cannot write to standard output");
	return 0;
}

void cli_flush(struct cli *cli)
{
	if (cli_has(cli, OPT_JSON))
		return; /* one object, at the end, whatever it will be */
	/* What could not be written now is tried, and reported, at the end. */
	if (!write_output(cli, NULL))
		buf_clear(&cli->out);
}

/* What anybody can do about some errors, wherever they come from. */
static void hint_cause(struct err *err)
{
	if (*err->hint)
		return;
	if (err->code == ERR_READ_ONLY)
		err_hint(err, "make it writable, or set XDG_DATA_HOME, XDG_STATE_HOME and "
			      "XDG_CONFIG_HOME to folders that are");
	else if (err->code == ERR_NO_SPACE)
		err_hint(err, "make room on that disk, or in your quota, "
			      "and try again");
}

void cli_complain(const struct cli *cli, struct err *err)
{
	hint_cause(err);
	mask_tokens(err->message);
	mask_tokens(err->hint);
	if (cli->command && cli->command->protocol)
		ui_error_line(err);
	else
		ui_error(err);
}

int cli_run(struct cli *cli, command_function function, int error, struct err *err)
{
	if (!error && cli_has(cli, OPT_HELP))
		cli_help(cli, cli->command);
	else if (!error)
		error = function(cli, err);
	if (error) {
		cli_complain(cli, err);
		if (cli_has(cli, OPT_JSON))
			put_json_error(cli, err);
		else
			buf_clear(&cli->out);
	}
	if (write_output(cli, err)) {
		if (!error)
			ui_error(err);
		return error ? exit_status(error) : 1;
	}
	return error ? exit_status(error) : cli->exit_status;
}

int cli_run_with_token(struct cli *cli, command_function function, int error, struct err *err)
{
	int taken = program_take_token(error ? NULL : err);
	int status = cli_run(cli, function, error ? error : taken, err);

	program_forget_token();
	return status;
}

int cli_typed_name(const struct cli *cli, unsigned operand, const char **ret, struct err *err)
{
	const char *typed = operand < cli->operand_count ? cli->operands[operand] : NULL;
	const char *named = cli->values[OPT_NAME];

	if (typed && named && strcmp(typed, named) != 0)
		return err_set(err, ERR_USAGE, "two different token names are given");
	*ret = typed ? typed : named;
	return 0;
}

int cli_token_name(const struct cli *cli, unsigned operand, const char **ret, struct err *err)
{
	const char *variable = getenv("HFTOKEN_NAME");
	const char *name = NULL;
	int error = cli_typed_name(cli, operand, &name, err);

	if (error)
		return error;
	if (!name && variable && *variable)
		name = variable;
	if (name && looks_like_token(name))
		return token_name_check(name, err);
	*ret = name;
	return 0;
}
