/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests with stores of their own: a store's program is looked for beside the running one, so the
 * test runs as a copy in a folder of its own, named by HFTOKEN_TEST_FOLDER.
 */
#pragma once

#include <sys/sendfile.h>

#include "tests/unit/base/unit.h"

#define COPY "/test"

/* Becomes a copy of this program in a new folder, which is its current one. */
static int become_copy(char **argv)
{
	static char folder[] = "/tmp/hftoken-stores-XXXXXX";
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char path[sizeof(folder) + sizeof(COPY)];
	struct stat status;
	int to;

	if (from < 0 || fstat(from, &status) < 0 || !mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	(void)snprintf(path, sizeof(path), "%s" COPY, folder);
	to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	for (off_t done = 0; done < status.st_size;) {
		if (sendfile(to, from, &done, (size_t)(status.st_size - done)) <= 0)
			return 1;
	}
	(void)close(from);
	if (close(to) < 0 || setenv("HFTOKEN_TEST_FOLDER", folder, 1) < 0)
		return 1;
	(void)execv(path, argv);
	return 1;
}
