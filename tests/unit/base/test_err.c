/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <errno.h>

#include "base/err.h"

static void an_error_is_a_code_and_a_message(void **state UNUSED)
{
	struct err err = {0};

	assert_int_equal(err_set(&err, ERR_LOCKED, "cannot open '%s': %d", "x", 7), ERR_LOCKED);
	assert_int_equal(err.code, ERR_LOCKED);
	assert_string_equal(err.message, "cannot open 'x': 7");
	assert_string_equal(err.hint, "");
}

static void a_hint_belongs_to_its_error_only(void **state UNUSED)
{
	struct err err = {0};

	err_set(&err, ERR_BUSY, "busy");
	assert_int_equal(err_hint(&err, "wait %d s", 3), ERR_BUSY);
	assert_string_equal(err.message, "busy");
	assert_string_equal(err.hint, "wait 3 s");
	err_set(&err, ERR_IO, "broken");
	assert_string_equal(err.hint, "");
}

static void context_stands_in_front_and_keeps_the_rest(void **state UNUSED)
{
	struct err err = {0};

	err_set(&err, ERR_DAMAGED, "line %d", 4);
	err_hint(&err, "restore it");
	assert_int_equal(err_context(&err, "file '%s'", "a"), ERR_DAMAGED);
	assert_int_equal(err_context(&err, "start"), ERR_DAMAGED);
	assert_string_equal(err.message, "start: file 'a': line 4");
	assert_string_equal(err.hint, "restore it");
}

static void long_texts_are_cut(void **state UNUSED)
{
	struct err err = {0};
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_IO, "%s", text);
	err_hint(&err, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_int_equal(strlen(err.hint), sizeof(err.hint) - 1);
	assert_int_equal(err_context(&err, "begin"), ERR_IO);
	assert_begins(err.message, "begin: xxx");
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_int_equal(err_context(&err, "%s", text), ERR_IO);
	errno = EIO;
	assert_int_equal(err_errno(&err, "%s", text), ERR_IO);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void nobody_has_to_listen(void **state UNUSED)
{
	assert_int_equal(err_set(NULL, ERR_LOCKED, "x"), ERR_LOCKED);
	assert_int_equal(err_no_memory(NULL), ERR_NO_MEMORY);
	assert_true(err_hint(NULL, "x") < 0);
	assert_true(err_context(NULL, "x") < 0);
	errno = ENOENT;
	assert_int_equal(err_errno(NULL, "x"), ERR_NOT_FOUND);
}

static void errno_has_a_code_and_words(void **state UNUSED)
{
	static const struct {
		int number;
		enum err_code code;
	} cases[] = {
		{ENOENT, ERR_NOT_FOUND}, {EACCES, ERR_DENIED},
		{EPERM, ERR_DENIED},     {EROFS, ERR_READ_ONLY},
		{ENOSPC, ERR_NO_SPACE},  {EDQUOT, ERR_NO_SPACE},
		{EFBIG, ERR_NO_SPACE},   {ETIMEDOUT, ERR_TIMED_OUT},
		{ELOOP, ERR_UNSAFE},     {ENOMEM, ERR_NO_MEMORY},
		{EIO, ERR_IO},           {EPIPE, ERR_IO},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = {.hint = "old"};

		assert_int_equal(err_from_errno(cases[i].number), cases[i].code);
		errno = cases[i].number;
		assert_int_equal(err_errno(&err, "cannot %s", "go"), cases[i].code);
		assert_int_equal(err.code, cases[i].code);
		assert_begins(err.message, "cannot go: ");
		assert_string_equal(err.message + 11, strerror(cases[i].number));
		assert_string_equal(err.hint, "");
	}
}

static void names_lead_to_their_codes(void **state UNUSED)
{
	static const struct {
		enum err_code code;
		const char *name;
	} cases[] = {
		{ERR_OK, "ok"},           {ERR_FAILED, "failed"},
		{ERR_LOCKED, "locked"},   {ERR_NOT_FOUND, "not-found"},
		{ERR_DENIED, "denied"},   {ERR_UNAVAILABLE, "unavailable"},
		{ERR_UNSAFE, "unsafe"},   {ERR_TIMED_OUT, "timed-out"},
		{ERR_DAMAGED, "damaged"}, {ERR_TOO_NEW, "too-new"},
		{ERR_BUSY, "busy"},       {ERR_READ_ONLY, "read-only"},
		{ERR_IO, "io"},           {ERR_NO_SPACE, "no-space"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(err_name(cases[i].code), cases[i].name);
		assert_int_equal(err_by_name(cases[i].name), cases[i].code);
	}
	assert_null(err_name(ERR_USAGE));
	assert_int_equal(err_by_name(""), ERR_FAILED);
	assert_int_equal(err_by_name("OK"), ERR_FAILED);
	assert_int_equal(err_by_name("ok "), ERR_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_a_code_and_a_message),
		cmocka_unit_test(a_hint_belongs_to_its_error_only),
		cmocka_unit_test(context_stands_in_front_and_keeps_the_rest),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(errno_has_a_code_and_words),
		cmocka_unit_test(names_lead_to_their_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
