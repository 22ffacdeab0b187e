/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/secret.h"

#define TEXT "hf_not_a_real_token"

static void assert_secret(const struct secret *secret, const char *text)
{
	assert_int_equal(secret->size, strlen(text));
	assert_string_equal(secret_text(secret), text);
}

static void assert_wiped(const struct secret *secret, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(secret->data[i], 0);
}

static void a_zeroed_struct_is_an_empty_secret(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};
	AUTOSECRET struct secret other = {0};

	assert_secret(&secret, "");
	assert_true(secret_equal(&secret, &other));
	secret_trim(&secret);
	secret_truncate(&secret, 0);
	secret_move(&other, &secret);
	assert_secret(&other, "");
	secret_release(&secret);
	secret_release(&secret);
}

static void set_replaces_and_add_extends(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_set(&secret, TEXT, strlen(TEXT)), 0);
	assert_secret(&secret, TEXT);
	assert_int_equal(secret_add_text(&secret, "12"), 0);
	assert_secret(&secret, TEXT "12");
	assert_int_equal(secret_add(&secret, "", 0), 0);
	assert_int_equal(secret_set(&secret, "ab", 1), 0);
	assert_secret(&secret, "a");
	assert_int_equal(secret_set(&secret, "", 0), 0);
	assert_secret(&secret, "");
}

static void bytes_of_any_value_are_kept(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_add(&secret, "\0a\xff\n", 4), 0);
	assert_int_equal(secret.size, 4);
	assert_memory_equal(secret.data, "\0a\xff\n", 5);
}

static void growing_keeps_the_content(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	for (size_t i = 0; i < 20000; i++) {
		const char byte = (char)('a' + i % 26);

		assert_int_equal(secret_add(&secret, &byte, 1), 0);
		assert_true(secret.mapped > secret.size);
		assert_int_equal(secret.data[secret.size], '\0');
	}
	for (size_t i = 0; i < 20000; i++)
		assert_int_equal(secret.data[i], 'a' + i % 26);
}

/* The old copy is wiped, or its pages no longer belong to the program: the system looks for us. */
static void growing_leaves_no_old_copy(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};
	char found[sizeof(TEXT) - 1] = "";
	const char none[sizeof(found)] = "";
	int ends[2];
	char *old;

	assert_int_equal(secret_set(&secret, TEXT, strlen(TEXT)), 0);
	old = secret.data;
	assert_int_equal(secret_reserve(&secret, 1 << 20), 0);
	assert_ptr_not_equal(secret.data, old);
	assert_secret(&secret, TEXT);
	assert_int_equal(pipe(ends), 0);
	if (write(ends[1], old, sizeof(found)) > 0)
		assert_int_equal(read(ends[0], found, sizeof(found)), sizeof(found));
	assert_memory_equal(found, none, sizeof(found));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* More than share the locked area, given back in another order, and used again. */
static void many_secrets_do_not_get_in_each_others_way(void **state UNUSED)
{
	struct secret secrets[40] = {0};

	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
			char text[32];

			(void)snprintf(text, sizeof(text), "secret %zu.%zu", round, i);
			assert_int_equal(secret_add(&secrets[i], text, strlen(text)), 0);
		}
		for (size_t i = round; i < ARRAY_SIZE(secrets); i += 2) {
			secret_release(&secrets[i]);
			assert_int_equal(secret_add_text(&secrets[i], "new"), 0);
			assert_secret(&secrets[i], "new");
		}
		for (size_t i = round + 1; i < ARRAY_SIZE(secrets); i += 2) {
			char text[32];

			(void)snprintf(text, sizeof(text), "secret %zu.%zu", round, i);
			assert_non_null(strstr(secret_text(&secrets[i]), text));
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		secret_release(&secrets[i]);
}

static void a_released_secret_is_wiped(void **state UNUSED)
{
	struct secret secret = {0};
	AUTOSECRET struct secret next = {0};

	assert_int_equal(secret_add_text(&secret, TEXT), 0);
	secret_release(&secret);
	assert_int_equal(secret_reserve(&next, sizeof(TEXT)), 0);
	assert_wiped(&next, 0, sizeof(TEXT));
}

static void room_behind_the_content_is_counted_when_used(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_set(&secret, "ab", 2), 0);
	assert_int_equal(secret_reserve(&secret, 100), 0);
	assert_secret(&secret, "ab");
	memcpy(secret.data + 2, "cdX", 3);
	secret_grew(&secret, 2);
	assert_secret(&secret, "abcd");
}

