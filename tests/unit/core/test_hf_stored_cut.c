/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/hf_stored_cut.h"

/* What is to go: entries whose token stands in this text, between blanks. */
static bool goes(void *user, const struct hf_entry *entry)
{
	char wanted[128];

	(void)snprintf(wanted, sizeof(wanted), " %.100s ", entry->token);
	return strstr(user, wanted) != NULL;
}

static int cut(const char *text, char *gone, struct secret *ret, size_t *ret_count,
	       struct err *err)
{
	AUTOSECRET struct secret whole = {0};

	assert_int_equal(secret_add_text(&whole, text), 0);
	return hf_stored_cut(&whole, goes, gone, ret, ret_count, err);
}

static void only_what_goes_is_taken_out(void **state UNUSED)
{
	static const struct {
		const char *text;
		char gone[16];
		size_t count;
		const char *rest;
	} cases[] = {
		/* nothing, the first, the middle, the last, all */
		{"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n", " 9 ", 0,
		 "[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n"},
		{"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n", " 1 ", 1,
		 "[b]\nhf_token = 2\n\n"},
		{"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n[c]\nhf_token = 3\n\n", " 2 ", 1,
		 "[a]\nhf_token = 1\n\n[c]\nhf_token = 3\n\n"},
		{"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n", " 2 ", 1,
		 "[a]\nhf_token = 1\n\n"},
		{"[a]\nhf_token = 1\n\n[b]\nhf_token = 2\n\n", " 1 2 ", 2, ""},
		{"", " 1 ", 0, ""},
		/* two names of one token */
		{"[a]\nhf_token = 1\n[b]\nhf_token = 1\n[c]\nhf_token = 2\n", " 1 ", 2,
		 "[c]\nhf_token = 2\n"},
		/* without a line's end, or with another one; odd but legal */
		{"[a]\nhf_token = 1\n[b]\nhf_token = 2", " 2 ", 1, "[a]\nhf_token = 1\n"},
		{"[a]\r\nhf_token = 1\r\n\r\n[b]\r\nhf_token = 2\r\n", " 1 ", 1,
		 "[b]\r\nhf_token = 2\r\n"},
		{"\n\n  [a]\n\thf_token : 1\n[b]\nHF_TOKEN=2\n", " 1 ", 1,
		 "\n\n[b]\nHF_TOKEN=2\n"},
		{"[a]\nother = x\nhf_token = 1\nmore = y\n[b]\nx = 1\nhf_token = 2\n", " 1 ", 1,
		 "[b]\nx = 1\nhf_token = 2\n"},
		{"[a]\nnote = x\n   goes on\nhf_token = 1\n[b]\nhf_token = 2\n", " 1 ", 1,
		 "[b]\nhf_token = 2\n"},
		/* comments stay, wherever they are */
		{"; mine\n[a]\nhf_token = 1\n\n# about b\n[b]\nhf_token = 2\n", " 1 ", 1,
		 "; mine\n# about b\n[b]\nhf_token = 2\n"},
		{"[a]\n; x\nhf_token = 1\n[b]\nhf_token = 2\n# end\n", " 2 ", 1,
		 "[a]\n; x\nhf_token = 1\n# end\n"},
		{"[a]\n; x\n\nhf_token = 1\n\n", " 1 ", 1, "; x\n\n"},
		/* what the others get from DEFAULT stays */
		{"[DEFAULT]\nhf_token = 0\n[a]\nhf_token = 1\n[b]\nx = y\n", " 1 ", 1,
		 "[DEFAULT]\nhf_token = 0\n[b]\nx = y\n"},
		{"[a]\nhf_token = 1\n[DEFAULT]\nx = y\n[b]\nhf_token = 2\n", " 1 ", 1,
		 "[DEFAULT]\nx = y\n[b]\nhf_token = 2\n"},
		/* entries that we have no use for stay as well */
		{"[empty]\n[a]\nhf_token = 1\n[odd]\nkey = v\n", " 1 ", 1,
		 "[empty]\n[odd]\nkey = v\n"},

		{"{\"tokens\":{\"a\":{\"token\":\"1\"}}}", " 1 ", 1, "{\"tokens\":{}}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}}}", " 1 ", 1,
		 "{\"tokens\":{\"b\":{\"token\":\"2\"}}}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}}}", " 2 ", 1,
		 "{\"tokens\":{\"a\":{\"token\":\"1\"}}}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}}}", " 1 2 ", 2,
		 "{\"tokens\":{}}"},
		{"{ \"tokens\" : {\n  \"a\" : { \"token\" : \"1\" } ,\n  \"b\" : { "
		 "\"token\" : "
		 "\"2\", \"x\":[{}] }\n }, \"active\" : \"a\" }\n",
		 " 1 ", 1,
		 "{ \"tokens\" : {\n  \"b\" : { \"token\" : \"2\", \"x\":[{}] }\n }, "
		 "\"active\" "
		 ": null }\n"},
		/* the name of one that stays, of one that is not there, of one that goes; before the tokens, odd */
		{"{\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}},\"active\":\"b\"}",
		 " 1 ", 1, "{\"tokens\":{\"b\":{\"token\":\"2\"}},\"active\":\"b\"}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"}},\"active\":\"gone\"}", " 1 ", 1,
		 "{\"tokens\":{},\"active\":\"gone\"}"},
		{"{\"active\":\"a\",\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}}}",
		 " 1 2 ", 2, "{\"active\":null,\"tokens\":{}}"},
		{"{\"active\":\"b\",\"tokens\":{\"a\":{\"token\":\"1\"},\"b\":{\"token\":\"2\"}}}",
		 " 1 2 ", 2, "{\"active\":null,\"tokens\":{}}"},
		{"{\"active\": \"\\u0061\" ,\"tokens\":{\"a\":{\"token\":\"1\"}}}", " 1 ", 1,
		 "{\"active\": null ,\"tokens\":{}}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"}},\"active\":null}", " 1 ", 1,
		 "{\"tokens\":{},\"active\":null}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"}},\"active\":[\"a\"]}", " 1 ", 1,
		 "{\"tokens\":{},\"active\":[\"a\"]}"},
		{"{\"tokens\":{\"a\":{\"token\":\"1\"},\n \"b\":{\"token\":\"2\"}\n}}", " 2 ",
		 1, "{\"tokens\":{\"a\":{\"token\":\"1\"}\n}}"},
		{"{\"x\":[\"a\",{\"b\":1}],\"tokens\":{\"}\":{\"token\":\"1\"},\"{\":{"
		 "\"token\":\"2\"}}}",
		 " 1 ", 1, "{\"x\":[\"a\",{\"b\":1}],\"tokens\":{\"{\":{\"token\":\"2\"}}}"},
		{"{\"tokens\":{\"\\u0061\\n\":{\"token\":\"\\u0031\"}}}", " 1 ", 1,
		 "{\"tokens\":{}}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret rest = {0};
		char gone[sizeof(cases[i].gone)];
		struct err err = {0};
		size_t count = 99;

		memcpy(gone, cases[i].gone, sizeof(gone));
		if (cut(cases[i].text, gone, &rest, &count, &err))
			fail_msg("case %zu: %s", i, err.message);
		if (strcmp(secret_text(&rest), cases[i].rest) != 0)
			fail_msg("case %zu: '%s'", i, secret_text(&rest));
		assert_int_equal(count, cases[i].count);
	}
}

