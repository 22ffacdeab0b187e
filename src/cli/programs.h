/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How other programs find ours, under the names by which they call it.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* The real path of the first program of that name in PATH, for the caller to free(); or NULL. */
char *program_in_path(const char *name);

/* The absolute path of the running program, for the caller to free(). */
int program_self(char **ret, struct err *err) MUST_CHECK;

/*
 * What to call the program `name`, which lies beside the running one: by its bare name where PATH
 * leads to this very program (`ret_bare`), else by its absolute path. ERR_FAILED with the way out
 * if there is no such program. The text is the caller's to free().
 */
int program_name_for(const char *name, char **ret, bool *ret_bare, struct err *err) MUST_CHECK;
