/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/json_scan.h"
#include "protocol/reply.h"

static void texts_become_json(void **state UNUSED)
{
	static const char *const texts[][2] = {
		{"", "\"\""},
		{"hf_x", "\"hf_x\""},
		{"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
		{"\n\t\x01\x7f", "\"\\u000a\\u0009\\u0001\\u007f\""},
		{"\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOSECRET struct secret reply = {0};

		assert_int_equal(reply_add_json(&reply, texts[i][0], strlen(texts[i][0]), NULL),
				 0);
		assert_string_equal(reply.data, texts[i][1]);
	}
}

/* Our own reader gets back what was written, whatever it was. */
static void every_character_comes_back(void **state UNUSED)
{
	for (int byte = 1; byte < 0x80; byte++) {
		const char text[] = {'<', (char)byte, '>', '\0'};
		AUTOSECRET struct secret reply = {0};
		struct json_pair pair;
		struct json_scan scan = {.pairs = &pair, .capacity = 1};

		assert_int_equal(reply_add(&reply, "{\"x\":", NULL), 0);
		assert_int_equal(reply_add_json(&reply, text, 3, NULL), 0);
		assert_int_equal(reply_add(&reply, "}", NULL), 0);
		assert_int_equal(json_scan(&scan, reply.data, reply.size, NULL), 0);
		assert_true(json_span_equal(&pair.value, text));
	}
}

static void what_json_cannot_carry_is_refused(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t size;
	} texts[] = {{"a\0b", 3}, {"\0", 1}, {"\xff", 1}, {"\xc3", 1}, {"\xed\xa0\x80", 3}};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOSECRET struct secret reply = {0};

		assert_int_equal(reply_add_json(&reply, texts[i].text, texts[i].size, NULL),
				 ERR_FORMAT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_json),
		cmocka_unit_test(every_character_comes_back),
		cmocka_unit_test(what_json_cannot_carry_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
