/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/diff.h"

static struct diff_side side(const char *text)
{
	return (struct diff_side) {text ? text : "", text ? strlen(text) : 0, text != NULL};
}

static void assert_diff(const char *before, const char *after, const char *wanted)
{
	AUTOBUF struct buf out = {0};
	struct diff_side sides[] = {side(before), side(after)};

	diff_put(&out, "f", &sides[0], &sides[1], false);
	assert_string_equal(buf_text(&out), wanted);
}

#define BOTH "--- f\n+++ f\n"
#define OPEN "\\ No newline at end of file\n"

/* As `diff -U0` has them. */
static void lines_that_go_and_come(void **state UNUSED)
{
	static const struct {
		const char *before, *after, *wanted;
	} rows[] = {
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{NULL, NULL, ""},
		{NULL, "", "--- /dev/null\n+++ f\n"},
		{NULL, "a\nb\n", "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"a\n", NULL, "--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"},
		{"a\n", "a\nb\n", BOTH "@@ -1,0 +2 @@\n+b\n"},
		{"a\n", "b\na\n", BOTH "@@ -0,0 +1 @@\n+b\n"},
		{"a\nb\nc\n", "a\nc\n", BOTH "@@ -2 +1,0 @@\n-b\n"},
		{"a\nb\nc\n", "a\nx\nc\n", BOTH "@@ -2 +2 @@\n-b\n+x\n"},
		{"1\n2\n3\n4\n5\n", "2\n3\n5\n", BOTH "@@ -1 +0,0 @@\n-1\n@@ -4 +2,0 @@\n-4\n"},
		{"1\n3\n", "1\n2\n3\n4", BOTH "@@ -1,0 +2 @@\n+2\n@@ -2,0 +4 @@\n+4\n" OPEN},
		{"x\ty\n", "x\ty\n\tz\n", BOTH "@@ -1,0 +2 @@\n+\tz\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_diff(rows[i].before, rows[i].after, rows[i].wanted);
}

/* What stays of a line that changes may be a password. */
static void what_stays_is_not_shown(void **state UNUSED)
{
	assert_diff("{\"auths\": \"secret\"}\n",
		    "{\"auths\": \"secret\", \"credHelpers\": {}}\n",
		    BOTH "@@ -1 +1 @@\n-…}\n+…, \"credHelpers\": {}}\n");
	assert_diff("{\"auths\": \"secret\"}\n", "{\"new\": 1, \"auths\": \"secret\"}\n",
		    BOTH "@@ -1 +1 @@\n-{…\n+{\"new\": 1, …\n");
	assert_diff("secret", "secret\nours\n", BOTH "@@ -1 +1,2 @@\n-…\n" OPEN "+…\n+ours\n");
	assert_diff("secret\nours", "secret",
		    BOTH "@@ -1,2 +1 @@\n-…\n-ours\n" OPEN "+…\n" OPEN);
	assert_diff("{\n\t}\n}\n", "{\n\t},\n\t1\n}\n",
		    BOTH "@@ -2 +2,2 @@\n-\t}\n+\t},\n+\t1\n");
	assert_diff("größe\n", "gröſe\n", BOTH "@@ -1 +1 @@\n-…ß…\n+…ſ…\n");
}

/* A line that only moves is somebody else's, and may be a password. */
static void what_moves_is_not_shown(void **state UNUSED)
{
	assert_diff("old\nsecret\n", "secret\nnew\n",
		    BOTH "@@ -1 +0,0 @@\n-old\n@@ -2,0 +2 @@\n+new\n");
	assert_diff("a\nb\nsecret\n", "secret\na\nb\nnew\n",
		    BOTH "@@ -0,0 +1 @@\n+…\n@@ -3 +4 @@\n-…\n+new\n");
}

static void what_is_shown_is_harmless(void **state UNUSED)
{
	assert_diff("", "\x1b[31mred\t\x07\n", BOTH "@@ -0,0 +1 @@\n+?[31mred\t?\n");
	assert_diff("", "hf_abcdefghijklmnopqrstuvwxyz\n",
		    BOTH "@@ -0,0 +1 @@\n+hf_**************************\n");
}

static void of_ours_all_is_shown(void **state UNUSED)
{
	AUTOBUF struct buf out = {0};
	struct diff_side sides[] = {side("a = on\n"), side("a = off\n")};

	diff_put(&out, "f", &sides[0], &sides[1], true);
	assert_string_equal(buf_text(&out), BOTH "@@ -1 +1 @@\n-a = on\n+a = off\n");
}

static void a_masked_line(void **state UNUSED)
{
	AUTOBUF struct buf out = {0};

	diff_put_masked(&out, "t", "hf_****aaaa", "hf_****bbbb");
	diff_put_masked(&out, "t", NULL, "hf_****bbbb");
	diff_put_masked(&out, "t", "hf_****aaaa", NULL);
	assert_string_equal(buf_text(&out),
			    "--- t\n+++ t\n@@ -1 +1 @@\n-hf_****aaaa\n+hf_****bbbb\n"
			    "--- /dev/null\n+++ t\n@@ -0,0 +1 @@\n+hf_****bbbb\n"
			    "--- t\n+++ /dev/null\n@@ -1 +0,0 @@\n-hf_****aaaa\n");
}

/* Puts the lines of a diff into the text it was made from. */
static void apply(const char *before, const char *diff, char *ret)
{
	size_t at = 0; /* in `before`, whose lines are one letter each */
	size_t size = 0;

	for (const char *line = diff; *line; line = strchr(line, '\n') + 1) {
		unsigned long start;

		if (strncmp(line, "@@ -", 4) == 0) {
			start = strtoul(line + 4, NULL, 10);
			/* An empty range is named by the line before it. */
			if (strncmp(strpbrk(line + 4, ", "), ",0 ", 3) != 0)
				start--;
			while (at < start)
				ret[size++] = before[2 * at++];
		} else if (*line == '+' && line[1] != '+') {
			ret[size++] = line[1];
		} else if (*line == '-' && line[1] != '-') {
			assert_int_equal(line[1], before[2 * at++]);
		}
	}
	while (before[0] && 2 * at < strlen(before))
		ret[size++] = before[2 * at++];
	ret[size] = '\0';
}

static void spell(unsigned number, unsigned length, char *ret_lines, char *ret_plain)
{
	for (unsigned i = 0; i < length; i++, number /= 3) {
		ret_plain[i] = (char)('a' + number % 3);
		ret_lines[2 * i] = ret_plain[i];
		ret_lines[2 * i + 1] = '\n';
	}
	ret_lines[2 * length] = '\0';
	ret_plain[length] = '\0';
}

static void every_small_diff_leads_from_one_to_the_other(void **state UNUSED)
{
	for (unsigned old = 0; old < 81 * 5; old++) {
		for (unsigned new = 0; new < 81 * 5; new ++) {
			AUTOBUF struct buf out = {0};
			char before[16], after[16], plain[8], wanted[8], found[16];
			struct diff_side sides[2];

			spell(old / 5, old % 5, before, plain);
			spell(new / 5, new % 5, after, wanted);
			sides[0] = side(before);
			sides[1] = side(after);
			diff_put(&out, "f", &sides[0], &sides[1], true);
			apply(before, buf_text(&out), found);
			assert_string_equal(found, wanted);
		}
	}
}

static void what_is_too_long_is_counted(void **state UNUSED)
{
	AUTOBUF struct buf before = {0};
	AUTOBUF struct buf after = {0};
	AUTOBUF struct buf out = {0};
	struct diff_side sides[2];

	for (unsigned i = 0; i < 3000; i++) {
		buf_printf(&before, "secret %u\n", i);
		buf_printf(&after, "other %u\n", i);
	}
	sides[0] = side(buf_text(&before));
	sides[1] = side(buf_text(&after));
	diff_put(&out, "f", &sides[0], &sides[1], false);
	assert_string_equal(buf_text(&out), BOTH "(3000 lines in place of 3000: too many to "
						 "compare)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_go_and_come),
		cmocka_unit_test(what_stays_is_not_shown),
		cmocka_unit_test(what_moves_is_not_shown),
		cmocka_unit_test(what_is_shown_is_harmless),
		cmocka_unit_test(of_ours_all_is_shown),
		cmocka_unit_test(a_masked_line),
		cmocka_unit_test(every_small_diff_leads_from_one_to_the_other),
		cmocka_unit_test(what_is_too_long_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
