/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which session bus is asked, and whether it lately kept us waiting. Decided before GLib is called
 * for the first time: left alone, it would start a bus where there is none, or a program that the
 * address names.
 */
#pragma once

#include "base/err.h"

#define SILENCE_SECONDS 60

struct place {
	char *address; /* D-Bus address, `unix:` only; NULL until place_find() */
	char *runtime; /* our folder below $XDG_RUNTIME_DIR; NULL: there is none */
};

/*
 * Takes what it needs from the environment, and clears it: neither GLib nor libsecret shall be
 * steered by variables. ERR_UNAVAILABLE where there is no session bus that we would use. The place
 * stays as found, for all calls that follow.
 */
int place_find(struct place *place, struct err *err) MUST_CHECK;

/*
 * A bus that does not answer costs each `get` its whole deadline. So a time-out is remembered for
 * SILENCE_SECONDS in the runtime folder, and no longer than the machine runs. All best effort.
 */
bool silence_is_known(const struct place *place);
void silence_remember(const struct place *place);
void silence_forget(const struct place *place);
