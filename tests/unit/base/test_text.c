/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <locale.h>

#include "base/text.h"

/* ---- UTF-8 ------------------------------------------------------------------------------------ */

static void utf8_sequences_have_a_length(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		size_t size, length;
	} cases[] = {
		{"", 0, 0},
		{"\0", 1, 1},
		{"a", 1, 1},
		{"\x7f", 1, 1},
		{"\xc2\x80", 2, 2}, /* the first of two bytes */
		{"\xdf\xbf", 2, 2}, /* and the last */
		{"\xe0\xa0\x80", 3, 3},
		{"\xed\x9f\xbf", 3, 3}, /* the last before the surrogates */
		{"\xee\x80\x80", 3, 3}, /* the first behind them */
		{"\xef\xbf\xbf", 3, 3},
		{"\xf0\x90\x80\x80", 4, 4},
		{"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF */
		{"a\xff", 2, 1},
		/* no beginning */
		{"\x80", 1, 0},
		{"\xbf", 1, 0},
		{"\xfe", 1, 0},
		{"\xff", 1, 0},
		/* overlong */
		{"\xc0\x80", 2, 0},
		{"\xc1\xbf", 2, 0},
		{"\xe0\x80\x80", 3, 0},
		{"\xe0\x9f\xbf", 3, 0},
		{"\xf0\x80\x80\x80", 4, 0},
		{"\xf0\x8f\xbf\xbf", 4, 0},
		/* surrogates */
		{"\xed\xa0\x80", 3, 0},
		{"\xed\xbf\xbf", 3, 0},
		/* over U+10FFFF */
		{"\xf4\x90\x80\x80", 4, 0},
		{"\xf5\x80\x80\x80", 4, 0},
		{"\xf8\x88\x80\x80\x80", 5, 0},
		/* cut off */
		{"\xc2", 1, 0},
		{"\xe2\x82", 2, 0},
		{"\xf0\x9f\x98", 3, 0},
		{"\xe2\x82\xac", 2, 0},
		/* broken inside */
		{"\xc2\x41", 2, 0},
		{"\xe2\x41\xac", 3, 0},
		{"\xe2\x82\x41", 3, 0},
		{"\xf0\x9f\x98\x41", 4, 0},
		{"\xc2\xc2", 2, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t length = utf8_length(cases[i].bytes, cases[i].size);

		if (length != cases[i].length)
			fail_msg("case %zu has length %zu, not %zu", i, length,
				 cases[i].length);
	}
}

static void a_text_is_valid_if_all_of_it_is(void **state UNUSED)
{
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\0\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 11));
	assert_false(utf8_is_valid("a\xc3\xa4\xe2\x82", 5));
	assert_false(utf8_is_valid("a\xff", 2));
	assert_true(utf8_is_valid("a\xff", 1)); /* no further than it is told */
}

/* ---- hostile text ----------------------------------------------------------------------------- */

