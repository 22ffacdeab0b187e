/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flight.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

#define LOOK_MS   20
#define FILE_SIZE 96
#define PREFIX    "asking-"

static int open_folder(enum folder_flags mode)
{
	AUTOFREE char *path = NULL;
	int folder = -1;

	if (path_of(PATH_CACHE, &path, NULL) || folder_open(path, mode, &folder, NULL))
		return -1;
	return folder;
}

static void file_of(const char *name, char ret[FILE_SIZE])
{
	(void)snprintf(ret, FILE_SIZE, PREFIX "%.64s", name);
}

/* Whether it is still the file of that name: who had the lock before has removed it. */
static bool is_current(int folder, const char *file, int fd)
{
	struct stat ours;
	struct stat there;

	return fstat(fd, &ours) == 0 &&
	       fstatat(folder, file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* ERR_BUSY while another process has it. */
static int try_lock(int folder, const char *file, int flags, int *ret_fd)
{
	CLOSED int fd = openat(folder, file, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return ERR_FAILED;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? ERR_BUSY : ERR_FAILED;
	}
	if (!is_current(folder, file, fd))
		return ERR_BUSY;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int flight_take(const char *name, deadline_ms deadline)
{
	CLOSED int folder = open_folder(FOLDER_CREATE);
	char file[FILE_SIZE];
	int fd = -1;

	file_of(name, file);
	while (folder >= 0 && try_lock(folder, file, O_CREAT, &fd) == ERR_BUSY) {
		if (deadline_left(deadline) == 0)
			return -1;
		deadline_sleep(deadline, LOOK_MS);
	}
	return fd;
}

/* Removed before the lock is given up: who waits for it sees that, and makes a new one. */
void flight_end(const char *name, int *fd)
{
	CLOSED int folder = *fd < 0 ? -1 : open_folder(FOLDER_READ);
	char file[FILE_SIZE];

	file_of(name, file);
	if (folder >= 0)
		(void)unlinkat(folder, file, 0);
	cleanup_close(fd);
	*fd = -1;
}

static void remove_unheld(int folder, const char *file)
{
	CLOSED int fd = -1;

	if (try_lock(folder, file, 0, &fd) == 0)
		(void)unlinkat(folder, file, 0);
}

void flight_sweep(void)
{
	int folder = open_folder(FOLDER_READ);
	DIR *list = folder < 0 ? NULL : fdopendir(folder);
	const struct dirent *entry;

	if (!list) {
		cleanup_close(&folder);
		return;
	}
	while ((entry = readdir(list)) != NULL) {
		if (text_starts_with(entry->d_name, PREFIX))
			remove_unheld(folder, entry->d_name);
	}
	(void)closedir(list);
}
