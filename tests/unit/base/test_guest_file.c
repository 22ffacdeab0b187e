/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/guest_file.h"
#include "base/io.h"

#define LEFT ".file.hftoken-0123456789abcdef"

static int here(void)
{
	return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void count_one(const char *left UNUSED, void *user)
{
	(*(size_t *)user)++;
}

static size_t count_left(int folder)
{
	size_t count = 0;

	guest_file_left(folder, "file", count_one, &count);
	return count;
}

static void content_is_replaced_as_a_whole(void **state UNUSED)
{
	CLOSED int folder = here();
	struct stat status;

	write_text("file", "old", 0644);
	write_text("file.new", "precious", 0644);
	write_text(LEFT, "stale", 0600);
	assert_int_equal(guest_file_replace(folder, "file", "fresh", 5, NULL), 0);
	assert_file_text("file", "fresh");
	assert_int_equal(lstat("file", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_file_text("file.new", "precious");
	assert_int_equal(count_left(folder), 0);
}

static void what_fails_leaves_nothing(void **state UNUSED)
{
	CLOSED int folder = here();
	struct err err = {0};

	assert_int_equal(mkdir("file", 0700), 0);
	assert_true(guest_file_replace(folder, "file", "fresh", 5, &err) < 0);
	assert_non_null(strstr(err.message, "cannot replace 'file'"));
	assert_int_equal(count_left(folder), 0);
}

static void names_of_ours_are_told(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool ours;
	} cases[] = {
		{LEFT, true},
		{".file.hftoken-0000000000000000", true},
		{LEFT "0", false},
		{".file.hftoken-0123456789abcde", false},
		{".file.hftoken-0123456789abcdeF", false},
		{".file.hftoken-", false},
		{"file.hftoken-0123456789abcdef", false},
		{".file2.hftoken-0123456789abcdef", false},
		{".fil.hftoken-0123456789abcdef", false},
		{"file.new", false},
	};
	CLOSED int folder = here();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_text(cases[i].name, "x", 0600);
		assert_int_equal(count_left(folder), cases[i].ours);
		guest_file_sweep(folder, "file");
		if ((access(cases[i].name, F_OK) == 0) == cases[i].ours)
			fail_msg("%s", cases[i].name);
		(void)unlink(cases[i].name);
	}
}

static void what_is_no_file_of_a_dead_writer_stays(void **state UNUSED)
{
	CLOSED int folder = here();

	for (int kind = 0; kind < 4; kind++) {
		CLOSED int lock = -1;

		if (kind == 0)
			assert_int_equal(mkdir(LEFT, 0700), 0);
		else if (kind == 1)
			assert_int_equal(mkfifo(LEFT, 0600), 0);
		else if (kind == 2)
			assert_int_equal(symlink("victim", LEFT), 0);
		else
			write_text(LEFT, "half", 0600);
		if (kind == 3) {
			lock = open(LEFT, O_RDONLY | O_CLOEXEC);
			assert_int_equal(flock(lock, LOCK_EX), 0);
		}
		write_text("victim", "mine", 0600);
		guest_file_sweep(folder, "file");
		assert_int_equal(count_left(folder), 1);
		assert_file_text("victim", "mine");
		assert_int_equal(kind ? unlink(LEFT) : rmdir(LEFT), 0);
	}
}

static void what_cannot_be_written_is_an_error_and_leaves_nothing(void **state UNUSED)
{
	CLOSED int folder = here();
	struct err err = {0};
	char name[256];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(guest_file_replace(folder, name, "a", 1, &err), ERR_USAGE);
	assert_non_null(strstr(err.message, "too long"));
	assert_true(guest_file_replace(-1, "file", "a", 1, &err) < 0);
	assert_non_null(strstr(err.message, "cannot create"));
	assert_true(guest_file_replace(folder, "no/file", "a", 1, NULL) < 0);
	/* A folder lies where the file belongs. */
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_true(guest_file_replace(folder, "folder", "a", 1, &err) < 0);
	guest_file_left(-1, "file", count_one, &(size_t) {0});
	assert_int_equal(count_left(folder), 0);
	assert_int_equal(rmdir("folder"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(content_is_replaced_as_a_whole),
		in_a_home(what_fails_leaves_nothing),
		in_a_home(what_cannot_be_written_is_an_error_and_leaves_nothing),
		in_a_home(names_of_ours_are_told),
		in_a_home(what_is_no_file_of_a_dead_writer_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
