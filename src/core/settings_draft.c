/* SPDX-License-Identifier: Apache-2.0 */
#include "core/settings_draft.h"

#include "base/paths.h"
#include "core/settings.h"

void settings_draft_release(struct settings_draft *draft)
{
	free(draft->path);
	draft->path = NULL;
	buf_release(&draft->before);
	buf_release(&draft->after);
}

int settings_draft_make(struct settings_draft *ret, const char *key, const char *value,
			struct err *err)
{
	AUTOFREE char *folder = NULL;
	AUTOFREE char *copy = NULL;
	int error = path_of(PATH_CONFIG, &folder, err);

	if (!error)
		error = settings_read_file(folder, &ret->before, err);
	if (error)
		return error;
	ret->path = path_join(folder, "settings");
	copy = strdup(buf_text(&ret->before));
	if (!ret->path || !copy)
		return err_no_memory(err);
	ret->exists = access(ret->path, F_OK) == 0;
	settings_edit_text(ret->exists ? copy : NULL, key, value, &ret->after);
	return buf_failed(&ret->after) ? err_no_memory(err) : 0;
}
