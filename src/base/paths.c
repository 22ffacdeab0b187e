/* SPDX-License-Identifier: Apache-2.0 */
#include "base/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

#define HOME_MAX 4096

static const struct {
	const char *variable;
	const char *under_home;
} kinds[] = {
	[PATH_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	[PATH_DATA] = {"XDG_DATA_HOME", ".local/share"},
	[PATH_STATE] = {"XDG_STATE_HOME", ".local/state"},
	[PATH_CACHE] = {"XDG_CACHE_HOME", ".cache"},
};

/*
 * Not getpwuid(): it loads the name service's libraries, and a program that is linked statically
 * has none.
 */
static const char *home_of_passwd(void)
{
	static char home[HOME_MAX];
	const struct passwd *entry;
	FILE *file;

	*home = '\0';
	file = fopen("/etc/passwd", "re");
	while (file && (entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid != geteuid())
			continue;
		if (entry->pw_dir[0] != '/' || !text_copy(home, sizeof(home), entry->pw_dir))
			*home = '\0';
		break;
	}
	if (file)
		(void)fclose(file);
	return *home ? home : NULL;
}

const char *path_home(void)
{
	const char *home = getenv("HOME");

	return home && home[0] == '/' ? home : home_of_passwd();
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
