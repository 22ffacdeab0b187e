/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running somebody else's program as if it had been started in our place.
 */
#pragma once

#include "base/err.h"

/*
 * Becomes the program; `words` and `environment` end in NULL. Undoes what program_harden() did.
 * Returns only where that fails: the errno.
 */
int run_exec(char *const words[], char *const environment[]);

/*
 * Runs the program as a child in our own process group, so that the terminal's keys reach it as they
 * would; stops and goes on with it, and forwards what is sent to us alone. The child dies if we are
 * killed. `ret_status` is as waitpid(2) gives it. `ret_errno` is set instead if it could not start.
 */
int run_child(char *const words[], char *const environment[], int *ret_status, int *ret_errno,
	      struct err *err) MUST_CHECK;

/* Ends by the signal that a status tells of; returns for a program that ended by itself. */
void run_end_by_signal(int status);
