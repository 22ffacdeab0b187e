/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/program.h"

int run_exec(char *const words[], char *const environment[])
{
	program_restore();
	(void)execvpe(words[0], words, environment);
	return errno;
}

/* ---- in the child ----------------------------------------------------------------------------- */

static void become(char *const words[], char *const environment[], const sigset_t *mask,
		   pid_t parent, int report)
{
	int number;

	/* A program that was started directly would have been killed in our place. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	number = run_exec(words, environment);
	/* Four bytes fit a pipe that nobody has written to. */
	_exit(write(report, &number, sizeof(number)) == sizeof(number) ? 0 : 1);
}

/* ---- in the parent ---------------------------------------------------------------------------- */

/* All that can be held back; not what a fault of our own raises. */
static void hold_signals(sigset_t *ret_held, sigset_t *ret_before)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};

	(void)sigfillset(ret_held);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		(void)sigdelset(ret_held, faults[i]);
	(void)sigprocmask(SIG_BLOCK, ret_held, ret_before);
}

/* Stops as the child has, so that the shell sees its job stop; returns when we are continued. */
static void stop_too(int number)
{
	sigset_t one;

	(void)sigemptyset(&one);
	(void)sigaddset(&one, number);
	(void)raise(number);
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	(void)sigprocmask(SIG_BLOCK, &one, NULL);
}

/*
 * What the kernel sends, for a key or a terminal that is gone, it sends to the whole process group:
 * the child has it already.
 */
static void forward(pid_t child, const siginfo_t *signal)
{
	if (signal->si_signo != SIGCHLD && signal->si_code != SI_KERNEL)
		(void)kill(child, signal->si_signo);
}

static int wait_for(pid_t child, const sigset_t *held)
{
	for (;;) {
		int status = 0;
		siginfo_t signal;
		pid_t got = waitpid(child, &status, WNOHANG | WUNTRACED);

		if (got == child && !WIFSTOPPED(status))
			return status;
		/* Whoever waits for a signal instead may wait for one that was there already. */
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return W_EXITCODE(1, 0);
		if (got == child)
			stop_too(WSTOPSIG(status));
		else if (sigwaitinfo(held, &signal) > 0)
			forward(child, &signal);
	}
}

int run_child(char *const words[], char *const environment[], int *ret_status, int *ret_errno,
	      struct err *err)
{
	pid_t parent = getpid();
	sigset_t held;
	sigset_t before;
	int number = 0;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, "cannot make a pipe");
	hold_signals(&held, &before);
	child = fork();
	if (child == 0)
		become(words, environment, &before, parent, ends[1]);
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		return err_errno(err, "cannot start '%s'", words[0]);
	}
	/* Ends with the child's exec, at the latest with the child. */
	if (read(ends[0], &number, sizeof(number)) != sizeof(number))
		number = 0;
	(void)close(ends[0]);
	*ret_status = wait_for(child, &held);
	*ret_errno = number;
	/* What comes now is for nobody: the work is done, and the file is still to be removed. */
	return 0;
}

void run_end_by_signal(int status)
{
	sigset_t one;

	if (!WIFSIGNALED(status))
		return;
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)sigemptyset(&one);
	(void)sigaddset(&one, WTERMSIG(status));
	(void)raise(WTERMSIG(status));
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
}
