/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "cli/show.h"

static void an_age_is_said_in_its_largest_unit(void **state UNUSED)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{0, "just now"},
		{59, "just now"},
		{-5, "just now"}, /* another clock */
		{60, "1 minute ago"},
		{3599, "59 minutes ago"},
		{3600, "1 hour ago"},
		{86399, "23 hours ago"},
		{86400, "1 day ago"},
		{3 * 86400 + 5, "3 days ago"},
		{400 * 86400, "400 days ago"},
	};
	char text[SHOW_AGE_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		show_age(1800000000 - rows[i].seconds, 1800000000, text);
		assert_string_equal(text, rows[i].text);
	}
	show_age(TIME_UNKNOWN, 1800000000, text);
	assert_string_equal(text, "never");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_age_is_said_in_its_largest_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
