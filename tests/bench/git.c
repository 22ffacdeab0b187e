/* SPDX-License-Identifier: Apache-2.0 */
/* A process called git: `git fetch PROGRAM WORD…` starts the program, waits, and ends as it did. */
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

int main(int count, char **words)
{
	pid_t child;
	int status;

	if (count < 3 || posix_spawn(&child, words[2], NULL, NULL, words + 2, environ) != 0 ||
	    waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
