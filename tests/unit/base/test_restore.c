/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <dirent.h>

#include "base/restore.h"

#define LIMIT ((size_t)64)

static int open_home(void)
{
	int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(folder >= 0);
	return folder;
}

static int count_files(void)
{
	DIR *folder = opendir(".");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count - 2; /* "." and ".." */
}

static void a_damaged_file_is_kept_aside(void **state UNUSED)
{
	CLOSED int folder = open_home();
	char aside[ASIDE_SIZE] = "?";

	write_text("f", "damaged", 0600);
	write_text("f.prev", "good", 0600);
	assert_int_equal(file_restore(folder, "f", LIMIT, aside, NULL), 0);
	assert_file_text("f", "good");
	assert_file_text("f.prev", "good");
	assert_begins(aside, "f.damaged-20");
	assert_file_text(aside, "damaged");
	assert_int_equal(count_files(), 3);
}

static void a_missing_file_leaves_nothing_aside(void **state UNUSED)
{
	CLOSED int folder = open_home();
	char aside[ASIDE_SIZE] = "?";

	write_text("f.prev", "good", 0600);
	assert_int_equal(file_restore(folder, "f", LIMIT, aside, NULL), 0);
	assert_file_text("f", "good");
	assert_string_equal(aside, "");
	assert_int_equal(count_files(), 2);
}

static void nothing_that_was_kept_is_overwritten(void **state UNUSED)
{
	CLOSED int folder = open_home();
	char asides[5][ASIDE_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(asides); i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "damaged %zu", i);
		write_text("f", text, 0600);
		write_text("f.prev", "good", 0600);
		assert_int_equal(file_restore(folder, "f", LIMIT, asides[i], NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(asides); i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "damaged %zu", i);
		assert_file_text(asides[i], text);
	}
}

static void what_cannot_be_read_restores_nothing(void **state UNUSED)
{
	static const struct {
		const char *text; /* NULL: no such file */
		mode_t mode;
		int error;
	} cases[] = {
		{NULL, 0600, ERR_NOT_FOUND},
		{"others could have changed it", 0620, ERR_UNSAFE},
		{"0123456789012345678901234567890123456789012345678901234567890123456789", 0600,
		 ERR_DAMAGED},
	};
	CLOSED int folder = open_home();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char aside[ASIDE_SIZE] = "?";
		struct err err = {0};

		write_text("f", "damaged", 0600);
		(void)unlink("f.prev");
		if (cases[i].text)
			write_text("f.prev", cases[i].text, cases[i].mode);
		assert_int_equal(file_restore(folder, "f", LIMIT, aside, &err), cases[i].error);
		assert_string_equal(aside, "?");
		assert_file_text("f", "damaged");
		assert_int_equal(count_files(), cases[i].text ? 2 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(a_damaged_file_is_kept_aside),
		in_a_home(a_missing_file_leaves_nothing_aside),
		in_a_home(nothing_that_was_kept_is_overwritten),
		in_a_home(what_cannot_be_read_restores_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
