/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/json.h"
#include "base/json_write.h"
#include "base/text.h"

static void texts_are_escaped(void **state UNUSED)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
		{"", "\"\""},
		{"abc", "\"abc\""},
		{"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
		{"a\nb\tc\rd", "\"a\\nb\\u0009c\\u000dd\""},
		{"\x1b[31m\x7f\x01", "\"\\u001b[31m\\u007f\\u0001\""},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"a\xff"
		 "b\xe2\x82",
		 "\"a?b??\""},
		{NULL, "null"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf buf = {0};
		struct json_out out = {.buf = &buf};

		json_put_text(&out, NULL, cases[i].text);
		assert_string_equal(buf_text(&buf), cases[i].written);
	}
}

static void values_of_every_kind(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};
	struct json_out out = {.buf = &buf};

	json_begin(&out, NULL, '[');
	json_put_bool(&out, NULL, true);
	json_put_bool(&out, NULL, false);
	json_put_tristate(&out, NULL, YES);
	json_put_tristate(&out, NULL, NO);
	json_put_tristate(&out, NULL, UNKNOWN);
	json_put_null(&out, NULL);
	json_put_int(&out, NULL, 0);
	json_put_int(&out, NULL, INT64_MIN);
	json_put_int(&out, NULL, INT64_MAX);
	json_put_time(&out, NULL, 0);
	json_put_time(&out, NULL, TIME_UNKNOWN);
	json_end(&out, ']');
	assert_string_equal(buf_text(&buf),
			    "[true,false,true,false,null,null,0,-9223372036854775808,"
			    "9223372036854775807,\"1970-01-01T00:00:00Z\",null]");
}

static void commas_stand_between_values_only(void **state UNUSED)
{
	AUTOBUF struct buf buf = {0};
	struct json_out out = {.buf = &buf};

	json_begin(&out, NULL, '{');
	json_begin(&out, "empty", '[');
	json_end(&out, ']');
	json_begin(&out, "list", '[');
	json_begin(&out, NULL, '{');
	json_end(&out, '}');
	json_begin(&out, NULL, '{');
	json_put_int(&out, "a", 1);
	json_put_int(&out, "b", 2);
	json_end(&out, '}');
	json_end(&out, ']');
	json_put_text(&out, "na\"me", "x");
	json_end(&out, '}');
	assert_string_equal(buf_text(&buf), "{\"empty\":[],\"list\":[{},{\"a\":1,\"b\":2}],"
					    "\"na\\\"me\":\"x\"}");
}

/* Any text is read back by our own parser as what it was. */
static void the_parser_reads_back_what_was_written(void **state UNUSED)
{
	char text[3];

	for (int first = 1; first < 256; first++) {
		AUTOBUF struct buf buf = {0};
		struct json_out out = {.buf = &buf};
		struct json *document;

		text[0] = (char)first;
		text[1] = '\\';
		text[2] = '\0';
		json_begin(&out, NULL, '{');
		json_put_text(&out, text, text);
		json_end(&out, '}');
		assert_int_equal(json_parse(buf.data, buf.size, &document, NULL), 0);
		if (first >= 0x80)
			text[0] = '?';
		assert_string_equal(json_member_text(document, text), text);
		json_free(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(values_of_every_kind),
		cmocka_unit_test(commas_stand_between_values_only),
		cmocka_unit_test(the_parser_reads_back_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
