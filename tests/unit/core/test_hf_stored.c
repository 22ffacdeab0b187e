/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "core/hf_stored.h"

/* What is found, as "name=token" words; an OAuth session has its end behind an `@`. */
static int parse(const char *text, size_t size, struct buf *ret, size_t *ret_unusable)
{
	AUTOFREE struct hf_stored *stored = calloc(1, sizeof(*stored));
	AUTOSECRET struct secret copy = {0};
	int error;

	assert_non_null(stored);
	assert_int_equal(secret_set(&copy, text, size), 0);
	error = hf_stored_parse(&copy, stored, NULL);
	for (size_t i = 0; i < stored->count; i++) {
		const struct hf_entry *entry = &stored->entries[i];

		if (!entry->has_name)
			continue;
		buf_printf(ret, "%s%s=%s", ret->size ? " " : "", entry->name, entry->token);
		if (entry->expires != TIME_UNKNOWN)
			buf_printf(ret, "@%lld", (long long)entry->expires);
	}
	*ret_unusable = stored->unusable;
	return error;
}

struct row {
	const char *text;
	const char *found; /* NULL: ERR_FORMAT */
	size_t unusable;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTOBUF struct buf found = {0};
		size_t unusable;
		int error = parse(rows[i].text, strlen(rows[i].text), &found, &unusable);

		if (error != (rows[i].found ? 0 : ERR_FORMAT) ||
		    strcmp(buf_text(&found), rows[i].found ? rows[i].found : "") != 0 ||
		    unusable != rows[i].unusable)
			fail_msg("row %zu: %d '%s' %zu", i, error, buf_text(&found), unusable);
	}
}