static void texts_come_out_harmless(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t size; /* 0: strlen */
		size_t max;
		const char *clean;
	} cases[] = {
		{"", 0, 10, ""},
		{"plain", 0, 10, "plain"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 0, 100,
		 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		/* white space */
		{"  a  b  ", 0, 10, "a b"},
		{"a\r\n\tb\n", 0, 10, "a b"},
		{" \t\n", 0, 10, ""},
		{"a\xc2\xa0"
		 "b",
		 0, 10, "a b"},
		/* control characters: escape sequences, NUL, DEL, C1 */
		{"\x1b[31mred\x1b[0m", 0, 100, "[31mred [0m"},
		{"a\0b", 3, 10, "a b"},
		{"a\x7f"
		 "b",
		 0, 10, "a b"},
		{"a\xc2\x9b"
		 "31mb",
		 0, 10, "a 31mb"},
		{"a\xc2\x85"
		 "b",
		 0, 10, "a b"},
		{"a\bb\ac", 0, 10, "a b c"},
		/* not UTF-8 */
		{"a\xff"
		 "b\xc3",
		 0, 10, "a?b?"},
		{"\x9b"
		 "31m",
		 0, 10, "?31m"},
		{"\xed\xa0\x80", 0, 10, "???"},
		/* marks that turn text around or hide it */
		{"a\xe2\x80\xae"
		 "b",
		 0, 10, "a?b"}, /* U+202E */
		{"\xe2\x81\xa6"
		 "a\xe2\x81\xa9",
		 0, 10, "?a?"}, /* U+2066, U+2069 */
		{"a\xe2\x80\x8b"
		 "b",
		 0, 10, "a?b"}, /* U+200B */
		{"a\xe2\x80\x8f"
		 "b",
		 0, 10, "a?b"}, /* U+200F */
		{"a\xd8\x9c"
		 "b",
		 0, 10, "a?b"}, /* U+061C */
		{"\xef\xbb\xbf"
		 "a",
		 0, 10, "?a"}, /* U+FEFF */
		{"a\xe2\x80\xa8"
		 "b",
		 0, 10, "a?b"}, /* U+2028 */
		{"a\xc2\xad"
		 "b",
		 0, 10, "a?b"},                     /* U+00AD */
		{"a\xf3\xa0\x81\xa1", 0, 10, "a?"}, /* U+E0061 */
		/* cut behind a whole character, and never in the middle of one */
		{"abcdef", 0, 3, "abc"},
		{"abcdef", 0, 0, ""},
		{"ab\xe2\x82\xac"
		 "d",
		 0, 5, "ab\xe2\x82\xac"},
		{"ab\xe2\x82\xac"
		 "d",
		 0, 4, "ab"},
		{"ab\xe2\x82\xac"
		 "d",
		 0, 3, "ab"},
		{"ab cd", 0, 3, "ab"}, /* no space at the end */
		{"ab cd", 0, 4, "ab c"},
		{"  abc", 0, 3, "abc"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf clean = {0};
		size_t size = cases[i].size ? cases[i].size : strlen(cases[i].text);

		text_clean(&clean, cases[i].text, size, cases[i].max);
		assert_string_equal(buf_text(&clean), cases[i].clean);
	}
}

static void cleaned_text_is_appended_and_measured_alone(void **state UNUSED)
{
	AUTOBUF struct buf clean = {0};

	buf_add_text(&clean, "before: ");
	text_clean(&clean,
		   "  \x1b"
		   "abcdef",
		   9, 4);
	assert_string_equal(buf_text(&clean), "before: abcd");
}

/* Whatever comes: valid UTF-8, printable, no more than allowed, no space at an end. */
static void any_bytes_come_out_harmless(void **state UNUSED)
{
	uint64_t random = 1;

	for (int round = 0; round < 3000; round++) {
		AUTOBUF struct buf clean = {0};
		char bytes[48];
		size_t max;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 6364136223846793005U + 1442695040888963407U;
			bytes[i] = (char)(random >> 56);
			if (random >> 33 & 1)
				bytes[i] = "\xe2\x80\xae\x1b \xc2\x9b"
					   "a"[random >> 40 & 7];
		}
		max = random >> 50 & 63;
		text_clean(&clean, bytes, sizeof(bytes), max);
		assert_true(clean.size <= max);
		assert_true(utf8_is_valid(buf_text(&clean), clean.size));
		for (size_t i = 0; i < clean.size; i++) {
			unsigned char byte = (unsigned char)clean.data[i];

			assert_true(byte >= ' ' && byte != 0x7f);
			if (byte == 0xc2 && i + 1 < clean.size)
				assert_true((unsigned char)clean.data[i + 1] > 0xa0);
		}
		if (clean.size) {
			assert_int_not_equal(clean.data[0], ' ');
			assert_int_not_equal(clean.data[clean.size - 1], ' ');
		}
	}
}

static void width_is_what_a_terminal_shows(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"\xc3\xa4", 1},
		{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two wide characters */
		{"a\xf0\x9f\x98\x80", 3},        /* a wide symbol */
		{"e\xcc\x81", 1},                /* a letter and the accent on it */
		{"\xff", 1},                     /* shown as one mark */
		{"a\xe6\x97", 3},
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t width = text_width(cases[i].text);

		if (width != cases[i].width)
			fail_msg("'%s' takes %zu columns, not %zu", cases[i].text, width,
				 cases[i].width);
	}
}

static void what_fits_ends_behind_a_character(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t columns, size;
	} cases[] = {
		{"", 5, 0},
		{"abc", 5, 3},
		{"abc", 3, 3},
		{"abc", 2, 2},
		{"abc", 0, 0},
		{"a\xc3\xa4"
		 "b",
		 2, 3},
		{"\xe6\x97\xa5\xe6\x9c\xac", 4, 6},
		{"\xe6\x97\xa5\xe6\x9c\xac", 3, 3}, /* half of a wide character is none */
		{"\xe6\x97\xa5\xe6\x9c\xac", 1, 0},
		{"\xff\xff", 1, 1},
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_fitting(cases[i].text, cases[i].columns), cases[i].size);
}

/* ---- small work ------------------------------------------------------------------------------- */

static void words_are_quoted_for_a_shell(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"", "''"},
		{"plain", "'plain'"},
		{"two words $HOME `x` \\", "'two words $HOME `x` \\'"},
		{"it's", "'it'\\''s'"},
		{"'", "''\\'''"},
		{"''x'", "''\\'''\\''x'\\'''"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf text = {0};

		buf_add_text(&text, "run ");
		text_quote(&text, cases[i][0]);
		assert_string_equal(buf_text(&text) + strlen("run "), cases[i][1]);
	}
}

