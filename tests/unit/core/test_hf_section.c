/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/hf_section.h"

#define TOKEN "hf_not_a_real_token"

static void the_section_of_a_token_is_found(void **state UNUSED)
{
	static const struct {
		const char *text, *name;
		bool refreshed;
	} cases[] = {
		{"", "", false},
		{"[a]\nhf_token = " TOKEN "\n", "a", false},
		{"[a]\nhf_token=" TOKEN, "a", false},
		{"[a]\nHF_Token : " TOKEN " \r\n", "a", false},
		{"[a]\nhf_token = " TOKEN "\nrefresh_token = x\n", "a", true},
		{"[a]\nrefresh_token = x\nhf_token = " TOKEN "\n", "a", true},
		{"[a]\nrefresh_token = x\n\n[b]\nhf_token = " TOKEN "\n", "b", false},
		{"[a]\nhf_token = " TOKEN "\n[b]\nrefresh_token = x\n", "a", false},
		{"[a]\nhf_token = " TOKEN "\nrefresh_token =\n", "a", false},
		/* two logins with one value: the session is what counts */
		{"[a]\nhf_token = " TOKEN "\n[b]\nhf_token = " TOKEN "\nrefresh_token = x\n",
		 "b", true},
		{"[b]\nhf_token = " TOKEN "\nrefresh_token = x\n[c]\nhf_token = " TOKEN "\n",
		 "b", true},
		/* what huggingface_hub would not read it takes for empty */
		{"[a]\nhf_token = " TOKEN "\nhf_token = other\n", "", false},
		{"[a]\nhf_token = " TOKEN "x\n", "", false},
		{"[a]\nhf_token = " TOKEN " x\n", "", false},
		{"[a]\n# hf_token = " TOKEN "\n; hf_token = " TOKEN "\n", "", false},
		{"[a]\nx = 1\n  hf_token = " TOKEN "\n", "", false}, /* a value's next line */
		{"{\"tokens\":{\"a\":{\"token\":\"" TOKEN "\"}}}", "a", false},
		{"[\n=\n:\n]\n[]\nhf_token = " TOKEN "\n", "", false},
		{"[a\x1b[31m]\nhf_token = " TOKEN "\n", "a?[31m", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret value = {0};
		char name[HF_SECTION_MAX + 1];
		bool refreshed = !cases[i].refreshed;

		assert_int_equal(secret_add_text(&text, cases[i].text), 0);
		assert_int_equal(secret_add_text(&value, TOKEN), 0);
		hf_section_scan(&text, &value, name, &refreshed);
		if (strcmp(name, cases[i].name) != 0 || refreshed != cases[i].refreshed)
			fail_msg("%zu: '%s' %d", i, name, refreshed);
	}
}

static void without_a_file_there_is_no_section(void **state UNUSED)
{
	AUTOSECRET struct secret value = {0};
	char name[HF_SECTION_MAX + 1] = "x";
	bool refreshed = true;

	assert_int_equal(secret_add_text(&value, TOKEN), 0);
	hf_section_find(&value, name, &refreshed);
	assert_string_equal(name, "");
	assert_false(refreshed);
	assert_int_equal(mkdir("h", 0700), 0);
	(void)setenv("HF_HOME", "h", 1);
	write_text("h/stored_tokens", "[a]\nhf_token = " TOKEN "\n", 0600);
	hf_section_find(&value, name, &refreshed);
	assert_string_equal(name, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_section_of_a_token_is_found),
		in_a_home(without_a_file_there_is_no_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
