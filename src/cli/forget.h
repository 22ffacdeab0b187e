/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing tokens from this machine: what `logout` and `revoke` have in common.
 */
#pragma once

#include "cli/command.h"
#include "cli/select.h"

/*
 * Removes the tokens, and puts the answer into cli->out: their names, the new default, where the
 * same values still lie in plain text, and whether HF_TOKEN keeps one logged in. `done` is what is
 * said to have happened to them. `session` is opened for writing within. Of several tokens, those
 * whose store is closed stay, and are said to on stderr and by cli->exit_status; a single one is an
 * error. `err` must not be NULL.
 */
int forget_tokens(struct cli *cli, struct session *session, const struct selection *selection,
		  const char *done, struct err *err) MUST_CHECK;
