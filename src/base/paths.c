/* SPDX-License-Identifier: Apache-2.0 */
#include "base/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *variable;
	const char *under_home;
} kinds[] = {
	[PATH_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	[PATH_DATA] = {"XDG_DATA_HOME", ".local/share"},
	[PATH_STATE] = {"XDG_STATE_HOME", ".local/state"},
	[PATH_CACHE] = {"XDG_CACHE_HOME", ".cache"},
};

const char *path_home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home && home[0] == '/')
		return home;
	entry = getpwuid(geteuid());
	return entry && entry->pw_dir && entry->pw_dir[0] == '/' ? entry->pw_dir : NULL;
}

char *path_join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

int path_of(enum path_kind kind, char **ret, struct err *err)
{
	const char *base = getenv(kinds[kind].variable);
	AUTOFREE char *under_home = NULL;
	char *path;

	if (!base || base[0] != '/') {
		const char *home = path_home();

		if (!home) {
			err_set(err, ERR_NOT_FOUND, "there is no home directory");
			return err_hint(err, "set HOME, or %s", kinds[kind].variable);
		}
		under_home = path_join(home, kinds[kind].under_home);
		if (!under_home)
			return err_no_memory(err);
		base = under_home;
	}
	path = path_join(base, "hftoken");
	if (!path)
		return err_no_memory(err);
	*ret = path;
	return 0;
}
