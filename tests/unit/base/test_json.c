/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/json.h"

static struct json *parsed(const char *text)
{
	struct json *document = NULL;
	struct err err = {0};

	if (json_parse(text, strlen(text), &document, &err))
		fail_msg("'%s': %s", text, err.message);
	return document;
}

static void assert_refused(const char *text, size_t size)
{
	struct json *document = NULL;
	struct err err = {0};

	if (json_parse(text, size, &document, &err) != ERR_FORMAT)
		fail_msg("'%.*s' is taken", (int)size, text);
	assert_null(document);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_true(*err.message);
}

static void values_of_every_kind_are_taken(void **state UNUSED)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"null",
		"true",
		"false",
		"0",
		"-1.5e3",
		"\"\"",
		" \r\n\t{ } \n",
		"[1,\"a\",null,{\"b\":[]}]",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOJSON struct json *document = parsed(texts[i]);

		assert_non_null(document);
	}
}

static void what_is_no_json_is_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"}",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"[1,]",
		"[1 2]",
		"{\"a\":1,}",
		"nul",
		"tru",
		"'a'",
		"\"a",
		"+1",
		"-",
		"\"\\x\"",
		"\"\\u12g4\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"<html></html>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
}

/* cJSON ends a text there: "https://huggingface.co\u0000.evil" would be a Hub. */
static void a_nul_is_refused_however_it_is_written(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t size; /* 0: strlen */
		bool taken;
	} cases[] = {
		{"\"a\\u0000b\"", 0, false},
		{"\"\\u0000\"", 0, false},
		{"{\"a\\u0000\":1}", 0, false},
		{"[\"x\",{\"y\":\"\\u0000\"}]", 0, false},
		{"\"\\\\\\u0000\"", 0, false}, /* a backslash, then a NUL */
		{"\"\\\\u0000\"", 0, true},    /* a backslash, then five letters */
		{"\"\\\\\\\\u0000\"", 0, true},
		{"\"\\n\\u0000\"", 0, false},
		{"\"\\u00000\"", 0, false},
		{"\"\\u0001\"", 0, true},
		{"\"u0000\"", 0, true},
		/* cJSON takes what is no number for the number 0 */
		{"\"https://huggingface.co\\uzzzz.evil\"", 0, false},
		{"\"\\u000g\"", 0, false},
		{"\"\\u 000\"", 0, false},
		{"\"\\u-000\"", 0, false},
		{"\"\\u00\"      ", 0, false},
		{"{\"a\\uxxxx\":1}", 0, false},
		{"\"a\0b\"", 5, false},
		{"{}\0", 3, false},
		{"\0{}", 3, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t size = cases[i].size ? cases[i].size : strlen(cases[i].text);

		if (cases[i].taken) {
			AUTOJSON struct json *document = parsed(cases[i].text);

			assert_non_null(document);
		} else {
			assert_refused(cases[i].text, size);
		}
	}
}

static void members_that_appear_twice_are_refused(void **state UNUSED)
{
	static const char *const twice[] = {
		"{\"a\":1,\"a\":2}",           "{\"a\":1,\"b\":2,\"a\":1}",
		"{\"a\":1,\"\\u0061\":2}", /* the same name in another spelling */
		"[{\"x\":{\"a\":1,\"a\":1}}]", "{\"\":1,\"\":2}",
	};
	static const char *const once[] = {
		"{\"a\":1,\"A\":2}",
		"{\"a\":{\"a\":{\"a\":1}}}",
		"[{\"a\":1},{\"a\":1}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(twice); i++)
		assert_refused(twice[i], strlen(twice[i]));
	for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
		AUTOJSON struct json *document = parsed(once[i]);

		assert_non_null(document);
	}
}

static void an_object_has_so_many_members(void **state UNUSED)
{
	for (size_t count = JSON_MEMBERS_MAX; count <= JSON_MEMBERS_MAX + 1; count++) {
		AUTOBUF struct buf text = {0};

		for (size_t i = 0; i < count; i++)
			buf_printf(&text, "%c\"m%zu\":0", i ? ',' : '{', i);
		buf_add_char(&text, '}');
		if (count <= JSON_MEMBERS_MAX) {
			AUTOJSON struct json *document = parsed(buf_text(&text));

			assert_non_null(json_member(document, "m999"));
		} else {
			assert_refused(text.data, text.size);
		}
	}
}

static void bytes_behind_the_value_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {"{}{}", "{} x",  "1 2", "null,",
					    "[]]",  "1.2.3", "{}\f"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
}

static void bytes_that_are_not_utf8_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {"\"\xff\"",     "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
					    "\"\xe2\x82\"", "{\"\x80\":1}", "\xfe\xff"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
}

static void nest(struct buf *text, size_t depth, const char *open, const char *close)
{
	for (size_t i = 0; i < depth; i++)
		buf_add_text(text, open);
	for (size_t i = 0; i < depth; i++)
		buf_add_text(text, i || *close == ']' ? close : "0}");
}

static void nesting_has_a_limit(void **state UNUSED)
{
	static const struct {
		size_t depth;
		bool taken;
	} cases[] = {{JSON_DEPTH_MAX - 1, true},
		     {JSON_DEPTH_MAX, true},
		     {JSON_DEPTH_MAX + 1, false},
		     {999, false},
		     {1000, false},
		     {100000, false}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf objects = {0};

		nest(&text, cases[i].depth, "[", "]");
		nest(&objects, cases[i].depth, "{\"a\":", "}");
		if (cases[i].taken) {
			AUTOJSON struct json *document = parsed(buf_text(&text));

			assert_non_null(document);
		} else {
			assert_refused(text.data, text.size);
			assert_refused(objects.data, objects.size);
		}
	}
}

