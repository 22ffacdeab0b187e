/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <dirent.h>
#include <errno.h>

#include "base/proc.h"

#define SOON 30000 /* milliseconds; nothing here takes as long */

static int run(const char *script, size_t max, int milliseconds, struct buf *output,
	       int *exit_status, struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return proc_output("sh", argv, max, deadline_in(milliseconds), output, exit_status,
			   err);
}

static void assert_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static size_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count;
}

static void output_and_exit_status_are_told(void **state UNUSED)
{
	static const struct {
		const char *script, *output;
		int exit_status;
	} cases[] = {
		{"", "", 0},
		{"echo a; echo b", "a\nb\n", 0},
		{"printf a; exit 3", "a", 3},
		{"exit 255", "", 255},
		{"cat", "", 0}, /* nothing on its stdin */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf output = {0};
		int exit_status = -1;

		assert_int_equal(run(cases[i].script, 100, SOON, &output, &exit_status, NULL),
				 0);
		assert_string_equal(buf_text(&output), cases[i].output);
		assert_int_equal(exit_status, cases[i].exit_status);
	}
	assert_no_children();
}

static void words_are_passed_on_as_they_are(void **state UNUSED)
{
	const char *const argv[] = {"printf", "%s|", "a b", "", "$HOME", "'\"", NULL};
	AUTOBUF struct buf output = {0};
	int exit_status;

	assert_int_equal(proc_output("printf", argv, 100, deadline_in(SOON), &output,
				     &exit_status, NULL),
			 0);
	assert_string_equal(buf_text(&output), "a b||$HOME|'\"|");
}

static void a_program_that_is_not_there_is_not_found(void **state UNUSED)
{
	static const char *const paths[] = {"/no/such/program", "no-such-program-at-all",
					    "./not-here"};
	size_t before = open_descriptors();

	if (under_valgrind()) /* its posix_spawn() never fails */
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *const argv[] = {paths[i], NULL};
		AUTOBUF struct buf output = {0};
		struct err err = {0};
		int exit_status = 4711;

		assert_int_equal(proc_output(paths[i], argv, 100, deadline_in(SOON), &output,
					     &exit_status, &err),
				 ERR_NOT_FOUND);
		assert_non_null(strstr(err.message, paths[i]));
		assert_int_equal(exit_status, 4711);
	}
	assert_no_children();
	assert_int_equal(open_descriptors(), before);
}

static void an_end_by_a_signal_is_a_failure(void **state UNUSED)
{
	AUTOBUF struct buf output = {0};
	struct err err = {0};
	int exit_status = 4711;

	assert_int_equal(run("echo a; kill -TERM $$", 100, SOON, &output, &exit_status, &err),
			 ERR_FAILED);
	assert_non_null(strstr(err.message, "signal 15"));
	assert_int_equal(exit_status, 4711);
	assert_int_equal(output.size, 0);
	assert_no_children();
}

/* Silent; silent with its output closed; talking all the time; deaf to polite signals. */
static void who_is_late_is_killed(void **state UNUSED)
{
	static const char *const scripts[] = {
		"exec sleep 100",
		"exec sleep 100 >&-",
		"while :; do echo x; sleep 0.01; done",
		"trap '' TERM INT HUP; while :; do sleep 0.01; done",
	};
	size_t before = open_descriptors();

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		AUTOBUF struct buf output = {0};
		struct err err = {0};
		int exit_status = 4711;
		deadline_ms started = deadline_in(0);

		assert_int_equal(run(scripts[i], 1000000, 100, &output, &exit_status, &err),
				 ERR_TIMED_OUT);
		assert_int_equal(err.code, ERR_TIMED_OUT);
		assert_int_equal(exit_status, 4711);
		assert_true(deadline_in(0) - started < SOON);
		assert_no_children();
	}
	assert_int_equal(open_descriptors(), before);
}

static void too_much_output_is_refused(void **state UNUSED)
{
	AUTOBUF struct buf output = {0};
	int exit_status = 4711;

	assert_int_equal(run("printf 12345", 5, SOON, &output, &exit_status, NULL), 0);
	assert_string_equal(buf_text(&output), "12345");
	assert_int_equal(run("printf 123456", 5, SOON, &output, &exit_status, NULL),
			 ERR_FORMAT);
	assert_int_equal(run("exec yes", 100000, SOON, &output, &exit_status, NULL),
			 ERR_FORMAT);
	assert_string_equal(buf_text(&output), "12345");
	assert_no_children();
}

