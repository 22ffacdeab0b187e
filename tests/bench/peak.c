/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program and writes to descriptor 3 the peak memory, in KiB, of the largest process among
 * it and those it started; its exit status becomes ours. A small program of its own: a process inherits the peak of the one that
 * it was started from, so a Python that measures would see little but Python.
 */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
	struct rusage usage;
	pid_t pid;
	int status;

	if (argc < 2 || posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ) != 0)
		return 1;
	if (wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) ||
	    dprintf(3, "%ld\n", usage.ru_maxrss) < 0)
		return 1;
	return WEXITSTATUS(status);
}
