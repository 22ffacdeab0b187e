/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/programs.h"

#include <string.h>

#include "base/paths.h"
#include "base/text.h"

char *program_in_path(const char *name)
{
	AUTOFREE char *folders = strdup(getenv("PATH") ? getenv("PATH") : "");
	char *rest = folders;
	const char *folder;

	while (rest && (folder = strsep(&rest, ":")) != NULL) {
		AUTOFREE char *candidate = *folder == '/' ? path_join(folder, name) : NULL;

		if (candidate && access(candidate, X_OK) == 0)
			return realpath(candidate, NULL);
	}
	return NULL;
}

int program_self(char **ret, struct err *err)
{
	char *self = realpath("/proc/self/exe", NULL);

	if (!self)
		return err_errno(err, "cannot find out where hftoken is");
	*ret = self;
	return 0;
}

static int beside(char *self, const char *name, char **ret, struct err *err)
{
	AUTOFREE char *path = NULL;
	AUTOBUF struct buf quoted = {0};

	*strrchr(self, '/') = '\0';
	path = path_join(self, name);
	if (!path)
		return err_no_memory(err);
	if (access(path, X_OK) < 0) {
		err_set(err, ERR_FAILED, "there is no %s beside hftoken", name);
		text_quote(&quoted, path);
		return err_hint(err, "make it: ln -s hftoken %s", buf_text(&quoted));
	}
	*ret = path;
	path = NULL;
	return 0;
}

int program_name_for(const char *name, char **ret, bool *ret_bare, struct err *err)
{
	AUTOFREE char *found = program_in_path(name);
	AUTOFREE char *self = NULL;
	int error = program_self(&self, err);

	if (error)
		return error;
	*ret_bare = found && strcmp(found, self) == 0;
	if (!*ret_bare)
		return beside(self, name, ret, err);
	*ret = strdup(name);
	return *ret ? 0 : err_no_memory(err);
}
