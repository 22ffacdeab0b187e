/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atexit_memory FORMS REPORT PROGRAM [ARGUMENT...]
 *
 * Runs a program, stops it and each process that it starts as they end, and searches all of their
 * memory for secrets. FORMS names a file with a form of a secret in each line, in hexadecimal
 * digits. REPORT gets a line for each process, and one for each area in which a form was found:
 *
 *	process PID PROGRAM BYTES
 *	found PID PROGRAM AREA MODES secret|plain LINE COUNT OFFSET
 *
 * `secret`: the area is left out of core dumps (VmFlags dd). Only root may look into programs that
 * are not dumpable. The exit status is the program's, or 125 if the tool itself failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORMS_MAX 32
#define FORM_MAX  256
#define OWN_ERROR 125

struct form {
	unsigned char bytes[FORM_MAX];
	size_t size;
};

struct area {
	uintmax_t start;
	uintmax_t end;
	char modes[8];
	char name[256];
	bool secret;
};

static struct form forms[FORMS_MAX];
static size_t form_count;
static FILE *report;

static void die(const char *what)
{
	perror(what);
	exit(OWN_ERROR);
}

/* ---- forms -------------------------------------------------------------------------------------- */

static void read_form(const char *line, struct form *ret)
{
	char digits[3] = "";

	while (ret->size < FORM_MAX && line[0] && line[0] != '\n' && line[1]) {
		memcpy(digits, line, 2);
		ret->bytes[ret->size++] = (unsigned char)strtoul(digits, NULL, 16);
		line += 2;
	}
}

static void read_forms(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[2 * FORM_MAX + 2];

	if (!file)
		die(path);
	while (form_count < FORMS_MAX && fgets(line, sizeof(line), file)) {
		read_form(line, &forms[form_count]);
		if (forms[form_count].size)
			form_count++;
	}
	(void)fclose(file);
	if (!form_count) {
		(void)fprintf(stderr, "%s: no forms\n", path);
		exit(OWN_ERROR);
	}
}

/* ---- one process -------------------------------------------------------------------------------- */

static void program_name(pid_t pid, char ret[PATH_MAX])
{
	char link[64];
	ssize_t size;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	size = readlink(link, ret, PATH_MAX - 1);
	ret[size > 0 ? size : 0] = '\0';
}

static void search(pid_t pid, const char *program, const struct area *area,
		   const unsigned char *memory, size_t size)
{
	for (size_t i = 0; i < form_count; i++) {
		const unsigned char *from = memory;
		const unsigned char *first = NULL;
		size_t count = 0;

		while ((from = memmem(from, size - (size_t)(from - memory), forms[i].bytes,
				      forms[i].size)) != NULL) {
			first = first ? first : from;
			count++;
			from++;
		}
		if (first)
			(void)fprintf(report, "found %d %s %s %s %s %zu %zu %zu\n", (int)pid,
				      program, area->name, area->modes,
				      area->secret ? "secret" : "plain", i + 1, count,
				      (size_t)(first - memory));
	}
}

/* Returns how many bytes could be looked at. */
static size_t search_area(pid_t pid, const char *program, int mem, const struct area *area)
{
	size_t size = (size_t)(area->end - area->start);
	unsigned char *memory;
	size_t done = 0;

	/* What a sanitizer maps is larger by far, and no content. */
	if (size > (size_t)1 << 28 || area->modes[0] != 'r')
		return 0;
	memory = malloc(size);
	if (!memory)
		die("memory");
	while (done < size) {
		ssize_t count = pread(mem, memory + done, size - done,
				      (off_t)(area->start + done));

		if (count <= 0)
			break; /* the kernel's own pages, or behind the end of a file */
		done += (size_t)count;
	}
	search(pid, program, area, memory, done);
	free(memory);
	return done;
}

/* The header line of an area in smaps; false for the lines that follow it. */
static bool read_area(const char *line, struct area *ret)
{
	struct area area = {.name = "anonymous"};

	if (sscanf(line, "%jx-%jx %7s %*s %*s %*s %255s", &area.start, &area.end, area.modes,
		   area.name) < 3)
		return false;
	*ret = area;
	return true;
}

static void search_process(pid_t pid)
{
	char path[64];
	char line[PATH_MAX + 128];
	char program[PATH_MAX];
	struct area area;
	size_t bytes = 0;
	FILE *areas;
	int mem;

	program_name(pid, program);
	(void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	areas = fopen(path, "re");
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (!areas || mem < 0)
		die(path);
	while (fgets(line, sizeof(line), areas)) {
		if (read_area(line, &area) || strncmp(line, "VmFlags:", 8) != 0)
			continue;
		area.secret = strstr(line, " dd") != NULL;
		bytes += search_area(pid, program, mem, &area);
	}
	(void)fclose(areas);
	(void)close(mem);
	(void)fprintf(report, "process %d %s %zu\n", (int)pid, program, bytes);
}

/* ---- all of them -------------------------------------------------------------------------------- */

static pid_t start(char *argv[])
{
	int go[2];
	pid_t pid;
	char byte = 0;

	if (pipe2(go, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (read(go[0], &byte, 1) == 1)
			(void)execv(argv[0], argv);
		_exit(OWN_ERROR);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) < 0)
		die("ptrace");
	if (write(go[1], &byte, 1) != 1)
		die("pipe");
	return pid;
}

/* The signal that the stopped process is to get. */
static int look_at(pid_t pid, int status)
{
	int event = status >> 16;

	if (event == PTRACE_EVENT_EXIT)
		search_process(pid);
	return event ? 0 : WSTOPSIG(status);
}

static int follow(pid_t first)
{
	int result = OWN_ERROR;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(status))
			(void)ptrace(PTRACE_CONT, pid, NULL,
				     (void *)(intptr_t)look_at(pid, status));
		else if (pid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status)
						   : 128 + WTERMSIG(status);
	}
	return result;
}

int main(int argc, char *argv[])
{
	int result;

	if (argc < 4) {
		(void)fprintf(stderr,
			      "usage: atexit_memory FORMS REPORT PROGRAM [ARGUMENT...]\n");
		return OWN_ERROR;
	}
	read_forms(argv[1]);
	report = fopen(argv[2], "ae");
	if (!report)
		die(argv[2]);
	result = follow(start(&argv[3]));
	if (fclose(report) != 0)
		die(argv[2]);
	return result;
}
