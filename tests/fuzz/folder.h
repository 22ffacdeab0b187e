/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A settings folder of its own for a harness, for as long as it runs.
 */
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static char folder_path[64] = "/dev/shm/hftoken-fuzz-XXXXXX"; /* in memory: nothing to sync */
static int folder = -1;

/* The files that are in it. */
static const char *const folder_names[] = {"settings", "settings.lock", "rules", "rules.lock"};

static void folder_remove(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(folder_names); i++)
		(void)unlinkat(folder, folder_names[i], 0);
	(void)unlinkat(folder, "../hftoken", AT_REMOVEDIR);
	(void)rmdir(folder_path);
}

/* Makes it, the first time. */
static inline void folder_make(void)
{
	char inner[sizeof(folder_path) + 8];

	if (folder >= 0)
		return;
	if (access("/dev/shm", W_OK) < 0)
		(void)text_copy(folder_path, sizeof(folder_path), "/tmp/hftoken-fuzz-XXXXXX");
	CHECK(mkdtemp(folder_path) && setenv("XDG_CONFIG_HOME", folder_path, 1) == 0);
	(void)snprintf(inner, sizeof(inner), "%s/hftoken", folder_path);
	CHECK(mkdir(inner, 0700) == 0);
	folder = open(inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0);
	(void)atexit(folder_remove);
}

static inline void folder_write(const char *name, const void *data, size_t size)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
}
