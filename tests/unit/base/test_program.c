/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program does first. The environment counts as it was at its start, so the cases run in
 * this program started anew, with the word CHILD.
 */
#include "tests/unit/base/unit.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/program.h"

#define CHILD "child"
#define TOKEN "hf_not_a_real_token"

/* Whether the process's own environment still holds the text. */
static bool environment_holds(const char *text)
{
	static char data[1 << 17];
	int fd = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got;

	if (fd < 0)
		return true;
	while ((got = read(fd, data + size, sizeof(data) - size)) > 0)
		size += (size_t)got;
	(void)close(fd);
	return size == 0 || memmem(data, size, text, strlen(text)) != NULL;
}

/* Whether anything is left of what was taken, in the memory that held it. */
static bool is_kept(void)
{
	const char *held = program_token()->data;
	bool kept;

	program_forget_token();
	kept = program_token()->size || program_variables()[0].value.size ||
	       program_variables()[1].value.size;
	return kept || (held && *held); /* small secrets lie in a pool, which stays mapped */
}

/* Prints the token that was taken, and what is left to be seen of it. */
static int be_the_child(void)
{
	if (program_take_token(NULL))
		return 1;
	(void)printf("%s%s|%s%s%s", secret_text(program_token()),
		     strcmp(program_token_variable(), "HF_TOKEN") == 0 ? "" : " older",
		     getenv("HF_TOKEN") ? "HF_TOKEN " : "",
		     getenv("HUGGING_FACE_HUB_TOKEN") ? "HUGGING_FACE_HUB_TOKEN " : "",
		     environment_holds("real_token") ? "environ " : "");
	return is_kept();
}

/* Starts this program anew with these variables, and reads what it prints. */
static void run_child(const char *const variables[], char *ret, size_t size)
{
	char *const argv[] = {(char *)(uintptr_t) "test_program", (char *)(uintptr_t)CHILD,
			      NULL};
	char *list[8] = {NULL};
	size_t got = 0;
	ssize_t count;
	int ends[2];
	pid_t pid;

	for (size_t i = 0; variables[i]; i++)
		list[i] = (char *)(uintptr_t)variables[i];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(98);
		(void)execve("/proc/self/exe", argv, list);
		_exit(99);
	}
	(void)close(ends[1]);
	while ((count = read(ends[0], ret + got, size - 1 - got)) > 0)
		got += (size_t)count;
	ret[got] = '\0';
	(void)close(ends[0]);
	assert_int_equal(end_child(pid), 0);
}

static void the_token_is_taken_out_of_the_environment(void **state UNUSED)
{
	static const struct {
		const char *variables[4];
		const char *printed;
	} cases[] = {
		{{"A=b"}, "|"},
		{{"HF_TOKEN=" TOKEN, "A=b"}, TOKEN "|"},
		{{"HF_TOKEN= " TOKEN " \r\n"}, TOKEN "|"},
		{{"HF_TOKEN="}, "|"},
		/* the older name, where the other is unset or empty */
		{{"HUGGING_FACE_HUB_TOKEN=" TOKEN}, TOKEN " older|"},
		{{"HF_TOKEN=", "HUGGING_FACE_HUB_TOKEN=" TOKEN}, TOKEN " older|"},
		{{"HUGGING_FACE_HUB_TOKEN=" TOKEN "_old", "HF_TOKEN=" TOKEN}, TOKEN "|"},
		/* white space counts as set, and is no token */
		{{"HF_TOKEN= \n", "HUGGING_FACE_HUB_TOKEN=" TOKEN}, "|"},
		{{"HF_TOKEN= "}, "|"},
	};

	if (under_valgrind())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char printed[256];

		run_child(cases[i].variables, printed, sizeof(printed));
		assert_string_equal(printed, cases[i].printed);
	}
}

static int check_hardened(void *user UNUSED)
{
	struct rlimit core;
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		(void)close(fd);
	(void)umask(0);
	(void)signal(SIGPIPE, SIG_DFL);
	program_harden();
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 1;
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0 || core.rlim_max != 0)
		return 2;
	if (umask(0) != 077)
		return 3;
	if (signal(SIGPIPE, SIG_DFL) != SIG_IGN)
		return 4;
	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			return 5 + fd;
	}
	return fcntl(fd, F_GETFD) < 0 ? 0 : 8;
}

static void a_program_is_hardened(void **state UNUSED)
{
	assert_int_equal(in_child(check_hardened, NULL), 0);
}

static int check_open_descriptors(void *user UNUSED)
{
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)close(before);
	program_harden();
	return open("/dev/null", O_RDONLY | O_CLOEXEC) == before ? 0 : 1;
}

static void open_descriptors_stay_as_they_are(void **state UNUSED)
{
	assert_int_equal(in_child(check_open_descriptors, NULL), 0);
}

/* Else the exit status of every child would be lost, and look like success. */
static int check_children(void *user UNUSED)
{
	(void)signal(SIGCHLD, SIG_IGN);
	program_harden();
	return signal(SIGCHLD, SIG_DFL) == SIG_DFL ? 0 : 1;
}

static void a_parent_that_ignores_its_children_does_not_matter(void **state UNUSED)
{
	assert_int_equal(in_child(check_children, NULL), 0);
}

/* What is exec'ed in our place finds everything as we found it. */
static int check_restored(void *user UNUSED)
{
	struct rlimit before = {0, 4096};
	struct rlimit core;

	if (setrlimit(RLIMIT_CORE, &before) < 0)
		return 1;
	(void)close(STDIN_FILENO);
	(void)umask(027);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)signal(SIGCHLD, SIG_IGN);
	program_harden_for_now();
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0)
		return 1;
	program_restore();
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0 || core.rlim_max != 4096)
		return 2;
	if (umask(0) != 027)
		return 3;
	if (signal(SIGPIPE, SIG_DFL) != SIG_DFL || signal(SIGXFSZ, SIG_DFL) != SIG_DFL ||
	    signal(SIGCHLD, SIG_DFL) != SIG_IGN)
		return 4;
	return fcntl(STDIN_FILENO, F_GETFD) < 0 && fcntl(STDOUT_FILENO, F_GETFD) >= 0 ? 0 : 5;
}

static void what_was_hardened_is_given_back(void **state UNUSED)
{
	assert_int_equal(in_child(check_restored, NULL), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_is_taken_out_of_the_environment),
		cmocka_unit_test(a_program_is_hardened),
		cmocka_unit_test(what_was_hardened_is_given_back),
		cmocka_unit_test(open_descriptors_stay_as_they_are),
		cmocka_unit_test(a_parent_that_ignores_its_children_does_not_matter),
	};

	if (argc == 2 && strcmp(argv[1], CHILD) == 0)
		return be_the_child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
