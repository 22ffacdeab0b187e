/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/git_section.h"

#define HUB   "https://huggingface.co"
#define HEAD  "[credential \"" HUB "\"]\n"
#define CUT   "\thelper =\n"
#define OURS  "\thelper = hftoken\n"
#define PATHS "\tuseHttpPath = true\n"

static void what_was_added_is_taken_out_again(void **state UNUSED)
{
	static const char *const rows[] = {
		"",
		"\n",
		"a",
		"[user]\n",
		"[u]",
		"[u]\r\n\r\n",
		HEAD CUT,
		HEAD "\thelper = cache\n",
		"\n\n",
		"# \xff\xfe",
		HEAD HEAD "#",
		"[credential]\n\thelper = store",
		"# \\",
		"# \\\n",
		"[u]\n\tn = a\\\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf back = {0};

		buf_add_text(&text, rows[i]);
		git_section_add(&text, false, HUB, "hftoken");
		git_section_add(&text, false, "https://hf.co", "/a\\ b\\;\\\"c\\\\/hftoken");
		assert_true(git_section_remove(&text, NULL, &back, NULL, NULL));
		assert_string_equal(buf_text(&back), rows[i]);
	}
}

/* A value whose last line ends in a backslash must not go on into our section. */
static void ours_begins_a_line_of_its_own(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};

	buf_add_text(&text, "[u]\n\tn = a\\\n");
	git_section_add(&text, false, HUB, "hftoken");
	assert_string_equal(buf_text(&text),
			    "[u]\n\tn = a\\\n\n" HEAD CUT OURS "\tuseHttpPath = true");
}

static void a_new_file_ends_its_lines(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};

	git_section_add(&text, true, HUB, "/a;b/git-credential-hftoken");
	assert_string_equal(buf_text(&text),
			    HEAD CUT "\thelper = \"/a;b/git-credential-hftoken\"\n" PATHS);
}

static void only_our_lines_go(void **state UNUSED)
{
	static const struct {
		const char *before;
		const char *after; /* NULL: unchanged */
	} rows[] = {
		{HEAD CUT OURS PATHS, ""},
		{HEAD "\thelper = \n" OURS PATHS, ""}, /* as git itself writes it */
		{HEAD CUT OURS PATHS "\tusername = bob\n", HEAD "\tusername = bob\n"},
		{HEAD CUT OURS "\tuseHttpPath = false\n", HEAD "\tuseHttpPath = false\n"},
		{HEAD CUT OURS PATHS "# mine\n[user]\n", "# mine\n[user]\n"},
		{HEAD PATHS CUT OURS PATHS, HEAD PATHS},
		{HEAD CUT "\thelper = cache\n" CUT OURS PATHS, HEAD CUT "\thelper = cache\n"},
		{HEAD CUT "\thelper = hftoken -n ci\n", NULL},
		{HEAD CUT "\thelper = store\n" PATHS, NULL},
		{"[credential \"" HUB "\"] helper = hftoken\n", NULL},
		{"[alias]\n\tx = \"a \\\n" HEAD "\thelper = b\n", NULL},
		{"[credential]\n" CUT OURS PATHS, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *after = rows[i].after ? rows[i].after : rows[i].before;
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf back = {0};

		buf_add_text(&text, rows[i].before);
		assert_int_equal(git_section_remove(&text, NULL, &back, NULL, NULL),
				 rows[i].after != NULL);
		assert_string_equal(buf_text(&back), after);
	}
}

static void one_endpoint_can_be_taken_out_alone(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf back = {0};

	git_section_add(&text, true, "https://hf.co", "hftoken");
	git_section_add(&text, true, HUB, "hftoken");
	assert_true(git_section_remove(&text, "https://hf.co", &back, NULL, NULL));
	assert_string_equal(buf_text(&back), HEAD CUT OURS PATHS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_taken_out_again),
		cmocka_unit_test(ours_begins_a_line_of_its_own),
		cmocka_unit_test(a_new_file_ends_its_lines),
		cmocka_unit_test(only_our_lines_go),
		cmocka_unit_test(one_endpoint_can_be_taken_out_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
