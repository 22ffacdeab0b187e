/* SPDX-License-Identifier: Apache-2.0 */
/* `hftoken resolve` in parts, for cmd_resolve.c and, where the Hub is asked first, cmd_probe.c. */
#pragma once

#include "cli/command.h"
#include "core/session_pick.h"

struct resolving {
	struct session session;
	struct repo repo;
	struct session_question question;
	struct session_pick picked;
};

void resolving_release(struct resolving *resolving);
#define AUTORESOLVING CLEANUP(resolving_release)
#define RESOLVING_NONE                                    \
	{                                                 \
		.session = {.catalogue = CATALOGUE_NONE } \
	}

/* Reads the question and answers it; RESOLVING_NONE before, resolving_release() in any case. */
int resolving_begin(struct cli *cli, struct resolving *resolving, struct err *err) MUST_CHECK;

/* Answers it again: with `news` of that repository, which the Hub has just told. */
int resolving_again(struct resolving *resolving, const struct outcome_news news[], size_t count,
		    struct err *err) MUST_CHECK;

/*
 * Prints the answer. ERR_NO_TOKEN, ERR_REFUSED where no token is picked; with --json that is in
 * cli->exit_status.
 */
int resolving_show(struct cli *cli, const struct resolving *resolving,
		   struct err *err) MUST_CHECK;
