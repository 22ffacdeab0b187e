/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

#define SHARED_MEMORY "/dev/shm"
#define TOKEN_NAME    "token"
#define PREFIX        "run-"
#define ENTRIES_MAX   1000 /* looked at in one folder */
#define TRIES_MAX     8
#define WRITE_MS      5000

/* ---- where ------------------------------------------------------------------------------------ */

static bool is_in_memory(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && ((unsigned long)status.f_type == TMPFS_MAGIC ||
					      (unsigned long)status.f_type == RAMFS_MAGIC);
}

/* The folder for all of them in the first place or the second; NULL if it is not in memory. */
static char *base_path(int place)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *path = NULL;

	if (place == 0)
		return runtime && *runtime == '/' && is_in_memory(runtime)
			       ? path_join(runtime, "hftoken")
			       : NULL;
	if (!is_in_memory(SHARED_MEMORY) ||
	    asprintf(&path, SHARED_MEMORY "/hftoken-%u", (unsigned)geteuid()) < 0)
		return NULL;
	return path;
}

static int open_base(struct run_file *ret, char **ret_path, struct err *err)
{
	struct err cause = {0};

	for (int place = 0; place < 2; place++) {
		AUTOFREE char *path = base_path(place);

		if (!path || folder_open(path, FOLDER_CREATE, &ret->base, &cause))
			continue;
		*ret_path = path;
		path = NULL;
		return 0;
	}
	err_set(err, ERR_UNAVAILABLE, "there is no place in memory for a file%s%s",
		*cause.message ? ": " : "", cause.message);
	return err_hint(err, "--via env hands the token over in a variable");
}

/* ---- sweeping --------------------------------------------------------------------------------- */

/* Removes the files in a folder of ours; folders in it are not looked into. */
static void empty(int folder)
{
	CLOSED int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!entries)
		return;
	(void)steal_fd(&copy); /* the stream's now */
	for (int i = 0; i < ENTRIES_MAX && (entry = readdir(entries)) != NULL; i++) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(folder, entry->d_name, 0);
	}
	(void)closedir(entries);
}

/* Whether it is left over: nobody holds it. Without `remove` it stays. */
static bool sweep_one(int base, const char *name, bool remove)
{
	CLOSED int folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) < 0)
		return false;
	if (!remove)
		return true;
	empty(folder);
	(void)unlinkat(base, name, AT_REMOVEDIR);
	return true;
}

static size_t sweep(int base, bool remove)
{
	size_t count = 0;

	CLOSED int copy = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!entries)
		return 0;
	(void)steal_fd(&copy);
	for (int i = 0; i < ENTRIES_MAX && (entry = readdir(entries)) != NULL; i++) {
		if (text_starts_with(entry->d_name, PREFIX))
			count += sweep_one(base, entry->d_name, remove);
	}
	(void)closedir(entries);
	return count;
}

static size_t sweep_both(bool remove)
{
	size_t count = 0;

	for (int place = 0; place < 2; place++) {
		AUTOFREE char *path = base_path(place);
		CLOSED int base = -1;

		if (path && !folder_open(path, FOLDER_READ, &base, NULL))
			count += sweep(base, remove);
	}
	return count;
}

void run_file_sweep(void)
{
	(void)sweep_both(true);
}

size_t run_file_left(void)
{
	return sweep_both(false);
}

/* ---- one of our own --------------------------------------------------------------------------- */

/* A sweeper may take a folder for a left-over one in the moment before we hold it: then another. */
static int make_folder(struct run_file *ret, struct err *err)
{
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		CLOSED int folder = -1;
		struct stat status;
		uint64_t number;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return err_errno(err, "cannot choose a name");
		(void)snprintf(ret->name, sizeof(ret->name), PREFIX "%016llx",
			       (unsigned long long)number);
		if (mkdirat(ret->base, ret->name, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			return err_errno(err, "cannot make a folder in memory");
		}
		folder = openat(ret->base, ret->name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) < 0 ||
		    fstat(folder, &status) < 0 || status.st_nlink == 0)
			continue;
		ret->folder = steal_fd(&folder);
		return 0;
	}
	return err_set(err, ERR_BUSY, "cannot keep a folder in memory");
}

static int write_token(const struct run_file *file, const struct secret *secret,
		       struct err *err)
{
	CLOSED int fd = openat(file->folder, TOKEN_NAME,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, "cannot make a file in memory");
	return io_write_all(fd, secret_text(secret), secret->size, deadline_in(WRITE_MS), err);
}

int run_file_make(struct run_file *ret, const struct secret *secret, struct err *err)
{
	AUTOFREE char *path = NULL;
	int error = open_base(ret, &path, err);

	if (!error)
		error = make_folder(ret, err);
	if (!error && asprintf(&ret->path, "%s/%s/" TOKEN_NAME, path, ret->name) < 0) {
		ret->path = NULL;
		error = err_no_memory(err);
	}
	return error ? error : write_token(ret, secret, err);
}

void run_file_close(struct run_file *file)
{
	if (file->folder >= 0) {
		empty(file->folder);
		(void)unlinkat(file->base, file->name, AT_REMOVEDIR);
	}
	cleanup_close(&file->folder);
	cleanup_close(&file->base);
	free(file->path);
	file->path = NULL;
}
