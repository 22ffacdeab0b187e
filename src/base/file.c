/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/text.h"

#define NAME_SIZE 128

static int unsafe(struct err *err, const char *what, const char *name)
{
	return err_set(err, ERR_UNSAFE, "'%s' %s", name, what);
}

/* So that a new folder outlives a power cut. Best effort: not every parent may be opened. */
static void sync_parent(char *path)
{
	char *slash = strrchr(path, '/');
	CLOSED int fd = -1;

	if (!slash || slash == path)
		return;
	*slash = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (fd >= 0)
		(void)fsync(fd);
}

/* mkdir -p with mode 0700 for each folder that is made. */
static int make_folders(const char *path, struct err *err)
{
	AUTOFREE char *copy = strdup(path);

	if (!copy)
		return err_no_memory(err);
	for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(copy, 0700) == 0)
			sync_parent(copy);
		else if (errno != EEXIST)
			return err_errno(err, "cannot make folder '%s'", copy);
		if (!slash)
			return 0;
		*slash = '/';
	}
}

static int check_folder(int fd, const char *path, struct err *err)
{
	AUTOBUF struct buf quoted = {0};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_errno(err, "cannot look at folder '%s'", path);
	if (status.st_uid != geteuid()) {
		unsafe(err, "belongs to another user", path);
		return err_hint(err, "run hftoken as that user, or set XDG_DATA_HOME");
	}
	if (status.st_mode & (S_IWGRP | S_IWOTH)) {
		unsafe(err, "can be changed by other users", path);
		text_quote(&quoted, path);
		return err_hint(err, "chmod 700 %s", buf_text(&quoted));
	}
	return 0;
}

/* 0 if it is not there; else what is there, which leads to no folder. */
static int check_missing(const char *path, bool ours, struct err *err)
{
	struct stat status;
	struct stat leads_to;

	if (lstat(path, &status) < 0)
		return 0;
	if (S_ISLNK(status.st_mode) &&
	    (stat(path, &leads_to) < 0 || !S_ISDIR(leads_to.st_mode))) {
		err_set(err, ERR_UNAVAILABLE, "'%s' is a link that leads to no folder", path);
		return err_hint(err, "is what it leads to on a disk that is not mounted?");
	}
	if (ours && !S_ISLNK(status.st_mode) && !S_ISDIR(status.st_mode))
		return unsafe(err, "is not a folder", path);
	return 0;
}

/*
 * A folder that cannot be opened because something else is in its place, or in that of a parent, is
 * not one that was never made. A home that is not there is another matter: nothing of ours is. A daemon
 * has /dev/null for a home, and a variable can name that too.
 */
static int explain_missing(const char *path, struct err *err)
{
	AUTOFREE char *copy = strdup(path);
	const char *home = path_home();
	size_t stop = home && text_starts_with(path, home) ? strlen(home) : 0;
	bool ours = true;
	int error = 0;

	for (char *end = copy ? copy + strlen(copy) : NULL; end && !error;
	     end = strrchr(copy, '/')) {
		*end = '\0';
		if ((size_t)(end - copy) <= stop)
			return 0;
		error = check_missing(copy, ours, err);
		ours = stop > 0; /* below the home directory */
	}
	return error;
}

