/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in which one system call goes wrong, or one in k, or none:
 *
 *	inject [-f FAULT [-n N | -e K]] [-s SECONDS] [-o REPORT] [-r LOG] COMMAND...
 *
 * -f: which fault (calls.c), counted over the calls of all its processes that can meet it. -e: those
 * are struck as a fixed dice says, since every second call could be the same one for ever. -r: what the command does to files (record.h). The report is one line: how many such calls there were, how
 * many were struck, the last of them, and whether the command had to be killed after SECONDS. The exit
 * status is the command's, 128 and the signal where one has ended it, and 125 where tracing failed.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/base.h"
#include "tests/faults/calls.h"
#include "tests/faults/record.h"
#include "tests/faults/trace.h"

#define SECONDS 30

static struct {
	const struct fault *fault;
	unsigned long at;    /* the n-th, or none */
	unsigned long every; /* one in so many, or none */
	uint64_t dice;
	unsigned long seen;
	unsigned long struck;
	char where[64]; /* CALL in PROGRAM */
	FILE *log;
} plan;

static void note_place(const struct task *task)
{
	char link[64];
	char path[PATH_MAX];
	ssize_t size;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", task->pid);
	size = readlink(link, path, sizeof(path) - 1);
	path[size < 0 ? 0 : size] = '\0';
	(void)snprintf(plan.where, sizeof(plan.where), "%s in %.40s", call_name(task->number),
		       basename(path));
}

static void strike(struct task *task)
{
	int size = call_size_argument(task->number);

	plan.struck++;
	note_place(task);
	switch (plan.fault->effect) {
	case EFFECT_KILL_ALL:
		trace_kill(task);
		trace_kill_all();
		break;
	case EFFECT_KILL_ONE:
		trace_kill(task);
		break;
	case EFFECT_REFUSE:
		trace_refuse(task, -plan.fault->error);
		break;
	case EFFECT_LATE:
		trace_deny(task, -plan.fault->error);
		break;
	case EFFECT_SHORTEN:
		trace_set_argument(task, size, 1);
		break;
	}
}

/* Knuth's linear congruential generator: the same throws each time. */
static bool throw_dice(void)
{
	plan.dice = plan.dice * 6364136223846793005U + 1442695040888963407U;
	return (plan.dice >> 33) % plan.every == 0;
}

static void at_entry(struct task *task)
{
	if (!plan.fault || !call_can_meet(task->number, task->args, plan.fault))
		return;
	plan.seen++;
	if (plan.seen == plan.at || (plan.every && throw_dice()))
		strike(task);
}

static void at_exit(struct task *task, int64_t result)
{
	if (plan.log)
		record_call(plan.log, task, result);
}

static _Noreturn void usage(void)
{
	(void)fputs("usage: inject [-f FAULT [-n N | -e K]] [-s SECONDS] [-o REPORT] [-r LOG] "
		    "COMMAND...\n",
		    stderr);
	exit(2);
}

static FILE *open_output(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		(void)fprintf(stderr, "inject: cannot write '%s': %s\n", path, strerror(errno));
		exit(2);
	}
	return file;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const struct watcher watcher = {at_entry, at_exit};
	FILE *report = NULL;
	int seconds = SECONDS;
	bool late = false;
	int status;
	int option;

	while ((option = getopt(argc, argv, "+f:n:e:s:o:r:")) != -1) {
		if (option == 'f')
			plan.fault = fault_find(optarg);
		else if (option == 'n')
			plan.at = strtoul(optarg, NULL, 10);
		else if (option == 'e')
			plan.every = strtoul(optarg, NULL, 10);
		else if (option == 's')
			seconds = (int)strtol(optarg, NULL, 10);
		else if (option == 'o')
			report = open_output(optarg);
		else if (option == 'r')
			plan.log = open_output(optarg);
		else
			usage();
		if (option == 'f' && !plan.fault)
			usage();
	}
	if (optind == argc)
		usage();
	status = trace_run(argv + optind, seconds, &watcher, &late);
	if (report)
		(void)fprintf(report, "seen=%lu struck=%lu late=%d where=%s\n", plan.seen,
			      plan.struck, late, plan.where);
	if ((report && fclose(report) != 0) || (plan.log && fclose(plan.log) != 0))
		return 125;
	return exit_status(status);
}