/* Every answer here is that of Python's configparser. */
static void ini_is_read_as_configparser_does(void **state UNUSED)
{
	static const struct row rows[] = {
		{"", "", 0},
		{"\n\n", "", 0},
		{"# nothing\n; at all\n", "", 0},
		{"[a]\nhf_token = t\n\n", "a=t", 0},
		{"[a]\nhf_token=t", "a=t", 0},
		{"[a]\nhf_token: t\n", "a=t", 0},
		{"[a]\nhf_token : t = u\n", "a=t = u", 0},
		{"[a]\r\nHF_Token =\tt \r\n", "a=t", 0},
		{"[a]\nhf_token = t # no comment\n", "a=t # no comment", 0},
		{"[a]\n  # a comment\nhf_token = t\n ; one more\n", "a=t", 0},
		{"[b]\nhf_token = 2\n[a]\nhf_token = 1\n", "b=2 a=1", 0},
		{"[a b]\nhf_token = t\n", "a b=t", 0},
		{"[a]b]\nhf_token = t\n", "a]b=t", 0},
		{"[ü]\nhf_token = t\n", "ü=t", 0},
		{"[A]\nhf_token = 1\n[a]\nhf_token = 2\n", "A=1 a=2", 0},
		{"[a]\nother = x\nhf_token = t\n", "a=t", 0},
		{"[o]\nhf_token = t\nrefresh_token = r\nexpires_at = 1790000000\n",
		 "o=t@1790000000", 0},
		{"[o]\nhf_token = t\nexpires_at = soon\n", "o=t", 0},
		{"[o]\nhf_token = t\nexpires_at = -5\n", "o=t", 0},
		{"[o]\nhf_token = t\nexpires_at = 99999999999999999999\n", "o=t", 0},
		/* its keys count in every section that lacks them, and it is none itself */
		{"[DEFAULT]\nhf_token = d\n[a]\n[b]\nhf_token = t\n", "a=d b=t", 0},
		{"[DEFAULT]\nhf_token = d\n", "", 0},
		{"[DEFAULT]\nx = 1\n[a]\nhf_token = t\n[DEFAULT]\ny = 1\n", "a=t", 0},
		/* nothing that could be used */
		{"[a]\n", "", 1},
		{"[a]\nhf_token =\n", "", 1},
		{"[a]\nhf_token = half\n  of it\n", "", 1},
		{"[a]\nx = 1\n  hf_token = t\n", "", 1},
		{"[hf_abcdefghijk]\nhf_token = t\n", "", 1},
		{"[a\033[31m]\nhf_token = t\n", "", 1},
		{"[a\u202eb]\nhf_token = t\n", "", 1},
		{"[0123456789012345678901234567890123456789012345678901234567890123]\nhf_token=t",
		 "0123456789012345678901234567890123456789012345678901234567890123=t", 0},
		{"[01234567890123456789012345678901234567890123456789012345678901234]\nhf_token=t",
		 "", 1},
		/* what makes configparser raise an error */
		{"hf_token = t\n", NULL, 0},
		{"\357\273\277[a]\nhf_token = t\n", NULL, 0},
		{"[a]\nhf_token\n", NULL, 0},
		{"[a]\n= t\n", NULL, 0},
		{"[a]\nhf_token = t\n[a]\nhf_token = u\n", NULL, 0},
		{"[a]\nhf_token = t\nHF_TOKEN = u\n", NULL, 0},
		{"[]\nhf_token = t\n", NULL, 0},
		{"[a]\nhf_token = t\n[b\n", NULL, 0},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void json_is_read_strictly(void **state UNUSED)
{
	static const struct row rows[] = {
		{"{}", "", 0},
		{" { } \n", "", 0},
		{"{\"tokens\":{}}", "", 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\"}},\"active\":\"a\"}", "a=t", 0},
		{"{\n \"active\": null,\n \"tokens\": {\n \"b\": {\"token\": \"2\"},\n"
		 " \"a\": {\"token\": \"1\"}\n }\n}\n",
		 "b=2 a=1", 0},
		{"{\"tokens\":{\"a\":{\"x\":[1,-2.5e+3,true,{\"y\":[]}],\"token\":\"t\"}}}",
		 "a=t", 0},
		{"{\"tokens\":{\"\\u0061\\ud83d\\ude00\\/\":{\"token\":\"\\u0074\"}}}",
		 "a\360\237\230\200/=t", 0},
		{"{\"tokens\":{\"a\":{}}}", "", 1},
		{"{\"tokens\":{\"a\\nb\":{\"token\":\"t\"}}}", "", 1},
		{"{\"tokens\":{\"hf_abcdefghijk\":{\"token\":\"t\"}}}", "", 1},
		{"{", NULL, 0},
		{"{\"tokens\"", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\"}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\"}}} x", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\"},}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\"},\"a\":{\"token\":\"u\"}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\",\"token\":\"u\"}}}", NULL, 0},
		{"{\"tokens\":{},\"tokens\":{}}", NULL, 0},
		{"{\"tokens\":[]}", NULL, 0},
		{"{\"tokens\":{\"a\":\"t\"}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":1}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\\u0000u\"}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"\\ud83d\"}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"\\ude00\"}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"\\x\"}}}", NULL, 0},
		{"{\"tokens\":{\"a\":{\"token\":\"t\nu\"}}}", NULL, 0},
		{"{\"x\":01}", NULL, 0},
		{"{\"x\":1.}", NULL, 0},
		{"{\"x\":nul}", NULL, 0},
		{"{'x':1}", NULL, 0},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void what_is_no_text_is_refused(void **state UNUSED)
{
	static const char nul[] = "[a]\nhf_token = t\0u\n";
	static const char *const texts[] = {"[a]\nhf_token = \377\n", "\300\200",
					    "[a\355\240\200]\n"};
	AUTOBUF struct buf found = {0};
	size_t unusable;

	assert_int_equal(parse(nul, sizeof(nul) - 1, &found, &unusable), ERR_FORMAT);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(parse(texts[i], strlen(texts[i]), &found, &unusable),
				 ERR_FORMAT);
	assert_string_equal(buf_text(&found), "");
}

static void nesting_has_an_end(void **state UNUSED)
{
	for (size_t depth = 1; depth < 100000; depth *= 10) {
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf found = {0};
		size_t unusable;

		buf_add_text(&text, "{\"x\":");
		for (size_t i = 0; i < depth; i++)
			buf_add_char(&text, '[');
		for (size_t i = 0; i < depth; i++)
			buf_add_char(&text, ']');
		buf_add_char(&text, '}');
		assert_int_equal(parse(text.data, text.size, &found, &unusable),
				 depth < 32 ? 0 : ERR_FORMAT);
	}
}

static void there_are_only_so_many(void **state UNUSED)
{
	for (int json = 0; json < 2; json++) {
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf found = {0};
		size_t unusable;

		buf_add_text(&text, json ? "{\"tokens\":{" : "");
		for (int i = 0; i < HF_ENTRIES_MAX + 3; i++)
			buf_printf(&text,
				   json ? "%s\"n%d\":{\"token\":\"t\"}"
					: "%s[n%d]\nhf_token=t\n",
				   json && i ? "," : "", i);
		buf_add_text(&text, json ? "}}" : "");
		assert_int_equal(parse(text.data, text.size, &found, &unusable), 0);
		assert_int_equal(unusable, 3);
	}
}

static void every_beginning_is_an_error_or_fewer_tokens(void **state UNUSED)
{
	static const char *const texts[] = {
		"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\nrefresh_token = r\nexpires_at = 9\n\n",
		"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}},\"active\":\"a\"}",
		"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"x\":[{\"q\":null}],"
		"\"token\":\"\\u0065\\n\"}}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (size_t size = 0; size < strlen(texts[i]); size++) {
			AUTOBUF struct buf found = {0};
			size_t unusable;
			int error = parse(texts[i], size, &found, &unusable);

			assert_true(error == 0 || error == ERR_FORMAT);
			if (error || strcmp(buf_text(&found), "") == 0)
				continue;
			assert_begins(buf_text(&found), "a=1");
		}
	}
}

static void an_end_can_be_seen(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool whole;
	} cases[] = {
		{"", false},
		{"\n", false},
		{"[a]\nhf_token = t\n", true},
		{"[a]\nhf_t", false},
		{"{\"tokens\":{", false},
		{"{}", true},
		{" {} \n", true},
		{"{\"x\":1}}\n", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(hf_stored_is_whole(cases[i].text, strlen(cases[i].text)),
				 cases[i].whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ini_is_read_as_configparser_does),
		cmocka_unit_test(json_is_read_strictly),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(there_are_only_so_many),
		cmocka_unit_test(every_beginning_is_an_error_or_fewer_tokens),
		cmocka_unit_test(an_end_can_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