/* Every beginning of a document is refused, and none reads past its end. */
static void cut_documents_are_refused(void **state UNUSED)
{
	static const char text[] =
		"{\"a\":[true,null,-1.5,\"\\u00e4\\\\\xc3\xa4\"],\"b\":{\"c\":\"\"}}";

	for (size_t size = 0; size < strlen(text); size++) {
		char *copy = malloc(size +
				    1); /* exactly as long: a sanitizer sees one byte more */

		memcpy(copy, text, size);
		copy[size] = '"';
		assert_refused(copy, size);
		free(copy);
	}
}

static void the_end_is_where_it_is_said_to_be(void **state UNUSED)
{
	struct json *document;

	assert_int_equal(json_parse("{}garbage", 2, &document, NULL), 0);
	json_free(document);
	assert_int_equal(json_parse("12345", 2, &document, NULL), 0);
	json_free(document);
}

static void members_and_their_kinds(void **state UNUSED)
{
	AUTOJSON struct json *document = parsed(
		"{\"text\":\"a\\u00e4\",\"yes\":true,\"no\":false,\"null\":null,"
		"\"number\":1,\"list\":[1,2,3],\"object\":{\"in\":\"side\"}}");

	assert_true(json_is_object(document));
	assert_string_equal(json_member_text(document, "text"), "a\xc3\xa4");
	assert_null(json_member(document, "Text")); /* names are compared by case */
	assert_null(json_member(document, "absent"));
	assert_int_equal(json_bool(json_member(document, "yes")), YES);
	assert_int_equal(json_bool(json_member(document, "no")), NO);
	assert_string_equal(json_member_text(json_member(document, "object"), "in"), "side");
}

static void other_kinds_answer_nothing(void **state UNUSED)
{
	static const char *const names[] = {"yes",  "null",   "number",
					    "list", "object", "absent"};
	AUTOJSON struct json *document = parsed("{\"text\":\"a\",\"yes\":true,\"null\":null,"
						"\"number\":1,\"list\":[1],\"object\":{}}");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct json *value = json_member(document, names[i]);

		assert_null(json_text(value));
		assert_null(json_member_text(document, names[i]));
		assert_null(json_member(value, "in"));
		assert_null(json_member_text(value, "in"));
		if (i > 0)
			assert_int_equal(json_bool(value), UNKNOWN);
		assert_int_equal(json_is_object(value), strcmp(names[i], "object") == 0);
		if (strcmp(names[i], "list") != 0)
			assert_null(json_first(value));
	}
	assert_int_equal(json_bool(json_member(document, "text")), UNKNOWN);
}

static void null_answers_nothing(void **state UNUSED)
{
	assert_null(json_member(NULL, "a"));
	assert_null(json_text(NULL));
	assert_null(json_member_text(NULL, "a"));
	assert_int_equal(json_bool(NULL), UNKNOWN);
	assert_false(json_is_object(NULL));
	assert_null(json_first(NULL));
	json_each (element, NULL)
		fail();
	json_free(NULL);
}

static void elements_come_in_order(void **state UNUSED)
{
	AUTOJSON struct json *list = parsed("[\"a\",\"b\",\"c\"]");
	AUTOJSON struct json *object = parsed("{\"x\":\"a\",\"y\":\"b\",\"z\":\"c\"}");
	AUTOJSON struct json *empty = parsed("[]");
	AUTOBUF struct buf seen = {0};

	json_each (element, list)
		buf_add_text(&seen, json_text(element));
	json_each (element, object)
		buf_add_text(&seen, json_text(element));
	json_each (element, empty)
		buf_add_text(&seen, "!");
	assert_string_equal(buf_text(&seen), "abcabc");
}

static void values_are_printed_in_one_line(void **state UNUSED)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{" { \"a\" : [ 1 , true , null ] } ", "{\"a\":[1,true,null]}"},
		{"\"a\\nb\\u0007\"", "\"a\\nb\\u0007\""},
		{"\"\\u00e4\"", "\"\xc3\xa4\""},
		{"-0.5", "-0.5"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOJSON struct json *document = parsed(cases[i].text);
		AUTOBUF struct buf printed = {0};

		buf_add_text(&printed, ">");
		assert_int_equal(json_print(document, &printed, NULL), 0);
		assert_string_equal(buf_text(&printed) + 1, cases[i].printed);
		assert_null(strchr(buf_text(&printed), '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_kind_are_taken),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_nul_is_refused_however_it_is_written),
		cmocka_unit_test(members_that_appear_twice_are_refused),
		cmocka_unit_test(an_object_has_so_many_members),
		cmocka_unit_test(bytes_behind_the_value_are_refused),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(cut_documents_are_refused),
		cmocka_unit_test(the_end_is_where_it_is_said_to_be),
		cmocka_unit_test(members_and_their_kinds),
		cmocka_unit_test(other_kinds_answer_nothing),
		cmocka_unit_test(null_answers_nothing),
		cmocka_unit_test(elements_come_in_order),
		cmocka_unit_test(values_are_printed_in_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
