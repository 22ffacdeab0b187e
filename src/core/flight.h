/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process asks, the others wait for what it learns: a lock for each token in the cache folder.
 * Best effort: where the folder cannot be written, everybody asks.
 */
#pragma once

#include "base/io.h"

/*
 * Takes the lock of that name (a token's id); who has it looks first what another has learnt. Waits
 * until the deadline if another process has it; -1 if it could not be had.
 */
int flight_take(const char *name, deadline_ms deadline);

/* Gives it up, and leaves no file behind. `fd` may be -1. */
void flight_end(const char *name, int *fd);

/* Removes what processes that were killed have left. */
void flight_sweep(void);
