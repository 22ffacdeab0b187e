/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"

static void an_unused_buffer_is_an_empty_text(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	assert_string_equal(buf_text(&buf), "");
	assert_false(buf_failed(&buf));
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
}

static void all_ways_of_adding_append(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	buf_add(&buf, "a\0b", 3);
	buf_add_char(&buf, 'c');
	buf_add_text(&buf, "de");
	buf_printf(&buf, "%d%s", 12, "!");
	buf_add(&buf, "", 0);
	assert_int_equal(buf.size, 9);
	assert_memory_equal(buf.data, "a\0bcde12!", 10); /* with the NUL behind it */
	assert_false(buf_failed(&buf));
}

/* Every size is crossed, and what was there before stays. */
static void it_grows_and_stays_ended(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	for (size_t i = 0; i < 5000; i++) {
		buf_add_char(&buf, (char)('a' + i % 26));
		assert_int_equal(buf.size, i + 1);
		assert_true(buf.capacity > buf.size);
		assert_int_equal(buf.data[buf.size], '\0');
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
}

static void a_long_format_fits(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	buf_add_text(&buf, "x");
	buf_printf(&buf, "%10000d", 7);
	assert_int_equal(buf.size, 10001);
	assert_int_equal(buf.data[10000], '7');
}

static void room_is_not_content(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	buf_add_text(&buf, "ab");
	assert_true(buf_reserve(&buf, 1000));
	assert_int_equal(buf.size, 2);
	assert_true(buf.capacity >= 1003);
	assert_string_equal(buf_text(&buf), "ab");
}

static void too_much_is_remembered_until_cleared(void **state UNUSED)
{
	static const size_t sizes[] = {BUF_MAX, BUF_MAX + 1, SIZE_MAX - 1, SIZE_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTOBUF struct buf buf = {0};

		buf_add_text(&buf, "kept");
		assert_false(buf_reserve(&buf, sizes[i]));
		assert_true(buf_failed(&buf));
		buf_add_text(&buf, "more");
		buf_add_char(&buf, 'c');
		buf_printf(&buf, "%d", 1);
		assert_true(buf_failed(&buf));
		assert_string_equal(buf_text(&buf), "kept");
		buf_clear(&buf);
		assert_false(buf_failed(&buf));
		buf_add_text(&buf, "again");
		assert_string_equal(buf_text(&buf), "again");
	}
}

static void stealing_hands_the_text_over(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};
	char *text;

	buf_add_text(&buf, "mine");
	text = buf_steal(&buf);
	assert_string_equal(text, "mine");
	assert_null(buf.data);
	assert_int_equal(buf.size, 0);
	free(text);
	text = buf_steal(&buf); /* an empty text is a text */
	assert_string_equal(text, "");
	free(text);
}

static void a_failed_text_cannot_be_stolen(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	buf_add_text(&buf, "half");
	(void)buf_reserve(&buf, BUF_MAX);
	assert_null(buf_steal(&buf));
	assert_false(buf_failed(&buf));
	assert_string_equal(buf_text(&buf), "");
}

/* The first of all tests: nothing has failed yet. */
static void that_a_text_has_failed_is_remembered_for_good(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};

	buf_add_text(&buf, "whole");
	assert_false(buf_ever_failed());
	assert_false(buf_reserve(&buf, BUF_MAX));
	buf_clear(&buf);
	assert_true(buf_ever_failed());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_a_text_has_failed_is_remembered_for_good),
		cmocka_unit_test(an_unused_buffer_is_an_empty_text),
		cmocka_unit_test(all_ways_of_adding_append),
		cmocka_unit_test(it_grows_and_stays_ended),
		cmocka_unit_test(a_long_format_fits),
		cmocka_unit_test(room_is_not_content),
		cmocka_unit_test(too_much_is_remembered_until_cleared),
		cmocka_unit_test(stealing_hands_the_text_over),
		cmocka_unit_test(a_failed_text_cannot_be_stolen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
