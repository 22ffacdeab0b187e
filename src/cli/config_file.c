/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/guest_file.h"

#define READ_MS 5000

void config_file_release(struct config_file *file)
{
	free(file->path);
	file->path = NULL;
	cleanup_close(&file->folder);
	secret_release(&file->text);
}

static int read_file(struct config_file *file, const char *name, size_t max, struct err *err)
{
	CLOSED int fd = openat(file->folder, name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	int error;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno(err, "cannot open '%s'", file->path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_UNSAFE, "'%s' is not a regular file", file->path);
	file->mode = status.st_mode & 0777;
	error = io_read_all(fd, &file->text, max, deadline_in(READ_MS), err);
	return error ? err_context(err, "'%s'", file->path) : 0;
}

int config_file_open(struct config_file *file, const char *path, size_t max,
		     enum folder_flags flags, struct err *err)
{
	char *slash;
	int error;

	if (*path != '/')
		return err_set(err, ERR_USAGE, "'%s' is not an absolute path", path);
	file->path = realpath(path, NULL);
	if (!file->path)
		file->path = strdup(path);
	if (!file->path)
		return err_no_memory(err);
	slash = strrchr(file->path, '/');
	*slash = '\0';
	error = folder_open(slash == file->path ? "/" : file->path, flags, &file->folder, err);
	*slash = '/';
	if (error == ERR_NOT_FOUND && flags == FOLDER_READ)
		return 0;
	return error ? error : read_file(file, slash + 1, max, err);
}

int config_file_write(const struct config_file *file, const struct secret *text,
		      struct err *err)
{
	const char *name = strrchr(file->path, '/') + 1;
	int error;

	if (secret_equal(text, &file->text))
		return 0;
	error = guest_file_replace(file->folder, name, secret_text(text), text->size, err);
	/* It is ours alone until then, which is never too little. */
	if (!error && file->mode && fchmodat(file->folder, name, file->mode, 0) < 0)
		error = err_errno(err, "cannot set the mode of '%s'", file->path);
	return error;
}
