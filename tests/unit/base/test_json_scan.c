/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "base/json_scan.h"

#define PAIRS 16

static int scan(struct json_scan *ret, const char *text, size_t size, struct err *err)
{
	static struct json_pair pairs[PAIRS];

	*ret = (struct json_scan) {.pairs = pairs, .capacity = PAIRS};
	return json_scan(ret, text, size, err);
}

static void assert_refused(const char *text, size_t size)
{
	struct json_scan found;
	struct err err = {0};

	if (scan(&found, text, size, &err) != ERR_FORMAT)
		fail_msg("'%.*s' is taken", (int)size, text);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_true(*err.message);
	assert_null(strstr(err.message, "secret"));
}

static void members_are_found(void **state UNUSED)
{
	static const char text[] = " {\"a\":\"x\",\"b\" : -1.5e+3 , \"c\":[1,{\"c\":2}],\n"
				   "\"d\":{\"d\":null}, \"e\":true,\"f\":null,\"\":0} \n";
	static const struct {
		const char *name;
		enum json_kind kind;
		const char *raw;
	} wanted[] = {
		{"a", JSON_KIND_TEXT, "\"x\""},
		{"b", JSON_KIND_NUMBER, "-1.5e+3"},
		{"c", JSON_KIND_ARRAY, "[1,{\"c\":2}]"},
		{"d", JSON_KIND_OBJECT, "{\"d\":null}"},
		{"e", JSON_KIND_BOOL, "true"},
		{"f", JSON_KIND_NULL, "null"},
		{"", JSON_KIND_NUMBER, "0"},
	};
	struct json_scan found;

	assert_int_equal(scan(&found, text, strlen(text), NULL), 0);
	assert_int_equal(found.count, ARRAY_SIZE(wanted));
	assert_ptr_equal(found.whole.at, text + 1);
	assert_int_equal(found.whole.size, strlen(text) - 3);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct json_span value = json_scan_find(&found, wanted[i].name);

		assert_int_equal(value.kind, wanted[i].kind);
		assert_int_equal(value.size, strlen(wanted[i].raw));
		assert_memory_equal(value.at, wanted[i].raw, value.size);
	}
	assert_int_equal(json_scan_find(&found, "A").kind, JSON_KIND_NONE);
}

static void texts_are_decoded(void **state UNUSED)
{
	static const struct {
		const char *json;
		const char *text;
	} texts[] = {
		{"\"\"", ""},
		{"\"a\\\\\"", "a\\"},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
		{"\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00\"",
		 "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\"\xc3\xa4\x7f\"", "\xc3\xa4\x7f"},
		{"\"\\u0001\"", "\x01"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json_scan found;
		struct json_span value;
		AUTOBUF struct buf text = {0};
		char decoded[64];

		buf_printf(&text, "{\"x\":%s}", texts[i].json);
		assert_int_equal(scan(&found, text.data, text.size, NULL), 0);
		value = json_scan_find(&found, "x");
		assert_true(json_span_decode(&value, decoded, sizeof(decoded)));
		assert_string_equal(decoded, texts[i].text);
		assert_true(json_span_equal(&value, texts[i].text));
		assert_false(json_span_equal(&value, "other"));
		/* exactly as much room as it needs, and one byte less */
		assert_true(json_span_decode(&value, decoded, strlen(texts[i].text) + 1));
		assert_false(json_span_decode(&value, decoded, strlen(texts[i].text)));
	}
}

static void only_texts_are_texts(void **state UNUSED)
{
	static const char text[] = "{\"a\":1,\"b\":null,\"c\":[\"x\"]}";
	struct json_scan found;
	char decoded[8] = "kept";

	assert_int_equal(scan(&found, text, strlen(text), NULL), 0);
	for (size_t i = 0; i < found.count; i++) {
		assert_false(json_span_decode(&found.pairs[i].value, decoded, 8));
		assert_false(json_span_equal(&found.pairs[i].value, ""));
	}
	assert_string_equal(decoded, "kept");
}

static void what_is_no_object_is_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		" ",
		"null",
		"[]",
		"\"a\"",
		"{",
		"}",
		"{}}",
		"{} {}",
		"{}\x01",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"{1:1}",
		"{\"a\":1,}",
		"{,}",
		"{\"a\":1 \"b\":2}",
		"{\"a\":nul}",
		"{\"a\":True}",
		"{\"a\":'b'}",
		"{\"a\":\"b}",
		"{\"a\":\"b\\\"}",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":-}",
		"{\"a\":1.}",
		"{\"a\":1e}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\"}",
		"{\"a\":\"\\ud800\\u0041\"}",
		"{\"a\":\"\\ud800x\"}",
		"{\"a\":\"new\nline\"}",
		"{\"a\":\"hf_secretsecret\\u0000.evil\"}",
		"{\"a\":[{\"hf_secret\":\"\\u0000\"}]}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"<html></html>",
		"{\"a\":1}//",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
	assert_refused("{\"a\":\"b\0c\"}", 11);
	assert_refused("{}\0", 3);
}

static void doubles_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"{\"uri\":\"a\",\"uri\":\"b\"}",
		"{\"uri\":\"a\",\"\\u0075ri\":\"b\"}",
		"{\"\\u0075\\u0072i\":\"a\",\"uri\":\"b\"}",
		"{\"\":1,\"\":1}",
		"{\"\xc3\xa4\":1,\"x\":2,\"\\u00e4\":1}",
	};
	static const char near[] =
		"{\"uri\":1,\"ur\":2,\"uri \":3,\"URI\":4,\"\":5,\"\\u00e4\":6,"
		"\"\\u00e5\":7}";
	struct json_scan found;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
	assert_int_equal(scan(&found, near, strlen(near), NULL), 0);
	assert_int_equal(found.count, 7);
}

static void depth_and_number_have_limits(void **state UNUSED)
{
	for (int depth = 1; depth <= 2 * JSON_DEPTH_MAX; depth++) {
		AUTOBUF struct buf text = {0};
		struct json_scan found;
		int error;

		buf_add_text(&text, "{\"a\":");
		for (int i = 1; i < depth; i++)
			buf_add_char(&text, '[');
		for (int i = 1; i < depth; i++)
			buf_add_char(&text, ']');
		buf_add_text(&text, depth > 1 ? "}" : "1}");
		error = scan(&found, text.data, text.size, NULL);
		assert_int_equal(error, depth <= JSON_DEPTH_MAX ? 0 : ERR_FORMAT);
	}
	for (size_t count = PAIRS; count <= PAIRS + 1; count++) {
		AUTOBUF struct buf text = {0};
		struct json_scan found;

		for (size_t i = 0; i < count; i++)
			buf_printf(&text, "%c\"%zu\":0", i ? ',' : '{', i);
		buf_add_char(&text, '}');
		assert_int_equal(scan(&found, text.data, text.size, NULL),
				 count <= PAIRS ? 0 : ERR_FORMAT);
	}
}

/* Cut anywhere, it is refused, and nothing behind the end is looked at. */
static void cut_texts_are_refused(void **state UNUSED)
{
	static const char whole[] = "{\"a\":\"\\ud83d\\ude00\",\"b\":[true,{\"c\":-1.5e3}]}";

	for (size_t size = 0; size + 1 < strlen(whole); size++)
		assert_refused(whole, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(only_texts_are_texts),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(doubles_are_refused),
		cmocka_unit_test(depth_and_number_have_limits),
		cmocka_unit_test(cut_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
