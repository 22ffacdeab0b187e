/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "cli/ui.h"

#define WIDE  "\xe6\x97\xa5\xe6\x9c\xac" /* two characters of two columns each */
#define TOKEN "hf_abcdefghijklmnopqrstuvwxyz"

static void fill(struct ui_table *table, const char *const cells[])
{
	for (size_t i = 0; cells[i]; i++)
		ui_table_add(table, UI_PLAIN, cells[i]);
}

static void columns_are_as_wide_as_their_widest_cell(void **state UNUSED)
{
	static const struct {
		size_t columns;
		const char *cells[10];
		const char *text;
	} cases[] = {
		{2, {NULL}, ""},
		{1, {"a", "bb", ""}, "a\nbb\n\n"},
		{2, {"NAME", "X", "a", "1"}, "NAME  X\na     1\n"},
		{3, {"a", "bb", "c", "ddd", "e", "f"}, "a    bb  c\nddd  e   f\n"},
		/* wide characters take two columns */
		{2, {WIDE, "x", "ab", "y"}, WIDE "  x\nab    y\n"},
		{2, {"\xc3\xa4", "x", "ab", "y"}, "\xc3\xa4   x\nab  y\n"},
		/* no spaces at the end of a line */
		{3, {"a", "b", "", "cc", "", ""}, "a   b\ncc\n"},
		{2, {"", "", "a", "b"}, "\na  b\n"},
		/* nothing in a cell is a format */
		{2, {"%s%n", "100%", "a", "b"}, "%s%n  100%\na     b\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOTABLE struct ui_table table = {.columns = cases[i].columns};
		AUTOBUF struct buf out = {0};

		fill(&table, cases[i].cells);
		ui_table_print(&table, &out);
		assert_string_equal(buf_text(&out), cases[i].text);
	}
}

static void a_table_is_appended(void **state UNUSED)
{
	static const char *const cells[] = {"", "x", NULL};
	AUTOTABLE struct ui_table table = {.columns = 2};
	AUTOBUF struct buf out = {0};

	buf_add_text(&out, "before   ");
	fill(&table, cells);
	ui_table_print(&table, &out);
	assert_string_equal(buf_text(&out), "before     x\n");
}

static void colours_do_not_move_columns(void **state UNUSED)
{
	AUTOTABLE struct ui_table table = {.columns = 2};
	AUTOBUF struct buf out = {0};

	assert_int_equal(setenv("CLICOLOR_FORCE", "1", 1), 0);
	ui_table_add(&table, UI_RED, "a");
	ui_table_add(&table, UI_PLAIN, "b");
	ui_table_add(&table, UI_PLAIN, "cc");
	ui_table_add(&table, UI_GREEN, "d");
	ui_table_print(&table, &out);
	assert_string_equal(buf_text(&out), "\033[31ma\033[0m   b\ncc  \033[32md\033[0m\n");
}

static void colour_is_for_terminals_that_want_it(void **state UNUSED)
{
	static const struct {
		const char *none, *forced;
		bool coloured;
	} cases[] = {
		{NULL, NULL, false}, {NULL, "1", true},  {"1", "1", false},
		{"", "1", true},     {NULL, "0", false}, {NULL, "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf out = {0};

		(void)unsetenv("NO_COLOR");
		(void)unsetenv("CLICOLOR_FORCE");
		if (cases[i].none)
			(void)setenv("NO_COLOR", cases[i].none, 1);
		if (cases[i].forced)
			(void)setenv("CLICOLOR_FORCE", cases[i].forced, 1);
		ui_put(&out, UI_BOLD, "%s", "x");
		assert_string_equal(buf_text(&out),
				    cases[i].coloured ? "\033[1mx\033[0m" : "x");
	}
}

static void what_does_not_fit_is_cut(void **state UNUSED)
{
	char longest[200];
	char account[100];
	const char *const cells[] = {"NAME", "ACCOUNT", "KIND", longest, account,
				     "read", "a",       WIDE,   "x",     NULL};
	AUTOTABLE struct ui_table table = {.columns = 3, .fit = true};
	AUTOBUF struct buf out = {0};
	size_t lines = 0;

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	account[0] = '\0';
	for (int i = 0; i < 15; i++)
		(void)memcpy(account + 6 * i, WIDE, 7);
	fill(&table, cells);
	ui_table_print(&table, &out);
	for (char *line = out.data; *line; lines++) {
		char *end = strchr(line, '\n');

		*end = '\0';
		if (text_width(line) > 80)
			fail_msg("%zu columns: '%s'", text_width(line), line);
		assert_true(utf8_is_valid(line, strlen(line)));
		if (lines == 1)
			assert_non_null(strstr(line, "n...  "));
		line = end + 1;
	}
	assert_int_equal(lines, 3);
}

static void what_fits_is_not_cut(void **state UNUSED)
{
	char cell[79];
	const char *const cells[] = {cell, "", NULL};
	AUTOTABLE struct ui_table table = {.columns = 2, .fit = true};
	AUTOBUF struct buf out = {0};

	memset(cell, 'x', sizeof(cell) - 1);
	cell[sizeof(cell) - 1] = '\0';
	fill(&table, cells);
	ui_table_print(&table, &out);
	assert_int_equal(out.size, 79);
	assert_null(strstr(buf_text(&out), "..."));
}

static int say_all(void *user UNUSED)
{
	struct err err = {.message = "no " TOKEN, .hint = "try " TOKEN};
	int fd = open("errors", O_WRONLY | O_CREAT, 0600);

	if (dup2(fd, STDERR_FILENO) < 0)
		return 1;
	ui_say("say %s", TOKEN);
	ui_warn("warn %s", TOKEN);
	ui_hint("hint %s", TOKEN);
	ui_error(&err);
	ui_settings_warning("/x/settings:3", TOKEN);
	ui_tick(); /* nothing, where there is no terminal */
	ui_tick_done();
	return 0;
}

static void messages_are_lines_without_tokens(void **state UNUSED)
{
#define MASKED "hf_**************************"
	assert_int_equal(in_child(say_all, NULL), 0);
	assert_file_text("errors",
			 "say " MASKED "\nwarning: warn " MASKED "\nhint: hint " MASKED
			 "\nhftoken: no " MASKED "\nhint: try " MASKED
			 "\nwarning: /x/settings:3: " MASKED "\n");
}

static void marks_are_characters_of_the_locale(void **state UNUSED)
{
	assert_string_equal(ui_mark(UI_YES), "\xe2\x9c\x93");
	assert_string_equal(ui_mark(UI_NO), "\xe2\x9c\x97");
	assert_string_equal(ui_mark(UI_WARNING), "!");
	assert_string_equal(ui_mark(UI_ARROW), "\xe2\x86\x92");
}

/* The locale is looked at once, so this one has a process of its own. */
static int check_ascii(void *user UNUSED)
{
	if (setenv("LC_ALL", "C", 1))
		return 1;
	return strcmp(ui_mark(UI_YES), "+") == 0 && strcmp(ui_mark(UI_NO), "x") == 0 &&
			       strcmp(ui_mark(UI_ARROW), "->") == 0
		       ? 0
		       : 2;
}

static void marks_are_ascii_elsewhere(void **state UNUSED)
{
	assert_int_equal(in_child(check_ascii, NULL), 0);
}

/* Words in quotes are looked for on pages and in logs. */
static void quotes_stay_in_one_line(void **state UNUSED)
{
	AUTOBUF struct buf out = {0};
	char longer[200];

	ui_put_folded(
		&out, 2,
		"edit the token of somebody and tick the one box that says \"aaaa bbbb cccc "
		"dddd eeee\", then go on");
	assert_string_equal(buf_text(&out),
			    "  edit the token of somebody and tick the one box that says\n"
			    "  \"aaaa bbbb cccc dddd eeee\", then go on\n");
	buf_clear(&out);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = longer[100] = '"';
	longer[50] = ' ';
	longer[sizeof(longer) - 1] = '\0';
	ui_put_folded(&out, 0, longer);
	assert_int_equal(strcspn(buf_text(&out), "\n"), 50);
	buf_clear(&out);
	ui_put_folded(&out, 0, "an \"open end");
	assert_string_equal(buf_text(&out), "an \"open end\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(marks_are_ascii_elsewhere), /* before this process has looked */
		in_a_home(columns_are_as_wide_as_their_widest_cell),
		in_a_home(a_table_is_appended),
		in_a_home(colours_do_not_move_columns),
		in_a_home(colour_is_for_terminals_that_want_it),
		in_a_home(what_does_not_fit_is_cut),
		in_a_home(what_fits_is_not_cut),
		in_a_home(messages_are_lines_without_tokens),
		in_a_home(marks_are_characters_of_the_locale),
		in_a_home(quotes_stay_in_one_line),
	};

	(void)setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
