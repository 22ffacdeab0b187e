/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/lines.h"

#define LINES_MAX 8

/* What a text is read as: `key|value` for each line, and what comes behind the last. */
struct reading {
	const char *text;
	size_t size; /* 0: strlen */
	int end;     /* 0 or the error */
	const char *lines[LINES_MAX];
};

static void check(const struct reading *reading)
{
	AUTOSECRET struct secret text = {0};
	struct lines lines;
	struct line line = {.key = "untouched"};
	size_t size = reading->size ? reading->size : strlen(reading->text);
	size_t count = 0;
	int found;

	assert_int_equal(secret_add(&text, reading->text, size), 0);
	lines_init(&lines, text.data, text.size);
	while ((found = lines_next(&lines, &line, NULL)) > 0) {
		char shown[256];

		(void)snprintf(shown, sizeof(shown), "%s|%s", line.key, line.value);
		if (count == LINES_MAX || !reading->lines[count])
			fail_msg("'%s': one line too many: %s", reading->text, shown);
		assert_string_equal(shown, reading->lines[count]);
		assert_int_equal(line.value_size, strlen(line.value));
		count++;
	}
	if (found != reading->end)
		fail_msg("'%s' ends in %d, not in %d", reading->text, found, reading->end);
	if (count < LINES_MAX && reading->lines[count])
		fail_msg("'%s' has only %zu lines", reading->text, count);
}

