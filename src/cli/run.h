/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a parsed command line to an exit status; what both programs' main() share, and the
 * functions of the commands.
 */
#pragma once

#include "cli/command.h"

/* Does the work of one command. An error is reported by the caller. */
typedef int (*command_function)(struct cli *cli, struct err *err);

/* The exit status of an error; the list in hftoken(1). */
int exit_status(enum err_code code);

/* The member `error` of an answer: code, message and hint. */
struct json_out;
void put_error_json(struct json_out *out, const struct err *err);

/*
 * Runs one command: writes its output, reports its error (also as JSON with --json), returns the
 * exit status. `error` is that of the parser, 0 if it had none.
 */
int cli_run(struct cli *cli, command_function function, int error, struct err *err);

/* Says what went wrong, with what anybody can do about it, where the command goes on all the same. */
void cli_complain(const struct cli *cli, struct err *err);
/* The same, with the environment's token taken before and wiped after, also where that error is all. */
int cli_run_with_token(struct cli *cli, command_function function, int error, struct err *err);

/* Writes what is in cli->out so far: before a remark on stderr that belongs behind it. */
void cli_flush(struct cli *cli);

/* The name in an operand or --name; NULL if there is none. ERR_USAGE for two different ones. */
int cli_typed_name(const struct cli *cli, unsigned operand, const char **ret,
		   struct err *err) MUST_CHECK;

/* The token that was named: an operand, --name, HFTOKEN_NAME, in this order; NULL if none. */
int cli_token_name(const struct cli *cli, unsigned operand, const char **ret,
		   struct err *err) MUST_CHECK;

int cmd_summary(struct cli *cli, struct err *err);
int cmd_help(struct cli *cli, struct err *err);
int cmd_list(struct cli *cli, struct err *err);
int cmd_switch(struct cli *cli, struct err *err);
int cmd_rename(struct cli *cli, struct err *err);
int cmd_logout(struct cli *cli, struct err *err);
int cmd_resolve(struct cli *cli, struct err *err);
int cmd_rule(struct cli *cli, struct err *err);
int cmd_run(struct cli *cli, struct err *err);
int cmd_token(struct cli *cli, struct err *err);
int cmd_completion(struct cli *cli, struct err *err);
int cmd_config(struct cli *cli, struct err *err);
int cmd_git(struct cli *cli, struct err *err);
int cmd_docker(struct cli *cli, struct err *err);
int cmd_bazel(struct cli *cli, struct err *err);
int cmd_header(struct cli *cli, struct err *err);
int cmd_serve(struct cli *cli, struct err *err);
int cmd_setup(struct cli *cli, struct err *err);
int cmd_export(struct cli *cli, struct err *err);
int cmd_store(struct cli *cli, struct err *err);

/* In hftoken-online only. */
int cmd_login(struct cli *cli, struct err *err);
int cmd_revoke(struct cli *cli, struct err *err);
int cmd_whoami(struct cli *cli, struct err *err);
int cmd_scopes(struct cli *cli, struct err *err);
int cmd_status(struct cli *cli, struct err *err);
int cmd_doctor(struct cli *cli, struct err *err);
int cmd_why(struct cli *cli, struct err *err);
int cmd_probe(struct cli *cli, struct err *err);
int cmd_import(struct cli *cli, struct err *err);
