/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `hftoken store`: cmd_store.c finds the one that is meant, checks how it was called,
 * and takes its name out of the operands.
 */
#pragma once

#include "cli/command.h"

int store_do_list(struct cli *cli, struct err *err);
int store_do_move(struct cli *cli, struct err *err);
int store_do_unlock(struct cli *cli, struct err *err);
int store_do_lock(struct cli *cli, struct err *err);
int store_do_passphrase(struct cli *cli, struct err *err);
int store_do_recover(struct cli *cli, struct err *err);
