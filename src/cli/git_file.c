/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/git_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/guest_file.h"
#include "base/paths.h"

#define FILE_MAX ((size_t)1 << 20)
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
	do {
		size = read(fd, block, sizeof(block));
		if (size > 0)
			buf_add(ret, block, (size_t)size);
	} while (size > 0 ? ret->size <= FILE_MAX : size < 0 && errno == EINTR);
	if (size < 0)
		return err_errno(err, "cannot read '%s'", path);
	return buf_failed(ret) ? err_no_memory(err) : 0;
}

/* ---- writing ---------------------------------------------------------------------------------- */

/* The folder of a file, and the names of the file and of its lock in it. */
struct place {
	const char *path;
	const char *name;
	char *lock;
	int folder;
};

static void place_release(struct place *place)
{
	free(place->lock);
	cleanup_close(&place->folder);
}

/* No file of ours, so no store has failed; but the disk is theirs and ours. */
static enum err_code code_of(enum err_code code)
{
	return code == ERR_READ_ONLY || code == ERR_NO_SPACE ? code : ERR_FAILED;
}

static int complain(const struct place *place, struct err *err)
{
	int number = errno;
	enum err_code code = code_of(err_from_errno(number));

	err_set(err, code, "could not change '%s': %s", place->path, strerror(number));
	if (number == EEXIST)
		return err_hint(err, "another git is writing it; if none is, remove '%s.lock'",
				place->path);
	return code;
}

static int find_place(struct git_file *file, struct place *ret, struct err *err)
{
	char *slash = strrchr(file->path, '/');

	ret->path = file->path;
	ret->name = slash ? slash + 1 : file->path;
	if (asprintf(&ret->lock, "%s.lock", ret->name) < 0) {
		ret->lock = NULL;
		return err_no_memory(err);
	}
	if (slash)
		*slash = '\0';
	ret->folder = open(!slash        ? "."
			   : *file->path ? file->path
					 : "/",
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (slash)
		*slash = '/';
	return ret->folder < 0 ? complain(ret, err) : 0;
}

/* Some file systems cannot, and keep their order by themselves. */
static int sync_folder(const struct place *place)
{
	return fsync(place->folder) < 0 && errno != EINVAL ? -1 : 0;
}

/*
 * What git takes for its lock is a second name of our temporary file, which is open as `fd`. The lock
 * goes first, on the disk too: without the other name nobody would ever know whose it is. What cannot
 * be removed now goes with the next change.
 */
static void drop_lock(const struct place *place, const char *fresh, int fd)
{
	struct stat ours;
	struct stat lock;
	bool there = fstatat(place->folder, place->lock, &lock, AT_SYMLINK_NOFOLLOW) == 0;

	if (!there && errno != ENOENT)
		return;
	if (fstat(fd, &ours) < 0 || !S_ISREG(ours.st_mode) || ours.st_uid != geteuid())
		return;
	if (there && lock.st_ino == ours.st_ino && lock.st_dev == ours.st_dev &&
	    unlinkat(place->folder, place->lock, 0) < 0)
		return;
	if (sync_folder(place) == 0)
		(void)unlinkat(place->folder, fresh, 0);
}

/* Its writer was killed if nobody holds it. */
static void drop_dead_lock(const char *left, void *user)
{
	const struct place *place = user;
	CLOSED int fd = openat(place->folder, left,
			       O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		drop_lock(place, left, fd);
}

/* The lock first. */
void git_file_sweep(struct git_file *file)
{
	CLEANUP(place_release) struct place place = {.folder = -1};

	if (find_place(file, &place, NULL))
		return;
	guest_file_left(place.folder, place.name, drop_dead_lock, &place);
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

/* As git does: whoever makes the name has the lock, and the file of that name is the next one. */
static int take_lock(const struct place *place, const struct guest_file *fresh, struct err *err)
{
	struct stat status;
	int number;
	int fd;

	if (linkat(place->folder, fresh->name, place->folder, place->lock, 0) == 0)
		return 0;
	number = errno;
	/* Over NFS the answer can be lost: open(2) says to count the names. */
	if (fstat(fresh->fd, &status) == 0 && status.st_nlink == 2)
		return 0;
	errno = number;
	if (number != EPERM && number != EOPNOTSUPP)
		return complain(place, err);
	/* No hard links here: then it is there alone for a moment, and stays if we are killed in it. */
	fd = openat(place->folder, place->lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    NEW_MODE);
	if (fd < 0)
		return complain(place, err);
	(void)close(fd);
	if (renameat(place->folder, fresh->name, place->folder, place->lock) == 0)
		return 0;
	(void)complain(place, err);
	(void)unlinkat(place->folder, place->lock, 0);
	return ERR_FAILED;
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

/* With the lock. */
static int change(const struct git_file *file, const struct place *place, bool remove,
		  struct err *err)
{
	int error = check_unchanged(file, err);

	if (!error && remove && unlinkat(place->folder, place->name, 0) < 0)
		error = complain(place, err);
	if (!error && !remove &&
	    renameat(place->folder, place->lock, place->folder, place->name) < 0)
		error = complain(place, err);
	if (!error && sync_folder(place) < 0)
		error = complain(place, err);
	return error;
}

static int replace(const struct git_file *file, const struct place *place,
		   const struct buf *text, bool remove, struct err *err)
{
	struct guest_file fresh;
	int error = guest_file_write(place->folder, place->name, buf_text(text), text->size,
				     &fresh, err);
	CLOSED int fd = error ? -1 : fresh.fd;

	if (error)
		return err_set(err, code_of((enum err_code)error),
			       "could not change '%s': it cannot be written%s", place->path,
			       error == ERR_NO_SPACE    ? ": No space left on device"
			       : error == ERR_READ_ONLY ? ": Read-only file system"
							: "");
	if (fchmod(fd, (mode_t)file->mode) < 0 || fsync(fd) < 0 || sync_folder(place) < 0)
		error = complain(place, err);
	if (!error)
		error = take_lock(place, &fresh, err);
	if (!error)
		error = change(file, place, remove && text->size == 0, err);
	drop_lock(place, fresh.name, fd);
	return error;
}

int git_file_write(struct git_file *file, const struct buf *text, bool remove, struct err *err)
{
	CLEANUP(place_release) struct place place = {.folder = -1};
	int error = buf_failed(text) ? err_no_memory(err) : find_place(file, &place, err);

	if (error)
		return error;
	error = replace(file, &place, text, remove, err);
	if (error)
		return error;
	file->exists = !(remove && text->size == 0);
	buf_clear(&file->text);
	buf_add(&file->text, buf_text(text), text->size);
	return buf_failed(&file->text) ? err_no_memory(err) : 0;
}
