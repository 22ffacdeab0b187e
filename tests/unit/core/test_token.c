/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"
#include "core/token.h"

#define TEN   "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void names_are_plain_words(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool legal;
	} cases[] = {
		{"work", true},        {"a", true},
		{"0", true},           {"Work-2.old_1", true},
		{"a...", true},        {"hf", true},
		{"hf-laptop", true},   {"api", true},
		{"environment", true}, {"ENV", true},
		{SIXTY "1234", true},  {SIXTY "12345", false},
		{"", false},           {"env", false}, /* the environment's token */
		{".work", false},      {"-work", false},
		{"_work", false},      {"my work", false},
		{"work\n", false},     {"work\x1b[31m", false},
		{"a/b", false},        {"a=b", false},
		{"a:b", false},        {"w\xc3\xb6rk", false},
		{"*", false},          {"hf_", false},
		{"hf_abc", false},     {"api_org_abc", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = {0};
		int error = token_name_check(cases[i].name, &err);

		if (error != (cases[i].legal ? 0 : ERR_USAGE))
			fail_msg("'%s': %d", cases[i].name, error);
	}
}

static void a_token_in_place_of_a_name_is_named_but_not_repeated(void **state UNUSED)
{
	static const char *const tokens[] = {"hf_secretsecret", "api_org_secretsecret",
					     "hf_secret with spaces"};

	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		struct err err = {0};

		assert_int_equal(token_name_check(tokens[i], &err), ERR_USAGE);
		assert_non_null(strstr(err.message, "that is a token, not a name"));
		assert_null(strstr(err.message, "secret"));
		assert_null(strstr(err.hint, "secret"));
	}
}

static void any_text_makes_a_legal_name_or_none(void **state UNUSED)
{
	static const struct {
		const char *text, *name; /* NULL: none */
	} cases[] = {
		{"laptop", "laptop"},
		{"My laptop", "My-laptop"},
		{"  My   laptop!  ", "My-laptop"},
		{"ci/cd: prod", "ci-cd-prod"},
		{"--x--", "x--"},
		{"...a", "a"},
		{"\xc3\xa4", NULL},
		{"b\xc3\xa4r", "b-r"},
		{"\x1b[31mred", "31mred"},
		{SIXTY TEN, SIXTY "abcd"},
		{SIXTY "123 4567", SIXTY "1234"},
		{"", NULL},
		{" ", NULL},
		{"***", NULL},
		{"env", NULL},
		{"hf_token", NULL},
		{"(hf_token)", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[TOKEN_NAME_MAX + 1];

		assert_int_equal(token_name_from(cases[i].text, name), cases[i].name != NULL);
		if (!cases[i].name)
			continue;
		assert_string_equal(name, cases[i].name);
		assert_int_equal(token_name_check(name, NULL), 0);
	}
}

/* Whatever bytes come, what comes out as a name is one. */
static void no_text_makes_an_illegal_name(void **state UNUSED)
{
	uint64_t random = 7;

	for (int round = 0; round < 5000; round++) {
		char name[TOKEN_NAME_MAX + 1];
		char text[100];

		for (size_t i = 0; i < sizeof(text); i++) {
			random = random * 6364136223846793005U + 1442695040888963407U;
			text[i] = random >> 62 ? "abcXYZ019.-_ hf_/\xc3\xa4"[random >> 40 & 15]
					       : (char)(random >> 48 | 1);
		}
		text[random >> 50 & 63] = '\0';
		text[sizeof(text) - 1] = '\0';
		if (token_name_from(text, name))
			assert_int_equal(token_name_check(name, NULL), 0);
	}
}

static void secrets_are_one_printable_word(void **state UNUSED)
{
	static const char *const mirror = "https://mirror.example";
	static const struct {
		const char *secret;
		bool hub, elsewhere; /* where it is taken */
	} cases[] = {
		{"hf_abcdefghij", true, true},
		{"hf_oauth_eyJh.eyJz.a-b_c", true, true},
		{"hf_jwt_x", true, true},
		{"hf_", true, true},
		{"AKC!#$%&()*+,/:;<=>?@[]^`{|}~'", false, true},
		{"abc", false, true},
		{"HF_abc", false, true},
		{"api_abc", false, true},
		{"api_org_abc", false, true},
		{"", false, false},
		{" hf_abc", false, false},
		{"hf_abc ", false, false},
		{"hf_a bc", false, false},
		{"hf_abc\n", false, false},
		{"hf_abc\r\nX-Evil: 1", false, false},
		{"hf_a\tb", false, false},
		{"hf_a\x1b", false, false},
		{"hf_a\x7f", false, false},
		{"hf_a\"b", false, false},
		{"hf_a\\b", false, false},
		{"hf_\xc3\xa4", false, false},
		{"\"hf_abc\"", false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret secret = {0};
		struct err err = {0};

		assert_int_equal(secret_add_text(&secret, cases[i].secret), 0);
		if (token_secret_check(&secret, ENDPOINT_HUB, &err) !=
		    (cases[i].hub ? 0 : ERR_USAGE))
			fail_msg("the Hub: '%s'", cases[i].secret);
		if (token_secret_check(&secret, "https://hub-ci.huggingface.co", NULL) == 0)
			assert_true(cases[i].hub);
		assert_int_equal(token_secret_check(&secret, mirror, &err) == 0,
				 cases[i].elsewhere);
		assert_null(strstr(err.message, "abc"));
		assert_null(strstr(err.hint, "abc"));
	}
}

static void a_nul_or_too_much_is_no_secret(void **state UNUSED)
{
	AUTOSECRET struct secret nul = {0};
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_add(&nul, "hf_a\0b", 6), 0);
	assert_int_equal(token_secret_check(&nul, ENDPOINT_HUB, NULL) == 0, 0);
	assert_int_equal(secret_add_text(&secret, "hf_"), 0);
	while (secret.size < TOKEN_SECRET_MAX)
		assert_int_equal(secret_add(&secret, "x", 1), 0);
	assert_int_equal(token_secret_check(&secret, ENDPOINT_HUB, NULL), 0);
	assert_int_equal(secret_add(&secret, "x", 1), 0);
	assert_int_not_equal(token_secret_check(&secret, ENDPOINT_HUB, NULL), 0);
}

static void kinds_have_names(void **state UNUSED)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		assert_non_null(token_kind_names[kind]);
		assert_int_equal(token_kind_by_name(token_kind_names[kind]), kind);
	}
	assert_int_equal(token_kind_by_name("Read"), KIND_OTHER);
	assert_int_equal(token_kind_by_name(""), KIND_OTHER);
	assert_int_equal(token_kind_by_name("of a newer version"), KIND_OTHER);
}

static void a_token_expires_at_its_second(void **state UNUSED)
{
	static const struct {
		int64_t expires, now;
		bool expired;
	} cases[] = {
		{TIME_UNKNOWN, 0, false}, {TIME_UNKNOWN, INT64_MAX, false},
		{100, 99, false},         {100, 100, true},
		{100, 101, true},         {0, 1, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct token token = {.expires = cases[i].expires};

		assert_int_equal(token_has_expired(&token, cases[i].now), cases[i].expired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_plain_words),
		cmocka_unit_test(a_token_in_place_of_a_name_is_named_but_not_repeated),
		cmocka_unit_test(any_text_makes_a_legal_name_or_none),
		cmocka_unit_test(no_text_makes_an_illegal_name),
		cmocka_unit_test(secrets_are_one_printable_word),
		cmocka_unit_test(a_nul_or_too_much_is_no_secret),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(a_token_expires_at_its_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