static void texts_are_read_line_by_line(void **state UNUSED)
{
	static const struct reading readings[] = {
		{"", 0, 0, {NULL}},
		{"a=b", 0, 0, {"a|b"}},
		{"a=b\n", 0, 0, {"a|b"}},
		{"a=b\nc=d\n", 0, 0, {"a|b", "c|d"}},
		{"a=\n", 0, 0, {"a|"}},
		{"a=b=c\n", 0, 0, {"a|b=c"}}, /* the first `=` splits */
		{"a==\n", 0, 0, {"a|="}},
		{"a[]=1\na[]=\n", 0, 0, {"a[]|1", "a[]|"}},
		{" a = b \n", 0, 0, {" a | b "}}, /* nothing is trimmed */
		{"\xff=\xfe\n", 0, 0, {"\xff|\xfe"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		check(&readings[i]);
}

static void one_cr_belongs_to_the_end_of_a_line(void **state UNUSED)
{
	static const struct reading readings[] = {
		{"a=b\r\nc=d\r\n", 0, 0, {"a|b", "c|d"}},
		{"a=b\r\r\n", 0, 0, {"a|b\r"}},
		{"a=\r\n", 0, 0, {"a|"}},
		{"a=b\rc\n", 0, 0, {"a|b\rc"}},
		{"a=b\r", 0, 0, {"a|b\r"}}, /* the newline may be missing, or something else */
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		check(&readings[i]);
}

static void an_empty_line_ends_the_text(void **state UNUSED)
{
	static const struct reading readings[] = {
		{"\n", 0, 0, {NULL}},
		{"\r\n", 0, 0, {NULL}},
		{"\na=b\n", 0, 0, {NULL}},
		{"a=b\n\nc=d\n", 0, 0, {"a|b"}},
		{"a=b\r\n\r\nc=d\n", 0, 0, {"a|b"}},
		{"a=b\n\nnonsense", 0, 0, {"a|b"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		check(&readings[i]);
}

static void nonsense_is_refused(void **state UNUSED)
{
	static const struct reading readings[] = {
		{"a\n", 0, ERR_FORMAT, {NULL}},
		{"a", 0, ERR_FORMAT, {NULL}},
		{"=\n", 0, ERR_FORMAT, {NULL}},
		{"=b\n", 0, ERR_FORMAT, {NULL}},
		{"a=b\n=c\n", 0, ERR_FORMAT, {"a|b"}},
		{"a=b\nc\nd=e\n", 0, ERR_FORMAT, {"a|b"}},
		{" \n", 0, ERR_FORMAT, {NULL}},
		{"\r\r\n", 0, ERR_FORMAT, {NULL}},
		{"a=b\n\r", 0, ERR_FORMAT, {"a|b"}}, /* no empty line yet */
		{"a=b\0c\n", 6, ERR_FORMAT, {NULL}},
		{"a\0=b\n", 5, ERR_FORMAT, {NULL}},
		{"a=b\n\0\n", 6, ERR_FORMAT, {"a|b"}},
		{"a=b\n\0", 5, ERR_FORMAT, {"a|b"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		check(&readings[i]);
}

static void errors_name_the_line_and_nothing_of_it(void **state UNUSED)
{
	char text[] = "a=b\n\xc3\xa4=\nsecret\n";
	struct err err = {0};
	struct lines lines;
	struct line line;

	lines_init(&lines, text, strlen(text));
	assert_int_equal(lines_next(&lines, &line, &err), 1);
	assert_int_equal(lines.number, 1);
	assert_int_equal(lines_next(&lines, &line, &err), 1);
	assert_int_equal(lines_next(&lines, &line, &err), ERR_FORMAT);
	assert_non_null(strstr(err.message, "line 3"));
	assert_null(strstr(err.message, "secret"));
}

static void a_line_that_was_cut_off_shows(void **state UNUSED)
{
	char text[] = "a=b\nc=d";
	struct lines lines;
	struct line line;

	lines_init(&lines, text, strlen(text));
	assert_int_equal(lines_next(&lines, &line, NULL), 1);
	assert_true(lines.terminated);
	assert_int_equal(lines_next(&lines, &line, NULL), 1);
	assert_false(lines.terminated);
	assert_string_equal(line.value, "d");
	assert_int_equal(lines_next(&lines, &line, NULL), 0);
}

static void nothing_may_be_null(void **state UNUSED)
{
	struct lines lines;
	struct line line;

	lines_init(&lines, NULL, 0);
	assert_int_equal(lines_next(&lines, &line, NULL), 0);
}

static void lines_have_a_limit(void **state UNUSED)
{
	static const struct {
		size_t size; /* with the newline */
		int found;
	} cases[] = {
		{LINE_MAX_SIZE - 1, 1},
		{LINE_MAX_SIZE, 1},
		{LINE_MAX_SIZE + 1, ERR_FORMAT},
		{3 * LINE_MAX_SIZE, ERR_FORMAT},
	};
	static char text[3 * LINE_MAX_SIZE + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lines lines;
		struct line line;

		memset(text, 'x', cases[i].size);
		text[1] = '=';
		text[cases[i].size - 1] = '\n';
		text[cases[i].size] = '\0';
		lines_init(&lines, text, cases[i].size);
		assert_int_equal(lines_next(&lines, &line, NULL), cases[i].found);
		if (cases[i].found > 0)
			assert_int_equal(line.value_size, cases[i].size - 3);
	}
	/* Without an end it is no shorter. */
	memset(text, 'x', sizeof(text) - 1);
	text[1] = '=';
	text[sizeof(text) - 1] = '\0';
	struct lines lines;
	struct line line;

	lines_init(&lines, text, sizeof(text) - 1);
	assert_int_equal(lines_next(&lines, &line, NULL), ERR_FORMAT);
}

static void what_is_written_is_read_back(void **state UNUSED)
{
	static const char *const values[] = {
		"", "b", "=", " b ", "\t", "\x1b[31m", "\xff\xfe", "a=b", "\x7f",
	};
	AUTOSECRET struct secret text = {0};
	struct lines lines;
	struct line line;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_int_equal(lines_add_text(&text, "key", values[i], NULL), 0);
	assert_int_equal(lines_add(&text, "last", "abc", 2, NULL), 0);
	lines_init(&lines, text.data, text.size);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_int_equal(lines_next(&lines, &line, NULL), 1);
		assert_string_equal(line.key, "key");
		assert_string_equal(line.value, values[i]);
	}
	assert_int_equal(lines_next(&lines, &line, NULL), 1);
	assert_string_equal(line.value, "ab");
	assert_int_equal(lines_next(&lines, &line, NULL), 0);
}

/* A value must not be able to make a line of its own. */
static void line_breaks_are_refused_when_writing(void **state UNUSED)
{
	static const struct {
		const char *value;
		size_t size;
	} cases[] = {
		{"\n", 1}, {"a\nhost=evil", 11}, {"\r", 1}, {"a\r", 2}, {"\0", 1}, {"a\0b", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret text = {0};
		struct err err = {0};

		assert_int_equal(lines_add(&text, "key", cases[i].value, cases[i].size, &err),
				 ERR_FORMAT);
		assert_int_equal(text.size, 0);
		assert_null(strstr(err.message, "evil"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_line_by_line),
		cmocka_unit_test(one_cr_belongs_to_the_end_of_a_line),
		cmocka_unit_test(an_empty_line_ends_the_text),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(errors_name_the_line_and_nothing_of_it),
		cmocka_unit_test(a_line_that_was_cut_off_shows),
		cmocka_unit_test(nothing_may_be_null),
		cmocka_unit_test(lines_have_a_limit),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(line_breaks_are_refused_when_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
