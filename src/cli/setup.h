/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `setup` and `setup --undo` do for one program. cmd_setup.c has the table of all of them.
 */
#pragma once

#include "cli/command.h"
#include "core/session.h"

int setup_git(struct cli *cli, struct session *session, struct err *err);
int undo_git(struct cli *cli, struct session *session, struct err *err);
int setup_hf(struct cli *cli, struct session *session, struct err *err);
int undo_hf(struct cli *cli, struct session *session, struct err *err);
