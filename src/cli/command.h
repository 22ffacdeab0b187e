/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of commands and options. The parser, --help, the check of the manual and the shell
 * completions all read them; nothing about the command line is written down anywhere else.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

enum option_id {
	OPT_END, /* ends a command's list */
	OPT_HELP,
	OPT_VERSION,
	OPT_JSON,
	OPT_QUIET,
	OPT_NAME,
	OPT_ALL,
	OPT_WITH_TOKEN,
	OPT_TOKEN_FILE,
	OPT_TOKEN_FD,
	OPT_TOKEN,
	OPT_NO_VERIFY,
	OPT_STORE,
	OPT_DEFAULT,
	OPT_REPLACE,
	OPT_ENDPOINT,
	OPT_FOR,
	OPT_WRITE,
	OPT_REVOKE,
	OPT_YES,
	OPT_WIDE,
	OPT_LOCAL,
	OPT_FORCE,
	OPT_UNDO,
	OPT_FORMAT,
	OPT_READ,
	OPT_IN,
	OPT_EXPLAIN,
	OPT_REPO,
	OPT_REFRESH,
	OPT_TO,
	OPT_WITH_PASSPHRASE,
	OPT_REMOVE,
	OPT_REVISION,
	OPT_FILE,
	OPT_VIA,
	OPT_ENV,
	OPT_PROBE,
	OPT_FIX,
	OPT_OFFLINE,
	OPT_DRY_RUN,
	OPT_COUNT,
};

struct option {
	const char *name;
	const char *alias; /* another long name, not shown; may be NULL */
	char letter;       /* 0: none */
	const char *value; /* what the help calls its value; NULL for a switch */
	const char *help;
	bool online; /* with it, the command needs the Hub */
};

enum command_id {
	CMD_NONE, /* `hftoken` alone */
	CMD_LOGIN,
	CMD_LOGOUT,
	CMD_REVOKE,
	CMD_WHOAMI,
	CMD_LIST,
	CMD_SWITCH,
	CMD_RENAME,
	CMD_RULE,
	CMD_RESOLVE,
	CMD_SCOPES,
	CMD_WHY,
	CMD_STATUS,
	CMD_TOKEN,
	CMD_RUN,
	CMD_GIT,
	CMD_DOCKER,
	CMD_BAZEL,
	CMD_HEADER,
	CMD_SERVE,
	CMD_SETUP,
	CMD_IMPORT,
	CMD_EXPORT,
	CMD_STORE,
	CMD_CONFIG,
	CMD_DOCTOR,
	CMD_COMPLETION,
	CMD_HELP,
	CMD_COUNT,
};

#define COMMAND_OPTIONS_MAX 18
#define OPERANDS_MAX        64
#define REPOS_MAX           32 /* times --repo */

struct command {
	const char *name;
	const char *alias;       /* may be NULL */
	const char *group;       /* heading in the overview */
	const char *operands;    /* as the help shows them */
	unsigned min, max;       /* how many */
	const char *summary;     /* one line */
	const char *description; /* for --help; may be NULL */
	bool online;             /* needs the Hub: `hftoken` starts hftoken-online */
	bool wraps;              /* the first operand begins another program's command */
	bool protocol;           /* answers a program, between whose lines ours stand */
	enum option_id options[COMMAND_OPTIONS_MAX];
};

extern const struct option options[OPT_COUNT];
extern const struct command commands[CMD_COUNT];

/* A command line as understood. All texts are argv's. */
struct cli {
	enum command_id id;
	const struct command *command;
	const char *values[OPT_COUNT]; /* NULL: not given; "" for a switch that was */
	const char *operands[OPERANDS_MAX];
	unsigned operand_count;
	const char *repos[REPOS_MAX]; /* every --repo; values[] has the last one */
	unsigned repo_count;
	char *const
		*wrapped; /* that other program's words, ended by NULL as argv is; or NULL */
	unsigned wrapped_count;
	struct buf out;  /* what goes to stdout, written once at the end */
	int exit_status; /* of a command that did its work and has bad news all the same */
};

/*
 * Parses what stands behind the program's name. ERR_USAGE names what is wrong, and never repeats
 * anything that looks like a token. `hftoken auth X` is `hftoken X`.
 */
int cli_parse(struct cli *cli, int argc, char *const argv[], struct err *err) MUST_CHECK;
void cli_release(struct cli *cli);

/* Whether the parsed command has to be run by hftoken-online. */
bool cli_is_online(const struct cli *cli);

static inline bool cli_has(const struct cli *cli, enum option_id option)
{
	return cli->values[option] != NULL;
}

/* The overview, or the help of one command (`cli->id`), into cli->out. */
void cli_overview(struct cli *cli);
void cli_help(struct cli *cli, const struct command *command);

/* The command of that name or alias; CMD_COUNT if there is none. */
enum command_id command_by_name(const char *name);

/* What an option does for that command. */
const char *option_help(const struct command *command, enum option_id id);

/* The option of a command by its long name, NULL if it has none such. */
enum option_id command_option(const struct command *command, const char *name, size_t size);
