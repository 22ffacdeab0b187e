/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/checksum.h"

static void fill(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i % 26);
}

/* Written into files, so they must never change. */
static void sums_stay_what_they_are(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t sum;
	} cases[] = {
		{"", UINT64_C(0x688c786267a80152)},
		{"a", UINT64_C(0xfd021786610eb7d0)},
		{"abcdefgh", UINT64_C(0xb5e84f649fd1d179)},
		{"abcdefghi", UINT64_C(0x4a9cf9c8d4a5140d)},
		{"abcdefghijklmnopqrstuvwxyz0123456789", UINT64_C(0xe90aadcffa857fb5)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_true(checksum(cases[i].text, strlen(cases[i].text)) == cases[i].sum);
}

static void every_flipped_bit_changes_it(void **state UNUSED)
{
	static const size_t sizes[] = {1, 7, 8, 9, 16, 100, 257};
	char text[257];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t sum;

		fill(text, sizes[i]);
		sum = checksum(text, sizes[i]);
		for (size_t bit = 0; bit < 8 * sizes[i]; bit++) {
			text[bit / 8] ^= (char)(1 << bit % 8);
			assert_true(checksum(text, sizes[i]) != sum);
			text[bit / 8] ^= (char)(1 << bit % 8);
		}
		assert_true(checksum(text, sizes[i]) == sum);
	}
}

static void every_changed_byte_changes_it(void **state UNUSED)
{
	char text[40];
	uint64_t sum;

	fill(text, sizeof(text));
	sum = checksum(text, sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++) {
		char before = text[i];

		for (int change = 1; change < 256; change++) {
			text[i] = (char)(before ^ change);
			assert_true(checksum(text, sizeof(text)) != sum);
		}
		text[i] = before;
	}
}

static void length_counts(void **state UNUSED)
{
	static const char zeros[100];
	uint64_t sums[100];

	for (size_t size = 0; size < sizeof(zeros); size++) {
		sums[size] = checksum(zeros, size);
		for (size_t other = 0; other < size; other++)
			assert_true(sums[size] != sums[other]);
	}
}

static void order_counts(void **state UNUSED)
{
	assert_true(checksum("abcdefgh12345678", 16) != checksum("12345678abcdefgh", 16));
	assert_true(checksum("ab", 2) != checksum("ba", 2));
}

static void it_does_not_depend_on_where_a_text_lies(void **state UNUSED)
{
	char room[64];
	uint64_t sum = checksum("0123456789abcdefghij", 20);

	for (size_t offset = 0; offset < 16; offset++) {
		memset(room, 'z', sizeof(room));
		memcpy(room + offset, "0123456789abcdefghij", 20);
		assert_true(checksum(room + offset, 20) == sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_stay_what_they_are),
		cmocka_unit_test(every_flipped_bit_changes_it),
		cmocka_unit_test(every_changed_byte_changes_it),
		cmocka_unit_test(length_counts),
		cmocka_unit_test(order_counts),
		cmocka_unit_test(it_does_not_depend_on_where_a_text_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
