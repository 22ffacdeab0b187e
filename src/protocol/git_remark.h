/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git's `get` says besides its answer, in the one line that there is room for between git's own:
 * why nothing fits although tokens are held, which git's prompt would not tell; and that a token is
 * given although it is known to have been refused. A rule that does not count is named where it may
 * have been meant to prevent that, and only there.
 */
#pragma once

#include "core/session_pick.h"
#include "protocol/git.h"

/* One line on stderr: "hftoken: ". What looks like a token is masked. Never fails. */
void git_say(const char *format, ...) PRINTF(1, 2);

/* ERR_NO_TOKEN, in words, where nothing was picked. */
int git_no_answer(const struct session *session, const struct git_request *request,
		  const struct session_pick *picked, struct err *err);

/* Says how old the knowledge is that speaks against what was picked, if any does. */
void git_say_last_resort(const struct session *session, const struct session_pick *picked);
