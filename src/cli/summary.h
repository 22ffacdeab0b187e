/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `hftoken` alone says first, and `hftoken status` too.
 */
#pragma once

#include "cli/command.h"
#include "core/session.h"

/* Who you are and what git and hf would use, as a table in cli->out. */
int summary_put(struct cli *cli, struct session *session, struct err *err) MUST_CHECK;
