/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests share: cmocka and the headers that it wants first, a home of its own for
 * each test, and work in a child process that cannot hang.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/base.h"

#define CHILD_SECONDS 60 /* far more than anything takes */
#define KILLED        1000

static char home[128];

/* A new folder as home, current folder and root of all XDG folders, and nothing else set. */
UNUSED static int enter_home(void **state UNUSED)
{
	static const char *const unset[] = {
		"XDG_CONFIG_HOME", "XDG_DATA_HOME",
		"XDG_STATE_HOME",  "XDG_CACHE_HOME",
		"HF_TOKEN",        "HUGGING_FACE_HUB_TOKEN",
		"HF_ENDPOINT",     "HUGGINGFACE_CO_STAGING",
		"HF_HOME",         "HF_TOKEN_PATH",
		"HF_HUB_OFFLINE",  "HFTOKEN_NAME",
		"HFTOKEN_TRACE",   "NO_COLOR",
		"CLICOLOR_FORCE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(unset); i++)
		(void)unsetenv(unset[i]);
	(void)snprintf(home, sizeof(home), "/tmp/hftoken-unit-XXXXXX");
	return !mkdtemp(home) || chdir(home) || setenv("HOME", home, 1);
}

static int remove_entry(const char *path, const struct stat *status UNUSED, int kind UNUSED,
			struct FTW *place UNUSED)
{
	return remove(path);
}

UNUSED static int leave_home(void **state UNUSED)
{
	return chdir("/") || nftw(home, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

#define in_a_home(test) cmocka_unit_test_setup_teardown(test, enter_home, leave_home)

UNUSED static void write_bytes(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

UNUSED static void write_text(const char *path, const char *text, mode_t mode)
{
	write_bytes(path, text, strlen(text), mode);
}

/* The whole file with a NUL behind it, for the caller to free(). */
UNUSED static char *read_bytes(const char *path, size_t *ret_size)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	data = malloc((size_t)status.st_size + 1);
	assert_non_null(data);
	assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
	data[status.st_size] = '\0';
	if (ret_size)
		*ret_size = (size_t)status.st_size;
	(void)close(fd);
	return data;
}

UNUSED static void assert_file_text(const char *path, const char *text)
{
	char *found = read_bytes(path, NULL);

	assert_string_equal(found, text);
	free(found);
}

UNUSED static void assert_begins(const char *text, const char *beginning)
{
	if (strncmp(text, beginning, strlen(beginning)) != 0)
		fail_msg("'%s' does not begin with '%s'", text, beginning);
}

/* There, an exec is not what it is elsewhere. */
UNUSED static bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/* Starts work in a child, which ends with what it returns (0–255), at the latest by an alarm. */
UNUSED static pid_t start_child(int (*work)(void *user), void *user)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test */
		(void)signal(SIGABRT, SIG_DFL);
		(void)alarm(CHILD_SECONDS);
		_exit(work(user));
	}
	return pid;
}

/* The child's exit status; KILLED and the number of its signal if it did not come to an end. */
UNUSED static int end_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED + WTERMSIG(status);
}

UNUSED static int in_child(int (*work)(void *user), void *user)
{
	return end_child(start_child(work, user));
}
