/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/mask.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGH"

static void a_secret_shows_its_ends_only(void **state UNUSED)
{
	static const struct {
		const char *secret, *masked;
	} cases[] = {
		{"hf_" LETTERS, "hf_****EFGH"},
		{"0123456789abcdef", "012****cdef"},
		/* too short for any of it to be shown */
		{"0123456789abcde", "****"},
		{"hf_x", "****"},
		{"", "****"},
		/* what would not be one printable word */
		{"hf_ " LETTERS, "****"},
		{"hf_\n" LETTERS, "****"},
		{"\x1b[31m" LETTERS, "****"},
		{"hf_" LETTERS "\xc3\xa4", "****"},
		{"hf_" LETTERS "\x7f", "****"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret secret = {0};
		char masked[MASKED_SIZE] = "untouched";

		assert_int_equal(secret_add_text(&secret, cases[i].secret), 0);
		mask_secret(&secret, masked);
		assert_string_equal(masked, cases[i].masked);
	}
}

static void a_nul_is_not_printable_either(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};
	char masked[MASKED_SIZE];

	assert_int_equal(secret_add(&secret, "hf_\0" LETTERS, sizeof(LETTERS) + 3), 0);
	mask_secret(&secret, masked);
	assert_string_equal(masked, "****");
}

static void tokens_in_a_text_become_stars(void **state UNUSED)
{
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{"", ""},
		{"nothing here", "nothing here"},
		{"hf_abcdefgh", "hf_********"},
		{"x hf_abcdefgh y", "x hf_******** y"},
		{"\"hf_abcdefgh\"", "\"hf_********\""},
		{"hf_abcdefgh,hf_ijklmnop", "hf_********,hf_********"},
		{"https://u:hf_abcdefgh@hf.co", "https://u:hf_********@hf.co"},
		{"api_org_abcdefgh", "api_************"},
		{"hf_oauth_eyJh.eyJz.abc-_", "hf_*********************"},
		{"hf_jwt_abcdefgh", "hf_************"},
		{"Xhf_abcdefgh", "Xhf_********"},
		{"hf_hf_abcdefgh", "hf_***********"},
		{"hf_abcdefgh\nhf_ijklmnop\n", "hf_********\nhf_********\n"},
		/* words that are no tokens, and what is masked already */
		{"set hf_hub now", "set hf_hub now"},
		{"hf_abcdefg", "hf_abcdefg"},
		{"hf_****wxyz", "hf_****wxyz"},
		{"HF_TOKEN", "HF_TOKEN"},
		{"hf_", "hf_"},
		{"hf", "hf"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "%s", cases[i].text);
		mask_tokens(text);
		assert_string_equal(text, cases[i].masked);
	}
}

/* Wherever it stands and whatever stands around it. */
static void no_token_survives_masking(void **state UNUSED)
{
	for (int before = 1; before < 256; before++) {
		char text[64];

		(void)snprintf(text, sizeof(text),
			       "%c%c"
			       "hf_" LETTERS "%c",
			       before, before, before);
		mask_tokens(text);
		assert_null(strstr(text, "abcdefgh"));
		assert_null(strstr(text, "ABCDEFGH"));
	}
}

static void a_token_is_known_by_its_beginning(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool token;
	} cases[] = {
		{"hf_abc", true},   {"hf_", true},   {"api_org_x", true},  {"api_", true},
		{"work", false},    {"hf", false},   {"hf-laptop", false}, {"", false},
		{"my_hf_x", false}, {"HF_X", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(looks_like_token(cases[i].text), cases[i].token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_shows_its_ends_only),
		cmocka_unit_test(a_nul_is_not_printable_either),
		cmocka_unit_test(tokens_in_a_text_become_stars),
		cmocka_unit_test(no_token_survives_masking),
		cmocka_unit_test(a_token_is_known_by_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