static void a_conversation_has_two_pipes(void **state UNUSED)
{
	const char *const argv[] = {"cat", NULL};
	CLEANUP(proc_kill) struct proc proc = PROC_NONE;
	AUTOSECRET struct secret answer = {0};
	int status = -1;

	assert_int_equal(proc_start(&proc, "cat", argv, NULL), 0);
	assert_true(proc.pid > 0);
	assert_int_equal(fcntl(proc.in, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(proc.out, F_GETFD), FD_CLOEXEC);
	assert_int_equal(io_write_all(proc.in, "a=b\n\n", 5, deadline_in(SOON), NULL), 0);
	assert_int_equal(io_read_message(proc.out, &answer, 100, deadline_in(SOON), NULL), 0);
	assert_string_equal(secret_text(&answer), "a=b\n\n");
	assert_int_equal(proc_end(&proc, deadline_in(SOON), &status, NULL), 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(proc.pid, 0);
	assert_int_equal(proc.in, -1);
	assert_int_equal(proc.out, -1);
	assert_no_children();
}

static void ending_waits_until_the_deadline_only(void **state UNUSED)
{
	const char *const argv[] = {"sleep", "100", NULL};
	struct proc proc = PROC_NONE;
	int status = 4711;

	assert_int_equal(proc_start(&proc, "sleep", argv, NULL), 0);
	assert_int_equal(proc_end(&proc, deadline_in(50), &status, NULL), ERR_TIMED_OUT);
	assert_int_equal(status, 4711);
	assert_no_children();
	assert_int_equal(proc_end(&proc, deadline_in(50), &status, NULL), 0);
}

static void who_waits_is_told_from_who_works(void **state UNUSED)
{
	static const struct {
		const char *work;
		bool runnable;
	} cases[] = {{"exec sleep 100", false}, {"while :; do :; done", true}};
	struct proc none = PROC_NONE;

	assert_false(proc_is_runnable(&none));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const argv[] = {"sh", "-c", cases[i].work, NULL};
		deadline_ms patience = deadline_in(CHILD_SECONDS * 1000);
		struct proc proc = PROC_NONE;

		assert_int_equal(proc_start(&proc, "sh", argv, NULL), 0);
		while (proc_is_runnable(&proc) != cases[i].runnable &&
		       deadline_left(patience) > 0)
			deadline_sleep(patience, 5);
		assert_int_equal(proc_is_runnable(&proc), cases[i].runnable);
		proc_kill(&proc);
	}
}

static void killing_is_for_any_proc(void **state UNUSED)
{
	const char *const argv[] = {"sleep", "100", NULL};
	struct proc proc = PROC_NONE;

	proc_kill(&proc);
	assert_int_equal(proc_start(&proc, "sleep", argv, NULL), 0);
	proc_kill(&proc);
	assert_no_children();
	proc_kill(&proc);
	assert_int_equal(proc.in, -1);
}

/* Also descriptors that somebody forgot to mark, and pipes of another child. */
static void children_inherit_no_descriptors(void **state UNUSED)
{
	const char *const argv[] = {"sleep", "100", NULL};
	CLEANUP(proc_kill) struct proc other = PROC_NONE;
	CLOSED int careless = open("/dev/null", O_RDONLY);
	AUTOBUF struct buf output = {0};
	int exit_status;

	assert_true(careless > 2);
	assert_int_equal(proc_start(&other, "sleep", argv, NULL), 0);
	assert_int_equal(run("cd /proc/$$/fd && for f in *; do if [ $f -gt 2 ] && "
			     "[ $f -lt 10 ] && [ -e $f ]; then echo $f; fi; done",
			     1000, SOON, &output, &exit_status, NULL),
			 0);
	assert_string_equal(buf_text(&output), "");
}

/* We ignore SIGPIPE; a child that writes to nobody should die as its author expects. */
static void children_may_die_of_a_broken_pipe(void **state UNUSED)
{
	const char *const argv[] = {"yes", NULL};
	struct proc proc = PROC_NONE;
	int status = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(proc_start(&proc, "yes", argv, NULL), 0);
	assert_int_equal(proc_end(&proc, deadline_in(SOON), &status, NULL), 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void a_helper_that_is_not_installed_is_unavailable(void **state UNUSED)
{
	struct err err = {0};
	char *path = NULL;

	assert_int_equal(proc_helper_path("store-nowhere", &path, &err), ERR_UNAVAILABLE);
	assert_null(path);
	assert_non_null(strstr(err.message, "store-nowhere"));
}

/* This program itself stands beside this program. */
static void a_helper_is_found_beside_the_program(void **state UNUSED)
{
	char self[4096];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *path = NULL;

	assert_true(size > 0);
	self[size] = '\0';
	assert_int_equal(proc_helper_path(strrchr(self, '/') + 1, &path, NULL), 0);
	assert_string_equal(path, self);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_exit_status_are_told),
		cmocka_unit_test(words_are_passed_on_as_they_are),
		cmocka_unit_test(a_program_that_is_not_there_is_not_found),
		cmocka_unit_test(an_end_by_a_signal_is_a_failure),
		cmocka_unit_test(who_is_late_is_killed),
		cmocka_unit_test(too_much_output_is_refused),
		cmocka_unit_test(a_conversation_has_two_pipes),
		cmocka_unit_test(ending_waits_until_the_deadline_only),
		cmocka_unit_test(who_waits_is_told_from_who_works),
		cmocka_unit_test(killing_is_for_any_proc),
		cmocka_unit_test(children_inherit_no_descriptors),
		cmocka_unit_test(children_may_die_of_a_broken_pipe),
		cmocka_unit_test(a_helper_that_is_not_installed_is_unavailable),
		cmocka_unit_test(a_helper_is_found_beside_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
