/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes with a deadline. A child that does not answer is killed; every child is reaped.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "base/io.h"

struct proc {
	pid_t pid; /* 0: none */
	int in;    /* write end of its stdin, -1 if closed */
	int out;   /* read end of its stdout, -1 if closed */
};

#define PROC_NONE                   \
	{                           \
		.in = -1, .out = -1 \
	}

/*
 * Starts a program with pipes as stdin and stdout; it inherits stderr and nothing else. `path`
 * without a slash is looked up in PATH.
 */
int proc_start(struct proc *ret, const char *path, const char *const argv[],
	       struct err *err) MUST_CHECK;

/*
 * Closes the pipes, waits until the deadline, then kills. `ret_status` (may be NULL) is as
 * waitpid(2) gives it; ERR_TIMED_OUT if it had to be killed.
 */
int proc_end(struct proc *proc, deadline_ms deadline, int *ret_status, struct err *err);

/*
 * Whether it would go on if it were given a processor: it is neither asleep nor stopped. False where
 * that cannot be seen.
 */
bool proc_is_runnable(const struct proc *proc);

/* Kills at once. For clean-up; accepts a proc that never started. */
void proc_kill(struct proc *proc);

/*
 * Runs a program to its end with an empty stdin, and gives what it printed (at most `max` bytes)
 * and its exit status. A program ended by a signal is ERR_FAILED. Not for secrets.
 */
int proc_output(const char *path, const char *const argv[], size_t max, deadline_ms deadline,
		struct buf *ret, int *ret_exit, struct err *err) MUST_CHECK;

/*
 * The path of one of our own programs in libexec, for the caller to free(): beside the running
 * program, in an installation as in the build tree, else where it was compiled to be. No variable
 * can change it, since such a program receives secrets.
 */
int proc_helper_path(const char *name, char **ret, struct err *err) MUST_CHECK;