int folder_open(const char *path, enum folder_flags flags, int *ret_fd, struct err *err)
{
	CLOSED int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int number = errno;
	int error;

	if (fd < 0 && (number == ENOENT || number == ENOTDIR)) {
		error = explain_missing(path, err);
		if (error)
			return error;
		errno = number;
	}
	if (fd < 0 && errno == ENOENT && flags == FOLDER_CREATE) {
		error = make_folders(path, err);
		if (error)
			return error;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(err, "cannot open folder '%s'", path);
	error = check_folder(fd, path, err);
	if (error)
		return error;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int folder_look(const char *path, int *ret_fd, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
		return err_errno(err, "cannot open folder '%s'", path);
	*ret_fd = fd;
	return 0;
}

static int check_file(const struct stat *status, const char *name, enum file_flags flags,
		      struct err *err)
{
	mode_t forbidden = flags == FILE_PRIVATE ? 077 : (S_IWGRP | S_IWOTH);

	if (!S_ISREG(status->st_mode))
		return unsafe(err, "is not a regular file", name);
	if (status->st_uid != geteuid() && !(flags == FILE_PUBLIC && status->st_uid == 0))
		return unsafe(err, "belongs to another user", name);
	if (status->st_mode & forbidden) {
		unsafe(err,
		       flags == FILE_PRIVATE ? "can be read or changed by other users"
					     : "can be changed by other users",
		       name);
		return err_hint(err, "make sure that nobody has, then chmod 600 it");
	}
	return 0;
}

int file_open(int folder, const char *name, enum file_flags flags, size_t max, int *ret_fd,
	      size_t *ret_size, struct err *err)
{
	/* Settings may be links into somebody's dotfiles; what they lead to is checked all the same. */
	int follow = flags == FILE_PUBLIC ? 0 : O_NOFOLLOW;
	CLOSED int fd = openat(folder, name,
			       O_RDONLY | follow | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	int error;

	if (fd < 0 && errno == ELOOP)
		return unsafe(err, "is a symbolic link", name);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", name);
	if (fstat(fd, &status) < 0)
		return err_errno(err, "cannot look at '%s'", name);
	error = check_file(&status, name, flags, err);
	if (error)
		return error;
	if ((uintmax_t)status.st_size > max)
		return err_set(err, ERR_DAMAGED, "'%s' is larger than it can be", name);
	*ret_size = (size_t)status.st_size;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int file_read_exactly(int fd, void *ret, size_t size, struct err *err)
{
	size_t position = 0;

	while (position < size) {
		ssize_t count = pread(fd, (char *)ret + position, size - position,
				      (off_t)position);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return err_errno(err, "cannot read");
		if (count == 0)
			return err_set(err, ERR_DAMAGED,
				       "file became shorter while it was read");
		position += (size_t)count;
	}
	return 0;
}

int file_read(int folder, const char *name, enum file_flags flags, size_t max, struct buf *ret,
	      struct err *err)
{
	CLOSED int fd = -1;
	size_t size;
	int error = file_open(folder, name, flags, max, &fd, &size, err);

	if (error)
		return error;
	if (!buf_reserve(ret, size))
		return err_no_memory(err);
	error = file_read_exactly(fd, ret->data + ret->size, size, err);
	if (error)
		return err_context(err, "'%s'", name);
	ret->size += size;
	ret->data[ret->size] = '\0';
	return 0;
}

/* A new file under the temporary name, complete and on the disk. */
static int write_new(int folder, const char *name, const void *data, size_t size,
		     struct err *err)
{
	CLOSED int fd = -1;
	int error;

	if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove old '%s'", name);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot create '%s'", name);
	error = io_write_all(fd, data, size, NO_DEADLINE, err);
	if (error)
		return err_context(err, "'%s'", name);
	if (fsync(fd) < 0)
		return err_errno(err, "cannot save '%s'", name);
	if (close(steal_fd(&fd)) < 0)
		return err_errno(err, "cannot save '%s'", name);
	return 0;
}

/* A cut name would be another file's. */
static int name_beside(const char *name, const char *ending, char ret[NAME_SIZE],
		       struct err *err)
{
	int size = snprintf(ret, NAME_SIZE, "%s%s", name, ending);

	if (size >= 0 && size < NAME_SIZE)
		return 0;
	return err_set(err, ERR_USAGE, "the name '%.40s...' is too long", name);
}

/* Best effort: a file system without hard links has no previous version, but works. */
static void keep_previous(int folder, const char *name)
{
	char previous[NAME_SIZE];

	if (name_beside(name, ".prev", previous, NULL))
		return;
	(void)unlinkat(folder, previous, 0);
	if (linkat(folder, name, folder, previous, 0) < 0)
		return;
}

int file_replace(int folder, const char *name, const void *data, size_t size,
		 enum replace_flags flags, struct err *err)
{
	char fresh[NAME_SIZE];
	int error = name_beside(name, ".new", fresh, err);

	if (error)
		return error;
	error = write_new(folder, fresh, data, size, err);
	if (error) {
		(void)unlinkat(folder, fresh, 0);
		return error;
	}
	if (flags == REPLACE_KEEP_PREVIOUS)
		keep_previous(folder, name);
	if (renameat(folder, fresh, folder, name) < 0) {
		error = err_errno(err, "cannot replace '%s'", name);
		(void)unlinkat(folder, fresh, 0);
		return error;
	}
	if (fsync(folder) < 0)
		return err_errno(err, "cannot save the folder of '%s'", name);
	return 0;
}

int file_remove(int folder, const char *name, struct err *err)
{
	if (unlinkat(folder, name, 0) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "cannot remove '%s'", name);
	if (fsync(folder) < 0)
		return err_errno(err, "cannot save the folder of '%s'", name);
	return 0;
}

enum lock_result { LOCK_TAKEN, LOCK_HELD, LOCK_FAILED };

/*
 * Locks of the open file description where the file system has them (they do not vanish when some
 * other descriptor of the file is closed), flock(2) where it has only those.
 */
static enum lock_result try_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return LOCK_TAKEN;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return LOCK_HELD;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return LOCK_TAKEN;
	return errno == EWOULDBLOCK || errno == EINTR ? LOCK_HELD : LOCK_FAILED;
}

/* The holder writes its process id into the lock file, as news for those who wait. */
static void read_holder(int fd, char ret[32])
{
	ssize_t size = pread(fd, ret, 31, 0);
	char *end;

	ret[size > 0 ? size : 0] = '\0';
	end = strchr(ret, '\n');
	if (end)
		*end = '\0';
}

static void write_holder(int fd)
{
	char holder[32];
	int size = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());

	/* Only news: on a full disk the lock works without it. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, holder, (size_t)size, 0) < 0)
		return;
}

static int wait_for_lock(int fd, const char *name, struct err *err)
{
	deadline_ms deadline = deadline_in(LOCK_WAIT_MS);
	char holder[32] = "";
	int pause = 1;

	for (;;) {
		enum lock_result result = try_lock(fd);
		char now[32];

		if (result == LOCK_TAKEN)
			return 0;
		if (result == LOCK_FAILED)
			return err_set(
				err, ERR_UNAVAILABLE,
				"this file system cannot lock '%s', so nothing is written",
				name);
		read_holder(fd, now);
		if (strcmp(now, holder) != 0) {
			(void)text_copy(holder, sizeof(holder), now);
			deadline = deadline_in(LOCK_WAIT_MS);
		}
		if (deadline_left(deadline) == 0) {
			err_set(err, ERR_BUSY, "another hftoken is writing");
			return err_hint(err, "try again; process %s holds the lock '%s'",
					holder, name);
		}
		deadline_sleep(deadline, pause);
		if (pause < 16)
			pause *= 2;
	}
}

static int lock_at_once(int fd, const char *name, struct err *err)
{
	if (try_lock(fd) == LOCK_TAKEN)
		return 0;
	return err_set(err, ERR_BUSY, "the lock '%s' is not free", name);
}

static int take_lock(int folder, const char *name, bool wait, int *ret_fd, struct err *err)
{
	CLOSED int fd = openat(folder, name,
			       O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat status;
	struct stat now;
	int error;

	if (fd < 0)
		return err_errno(err, "cannot open lock '%s'", name);
	if (fstat(fd, &status) < 0)
		return err_errno(err, "cannot look at '%s'", name);
	if (!S_ISREG(status.st_mode))
		return unsafe(err, "is not a regular file", name);
	/* The holder's process id is written into it, so it must not be some other file as well. */
	if (status.st_nlink > 1)
		return unsafe(err, "has another name as well", name);
	error = wait ? wait_for_lock(fd, name, err) : lock_at_once(fd, name, err);
	if (error)
		return error;
	if (fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
	    now.st_ino != status.st_ino || now.st_dev != status.st_dev)
		return err_set(err, ERR_BUSY, "the lock '%s' was removed meanwhile; try again",
			       name);
	write_holder(fd);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int file_lock(int folder, const char *name, int *ret_fd, struct err *err)
{
	return take_lock(folder, name, true, ret_fd, err);
}

bool file_is_locked(int folder, const char *name)
{
	CLOSED int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	/* Where there is only flock(2), which cannot be asked without being taken, nobody has it. */
	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int file_try_lock(int folder, const char *name, int *ret_fd, struct err *err)
{
	return take_lock(folder, name, false, ret_fd, err);
}
