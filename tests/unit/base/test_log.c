/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/log.h"

#define TOKEN "hf_abcdefghijklmnopqrstuvwxyz"

/* What is open is remembered, so each case has a process of its own. */
static int trace_with(void *user)
{
	static char longest[3000];
	const char *value = user;

	if (dup2(open("stderr", O_WRONLY | O_CREAT, 0600), STDERR_FILENO) < 0)
		return 1;
	if (value && setenv("HFTOKEN_TRACE", value, 1))
		return 2;
	memset(longest, 'x', sizeof(longest) - 1);
	trace("first %d", 1);
	trace("%s", TOKEN);
	trace("%s", longest);
	return 0;
}

static void it_is_off_unless_wanted(void **state UNUSED)
{
	static const char *const values[] = {NULL, "", "0"};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_int_equal(in_child(trace_with, (void *)(uintptr_t)values[i]), 0);
		assert_file_text("stderr", "");
	}
}

static void assert_trace(const char *path)
{
	char *text = read_bytes(path, NULL);

	assert_begins(text, "hftoken[");
	assert_non_null(strstr(text, ": first 1\n"));
	assert_non_null(strstr(text, ": hf_**"));
	assert_null(strstr(text, "abcdefgh"));
	assert_true(strlen(text) < 2000); /* the longest line was cut, and ended */
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
}

static void it_goes_to_stderr(void **state UNUSED)
{
	assert_int_equal(in_child(trace_with, (void *)(uintptr_t) "1"), 0);
	assert_trace("stderr");
}

static void it_goes_to_a_file(void **state UNUSED)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/trace", home);
	assert_int_equal(in_child(trace_with, path), 0);
	assert_trace("trace");
	assert_file_text("stderr", "");
}

/* A FIFO that nobody reads, a folder, a full device. */
static void a_trace_that_cannot_be_written_does_not_matter(void **state UNUSED)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/fifo", home);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(in_child(trace_with, path), 0);
	assert_int_equal(in_child(trace_with, home), 0);
	assert_int_equal(in_child(trace_with, (void *)(uintptr_t) "/dev/full"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(it_is_off_unless_wanted),
		in_a_home(it_goes_to_stderr),
		in_a_home(it_goes_to_a_file),
		in_a_home(a_trace_that_cannot_be_written_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
