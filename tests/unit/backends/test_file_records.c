/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "backends/file_records.h"

#define ID(last) "0123456789abcdef0123456789abcde" last ".1"

static void add(struct secret *records, const char *id, const char *content)
{
	AUTOSECRET struct secret text = {0};

	assert_int_equal(secret_add_text(&text, content), 0);
	assert_int_equal(records_add(records, id, &text, NULL), 0);
}

static void init_three(struct secret *records)
{
	assert_int_equal(records_init(records, NULL), 0);
	add(records, ID("0"), "first\n");
	add(records, ID("1"), "");
	add(records, ID("2"), "third\nof two lines\n");
}

static void assert_text(const struct secret *records, const char *id, const char *content)
{
	struct record record;

	assert_true(records_find(records, id, &record));
	assert_int_equal(record.text_size, strlen(content));
	assert_memory_equal(record.text, content, record.text_size);
}

static void records_are_found_and_keep_their_order(void **state UNUSED)
{
	AUTOSECRET struct secret records = {0};
	struct record record;
	size_t position = 0;

	init_three(&records);
	assert_int_equal(records_check(&records, NULL), 0);
	assert_int_equal(records_count(&records), 3);
	assert_text(&records, ID("0"), "first\n");
	assert_text(&records, ID("1"), "");
	assert_text(&records, ID("2"), "third\nof two lines\n");
	assert_false(records_find(&records, ID("3"), &record));
	for (char last = '0'; last <= '2'; last++) {
		assert_true(records_next(&records, &position, &record));
		assert_int_equal(record.id[31], last);
	}
	assert_false(records_next(&records, &position, &record));
}

/* An id is not found by the beginning of another. */
static void revisions_are_different_ids(void **state UNUSED)
{
	AUTOSECRET struct secret records = {0};
	struct record record;

	assert_int_equal(records_init(&records, NULL), 0);
	add(&records, ID("0") "2", "twelve");
	assert_false(records_find(&records, ID("0"), &record));
	assert_text(&records, ID("0") "2", "twelve");
}

static void any_record_can_be_removed(void **state UNUSED)
{
	static const char *const ids[] = {ID("0"), ID("1"), ID("2")};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		AUTOSECRET struct secret records = {0};
		struct record record;

		init_three(&records);
		assert_true(records_find(&records, ids[i], &record));
		records_remove(&records, &record);
		assert_int_equal(records_check(&records, NULL), 0);
		assert_int_equal(records_count(&records), 2);
		for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
			assert_int_equal(records_find(&records, ids[k], &record), k != i);
	}
}

static void what_is_removed_is_wiped(void **state UNUSED)
{
	AUTOSECRET struct secret records = {0};
	struct record record;
	size_t size;

	init_three(&records);
	size = records.size;
	assert_true(records_find(&records, ID("2"), &record));
	records_remove(&records, &record);
	for (size_t i = records.size; i < size; i++)
		assert_int_equal(records.data[i], 0);
}

static void every_truncation_is_damage(void **state UNUSED)
{
	AUTOSECRET struct secret records = {0};

	init_three(&records);
	while (records.size > 0) {
		secret_truncate(&records, records.size - 1);
		assert_int_equal(records_check(&records, NULL), ERR_DAMAGED);
	}
}

static void wrong_counts_and_sizes_are_damage(void **state UNUSED)
{
	static const struct {
		size_t offset;
		unsigned char value;
	} cases[] = {
		{0, 1},    {3, 0},    {3, 2},  {3, 4},   {3, 255}, /* the count */
		{4, 1},    {5, 0},    {5, 48}, {5, 255}, /* the size of the first id */
		{6, 0x40}, {6, 0xff}, {7, 7},            /* the size of the first text */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret records = {0};

		init_three(&records);
		records.data[cases[i].offset] = (char)cases[i].value;
		assert_int_equal(records_check(&records, NULL), ERR_DAMAGED);
	}
}

static void limits_hold(void **state UNUSED)
{
	AUTOSECRET struct secret records = {0};
	AUTOSECRET struct secret text = {0};
	char id[RECORD_ID_SIZE];

	for (size_t i = 0; i < RECORD_MAX; i++)
		assert_int_equal(secret_add(&text, "x", 1), 0);
	assert_int_equal(records_init(&records, NULL), 0);
	assert_int_equal(records_add(&records, ID("0"), &text, NULL), 0);
	assert_int_equal(records_check(&records, NULL), 0);
	assert_int_equal(secret_add(&text, "x", 1), 0);
	assert_int_equal(records_add(&records, ID("1"), &text, NULL), ERR_FORMAT);

	assert_int_equal(records_init(&records, NULL), 0);
	secret_truncate(&text, 1);
	for (int i = 0; i < STORE_RECORDS_MAX; i++) {
		(void)snprintf(id, sizeof(id), "%032x.1", (unsigned int)i);
		assert_int_equal(records_add(&records, id, &text, NULL), 0);
	}
	assert_int_equal(records_add(&records, ID("0"), &text, NULL), ERR_NO_SPACE);
	assert_int_equal(records_check(&records, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found_and_keep_their_order),
		cmocka_unit_test(revisions_are_different_ids),
		cmocka_unit_test(any_record_can_be_removed),
		cmocka_unit_test(what_is_removed_is_wiped),
		cmocka_unit_test(every_truncation_is_damage),
		cmocka_unit_test(wrong_counts_and_sizes_are_damage),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