/* What cannot be taken out without making something else of what is left. */
static void others_never_change(void **state UNUSED)
{
	static const char *const texts[] = {
		/* without b, the header of c would go on the value of a */
		"[a]\nhf_token = 1\n[b]\n   hf_token = 2\n  [c]\nhf_token = 3\n",
		/* what comes before the first section is no comment */
		"[b]\nhf_token = 2\n[b]\nhf_token = 3\n",
		"nonsense\n[b]\nhf_token = 2\n",
		"{\"tokens\":{\"b\":{\"token\":\"2\"}}",
		"{\"tokens\":{\"b\":{\"token\":\"2\"},\"b\":{\"token\":\"3\"}}}",
		"{\"tokens\":{\"b\":{\"token\":\"2\"}},\"active\":\"b\",\"active\":\"b\"}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOSECRET struct secret rest = {0};
		char gone[] = " 2 ";
		struct err err = {0};
		size_t count = 99;

		if (cut(texts[i], gone, &rest, &count, &err) != ERR_FORMAT)
			fail_msg("case %zu: '%s'", i, secret_text(&rest));
		assert_int_equal(rest.size, 0);
		assert_int_equal(count, 99);
	}
}

static void many_entries_go_one_by_one(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret rest = {0};
	char gone[] = " 1 ";
	size_t count = 0;

	for (int i = 0; i < HF_ENTRIES_MAX; i++) {
		char section[64];

		(void)snprintf(section, sizeof(section), "[n%d]\nhf_token = %d\n\n", i, i % 2);
		assert_int_equal(secret_add_text(&text, section), 0);
	}
	assert_int_equal(hf_stored_cut(&text, goes, gone, &rest, &count, NULL), 0);
	assert_int_equal(count, HF_ENTRIES_MAX / 2);
	assert_null(strstr(secret_text(&rest), "= 1"));
	/* Over the limit it cannot be told what the rest is: nothing is changed. */
	assert_int_equal(secret_add_text(&text, "[last]\nhf_token = 5\n"), 0);
	assert_int_equal(hf_stored_cut(&text, goes, gone, &rest, &count, NULL), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_goes_is_taken_out),
		cmocka_unit_test(others_never_change),
		cmocka_unit_test(many_entries_go_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
