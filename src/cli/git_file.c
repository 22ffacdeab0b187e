/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/git_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/paths.h"

#define FILE_MAX ((size_t)1 << 20)
#define WAIT_MS  5000
#define NEW_MODE 0600u

void git_file_release(struct git_file *file)
{
	free(file->path);
	file->path = NULL;
	buf_release(&file->text);
}

/* ---- where it is ------------------------------------------------------------------------------ */

/* The file's name is set; a link is followed to its end, as git does before it takes its lock. */
static int resolve(struct git_file *file, struct err *err)
{
	struct stat status;
	char *real = realpath(file->path, NULL);

	if (real) {
		free(file->path);
		file->path = real;
		return 0;
	}
	if (errno != ENOENT)
		return err_errno(err, "cannot find '%s'", file->path);
	if (lstat(file->path, &status) == 0 && S_ISLNK(status.st_mode)) {
		err_set(err, ERR_FAILED, "'%s' is a link to a file that is not there",
			file->path);
		return err_hint(err, "create that file, or remove the link");
	}
	return 0;
}

/* As git-config(1) says in FILES and ENVIRONMENT. */
static int find_global(struct git_file *file, struct err *err)
{
	const char *named = getenv("GIT_CONFIG_GLOBAL");
	const char *home = getenv("HOME");
	const char *config = getenv("XDG_CONFIG_HOME");
	AUTOFREE char *folder = NULL;
	AUTOFREE char *other = NULL;

	if (named && *named) {
		file->path = strdup(named);
		return file->path ? 0 : err_no_memory(err);
	}
	if (!home || !*home)
		return err_set(err, ERR_FAILED, "git has no configuration: HOME is not set");
	file->path = path_join(home, ".gitconfig");
	folder = config && *config ? strdup(config) : path_join(home, ".config");
	other = folder ? path_join(folder, "git/config") : NULL;
	if (!file->path || !other)
		return err_no_memory(err);
	if (access(file->path, R_OK) < 0 && access(other, R_OK) == 0) {
		free(file->path);
		file->path = other;
		other = NULL;
	}
	return 0;
}

/* ---- reading ---------------------------------------------------------------------------------- */

static int read_text(const char *path, struct buf *ret, unsigned *ret_mode, struct err *err)
{
	CLOSED int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	char block[4096];
	ssize_t size;

	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno(err, "cannot read '%s'", path);
	if (!S_ISREG(status.st_mode) || (size_t)status.st_size > FILE_MAX)
		return err_set(err, ERR_FAILED, "'%s' is no file that git could have written",
			       path);
	*ret_mode = status.st_mode & 07777;
	while ((size = read(fd, block, sizeof(block))) > 0 && ret->size <= FILE_MAX)
		buf_add(ret, block, (size_t)size);
	if (size < 0)
		return err_errno(err, "cannot read '%s'", path);
	return buf_failed(ret) ? err_no_memory(err) : 0;
}

int git_file_read(struct git_file *file, enum git_scope scope, struct err *err)
{
	int error = scope == GIT_LOCAL ? git_config_local(&file->path, err)
				       : find_global(file, err);

	if (!error)
		error = resolve(file, err);
	if (error)
		return error;
	file->mode = NEW_MODE;
	error = read_text(file->path, &file->text, &file->mode, err);
	file->exists = !error;
	if (error == ERR_NOT_FOUND)
		return 0;
	if (error && err)
		err->code = ERR_FAILED; /* no file of ours */
	return error ? ERR_FAILED : 0;
}

/* ---- writing ---------------------------------------------------------------------------------- */

/* No file of ours, so no store has failed; but the disk is theirs and ours. */
static enum err_code code_of(enum err_code code)
{
	return code == ERR_READ_ONLY || code == ERR_NO_SPACE ? code : ERR_FAILED;
}

static int complain(const char *path, struct err *err)
{
	int number = errno;
	enum err_code code = code_of(err_from_errno(number));

	err_set(err, code, "could not change '%s': %s", path, strerror(number));
	if (number == EEXIST)
		return err_hint(err, "another git is writing it; if none is, remove '%s.lock'",
				path);
	return code;
}

/* Under the lock: it must still be what was read. */
static int check_unchanged(const struct git_file *file, struct err *err)
{
	AUTOBUF struct buf now = {0};
	unsigned mode;
	int error = read_text(file->path, &now, &mode, err);

	if (error == ERR_NOT_FOUND && !file->exists)
		return 0;
	if (!error && file->exists && now.size == file->text.size &&
	    memcmp(buf_text(&now), buf_text(&file->text), now.size) == 0)
		return 0;
	err_set(err, ERR_FAILED, "'%s' was changed meanwhile", file->path);
	return err_hint(err, "try again");
}

static int fill(const struct git_file *file, int fd, const char *lock, const struct buf *text,
		bool remove, struct err *err)
{
	int error = check_unchanged(file, err);

	if (error)
		return error;
	if (remove && text->size == 0)
		return unlink(file->path) < 0 || unlink(lock) < 0 ? complain(file->path, err)
								  : 0;
	error = io_write_all(fd, buf_text(text), text->size, deadline_in(WAIT_MS), err);
	if (error)
		return err_set(err, code_of((enum err_code)error),
			       "could not change '%s': it cannot be written%s", file->path,
			       error == ERR_NO_SPACE ? ": No space left on device" : "");
	if (fchmod(fd, (mode_t)file->mode) < 0 || fsync(fd) < 0 || rename(lock, file->path) < 0)
		return complain(file->path, err);
	return 0;
}

int git_file_write(struct git_file *file, const struct buf *text, bool remove, struct err *err)
{
	size_t size = strlen(file->path) + sizeof(".lock");
	AUTOFREE char *lock = malloc(size);
	CLOSED int fd = -1;
	int error;

	if (!lock || buf_failed(text))
		return err_no_memory(err);
	(void)snprintf(lock, size, "%s.lock", file->path);
	fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_MODE);
	if (fd < 0)
		return complain(file->path, err);
	error = fill(file, fd, lock, text, remove, err);
	if (error) {
		(void)unlink(lock); /* may be gone already */
		return error;
	}
	file->exists = !(remove && text->size == 0);
	buf_clear(&file->text);
	buf_add(&file->text, buf_text(text), text->size);
	return buf_failed(&file->text) ? err_no_memory(err) : 0;
}
