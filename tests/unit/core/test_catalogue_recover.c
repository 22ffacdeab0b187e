/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "base/url.h"
#include "core/catalogue_recover.h"

#define FILE     ".local/share/hftoken/catalogue"
#define PREVIOUS FILE ".prev"

/* Two versions: the one before holds one token, this one two. */
static void write_two(void)
{
	for (int i = 0; i < 2; i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
		const struct token token = {.name = i ? "other" : "work",
					    .id = "",
					    .revision = 1,
					    .endpoint = ENDPOINT_HUB,
					    .account = "",
					    .gated_read = UNKNOWN,
					    .store = "file",
					    .masked = "****",
					    .created = TIME_UNKNOWN,
					    .expires = TIME_UNKNOWN,
					    .verified = TIME_UNKNOWN,
					    .identity = "",
					    .extra = ""};
		struct token *added;

		assert_int_equal(catalogue_begin(&catalogue, NULL), 0);
		assert_int_equal(catalogue_add(&catalogue, &token, &added, NULL), 0);
		assert_int_equal(catalogue_commit(&catalogue, NULL), 0);
	}
}

static size_t count_tokens(void)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_ALL, NULL), 0);
	return catalogue.count;
}

static void what_is_whole_needs_nothing(void **state UNUSED)
{
	struct store_backup backup;

	assert_int_equal(catalogue_recover(false, &backup, NULL), ERR_NOT_FOUND);
	assert_int_equal(catalogue_recover(true, &backup, NULL), ERR_NOT_FOUND);
	assert_int_equal(access(FILE, F_OK), -1);
	write_two();
	assert_int_equal(catalogue_recover(true, &backup, NULL), ERR_NOT_FOUND);
	assert_int_equal(count_tokens(), 2);
}

static void the_version_before_is_described_and_used(void **state UNUSED)
{
	static const char *const damages[] = {NULL, "", "nonsense"};

	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct store_backup backup;

		(void)unlink(FILE);
		(void)unlink(PREVIOUS);
		write_two();
		(void)unlink(FILE);
		if (damages[i])
			write_text(FILE, damages[i], 0600);
		assert_int_equal(catalogue_recover(false, &backup, NULL), 0);
		assert_int_equal(backup.count, 1);
		/* A file can be a moment newer than the clock that time(2) reads. */
		assert_true(backup.written > 0 && backup.written <= time_now() + 1);
		assert_string_equal(backup.aside, "");
		assert_int_equal(access(FILE, F_OK), damages[i] ? 0 : -1);
		assert_int_equal(catalogue_recover(true, &backup, NULL), 0);
		assert_int_equal(count_tokens(), 1);
		if (damages[i])
			assert_file_text(backup.aside, damages[i]);
		else
			assert_string_equal(backup.aside, "");
	}
}

static void two_damaged_versions_stay_as_they_are(void **state UNUSED)
{
	struct store_backup backup;
	struct err err = {0};

	write_two();
	write_text(FILE, "nonsense", 0600);
	write_text(PREVIOUS, "more of it", 0600);
	assert_int_equal(catalogue_recover(true, &backup, &err), ERR_DAMAGED);
	assert_non_null(strstr(err.hint, "log in again"));
	assert_file_text(FILE, "nonsense");
	assert_file_text(PREVIOUS, "more of it");
}

static void what_others_can_change_is_not_recovered(void **state UNUSED)
{
	struct store_backup backup;
	struct err err = {0};

	write_two();
	assert_int_equal(chmod(FILE, 0666), 0);
	assert_int_equal(catalogue_recover(true, &backup, &err), ERR_UNSAFE);
	assert_begins(err.message, "catalogue of tokens in '");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(what_is_whole_needs_nothing),
		in_a_home(the_version_before_is_described_and_used),
		in_a_home(two_damaged_versions_stay_as_they_are),
		in_a_home(what_others_can_change_is_not_recovered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
