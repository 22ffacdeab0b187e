/* SPDX-License-Identifier: Apache-2.0 */
/* What `setup` does to a file: changes it, or with --dry-run shows the change. */
#include "cli/diff.h"
#include "cli/setup.h"
#include "core/settings_draft.h"

static int shown(const struct cli *cli, struct err *err)
{
	return buf_failed(&cli->out) ? err_no_memory(err) : 0;
}

int setup_write(struct cli *cli, const struct config_file *file, const struct secret *text,
		struct err *err)
{
	struct diff_side before = {secret_text(&file->text), file->text.size, file->mode};
	struct diff_side after = {secret_text(text), text->size, true};

	if (!setup_is_dry(cli))
		return config_file_write(file, text, err);
	if (secret_equal(text, &file->text))
		return 0; /* as config_file_write() has it */
	diff_put(&cli->out, file->path, &before, &after, false);
	return shown(cli, err);
}

int setup_write_git(struct cli *cli, struct git_file *file, const struct buf *text, bool remove,
		    struct err *err)
{
	struct diff_side before = {buf_text(&file->text), file->text.size, file->exists};
	struct diff_side after = {buf_text(text), text->size, text->size || !remove};

	if (!setup_is_dry(cli))
		return git_file_write(file, text, remove, err);
	if (buf_failed(text))
		return err_no_memory(err);
	diff_put(&cli->out, file->path, &before, &after, false);
	return shown(cli, err);
}

int setup_write_setting(struct cli *cli, const char *key, const char *value, struct err *err)
{
	AUTODRAFT struct settings_draft draft = {.path = NULL};
	int error;

	if (!setup_is_dry(cli))
		return settings_set(key, value, err);
	error = settings_draft_make(&draft, key, value, err);
	if (error)
		return error;
	diff_put(&cli->out, draft.path,
		 &(struct diff_side) {buf_text(&draft.before), draft.before.size, draft.exists},
		 &(struct diff_side) {buf_text(&draft.after), draft.after.size, true}, true);
	return shown(cli, err);
}