static void prefixes_are_told(void **state UNUSED)
{
	assert_true(text_starts_with("hf_x", "hf_"));
	assert_true(text_starts_with("hf_", "hf_"));
	assert_true(text_starts_with("x", ""));
	assert_false(text_starts_with("hf", "hf_"));
	assert_false(text_starts_with("Hf_", "hf_"));
	assert_false(text_starts_with("", "h"));
}

static void copies_fit_or_are_cut(void **state UNUSED)
{
	char room[4] = "zzz";

	assert_true(text_copy(room, sizeof(room), "abc"));
	assert_string_equal(room, "abc");
	assert_false(text_copy(room, sizeof(room), "defg"));
	assert_string_equal(room, "def");
	assert_true(text_copy(room, sizeof(room), ""));
	assert_string_equal(room, "");
	assert_false(text_copy(room, 1, "a"));
	assert_string_equal(room, "");
}

static void copies_are_not_cut_within_a_character(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *cut; /* in a room of six bytes */
	} rows[] = {
		{"abcd\xc3\xa4", "abcd"},
		{"abc\xc3\xa4x", "abc\xc3\xa4"},
		{"abc\xe2\x82\xac", "abc"},
		{"ab\xf0\x9f\x98\x80", "ab"},
		{"a\xf0\x9f\x98\x80x", "a\xf0\x9f\x98\x80"},
		{"\x80\x80\x80\x80\x80\x80\x80", "\x80\x80\x80\x80\x80"}, /* not UTF-8 */
	};
	char room[6];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(text_copy(room, sizeof(room), rows[i].text));
		assert_string_equal(room, rows[i].cut);
	}
	assert_false(text_copy(room, 2, "\xe2\x82\xac"));
	assert_string_equal(room, "");
}

static void case_is_folded_for_ascii_only(void **state UNUSED)
{
	static const struct {
		const char *one, *other;
		bool equal;
	} cases[] = {
		{"", "", true},
		{"Alice", "aLICE", true},
		{"a", "ab", false},
		{"ab", "a", false},
		{"@", "`", false},
		{"[", "{", false},
		{"k", "\xe2\x84\xaa", false}, /* the Kelvin sign is no k */
		{"\xc3\xa4", "\xc3\x84", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_equal_fold(cases[i].one, cases[i].other), cases[i].equal);
}

static void truth_is_spelled_in_four_ways(void **state UNUSED)
{
	static const char *const yes[] = {"1",    "on", "yes", "true",
					  "TRUE", "On", "YES", "True"};
	static const char *const no[] = {"",  "0", "off", "no",    "false",
					 "2", "y", "t",   "true ", "11"};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(text_is_true(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(text_is_true(no[i]));
	assert_false(text_is_true(NULL));
}

static void numbers_are_decimal_and_bounded(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool fits;
		uint64_t number;
	} cases[] = {
		{"0", 0, true, 0},
		{"1", 0, false, 0},
		{"9", 10, true, 9},
		{"10", 10, true, 10},
		{"11", 10, false, 0},
		{"3", 3, true, 3},
		{"4", 3, false, 0}, /* one digit over a limit of one digit */
		{"9", 3, false, 0},
		{"9", 1, false, 0},
		{"65535", 65535, true, 65535},
		{"65536", 65535, false, 0},
		{"655350", 65535, false, 0},
		{"007", 100, true, 7},
		{"4294967295", UINT32_MAX, true, UINT32_MAX},
		{"4294967296", UINT32_MAX, false, 0},
		{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, false, 0},
		{"99999999999999999999", UINT64_MAX, false, 0},
		{"184467440737095516150", UINT64_MAX, false, 0},
		{"", 10, false, 0},
		{"-1", 10, false, 0},
		{"+1", 10, false, 0},
		{" 1", 10, false, 0},
		{"1 ", 10, false, 0},
		{"1a", 100, false, 0},
		{"0x1", 100, false, 0},
		{"1.0", 100, false, 0},
		{"\xd9\xa1", 10, false, 0}, /* a digit of another script */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 4711;
		bool fits = text_to_number(cases[i].text, cases[i].max, &number);

		if (fits != cases[i].fits)
			fail_msg("'%s' up to %llu: %s", cases[i].text,
				 (unsigned long long)cases[i].max, fits ? "taken" : "refused");
		assert_int_equal(number, fits ? cases[i].number : 4711);
	}
}

/* ---- times ------------------------------------------------------------------------------------ */

static void times_are_read(void **state UNUSED)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"2026-09-30T12:00:00Z", 1790769600},
		{"2026-09-30T12:00:00.000Z", 1790769600},
		{"2026-09-30T12:00:00.9Z", 1790769600},
		{"2026-09-30T12:00:00.123456789012Z", 1790769600},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2000-02-29T23:59:59Z", 951868799},
		{"2016-12-31T23:59:60Z", 1483228800}, /* a leap second */
		{"2038-01-19T03:14:08Z", 2147483648},
		{"9999-12-31T23:59:59Z", 253402300799},
		{"0001-01-01T00:00:00Z", -62135596800},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t seconds = 4711;

		if (!time_from_text(cases[i].text, &seconds) || seconds != cases[i].seconds)
			fail_msg("'%s' is read as %lld", cases[i].text, (long long)seconds);
	}
}

