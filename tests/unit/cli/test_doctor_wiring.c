/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/doctor_wiring.h"

static void wirings(void **state UNUSED)
{
	static const struct {
		const char *values[4];
		enum wiring_state state;
		int ours, rival; /* positions; -1: none */
	} rows[] = {
		{{NULL}, WIRING_NONE, -1, -1},
		{{"store"}, WIRING_NONE, -1, 0},
		{{"store", "cache"}, WIRING_NONE, -1, 0},
		{{"hftoken"}, WIRING_OURS, 0, -1},
		{{"/opt/bin/git-credential-hftoken"}, WIRING_OURS, 0, -1},
		{{"hftoken", "hftoken --name work"}, WIRING_OURS, 0, -1},
		{{"store", "hftoken"}, WIRING_RIVAL_BEFORE, 1, 0},
		{{"hftoken", "store"}, WIRING_RIVAL_BEHIND, 0, 1},
		/* the one behind is not cut off by mending the other */
		{{"cache", "hftoken", "store"}, WIRING_RIVAL_BEHIND, 1, 2},
		{{"!hftoken-like"}, WIRING_NONE, -1, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct git_helpers helpers = {.count = 0};
		struct wiring wiring;

		for (size_t j = 0; j < 4 && rows[i].values[j]; j++)
			helpers.list[helpers.count++].value = rows[i].values[j];
		wiring = wiring_of(&helpers);
		if (wiring.state != rows[i].state)
			fail_msg("row %zu: state %d", i, (int)wiring.state);
		assert_ptr_equal(wiring.ours,
				 rows[i].ours < 0 ? NULL : &helpers.list[rows[i].ours]);
		assert_ptr_equal(wiring.rival,
				 rows[i].rival < 0 ? NULL : &helpers.list[rows[i].rival]);
	}
}

static void paths_of_helpers(void **state UNUSED)
{
	static const struct {
		const char *value, *path; /* NULL: only a shell knows */
	} rows[] = {
		{"/opt/bin/hftoken git", "/opt/bin/hftoken"},
		{"/opt/hf\\ token/hftoken", "/opt/hf token/hftoken"},
		{"hftoken", NULL},
		{"!hftoken git", NULL},
		{"", NULL},
		{"/opt/'hf token'/hftoken", NULL},
		{"/opt/$USER/hftoken", NULL},
		{"/a-path-that-is-much-too-long-for-the-room", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[32];
		bool known = git_helper_path(rows[i].value, path, sizeof(path));

		assert_int_equal(known, rows[i].path != NULL);
		if (known)
			assert_string_equal(path, rows[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wirings),
		cmocka_unit_test(paths_of_helpers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
