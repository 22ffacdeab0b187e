/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command under ptrace(2), with all processes that it starts, and stops each of them at the
 * entry and the exit of every system call. One command at a time, static or dynamic programs alike.
 *
 * A process counts from the call on with which our programs begin, prctl(PR_SET_DUMPABLE): what
 * came before is the loader's and the C library's. Programs of others never make it, and so are
 * only watched.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct task {
	pid_t pid;
	bool counts;
	bool held;       /* stopped until we know whose child it is */
	bool has_answer; /* at the exit of the call it is in, `answer` is what it returns */
	int64_t answer;
	uint64_t number; /* of that call */
	uint64_t args[6];
};

/* What is to be done at a stop; each may change the call with the functions below. */
struct watcher {
	void (*entry)(struct task *task);
	void (*exit)(struct task *task, int64_t result);
};

/*
 * Returns the command's wait status. After that many seconds all of its processes are killed, and
 * `ret_late` is set. Ends the program with status 125 if tracing is not possible.
 */
int trace_run(char **command, int seconds, const struct watcher *watcher, bool *ret_late);

/* At an entry: the call does nothing, and returns `answer`. */
void trace_refuse(struct task *task, int64_t answer);

/* At an entry: the call is made, and returns `answer` whatever came of it. */
void trace_deny(struct task *task, int64_t answer);

/* At an entry: the call gets another argument. */
void trace_set_argument(struct task *task, int position, uint64_t value);

/* At an entry: the process, or all of them, die before the call is made. */
void trace_kill(const struct task *task);
void trace_kill_all(void);
