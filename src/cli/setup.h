/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `setup` and `setup --undo` do for one program. cmd_setup.c has the table of all of them.
 */
#pragma once

#include "cli/command.h"
#include "core/session.h"

/* The Hubs that git shall ask us about: huggingface.co, that in force, and that of each token. */
#define SETUP_ENDPOINTS_MAX 32
struct setup_endpoints {
	const char *list[SETUP_ENDPOINTS_MAX];
	size_t count;
};
void setup_endpoints_collect(const struct session *session, struct setup_endpoints *ret);

int setup_git(struct cli *cli, struct session *session, struct err *err);
int undo_git(struct cli *cli, struct session *session, struct err *err);
int setup_docker(struct cli *cli, struct session *session, struct err *err);
int undo_docker(struct cli *cli, struct session *session, struct err *err);
int setup_bazel(struct cli *cli, struct session *session, struct err *err);
int undo_bazel(struct cli *cli, struct session *session, struct err *err);
int setup_hf(struct cli *cli, struct session *session, struct err *err);
int undo_hf(struct cli *cli, struct session *session, struct err *err);
