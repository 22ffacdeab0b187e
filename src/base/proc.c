/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/paths.h"

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec/hftoken"
#endif

extern char **environ;

struct pipe_pair {
	int read;
	int write;
};

static void close_pair(struct pipe_pair *pair)
{
	cleanup_close(&pair->read);
	cleanup_close(&pair->write);
}

static int open_pair(struct pipe_pair *ret)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	ret->read = ends[0];
	ret->write = ends[1];
	return 0;
}

static int spawn(pid_t *ret, const char *path, const char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t usual;
	int error;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	/* We ignore SIGPIPE, but a child should die of it as its author expects. */
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attributes, &usual);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
#ifdef __GLIBC__
	/* Our own descriptors close by themselves; this is for those we were handed. */
	if (!error)
		error = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
	if (!error)
		/* POSIX keeps the old prototype, and promises to change nothing. */
		error = posix_spawnp(ret, path, &actions, &attributes,
				     (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

int proc_start(struct proc *ret, const char *path, const char *const argv[], struct err *err)
{
	CLEANUP(close_pair) struct pipe_pair in = {-1, -1};
	CLEANUP(close_pair) struct pipe_pair out = {-1, -1};
	pid_t pid;
	int error;

	if (open_pair(&in) < 0 || open_pair(&out) < 0)
		return err_errno(err, "cannot make a pipe");
	error = spawn(&pid, path, argv, in.read, out.write);
	if (error) {
		errno = error;
		return err_errno(err, "cannot start '%s'", path);
	}
	*ret = (struct proc) {
		.pid = pid, .in = steal_fd(&in.write), .out = steal_fd(&out.read)};
	return 0;
}

/* Waits for the child's end by its descriptor; before Linux 5.3, by looking again and again. */
static bool wait_for_end(pid_t pid, deadline_ms deadline)
{
	CLOSED int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = {.fd = fd, .events = POLLIN};

	if (fd < 0)
		deadline_sleep(deadline, 2);
	else
		(void)poll(&end, 1, deadline_left(deadline)); /* the caller looks what it was */
	return deadline_left(deadline) != 0;
}

static bool wait_until(pid_t pid, deadline_ms deadline, int *ret_status)
{
	bool in_time = true;

	for (;;) {
		int status = 0;
		pid_t got = waitpid(pid, &status, deadline == NO_DEADLINE ? 0 : WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR)) {
			/* Without a status it may have failed for all we know. */
			*ret_status = got == pid ? status : W_EXITCODE(255, 0);
			return true;
		}
		if (!in_time)
			return false;
		in_time = got < 0 || wait_for_end(pid, deadline);
	}
}

static void kill_and_reap(struct proc *proc)
{
	int status;

	(void)kill(proc->pid, SIGKILL);
	(void)wait_until(proc->pid, NO_DEADLINE, &status);
}

/* proc_pid_stat(5): the state is the third word, and the second is in parentheses, whatever it holds. */
bool proc_is_runnable(const struct proc *proc)
{
	char path[32];
	char text[64];
	const char *end;
	ssize_t size;
	CLOSED int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)proc->pid);
	fd = proc->pid ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[size > 0 ? size : 0] = '\0';
	end = strrchr(text, ')');
	return end && strncmp(end, ") R ", 4) == 0;
}

void proc_kill(struct proc *proc)
{
	cleanup_close(&proc->in);
	cleanup_close(&proc->out);
	if (proc->pid > 0)
		kill_and_reap(proc);
	proc->pid = 0;
}

int proc_end(struct proc *proc, deadline_ms deadline, int *ret_status, struct err *err)
{
	int status = 0;
	bool ended;

	cleanup_close(&proc->in);
	cleanup_close(&proc->out);
	if (proc->pid <= 0)
		return 0;
	ended = wait_until(proc->pid, deadline, &status);
	if (!ended)
		kill_and_reap(proc);
	proc->pid = 0;
	if (!ended)
		return err_set(err, ERR_TIMED_OUT, "program did not end in time");
	if (ret_status)
		*ret_status = status;
	return 0;
}

int proc_output(const char *path, const char *const argv[], size_t max, deadline_ms deadline,
		struct buf *ret, int *ret_exit, struct err *err)
{
	CLEANUP(proc_kill) struct proc proc = PROC_NONE;
	AUTOSECRET struct secret text = {0};
	int status = 0;
	int error = proc_start(&proc, path, argv, err);

	if (error)
		return error;
	cleanup_close(&proc.in);
	error = io_read_all(proc.out, &text, max, deadline, err);
	if (!error)
		error = proc_end(&proc, deadline, &status, err);
	if (error)
		return err_context(err, "'%s'", path);
	if (!WIFEXITED(status))
		return err_set(err, ERR_FAILED, "'%s' was ended by signal %d", path,
			       WTERMSIG(status));
	buf_add(ret, secret_text(&text), text.size);
	if (buf_failed(ret))
		return err_no_memory(err);
	*ret_exit = WEXITSTATUS(status);
	return 0;
}

/* Where libexec is, seen from the folder of a program in bin, and of one in libexec itself. */
static char *beside_us(const char *name)
{
	static const char *const ways[] = {"/../libexec/hftoken/", "/"};
	char self[4096];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[size > 0 ? size : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		char *path;

		if (asprintf(&path, "%s%s%s", self, ways[i], name) < 0)
			return NULL;
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

int proc_helper_path(const char *name, char **ret, struct err *err)
{
	char *path = beside_us(name);

	if (!path) {
		path = path_join(LIBEXECDIR, name);
		if (!path)
			return err_no_memory(err);
	}
	if (access(path, X_OK) < 0) {
		err_set(err, ERR_UNAVAILABLE, "program '%s' is not installed", name);
		free(path);
		return ERR_UNAVAILABLE;
	}
	*ret = path;
	return 0;
}
