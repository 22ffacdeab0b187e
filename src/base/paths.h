/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where our files are, by the XDG base directory rules: a variable that is not an absolute path
 * counts as unset.
 */
#pragma once

#include "base/err.h"

enum path_kind {
	PATH_CONFIG, /* settings and rules: $XDG_CONFIG_HOME or ~/.config */
	PATH_DATA,   /* catalogue and vault: $XDG_DATA_HOME or ~/.local/share */
	PATH_STATE,  /* the vault's key: $XDG_STATE_HOME or ~/.local/state */
	PATH_CACHE,  /* what can be learnt again: $XDG_CACHE_HOME or ~/.cache */
};

/*
 * The folder `hftoken` of that kind, for the caller to free(). ERR_NOT_FOUND where there is
 * neither a variable nor a home directory.
 */
int path_of(enum path_kind kind, char **ret, struct err *err) MUST_CHECK;

/*
 * The home directory: $HOME, else what /etc/passwd says (no other name service is asked). NULL if
 * there is none. Not to be freed.
 */
const char *path_home(void);

/* `folder/name`, for the caller to free(); NULL without memory. */
char *path_join(const char *folder, const char *name);