static void times_that_are_none_are_refused(void **state UNUSED)
{
	static const char *const cases[] = {
		"",
		"-",
		"2026-09-30",
		"2026-09-30T12:00:00",
		"2026-09-30T12:00Z",
		"2026-09-30 12:00:00Z",
		"2026-09-30t12:00:00Z",
		"2026-09-30T12:00:00z",
		"2026-09-30T12:00:00+02:00",
		"2026-09-30T12:00:00-00:01",
		"2026-09-30T12:00:00Z ",
		" 2026-09-30T12:00:00Z",
		"2026-09-30T12:00:00ZZ",
		"2026-9-30T12:00:00Z",
		"02026-09-30T12:00:00Z",
		"+2026-09-30T12:00:00Z",
		"2026-00-30T12:00:00Z",
		"2026-13-30T12:00:00Z",
		"2026-09-00T12:00:00Z",
		"2026-09-32T12:00:00Z",
		"2026-09-31T12:00:00Z", /* days that the month does not have */
		"2026-02-29T12:00:00Z",
		"2100-02-29T12:00:00Z",
		"2026-02-30T12:00:00Z",
		"2026-09-30T24:00:00Z",
		"2026-09-30T12:60:00Z",
		"2026-09-30T12:00:61Z",
		"2026-09-30T12:00:00.Z",
		"2026-09-30T12:00:00,5Z",
		"2026-09-30T-1:00:00Z",
		"1790769600",
		"tomorrow",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t seconds = 4711;

		if (time_from_text(cases[i], &seconds))
			fail_msg("'%s' is read as %lld", cases[i], (long long)seconds);
		assert_int_equal(seconds, 4711);
	}
}

static void times_are_written(void **state UNUSED)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},
		{1790769600, "2026-09-30T12:00:00Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
		{253402300800, "-"},
		{INT64_MAX, "-"},
		{TIME_UNKNOWN, "-"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TIME_TEXT_SIZE];

		time_to_text(cases[i].seconds, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* What is written can be read again, or says that nothing is known. */
static void times_survive_a_round_trip(void **state UNUSED)
{
	static const int64_t first = -62135596800; /* year 1 */
	static const int64_t step = 86400 * 97 + 12345;

	for (int64_t seconds = first; seconds <= 253402300799; seconds += step) {
		char text[TIME_TEXT_SIZE];
		int64_t again = 4711;

		time_to_text(seconds, text);
		if (seconds < -30000000000 && strcmp(text, "-") == 0) /* year 1019 */
			continue;
		if (!time_from_text(text, &again) || again != seconds)
			fail_msg("%lld is written '%s'", (long long)seconds, text);
	}
}

static void now_is_now(void **state UNUSED)
{
	assert_true(time_now() > 1700000000);
	assert_true(time_now() < 253402300799);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_sequences_have_a_length),
		cmocka_unit_test(a_text_is_valid_if_all_of_it_is),
		cmocka_unit_test(texts_come_out_harmless),
		cmocka_unit_test(cleaned_text_is_appended_and_measured_alone),
		cmocka_unit_test(any_bytes_come_out_harmless),
		cmocka_unit_test(width_is_what_a_terminal_shows),
		cmocka_unit_test(what_fits_ends_behind_a_character),
		cmocka_unit_test(words_are_quoted_for_a_shell),
		cmocka_unit_test(prefixes_are_told),
		cmocka_unit_test(copies_fit_or_are_cut),
		cmocka_unit_test(copies_are_not_cut_within_a_character),
		cmocka_unit_test(case_is_folded_for_ascii_only),
		cmocka_unit_test(truth_is_spelled_in_four_ways),
		cmocka_unit_test(numbers_are_decimal_and_bounded),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_that_are_none_are_refused),
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(times_survive_a_round_trip),
		cmocka_unit_test(now_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
