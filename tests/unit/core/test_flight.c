/* SPDX-License-Identifier: Apache-2.0 */
/* Locks of who asks: one at a time, and nothing left behind. */
#include "tests/unit/base/unit.h"

#include "core/flight.h"

#define FOLDER ".cache/hftoken"
#define LOCK   FOLDER "/asking-0123"
#define SOON   20000

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void one_at_a_time(void **state UNUSED)
{
	int first = flight_take("0123", deadline_in(SOON));

	assert_true(first >= 0);
	assert_true(exists(LOCK));
	assert_int_equal(flight_take("0123", deadline_in(0)), -1);
	flight_end("0123", &first);
	assert_int_equal(first, -1);
	assert_false(exists(LOCK));
	first = flight_take("0123", deadline_in(0));
	assert_true(first >= 0);
	flight_end("0123", &first);
	flight_end("0123", &first); /* of none that was taken */
}

/* Each adds one while it alone has the lock, however often its file is removed and made again. */
static void who_waits_gets_the_lock_of_now(void **state UNUSED)
{
	enum { PROCESSES = 4, TIMES = 50 };
	pid_t children[PROCESSES];

	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		for (int j = 0; children[i] == 0 && j < TIMES; j++) {
			int fd = flight_take("0123", deadline_in(SOON));

			/* Another one inside would have made it already. */
			if (fd < 0 || mkdir("inside", 0700) < 0 || rmdir("inside") < 0)
				_exit(1);
			flight_end("0123", &fd);
		}
		if (children[i] == 0)
			_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(end_child(children[i]), 0);
	assert_false(exists(LOCK));
}

static void what_was_left_is_swept(void **state UNUSED)
{
	int held = flight_take("4567", deadline_in(0));

	assert_true(held >= 0);
	write_text(LOCK, "", 0600);
	write_text(FOLDER "/last", "", 0600);
	flight_sweep();
	assert_false(exists(LOCK));
	assert_true(exists(FOLDER "/asking-4567"));
	assert_true(exists(FOLDER "/last"));
	flight_end("4567", &held);
	flight_sweep();
	assert_false(exists(FOLDER "/asking-4567"));
}

static void without_a_folder_nobody_waits(void **state UNUSED)
{
	write_text(".cache", "", 0600);
	assert_int_equal(flight_take("0123", deadline_in(SOON)), -1);
	flight_sweep();
	assert_true(exists(".cache"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(one_at_a_time),
		in_a_home(who_waits_gets_the_lock_of_now),
		in_a_home(what_was_left_is_swept),
		in_a_home(without_a_folder_nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
