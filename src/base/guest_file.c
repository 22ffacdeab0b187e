/* SPDX-License-Identifier: Apache-2.0 */
#include "base/guest_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/text.h"

#define MARK     ".hftoken-"
#define DIGITS   16
#define ROOM     (NAME_MAX + 1)
#define LEFT_MAX 100 /* more are left to the next call */

static const char digits[] = "0123456789abcdef";

/* ---- names ------------------------------------------------------------------------------------ */

static int make_name(const char *name, char ret[ROOM], struct err *err)
{
	uint64_t number;
	int size;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return err_errno(err, "no random numbers");
	size = snprintf(ret, ROOM, ".%s" MARK "%016llx", name, (unsigned long long)number);
	if (size < 0 || size >= ROOM)
		return err_set(err, ERR_USAGE, "the name '%.40s...' is too long", name);
	return 0;
}

static bool is_ours(const char *entry, const char *name)
{
	size_t size = strlen(name);

	return entry[0] == '.' && strncmp(entry + 1, name, size) == 0 &&
	       text_starts_with(entry + 1 + size, MARK) &&
	       strspn(entry + 1 + size + strlen(MARK), digits) == DIGITS &&
	       strlen(entry) == 1 + size + strlen(MARK) + DIGITS;
}

/* ---- what was left behind --------------------------------------------------------------------- */

void guest_file_left(int folder, const char *name, void (*found)(const char *left, void *user),
		     void *user)
{
	/* Not a duplicate: that would share the place that it is read from. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t count = 0;

	if (!entries) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while (count < LEFT_MAX && (entry = readdir(entries)) != NULL) {
		if (!is_ours(entry->d_name, name))
			continue;
		found(entry->d_name, user);
		count++;
	}
	(void)closedir(entries);
}

/* Its writer holds a lock on it, wherever that runs; a dead one's is gone. */
static void remove_left(const char *left, void *user)
{
	int folder = *(const int *)user;
	/* For writing: some file systems lock nothing else. */
	CLOSED int fd = openat(folder, left,
			       O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)unlinkat(folder, left, 0);
}

void guest_file_sweep(int folder, const char *name)
{
	guest_file_left(folder, name, remove_left, &folder);
}

/* ---- writing ---------------------------------------------------------------------------------- */

int guest_file_look_like(int fd, const struct stat *was, struct err *err)
{
	mode_t mode = was->st_mode & 0777;

	/* A group that we cannot give it is let go, and so is what that group might have read. */
	if (fchown(fd, (uid_t)-1, was->st_gid) < 0)
		mode &= ~(mode_t)S_IRWXG;
	if (fchmod(fd, mode) < 0)
		return err_errno(err, "cannot set the mode of the new file");
	return 0;
}

int guest_file_check(int folder, const char *name, const struct stat *was, struct err *err)
{
	struct stat now;

	if (fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_dev == was->st_dev && now.st_ino == was->st_ino &&
	    now.st_size == was->st_size && now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == was->st_mtim.tv_nsec)
		return 0;
	return err_set(err, ERR_BUSY, "'%s' was changed meanwhile", name);
}

/* Stays open, and so locked, until it has its place. */
static int write_fresh(int folder, const char *fresh, const void *data, size_t size,
		       const struct stat *was, int *ret_fd, struct err *err)
{
	CLOSED int fd = openat(folder, fresh,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return err_errno(err, "cannot create '%s'", fresh);
	/* Where the file system has no locks, a sweep removes nothing either. */
	(void)flock(fd, LOCK_EX | LOCK_NB);
	error = io_write_all(fd, data, size, NO_DEADLINE, err);
	if (error)
		err_context(err, "'%s'", fresh);
	if (!error && was)
		error = guest_file_look_like(fd, was, err);
	if (!error && fsync(fd) < 0)
		error = err_errno(err, "cannot save '%s'", fresh);
	if (error) {
		(void)unlinkat(folder, fresh, 0);
		return error;
	}
	*ret_fd = steal_fd(&fd);
	return 0;
}

int guest_file_write(int folder, const char *name, const void *data, size_t size,
		     struct guest_file *ret, struct err *err)
{
	int error = make_name(name, ret->name, err);

	guest_file_sweep(folder, name);
	return error ? error : write_fresh(folder, ret->name, data, size, NULL, &ret->fd, err);
}

static int replace(int folder, const char *name, const void *data, size_t size,
		   const struct stat *was, struct err *err)
{
	CLOSED int fd = -1;
	char fresh[ROOM];
	int error = make_name(name, fresh, err);

	guest_file_sweep(folder, name);
	if (!error)
		error = write_fresh(folder, fresh, data, size, was, &fd, err);
	if (error)
		return error;
	if (was)
		error = guest_file_check(folder, name, was, err);
	if (!error && renameat(folder, fresh, folder, name) < 0)
		error = err_errno(err, "cannot replace '%s'", name);
	if (error) {
		(void)unlinkat(folder, fresh, 0);
		return error;
	}
	if (fsync(folder) < 0)
		return err_errno(err, "cannot save the folder of '%s'", name);
	return 0;
}

int guest_file_replace(int folder, const char *name, const void *data, size_t size,
		       struct err *err)
{
	return replace(folder, name, data, size, NULL, err);
}

int guest_file_rewrite(int folder, const char *name, const void *data, size_t size,
		       const struct stat *was, struct err *err)
{
	return replace(folder, name, data, size, was, err);
}
