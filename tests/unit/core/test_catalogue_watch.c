/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/catalogue.h"
#include "core/catalogue_watch.h"

static void commit(void)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	assert_int_equal(catalogue_begin(&catalogue, NULL), 0);
	assert_int_equal(catalogue_commit(&catalogue, NULL), 0);
}

/* However soon versions follow each other. */
static void every_version_is_noticed_once(void **state UNUSED)
{
	CLEANUP(catalogue_watch_release) struct catalogue_watch watch = {.path = NULL};

	assert_true(catalogue_watch_changed(&watch));
	assert_false(catalogue_watch_changed(&watch));
	for (int i = 0; i < 20; i++) {
		commit();
		assert_true(catalogue_watch_changed(&watch));
		assert_false(catalogue_watch_changed(&watch));
	}
	commit();
	commit();
	assert_true(catalogue_watch_changed(&watch));
	assert_false(catalogue_watch_changed(&watch));
}

static void one_that_goes_and_comes_is_noticed(void **state UNUSED)
{
	CLEANUP(catalogue_watch_release) struct catalogue_watch watch = {.path = NULL};

	commit();
	assert_true(catalogue_watch_changed(&watch));
	assert_int_equal(rename(".local/share/hftoken/catalogue", "kept"), 0);
	assert_true(catalogue_watch_changed(&watch));
	assert_false(catalogue_watch_changed(&watch));
	assert_int_equal(rename("kept", ".local/share/hftoken/catalogue"), 0);
	assert_true(catalogue_watch_changed(&watch));
	assert_false(catalogue_watch_changed(&watch));
}

/* Changed in place, by somebody who knows no better. */
static void another_content_is_noticed(void **state UNUSED)
{
	CLEANUP(catalogue_watch_release) struct catalogue_watch watch = {.path = NULL};

	commit();
	assert_true(catalogue_watch_changed(&watch));
	write_text(".local/share/hftoken/catalogue", "nonsense\n", 0600);
	assert_true(catalogue_watch_changed(&watch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(every_version_is_noticed_once),
		in_a_home(one_that_goes_and_comes_is_noticed),
		in_a_home(another_content_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
