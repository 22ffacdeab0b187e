/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `setup` and `setup --undo` do for one program. cmd_setup.c has the table of all of them.
 */
#pragma once

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/git_file.h"
#include "core/session.h"

/* The Hubs that git shall ask us about: huggingface.co, that in force, and that of each token. */
#define SETUP_ENDPOINTS_MAX 32
struct setup_endpoints {
	const char *list[SETUP_ENDPOINTS_MAX];
	size_t count;
};
void setup_endpoints_collect(const struct session *session, struct setup_endpoints *ret);
/* With --dry-run nothing is written, locked, made or asked, and no answer is given but what would change. */
static inline bool setup_is_dry(const struct cli *cli)
{
	return cli_has(cli, OPT_DRY_RUN);
}

/* Whether to say what was done. */
static inline bool setup_tells(const struct cli *cli)
{
	return !setup_is_dry(cli) && !cli_has(cli, OPT_QUIET);
}

/* Writes the file, or shows what would change in it. `remove`: it goes if nothing is left of it. */
int setup_write(struct cli *cli, const struct config_file *file, const struct secret *text,
		struct err *err) MUST_CHECK;
int setup_write_git(struct cli *cli, struct git_file *file, const struct buf *text, bool remove,
		    struct err *err) MUST_CHECK;
int setup_write_setting(struct cli *cli, const char *key, const char *value,
			struct err *err) MUST_CHECK;

int setup_git(struct cli *cli, struct session *session, struct err *err);
int undo_git(struct cli *cli, struct session *session, struct err *err);
int setup_docker(struct cli *cli, struct session *session, struct err *err);
int undo_docker(struct cli *cli, struct session *session, struct err *err);
int setup_bazel(struct cli *cli, struct session *session, struct err *err);
int undo_bazel(struct cli *cli, struct session *session, struct err *err);
int setup_hf(struct cli *cli, struct session *session, struct err *err);
int undo_hf(struct cli *cli, struct session *session, struct err *err);
