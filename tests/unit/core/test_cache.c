/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/cache.h"

#define ID "0123456789abcdef0123456789abcdef.1"

/* Where the kernel's keyring may not be used, there is nothing to see. */
static bool is_there(void)
{
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret kept = {0};

	assert_int_equal(secret_add_text(&record, "x\n"), 0);
	cache_put(ID, &record, 60);
	return cache_get(ID, &kept);
}

static void what_is_put_is_there_without_its_refresh_token(void **state UNUSED)
{
	static const struct {
		const char *record, *kept;
	} rows[] = {
		{"hf_x\nendpoint=https://a\n", "hf_x\nendpoint=https://a\n"},
		{"hf_x\nrefresh_token=r\nendpoint=https://a\n", "hf_x\nendpoint=https://a\n"},
		{"hf_x\nendpoint=https://a\nrefresh_token=r\n", "hf_x\nendpoint=https://a\n"},
		{"hf_x\nendpoint=https://a\nrefresh_token=r", "hf_x\nendpoint=https://a\n"},
		{"hf_x\nrefresh_tokens=r\n", "hf_x\nrefresh_tokens=r\n"},
	};

	if (!is_there())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTOSECRET struct secret record = {0};
		AUTOSECRET struct secret kept = {0};

		assert_int_equal(secret_add_text(&record, rows[i].record), 0);
		cache_put(ID, &record, 60);
		assert_true(cache_get(ID, &kept));
		assert_string_equal(secret_text(&kept), rows[i].kept);
		cache_drop(ID);
		assert_false(cache_get(ID, &kept));
	}
}

static void a_long_record_comes_back_whole(void **state UNUSED)
{
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret kept = {0};

	if (!is_there())
		skip();
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(secret_add_text(&record, "sixteen bytes..\n"), 0);
	cache_put(ID, &record, 60);
	assert_true(cache_get(ID, &kept));
	assert_true(secret_equal(&kept, &record));
	cache_drop(ID);
}

static void another_revision_is_another_entry(void **state UNUSED)
{
	AUTOSECRET struct secret kept = {0};

	(void)is_there();
	assert_false(cache_get("0123456789abcdef0123456789abcdef.2", &kept));
	assert_int_equal(kept.size, 0);
	cache_drop(ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_there_without_its_refresh_token),
		cmocka_unit_test(a_long_record_comes_back_whole),
		cmocka_unit_test(another_revision_is_another_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
