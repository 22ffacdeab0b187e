/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "base/file.h"
#include "base/paths.h"

#define LOOK_MS 20

static int open_lock(const char *name)
{
	AUTOFREE char *path = NULL;
	CLOSED int folder = -1;
	char file[96];

	(void)snprintf(file, sizeof(file), "asking-%.64s", name);
	if (path_of(PATH_CACHE, &path, NULL) || folder_open(path, FOLDER_CREATE, &folder, NULL))
		return -1;
	return openat(folder, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int flight_take(const char *name, deadline_ms deadline)
{
	CLOSED int fd = open_lock(name);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK || deadline_left(deadline) == 0)
			return -1;
		deadline_sleep(deadline, LOOK_MS);
	}
	return steal_fd(&fd);
}
