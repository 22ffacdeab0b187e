/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <errno.h>
#include <sys/file.h>

#include "core/plain_edit.h"

/* What an editor is to do, besides giving `text`. */
struct plan {
	const char *text; /* NULL: nothing is taken out */
	int error;
	void (*meanwhile)(void); /* done while the file is open; the first time only */
	int calls;
};

static int edit(void *user, const struct secret *text, struct secret *ret, size_t *ret_count,
		struct err *err)
{
	struct plan *plan = user;

	plan->calls++;
	if (plan->meanwhile && plan->calls == 1)
		plan->meanwhile();
	if (plan->error)
		return err_set(err, (enum err_code)plan->error, "no");
	*ret_count = plan->text != NULL;
	return secret_set(ret, plan->text ? plan->text : secret_text(text),
			  plan->text ? strlen(plan->text) : text->size);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static bool is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* No lock of git's and no temporary file is left. */
static void assert_nothing_left(void)
{
	assert_false(is_there("file.lock"));
	assert_int_not_equal(system("ls -A | grep -q hftoken"), 0);
}

static const enum plain_kind kinds[] = {PLAIN_GIT, PLAIN_HF};

static void a_file_is_rewritten_and_keeps_its_mode(void **state UNUSED)
{
	static const mode_t modes[] = {0600, 0640, 0644, 0200};

	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			struct plan plan = {.text = "new\n"};
			size_t count = 0;
			struct err err = {0};

			(void)unlink("file");
			write_text("file", "old\n", modes[i]);
			if (access("file", R_OK) != 0)
				continue; /* not root's */
			if (plain_edit("file", kinds[kind], edit, &plan, &count, &err))
				fail_msg("%s", err.message);
			assert_int_equal(count, 1);
			assert_int_equal(mode_of("file"), modes[i]);
			assert_file_text("file", "new\n");
			if (kinds[kind] == PLAIN_GIT)
				assert_nothing_left();
			(void)unlink("file.lock");
		}
	}
}

static void nothing_is_written_where_nothing_goes(void **state UNUSED)
{
	struct stat before;
	struct stat after;

	write_text("file", "old\n", 0600);
	assert_int_equal(stat("file", &before), 0);
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		struct plan none = {.text = NULL};
		struct plan fails = {.error = ERR_FORMAT};
		size_t count = 99;

		assert_int_equal(plain_edit("file", kinds[kind], edit, &none, &count, NULL), 0);
		assert_int_equal(count, 0);
		assert_int_equal(plain_edit("file", kinds[kind], edit, &fails, &count, NULL),
				 ERR_FORMAT);
	}
	assert_int_equal(stat("file", &after), 0);
	assert_true(before.st_ino == after.st_ino);
	(void)unlink("file.lock"); /* that of hf stays, as huggingface_hub leaves it */
	assert_nothing_left();
}

static void a_link_is_followed(void **state UNUSED)
{
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		struct plan plan = {.text = "new\n"};
		struct stat status;
		size_t count;

		(void)mkdir("real", 0700);
		write_text("real/file", "old\n", 0600);
		(void)unlink("link");
		assert_int_equal(symlink("real/file", "link"), 0);
		assert_int_equal(plain_edit("link", kinds[kind], edit, &plan, &count, NULL), 0);
		assert_int_equal(lstat("link", &status), 0);
		assert_true(S_ISLNK(status.st_mode));
		assert_file_text("real/file", "new\n");
		assert_int_equal(is_there("link.lock"), kinds[kind] == PLAIN_HF);
		assert_false(is_there("real/file.lock"));
	}
}

/* Each locks by the name that it takes the file for: git by the real one, huggingface_hub by its own. */
static void behind_a_link_the_same_lock_is_taken(void **state UNUSED)
{
	static const char *const locks[] = {"real/file.lock", "link.lock"};

	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real/file", "link"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(locks); i++) {
		struct plan plan = {.text = "new\n"};
		size_t count = 99;
		int fd;

		write_text("real/file", "old\n", 0600);
		write_text(locks[i], "", 0600);
		fd = open(locks[i], O_RDWR | O_CLOEXEC);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(plain_edit("link", kinds[i], edit, &plan, &count, NULL),
				 ERR_BUSY);
		assert_int_equal(plan.calls, 0);
		assert_file_text("real/file", "old\n");
		(void)close(fd);
		assert_int_equal(unlink(locks[i]), 0);
		assert_int_equal(plain_edit("link", kinds[i], edit, &plan, &count, NULL), 0);
		assert_file_text("real/file", "new\n");
	}
}

