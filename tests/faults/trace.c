/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "base/base.h"

#define TASKS_MAX 64
#define CANNOT    125 /* as env(1) and timeout(1) have it: the fault is ours */

static struct task tasks[TASKS_MAX];
static volatile sig_atomic_t late;

static _Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
	trace_kill_all();
	_exit(CANNOT);
}

/* ---- the one place that knows a processor ------------------------------------------------------ */

#if defined(__x86_64__)
static unsigned long long *argument(struct user_regs_struct *regs, int position)
{
	unsigned long long *all[] = {&regs->rdi, &regs->rsi, &regs->rdx,
				     &regs->r10, &regs->r8,  &regs->r9};

	return all[position];
}

static void get_regs(const struct task *task, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_GETREGS, task->pid, NULL, regs) < 0 && errno != ESRCH)
		give_up("cannot read registers");
}

static void set_regs(const struct task *task, const struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, task->pid, NULL, regs) < 0 && errno != ESRCH)
		give_up("cannot write registers");
}

static void skip_call(const struct task *task)
{
	struct user_regs_struct regs = {0};

	get_regs(task, &regs);
	regs.orig_rax = (unsigned long long)-1;
	set_regs(task, &regs);
}

static void set_result(const struct task *task, int64_t result)
{
	struct user_regs_struct regs = {0};

	get_regs(task, &regs);
	regs.rax = (unsigned long long)result;
	set_regs(task, &regs);
}

void trace_set_argument(struct task *task, int position, uint64_t value)
{
	struct user_regs_struct regs = {0};

	get_regs(task, &regs);
	*argument(&regs, position) = value;
	set_regs(task, &regs);
	task->args[position] = value;
}
#else
#error "the registers of this processor are not described yet"
#endif

/* ---- processes --------------------------------------------------------------------------------- */

static struct task *find_task(pid_t pid)
{
	for (size_t i = 0; i < TASKS_MAX; i++) {
		if (tasks[i].pid == pid)
			return &tasks[i];
	}
	return NULL;
}

static struct task *add_task(pid_t pid)
{
	struct task *task = find_task(0);

	if (!task) {
		errno = EAGAIN;
		give_up("too many processes");
	}
	*task = (struct task) {.pid = pid};
	return task;
}

static void resume(struct task *task, int signal)
{
	if (ptrace(PTRACE_SYSCALL, task->pid, NULL, (uintptr_t)signal) < 0 && errno != ESRCH)
		give_up("cannot go on");
}

void trace_kill(const struct task *task)
{
	skip_call(task);
	(void)kill(task->pid, SIGKILL);
}

void trace_kill_all(void)
{
	for (size_t i = 0; i < TASKS_MAX; i++) {
		if (tasks[i].pid)
			(void)kill(tasks[i].pid, SIGKILL);
	}
}

void trace_refuse(struct task *task, int64_t answer)
{
	skip_call(task);
	trace_deny(task, answer);
}

void trace_deny(struct task *task, int64_t answer)
{
	task->has_answer = true;
	task->answer = answer;
}

/* ---- stops ------------------------------------------------------------------------------------- */

static bool begins_ours(const struct task *task)
{
	return task->number == SYS_prctl && task->args[0] == PR_SET_DUMPABLE;
}

static void at_entry(struct task *task, const struct __ptrace_syscall_info *info,
		     const struct watcher *watcher)
{
	task->number = info->entry.nr;
	for (size_t i = 0; i < ARRAY_SIZE(task->args); i++)
		task->args[i] = info->entry.args[i];
	if (task->counts && watcher->entry)
		watcher->entry(task);
	if (!begins_ours(task))
		return;
	task->counts = true;
	/* What cannot be dumped cannot be read by us either, unless we are root. */
	trace_set_argument(task, 1, 1);
}

static void at_exit(struct task *task, const struct __ptrace_syscall_info *info,
		    const struct watcher *watcher)
{
	int64_t result = info->exit.rval;

	if (task->has_answer)
		set_result(task, task->answer);
	task->has_answer = false;
	if (task->counts && watcher->exit)
		watcher->exit(task, result);
}

static void at_call(struct task *task, const struct watcher *watcher)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) < 0) {
		if (errno != ESRCH)
			give_up("cannot look at a call");
		return;
	}
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		at_entry(task, &info, watcher);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		at_exit(task, &info, watcher);
}

/* The child is what its parent is, until it becomes another program. */
static void at_fork(const struct task *parent)
{
	unsigned long pid = 0;
	struct task *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	child = find_task((pid_t)pid);
	if (!child)
		child = add_task((pid_t)pid);
	child->counts = parent->counts;
	if (child->held)
		resume(child, 0);
	child->held = false;
}

static void at_stop(pid_t pid, int status, const struct watcher *watcher)
{
	struct task *task = find_task(pid);
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (!task) { /* its parent's stop comes later */
		add_task(pid)->held = true;
		return;
	}
	if (signal == (SIGTRAP | 0x80)) {
		at_call(task, watcher);
		signal = 0;
	} else if (event) {
		if (event == PTRACE_EVENT_EXEC)
			task->counts = false;
		else if (event != PTRACE_EVENT_STOP)
			at_fork(task);
		signal = 0;
	}
	resume(task, signal);
}

static int watch(pid_t first, const struct watcher *watcher)
{
	int result = 0;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return result;
		if (WIFSTOPPED(status)) {
			at_stop(pid, status, watcher);
			continue;
		}
		if (pid == first)
			result = status;
		if (find_task(pid))
			find_task(pid)->pid = 0;
	}
}

static void at_alarm(int signal)
{
	(void)signal;
	late = 1;
	trace_kill_all();
}

/* The child waits for a byte, so that we hold it before it becomes the command. */
static pid_t start(char **command)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int gate[2];
	pid_t pid;
	char go = 0;

	if (pipe2(gate, O_CLOEXEC) < 0)
		give_up("cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		if (read(gate[0], &go, 1) == 1)
			(void)execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, options) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		give_up("cannot trace");
	(void)add_task(pid);
	if (write(gate[1], &go, 1) != 1)
		give_up("cannot start");
	(void)close(gate[0]);
	(void)close(gate[1]);
	return pid;
}

int trace_run(char **command, int seconds, const struct watcher *watcher, bool *ret_late)
{
	const struct sigaction action = {.sa_handler = at_alarm};
	pid_t pid = start(command);
	int status;

	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm((unsigned)seconds);
	status = watch(pid, watcher);
	*ret_late = late;
	return status;
}
