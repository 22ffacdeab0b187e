/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/paths.h"

static const struct {
	enum path_kind kind;
	const char *variable, *under_home;
} kinds[] = {
	{PATH_CONFIG, "XDG_CONFIG_HOME", "/.config/hftoken"},
	{PATH_DATA, "XDG_DATA_HOME", "/.local/share/hftoken"},
	{PATH_STATE, "XDG_STATE_HOME", "/.local/state/hftoken"},
	{PATH_CACHE, "XDG_CACHE_HOME", "/.cache/hftoken"},
};

static void assert_path(enum path_kind kind, const char *folder, const char *rest)
{
	AUTOFREE char *path = NULL;
	char wanted[512];

	(void)snprintf(wanted, sizeof(wanted), "%s%s", folder, rest);
	assert_int_equal(path_of(kind, &path, NULL), 0);
	assert_string_equal(path, wanted);
}

static void folders_are_under_the_home(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_path(kinds[i].kind, home, kinds[i].under_home);
	assert_string_equal(path_home(), home);
}

static void a_variable_moves_its_folder_only(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		assert_int_equal(setenv(kinds[i].variable, "/elsewhere", 1), 0);
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			if (k == i)
				assert_path(kinds[k].kind, "/elsewhere", "/hftoken");
			else
				assert_path(kinds[k].kind, home, kinds[k].under_home);
		}
		assert_int_equal(unsetenv(kinds[i].variable), 0);
	}
}

static void a_variable_that_is_not_absolute_counts_as_unset(void **state UNUSED)
{
	static const char *const values[] = {"", "relative", "./x", "../x", "~/x"};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			assert_int_equal(setenv(kinds[k].variable, values[i], 1), 0);
			assert_path(kinds[k].kind, home, kinds[k].under_home);
		}
	}
}

/* Then the user's entry in the password file counts. */
static void a_home_that_is_not_absolute_counts_as_unset(void **state UNUSED)
{
	const char *known;

	assert_int_equal(unsetenv("HOME"), 0);
	known = path_home();
	if (!known)
		skip();
	assert_int_equal(known[0], '/');
	assert_int_equal(setenv("HOME", "relative", 1), 0);
	assert_string_equal(path_home(), known);
	assert_int_equal(setenv("HOME", "", 1), 0);
	assert_string_equal(path_home(), known);
}

static int nobody_has_no_home(void *user UNUSED)
{
	char *path = NULL;
	struct err err = {0};

	if (unsetenv("HOME") || setuid(1234567))
		return 1;
	if (path_home())
		return 2;
	if (path_of(PATH_DATA, &path, &err) != ERR_NOT_FOUND || path)
		return 3;
	if (!strstr(err.hint, "XDG_DATA_HOME"))
		return 4;
	if (setenv("XDG_DATA_HOME", "/x", 1) || path_of(PATH_DATA, &path, NULL))
		return 5;
	free(path);
	return 0;
}

static void without_any_home_there_is_no_folder(void **state UNUSED)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(nobody_has_no_home, NULL), 0);
}

static void paths_are_joined(void **state UNUSED)
{
	AUTOFREE char *path = path_join("/a/b", "c");

	assert_string_equal(path, "/a/b/c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(folders_are_under_the_home),
		in_a_home(a_variable_moves_its_folder_only),
		in_a_home(a_variable_that_is_not_absolute_counts_as_unset),
		in_a_home(a_home_that_is_not_absolute_counts_as_unset),
		in_a_home(without_any_home_there_is_no_folder),
		in_a_home(paths_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