static void truncating_wipes(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_set(&secret, TEXT, strlen(TEXT)), 0);
	secret_truncate(&secret, 100); /* no longer than it is */
	assert_secret(&secret, TEXT);
	secret_truncate(&secret, 3);
	assert_secret(&secret, "hf_");
	assert_wiped(&secret, 3, strlen(TEXT));
	secret_truncate(&secret, 0);
	assert_secret(&secret, "");
	assert_wiped(&secret, 0, strlen(TEXT));
}

static void trimming_takes_white_space_off_both_ends(void **state UNUSED)
{
	static const struct {
		const char *text, *trimmed;
	} cases[] = {
		{"", ""},
		{" ", ""},
		{" \t\r\n\v\f ", ""},
		{"a", "a"},
		{"a\r\n", "a"},
		{"\n\na b\t\n", "a b"},
		{"  abcdefgh", "abcdefgh"},
		{"\xc2\xa0"
		 "a",
		 "\xc2\xa0"
		 "a"}, /* white space of ASCII only */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret secret = {0};

		assert_int_equal(secret_add_text(&secret, cases[i].text), 0);
		secret_trim(&secret);
		assert_secret(&secret, cases[i].trimmed);
		assert_wiped(&secret, secret.size, strlen(cases[i].text) + 1);
	}
}

static void moving_leaves_nothing_behind(void **state UNUSED)
{
	AUTOSECRET struct secret from = {0};
	AUTOSECRET struct secret to = {0};

	assert_int_equal(secret_add_text(&to, "old"), 0);
	assert_int_equal(secret_add_text(&from, TEXT), 0);
	secret_move(&to, &from);
	assert_secret(&to, TEXT);
	assert_secret(&from, "");
	assert_null(from.data);
}

static void secrets_are_equal_byte_for_byte(void **state UNUSED)
{
	static const struct {
		const char *one, *other;
		size_t one_size, other_size;
		bool equal;
	} cases[] = {
		{"", "", 0, 0, true},
		{"a", "a", 1, 1, true},
		{"a", "b", 1, 1, false},
		{"a", "", 1, 0, false},
		{"ab", "a", 2, 1, false},
		{"a\0b", "a\0b", 3, 3, true},
		{"a\0b", "a\0c", 3, 3, false},
		{TEXT, TEXT, sizeof(TEXT), sizeof(TEXT) - 1, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret one = {0};
		AUTOSECRET struct secret other = {0};

		assert_int_equal(secret_add(&one, cases[i].one, cases[i].one_size), 0);
		assert_int_equal(secret_add(&other, cases[i].other, cases[i].other_size), 0);
		assert_int_equal(secret_equal(&one, &other), cases[i].equal);
		assert_int_equal(secret_equal(&other, &one), cases[i].equal);
	}
}

static void there_is_a_limit(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_add_text(&secret, "ab"), 0);
	assert_int_equal(secret_reserve(&secret, SECRET_MAX - 1), ERR_NO_MEMORY);
	assert_int_equal(secret_reserve(&secret, SECRET_MAX), ERR_NO_MEMORY);
	assert_int_equal(secret_reserve(&secret, SECRET_MAX + 1), ERR_NO_MEMORY);
	assert_int_equal(secret_reserve(&secret, SIZE_MAX), ERR_NO_MEMORY);
	assert_int_equal(secret_add(&secret, TEXT, SIZE_MAX), ERR_NO_MEMORY);
	assert_int_equal(secret_set(&secret, TEXT, SECRET_MAX + 1), ERR_NO_MEMORY);
	assert_secret(&secret, "ab");
	assert_int_equal(secret_reserve(&secret, SECRET_MAX - 2), 0);
	assert_secret(&secret, "ab");
}

static int read_secret(void *user)
{
	const volatile char *data = ((struct secret *)user)->data;

	return data[0];
}

static void children_do_not_inherit_it(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_add_text(&secret, TEXT), 0);
	assert_int_not_equal(in_child(read_secret, &secret), TEXT[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_struct_is_an_empty_secret),
		cmocka_unit_test(set_replaces_and_add_extends),
		cmocka_unit_test(bytes_of_any_value_are_kept),
		cmocka_unit_test(growing_keeps_the_content),
		cmocka_unit_test(growing_leaves_no_old_copy),
		cmocka_unit_test(many_secrets_do_not_get_in_each_others_way),
		cmocka_unit_test(a_released_secret_is_wiped),
		cmocka_unit_test(room_behind_the_content_is_counted_when_used),
		cmocka_unit_test(truncating_wipes),
		cmocka_unit_test(trimming_takes_white_space_off_both_ends),
		cmocka_unit_test(moving_leaves_nothing_behind),
		cmocka_unit_test(secrets_are_equal_byte_for_byte),
		cmocka_unit_test(there_is_a_limit),
		cmocka_unit_test(children_do_not_inherit_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