static void what_is_not_ours_to_change_is_left(void **state UNUSED)
{
	struct plan plan = {.text = "new\n"};
	size_t count = 99;

	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	write_text("read-only", "old\n", 0400);
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		assert_int_equal(plain_edit("folder", kinds[kind], edit, &plan, &count, NULL),
				 ERR_UNSAFE);
		assert_int_equal(plain_edit("fifo", kinds[kind], edit, &plan, &count, NULL),
				 ERR_UNSAFE);
		assert_int_equal(
			plain_edit("read-only", kinds[kind], edit, &plan, &count, NULL),
			ERR_UNSAFE);
		assert_int_equal(plain_edit("missing", kinds[kind], edit, &plan, &count, NULL),
				 ERR_NOT_FOUND);
	}
	write_text("one", "old\n", 0600);
	assert_int_equal(link("one", "two"), 0);
	assert_int_equal(plain_edit("one", PLAIN_GIT, edit, &plan, &count, NULL), ERR_UNSAFE);
	assert_file_text("read-only", "old\n");
	assert_file_text("one", "old\n");
	assert_int_equal(plan.calls, 0);
	assert_int_equal(count, 99);
	if (geteuid() != 0)
		return;
	write_text("others", "old\n", 0600);
	assert_int_equal(chown("others", 12345, (gid_t)-1), 0);
	assert_int_equal(plain_edit("others", PLAIN_GIT, edit, &plan, &count, NULL),
			 ERR_UNSAFE);
	assert_int_equal(chown("read-only", 0, 12345), 0);
	assert_int_equal(chmod("read-only", 0640), 0);
	assert_int_equal(plain_edit("read-only", PLAIN_HF, edit, &plan, &count, NULL), 0);
	assert_int_equal(mode_of("read-only"), 0640);
}

static void git_is_not_disturbed(void **state UNUSED)
{
	struct plan plan = {.text = "new\n"};
	struct err err = {0};
	size_t count = 99;

	write_text("file", "old\n", 0600);
	write_text("file.lock", "git's own", 0600);
	assert_int_equal(plain_edit("file", PLAIN_GIT, edit, &plan, &count, &err), ERR_BUSY);
	assert_non_null(strstr(err.message, "file.lock"));
	assert_non_null(strstr(err.hint, "remove"));
	assert_file_text("file", "old\n");
	assert_file_text("file.lock", "git's own");
	assert_int_equal(plan.calls, 0);
}

static void a_session_that_is_being_renewed_is_not_disturbed(void **state UNUSED)
{
	struct plan plan = {.text = "new\n"};
	size_t count = 99;
	int fd;

	write_text("file", "old\n", 0600);
	write_text("file.lock", "", 0600);
	fd = open("file.lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(plain_edit("file", PLAIN_HF, edit, &plan, &count, NULL), ERR_BUSY);
	assert_int_equal(plan.calls, 0);
	(void)close(fd);
	assert_int_equal(plain_edit("file", PLAIN_HF, edit, &plan, &count, NULL), 0);
	assert_file_text("file", "new\n");
}

static void write_in_place(void)
{
	write_text("file", "somebody else's\n", 0600);
}

static void write_by_rename(void)
{
	write_text("other", "old\n", 0600);
	assert_int_equal(rename("other", "file"), 0);
}

static void take_away(void)
{
	assert_int_equal(unlink("file"), 0);
}

/* Whoever writes without a lock is noticed, and what they wrote is what is edited. */
static void a_writer_without_a_lock_is_noticed(void **state UNUSED)
{
	static void (*const changes[])(void) = {write_in_place, write_by_rename};

	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
			struct plan plan = {.text = "new\n", .meanwhile = changes[i]};
			struct err err = {0};
			size_t count = 0;

			write_text("file", "old\n", 0600);
			assert_int_equal(
				plain_edit("file", kinds[kind], edit, &plan, &count, &err), 0);
			assert_int_equal(plan.calls, 2);
			assert_int_equal(err.code, ERR_OK); /* in the end nothing was wrong */
			assert_string_equal(err.message, "");
			assert_file_text("file", "new\n");
			(void)unlink("file.lock");
			assert_nothing_left();
		}
	}
}

static void what_was_taken_away_does_not_come_back(void **state UNUSED)
{
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		struct plan plan = {.text = "new\n", .meanwhile = take_away};
		struct err err = {0};
		size_t count = 99;

		write_text("file", "old\n", 0600);
		assert_int_equal(plain_edit("file", kinds[kind], edit, &plan, &count, &err),
				 ERR_NOT_FOUND);
		assert_int_equal(err.code, ERR_NOT_FOUND); /* the last try's */
		assert_false(is_there("file"));
		(void)unlink("file.lock");
		assert_nothing_left();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(a_file_is_rewritten_and_keeps_its_mode),
		in_a_home(nothing_is_written_where_nothing_goes),
		in_a_home(a_link_is_followed),
		in_a_home(behind_a_link_the_same_lock_is_taken),
		in_a_home(what_is_not_ours_to_change_is_left),
		in_a_home(git_is_not_disturbed),
		in_a_home(a_session_that_is_being_renewed_is_not_disturbed),
		in_a_home(a_writer_without_a_lock_is_noticed),
		in_a_home(what_was_taken_away_does_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
