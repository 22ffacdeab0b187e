/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <utime.h>

#include "base/foreign.h"

/* ---- staying inside a folder ------------------------------------------------------------------ */

struct row {
	const char *name;
	int number; /* 0: it opens */
};

static const struct row rows[] = {
	{"file", 0},
	{"sub/file", 0},
	{"./sub//file", 0},
	{"link", 0}, /* -> sub/file */
	{"farm", 0}, /* -> ..data/farm, ..data -> ..1 */
	{"deep", 0}, /* -> link, twice */
	{"missing", ENOENT},
	{"dangling", ENOENT},
	{"file/x", ENOTDIR},
	{"absolute", EXDEV}, /* -> /etc/passwd */
	{"upward", EXDEV},   /* -> ../outside */
	{"hidden", EXDEV},   /* -> sub/up, up -> ../../outside */
	{"/etc/passwd", EXDEV},
	{"../outside", EXDEV},
	{"loop", ELOOP},
};

static int make_folder(void)
{
	assert_int_equal(mkdir("in", 0700), 0);
	assert_int_equal(mkdir("in/sub", 0700), 0);
	assert_int_equal(mkdir("in/..1", 0700), 0);
	write_text("outside", "secret", 0600);
	write_text("in/file", "x", 0600);
	write_text("in/sub/file", "x", 0600);
	write_text("in/..1/farm", "x", 0600);
	assert_int_equal(symlink("sub/file", "in/link"), 0);
	assert_int_equal(symlink("..data/farm", "in/farm"), 0);
	assert_int_equal(symlink("..1", "in/..data"), 0);
	assert_int_equal(symlink("./deeper", "in/deep"), 0);
	assert_int_equal(symlink("link", "in/deeper"), 0);
	assert_int_equal(symlink("nowhere", "in/dangling"), 0);
	assert_int_equal(symlink("/etc/passwd", "in/absolute"), 0);
	assert_int_equal(symlink("../outside", "in/upward"), 0);
	assert_int_equal(symlink("sub/up", "in/hidden"), 0);
	assert_int_equal(symlink("../../outside", "in/sub/up"), 0);
	assert_int_equal(symlink("loop", "in/loop"), 0);
	return open("in", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void links_are_followed_inside_the_folder_only(void **state UNUSED)
{
	int (*const ways[])(int folder, const char *name) = {foreign_open_beneath,
							     foreign_open_by_hand};
	CLOSED int folder = make_folder();

	for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			CLOSED int fd = ways[way](folder, rows[i].name);
			int number = fd < 0 ? errno : 0;

			if (number != rows[i].number)
				fail_msg("way %zu, '%s': %d, not %d", way, rows[i].name, number,
					 rows[i].number);
		}
	}
}

