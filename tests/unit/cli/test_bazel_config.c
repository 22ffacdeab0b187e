/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/bazel_config.h"

#define HOST    "huggingface.co"
#define COMMENT "# by hftoken setup bazel; --undo takes it out\n"
#define LINE    "common --credential_helper=huggingface.co=bazel-credential-hftoken\n"

static void set(struct secret *text, const char *content)
{
	assert_int_equal(secret_set(text, content, strlen(content)), 0);
}

static void files_are_edited_in_place(void **state UNUSED)
{
	static const struct {
		const char *before, *wired, *undone; /* NULL: as before */
	} files[] = {
		{"", COMMENT LINE, NULL},
		{"build -c opt\n", "build -c opt\n" COMMENT LINE, NULL},
		{"build -c opt", "build -c opt\n" COMMENT LINE, "build -c opt\n"},
		/* of a program that lay elsewhere */
		{"common --credential_helper=huggingface.co=/old/bazel-credential-hftoken\nbuild\n",
		 LINE "build\n", "build\n"},
		{"common \"--credential_helper=huggingface.co=/o d/bazel-credential-hftoken\"\n",
		 LINE, ""},
		/* others' hosts and comments */
		{"common --credential_helper=*.huggingface.co=x\n"
		 "build --credential_helper=%workspace%/x\n",
		 "common --credential_helper=*.huggingface.co=x\n"
		 "build --credential_helper=%workspace%/x\n" COMMENT LINE,
		 NULL},
		{" # common --credential_helper=huggingface.co=x\n",
		 " # common --credential_helper=huggingface.co=x\n" COMMENT LINE, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTOSECRET struct secret text = {0};
		struct err err = {0};
		bool before = true;
		size_t count;

		set(&text, files[i].before);
		if (bazel_config_wire(&text, HOST, BAZEL_HELPER, false, &before, &err))
			fail_msg("'%s': %s", files[i].before, err.message);
		assert_false(before);
		assert_string_equal(secret_text(&text), files[i].wired);
		assert_int_equal(
			bazel_config_wire(&text, HOST, BAZEL_HELPER, false, &before, NULL), 0);
		assert_true(before);
		assert_string_equal(secret_text(&text), files[i].wired);
		assert_int_equal(bazel_config_unwire(&text, &count, NULL), 0);
		assert_int_equal(count, 1);
		assert_string_equal(secret_text(&text),
				    files[i].undone ? files[i].undone : files[i].before);
	}
}

static void paths_are_quoted(void **state UNUSED)
{
	static const char *const paths[][2] = {
		{"/opt/x/bazel-credential-hftoken",
		 "common --credential_helper=hf.co=/opt/x/bazel-credential-hftoken\n"},
		{"/my tools/bazel-credential-hftoken",
		 "common \"--credential_helper=hf.co=/my tools/bazel-credential-hftoken\"\n"},
		{"/a\"b\\c/bazel-credential-hftoken",
		 "common \"--credential_helper=hf.co=/a\\\"b\\\\c/bazel-credential-hftoken\"\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		AUTOSECRET struct secret text = {0};
		bool before;
		size_t count;

		assert_int_equal(
			bazel_config_wire(&text, "hf.co", paths[i][0], false, &before, NULL),
			0);
		assert_string_equal(secret_text(&text) + strlen(COMMENT), paths[i][1]);
		assert_int_equal(bazel_config_unwire(&text, &count, NULL), 0);
		assert_int_equal(count, 1);
		assert_int_equal(text.size, 0);
	}
}

static void another_helper_is_in_the_way(void **state UNUSED)
{
	static const char *const lines[] = {
		"common --credential_helper=huggingface.co=other\n",
		"build:ci --x --credential_helper=huggingface.co=/usr/bin/other --y\n",
		"build --experimental_credential_helper=huggingface.co=other",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTOSECRET struct secret text = {0};
		bool before;

		set(&text, lines[i]);
		assert_int_equal(
			bazel_config_wire(&text, HOST, BAZEL_HELPER, false, &before, NULL),
			ERR_FAILED);
		assert_string_equal(secret_text(&text), lines[i]);
		assert_int_equal(
			bazel_config_wire(&text, HOST, BAZEL_HELPER, true, &before, NULL), 0);
		assert_non_null(strstr(secret_text(&text), LINE));
		assert_begins(secret_text(&text), lines[i]);
	}
}

static void note(void *user, const char *host, const char *program)
{
	char *told = user;
	size_t size = strlen(told);

	(void)snprintf(told + size, 512 - size, "%s -> %s\n", host, program);
}

static void helpers_are_listed(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	struct err err = {0};
	char told[512] = "";

	set(&text, "build -c opt --credential_helper=a.example=/bin/a\n"
		   "common \"--credential_helper=b.example=/o d/b\"\n"
		   "  common  --experimental_credential_helper=c.example=/c\\ d \t-x\n"
		   "# common --credential_helper=d.example=d\n"
		   "common --credential_helper=/for/all\n"
		   "common '--credential_helper=e.example=e'");
	assert_int_equal(bazel_config_each(&text, note, told, &err), 0);
	assert_string_equal(told, "a.example -> /bin/a\nb.example -> /o d/b\n"
				  "c.example -> /c d\ne.example -> e\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helpers_are_listed),
		cmocka_unit_test(files_are_edited_in_place),
		cmocka_unit_test(paths_are_quoted),
		cmocka_unit_test(another_helper_is_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