static void a_fifo_is_not_waited_for(void **state UNUSED)
{
	CLOSED int folder = make_folder();
	CLOSED int fd = -1;

	assert_int_equal(mkfifo("in/fifo", 0600), 0);
	fd = foreign_open_by_hand(folder, "fifo");
	assert_true(fd >= 0);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static int open_it(void *where)
{
	return open(where, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Whole texts end in a full stop. */
static bool has_full_stop(const char *text, size_t size)
{
	return size > 0 && text[size - 1] == '.';
}

static int read_it(const char *path, struct secret *ret, bool *ret_settled)
{
	char where[64];
	const struct foreign_file file = {
		.open = open_it, .where = where, .is_whole = has_full_stop, .max = 100};

	(void)snprintf(where, sizeof(where), "%s", path);
	return foreign_read(&file, ret, ret_settled, NULL);
}

static void make_old(const char *path)
{
	assert_int_equal(utime(path, &(struct utimbuf) {.actime = 1000, .modtime = 1000}), 0);
}

static void a_file_that_is_left_alone_is_read_as_it_is(void **state UNUSED)
{
	static const char *const texts[] = {"", "half", "whole."};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOSECRET struct secret text = {0};
		bool settled = false;

		write_text("file", texts[i], 0600);
		make_old("file");
		assert_int_equal(read_it("file", &text, &settled), 0);
		assert_string_equal(secret_text(&text), texts[i]);
		assert_true(settled);
	}
}

static void half_a_text_is_said_not_to_be_settled(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	bool settled = true;

	write_text("file", "half", 0600);
	assert_int_equal(read_it("file", &text, &settled), 0);
	assert_false(settled);
}

static int finish_writing(void *user UNUSED)
{
	struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

	(void)nanosleep(&pause, NULL);
	write_text("file", "whole.", 0600);
	return 0;
}

static void what_is_being_written_is_waited_for(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	pid_t writer;

	write_text("file", "who", 0600);
	writer = start_child(finish_writing, NULL);
	while (!text.size || text.data[text.size - 1] != '.')
		assert_int_equal(read_it("file", &text, NULL), 0);
	assert_string_equal(secret_text(&text), "whole.");
	assert_int_equal(end_child(writer), 0);
}

static void a_time_in_the_far_future_is_no_reason_to_wait(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	bool settled = false;
	time_t later = time(NULL) + 1000000;

	write_text("file", "half", 0600);
	assert_int_equal(utime("file", &(struct utimbuf) {.actime = later, .modtime = later}),
			 0);
	assert_int_equal(read_it("file", &text, &settled), 0);
	assert_true(settled);
}

static void what_is_no_small_file_is_told_apart(void **state UNUSED)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{"missing", ERR_NOT_FOUND}, {"fifo", ERR_UNSAFE},
		{"folder", ERR_UNSAFE},     {"large", ERR_DAMAGED},
		{"/dev/zero", ERR_UNSAFE},  {"huge", ERR_DAMAGED},
		{"file/x", ERR_NOT_FOUND},  {"/proc/self/maps", ERR_DAMAGED},
	};
	char large[101];
	CLOSED int huge = open("huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	memset(large, 'x', sizeof(large));
	write_bytes("large", large, sizeof(large), 0600);
	write_text("file", "whole.", 0600);
	assert_int_equal(ftruncate(huge, (off_t)1 << 40), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret text = {0};

		assert_int_equal(read_it(cases[i].path, &text, NULL), cases[i].error);
		assert_int_equal(text.size, 0);
	}
}

static int open_never(void *where)
{
	(*(unsigned *)where)++;
	errno = EAGAIN;
	return -1;
}

static void what_is_being_replaced_is_tried_again(void **state UNUSED)
{
	unsigned tries = 0;
	const struct foreign_file file = {
		.open = open_never, .where = &tries, .is_whole = has_full_stop, .max = 100};
	AUTOSECRET struct secret text = {0};

	assert_int_equal(foreign_read(&file, &text, NULL, NULL), ERR_BUSY);
	assert_true(tries > 1);
}

static void a_deadline_that_is_over_leaves_one_try(void **state UNUSED)
{
	unsigned tries = 0;
	const struct foreign_file file = {.open = open_never,
					  .where = &tries,
					  .is_whole = has_full_stop,
					  .max = 100,
					  .deadline = deadline_in(0)};
	AUTOSECRET struct secret text = {0};

	assert_int_equal(foreign_read(&file, &text, NULL, NULL), ERR_BUSY);
	assert_int_equal(tries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(links_are_followed_inside_the_folder_only),
		in_a_home(a_fifo_is_not_waited_for),
		in_a_home(a_file_that_is_left_alone_is_read_as_it_is),
		in_a_home(half_a_text_is_said_not_to_be_settled),
		in_a_home(what_is_being_written_is_waited_for),
		in_a_home(a_time_in_the_far_future_is_no_reason_to_wait),
		in_a_home(what_is_no_small_file_is_told_apart),
		in_a_home(what_is_being_replaced_is_tried_again),
		in_a_home(a_deadline_that_is_over_leaves_one_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
