/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <sys/resource.h>

#include "base/file.h"

#define MAX ((size_t)1000)

static int here(void)
{
	int fd = -1;

	assert_int_equal(folder_open(home, FOLDER_READ, &fd, NULL), 0);
	assert_true(fd >= 0);
	return fd;
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & 07777;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* ---- folders ---------------------------------------------------------------------------------- */

static void a_folder_is_made_with_its_parents(void **state UNUSED)
{
	CLOSED int fd = -1;
	char path[256];

	(void)umask(0);
	(void)snprintf(path, sizeof(path), "%s/a/b/c", home);
	assert_int_equal(folder_open(path, FOLDER_READ, &fd, NULL), ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
	assert_false(exists("a"));
	assert_int_equal(folder_open(path, FOLDER_CREATE, &fd, NULL), 0);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)umask(022);
}

static void a_folder_that_others_can_change_is_unsafe(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		int error;
	} cases[] = {
		{0700, 0},          {0500, 0},          {0755, 0},
		{0750, 0},          {0770, ERR_UNSAFE}, {0720, ERR_UNSAFE},
		{0777, ERR_UNSAFE}, {0702, ERR_UNSAFE}, {01777, ERR_UNSAFE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int flags = FOLDER_READ; flags <= FOLDER_CREATE; flags++) {
			struct err err = {0};
			CLOSED int fd = -1;

			assert_int_equal(chmod(home, cases[i].mode), 0);
			assert_int_equal(folder_open(home, (enum folder_flags)flags, &fd, &err),
					 cases[i].error);
			if (cases[i].error)
				assert_non_null(strstr(err.hint, "chmod"));
		}
	}
	assert_int_equal(chmod(home, 0700), 0);
}

static void what_is_no_folder_is_no_folder(void **state UNUSED)
{
	/* Of what is in the way of a folder, nobody may think that there is nothing yet. */
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{"file", ERR_UNSAFE},
		{"fifo", ERR_UNSAFE},
		{"dangling", ERR_UNAVAILABLE},
		{"to-file", ERR_UNAVAILABLE},
		{"file/below/it", ERR_UNSAFE},
		{"fifo/below", ERR_UNSAFE},
		{"dangling/below", ERR_UNAVAILABLE},
		{"to-folder/below", ERR_NOT_FOUND},
		{"nobody/below", ERR_NOT_FOUND},
	};

	write_text("file", "x", 0600);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(symlink("file", "to-file"), 0);
	assert_int_equal(symlink("folder", "to-folder"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = {0};
		char path[256];
		int fd = -1;

		(void)snprintf(path, sizeof(path), "%s/%s", home, cases[i].path);
		assert_int_equal(folder_open(path, FOLDER_READ, &fd, &err), cases[i].error);
		if (cases[i].error != ERR_NOT_FOUND)
			assert_int_equal(folder_open(path, FOLDER_CREATE, &fd, &err),
					 cases[i].error);
		assert_int_equal(fd, -1);
		assert_true(*err.message);
	}
}

static void a_home_can_be_no_folder(void **state UNUSED)
{
	static const char *const homes[] = {"/dev/null", "/nonexistent", "dangling"};
	CLOSED int fd = -1;
	char kept[sizeof(home)];
	char path[256];

	(void)snprintf(kept, sizeof(kept), "%s", getenv("HOME"));
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		(void)snprintf(path, sizeof(path), "%s%s%s", *homes[i] == '/' ? "" : home,
			       *homes[i] == '/' ? "" : "/", homes[i]);
		assert_int_equal(setenv("HOME", path, 1), 0);
		(void)snprintf(path, sizeof(path), "%s/.local/share/hftoken", getenv("HOME"));
		assert_int_equal(folder_open(path, FOLDER_READ, &fd, NULL), ERR_NOT_FOUND);
	}
	assert_int_equal(setenv("HOME", kept, 1), 0);
	assert_int_equal(folder_open("/dev/null/hftoken", FOLDER_READ, &fd, NULL),
			 ERR_NOT_FOUND);
	assert_int_equal(folder_open("", FOLDER_READ, &fd, NULL), ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void a_file_is_read_whole(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int fd = -1;
	AUTOBUF struct buf text = {0};
	size_t size = 4711;

	write_bytes("file", "a\0b\n", 4, 0600);
	write_text("empty", "", 0600);
	buf_add_text(&text, ">");
	assert_int_equal(file_read(folder, "file", FILE_PRIVATE, MAX, &text, NULL), 0);
	assert_int_equal(file_read(folder, "empty", FILE_PRIVATE, MAX, &text, NULL), 0);
	assert_int_equal(text.size, 5);
	assert_memory_equal(text.data, ">a\0b\n", 6);
	assert_int_equal(file_open(folder, "file", FILE_PRIVATE, MAX, &fd, &size, NULL), 0);
	assert_int_equal(size, 4);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void a_missing_file_is_not_found(void **state UNUSED)
{
	CLOSED int folder = here();
	AUTOBUF struct buf text = {0};
	struct err err = {0};

	assert_int_equal(file_read(folder, "file", FILE_PRIVATE, MAX, &text, &err),
			 ERR_NOT_FOUND);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(text.size, 0);
}

static void modes_decide_who_may_have_read_it(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		int private, public;
	} cases[] = {
		{0600, 0, 0},
		{0400, 0, 0},
		{0700, 0, 0},
		{0640, ERR_UNSAFE, 0},
		{0604, ERR_UNSAFE, 0},
		{0644, ERR_UNSAFE, 0},
		{0610, ERR_UNSAFE, 0},
		{0601, ERR_UNSAFE, 0},
		{0620, ERR_UNSAFE, ERR_UNSAFE},
		{0602, ERR_UNSAFE, ERR_UNSAFE},
		{0666, ERR_UNSAFE, ERR_UNSAFE},
	};
	CLOSED int folder = here();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf text = {0};
		struct err err = {0};

		write_text("file", "x", cases[i].mode);
		assert_int_equal(file_read(folder, "file", FILE_PRIVATE, MAX, &text, &err),
				 cases[i].private);
		assert_int_equal(file_read(folder, "file", FILE_PUBLIC, MAX, &text, &err),
				 cases[i].public);
		if (cases[i].private)
			assert_true(*err.hint);
	}
}

/* None of them may be followed, read, or waited for. */
static void what_is_no_regular_file_is_unsafe(void **state UNUSED)
{
	static const char *const names[] = {"link", "dangling", "fifo", "folder", "loop"};
	CLOSED int folder = here();

	write_text("target", "x", 0600);
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOBUF struct buf text = {0};
		CLOSED int lock = -1;

		assert_int_equal(file_read(folder, names[i], FILE_PRIVATE, MAX, &text, NULL),
				 ERR_UNSAFE);
		assert_int_not_equal(file_lock(folder, names[i], &lock, NULL), 0);
		assert_int_equal(lock, -1);
	}
	assert_file_text("target", "x"); /* no process id was written through the link */
}

/* What is no secret may lie elsewhere; what the link leads to is checked all the same. */
static void public_files_may_be_links(void **state UNUSED)
{
	static const struct {
		const char *target;
		int error;
	} cases[] = {
		{"good", 0},
		{"open", ERR_UNSAFE},
		{"fifo", ERR_UNSAFE},
		{"nowhere", ERR_NOT_FOUND},
	};
	CLOSED int folder = here();

	write_text("good", "x", 0644);
	write_text("open", "x", 0666);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf text = {0};

		(void)unlink("link");
		assert_int_equal(symlink(cases[i].target, "link"), 0);
		assert_int_equal(file_read(folder, "link", FILE_PUBLIC, MAX, &text, NULL),
				 cases[i].error);
	}
}

static void a_file_of_somebody_else_is_unsafe(void **state UNUSED)
{
	CLOSED int folder = here();
	AUTOBUF struct buf text = {0};

	if (geteuid() != 0)
		skip();
	write_text("file", "x", 0600);
	assert_int_equal(chown("file", 12345, (gid_t)-1), 0);
	assert_int_equal(file_read(folder, "file", FILE_PRIVATE, MAX, &text, NULL), ERR_UNSAFE);
	assert_int_equal(file_read(folder, "file", FILE_PUBLIC, MAX, &text, NULL), ERR_UNSAFE);
	assert_int_equal(chown(home, 12345, (gid_t)-1), 0);
	cleanup_close(&folder);
	assert_int_equal(folder_open(home, FOLDER_READ, &folder, NULL), ERR_UNSAFE);
	assert_int_equal(chown(home, 0, (gid_t)-1), 0);
}

static void sizes_have_a_limit(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int huge = open("huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(huge, (off_t)1 << 40), 0);
	write_text("file", "12345", 0600);
	for (size_t max = 4; max <= 6; max++) {
		AUTOBUF struct buf text = {0};

		assert_int_equal(file_read(folder, "file", FILE_PRIVATE, max, &text, NULL),
				 max < 5 ? ERR_DAMAGED : 0);
		assert_int_equal(file_read(folder, "huge", FILE_PRIVATE, MAX, &text, NULL),
				 ERR_DAMAGED);
	}
}

static void a_file_that_shrinks_is_damaged(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int fd = -1;
	struct err err = {0};
	size_t size;
	char data[5];

	write_text("file", "12345", 0600);
	assert_int_equal(file_open(folder, "file", FILE_PRIVATE, MAX, &fd, &size, NULL), 0);
	assert_int_equal(file_read_exactly(fd, data, 5, NULL), 0);
	assert_int_equal(truncate("file", 4), 0);
	assert_int_equal(file_read_exactly(fd, data, 5, &err), ERR_DAMAGED);
	assert_int_equal(file_read_exactly(fd, data, 4, NULL), 0); /* always from the start */
	assert_memory_equal(data, "1234", 4);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void a_file_is_replaced_whole(void **state UNUSED)
{
	CLOSED int folder = here();

	(void)umask(0);
	assert_int_equal(file_replace(folder, "file", "first", 5, REPLACE_ONLY, NULL), 0);
	assert_file_text("file", "first");
	assert_int_equal(mode_of("file"), 0600);
	assert_int_equal(file_replace(folder, "file", "2", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("file", "2");
	assert_int_equal(file_replace(folder, "file", NULL, 0, REPLACE_ONLY, NULL), 0);
	assert_file_text("file", "");
	assert_false(exists("file.new"));
	assert_false(exists("file.prev"));
	(void)umask(022);
}

static void the_previous_version_can_be_kept(void **state UNUSED)
{
	CLOSED int folder = here();

	assert_int_equal(file_replace(folder, "file", "1", 1, REPLACE_KEEP_PREVIOUS, NULL), 0);
	assert_false(exists("file.prev"));
	assert_int_equal(file_replace(folder, "file", "2", 1, REPLACE_KEEP_PREVIOUS, NULL), 0);
	assert_file_text("file.prev", "1");
	assert_int_equal(file_replace(folder, "file", "3", 1, REPLACE_KEEP_PREVIOUS, NULL), 0);
	assert_file_text("file", "3");
	assert_file_text("file.prev", "2");
	assert_int_equal(file_replace(folder, "file", "4", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("file.prev", "2");
}

/* A reader keeps what it has opened. */
static void readers_are_not_disturbed(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int fd = -1;
	char data[5];
	size_t size;

	assert_int_equal(file_replace(folder, "file", "first", 5, REPLACE_ONLY, NULL), 0);
	assert_int_equal(file_open(folder, "file", FILE_PRIVATE, MAX, &fd, &size, NULL), 0);
	assert_int_equal(file_replace(folder, "file", "x", 1, REPLACE_KEEP_PREVIOUS, NULL), 0);
	assert_int_equal(file_read_exactly(fd, data, 5, NULL), 0);
	assert_memory_equal(data, "first", 5);
}

/* What a crash, or somebody else, has left under the temporary name. */
static void leftovers_are_overwritten(void **state UNUSED)
{
	CLOSED int folder = here();

	write_text("file.new", "stale and longer than what comes", 0644);
	assert_int_equal(file_replace(folder, "file", "1", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("file", "1");
	assert_int_equal(mode_of("file"), 0600);

	write_text("precious", "untouched", 0600);
	assert_int_equal(symlink("precious", "file.new"), 0);
	assert_int_equal(file_replace(folder, "file", "2", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("precious", "untouched");

	assert_int_equal(link("precious", "file.new"), 0);
	assert_int_equal(file_replace(folder, "file", "3", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("precious", "untouched");
	assert_file_text("file", "3");

	assert_int_equal(mkfifo("file.new", 0600), 0);
	assert_int_equal(file_replace(folder, "file", "4", 1, REPLACE_ONLY, NULL), 0);
	assert_file_text("file", "4");
}

static void a_link_in_place_of_the_file_is_replaced_not_followed(void **state UNUSED)
{
	CLOSED int folder = here();
	struct stat status;

	write_text("precious", "untouched", 0600);
	assert_int_equal(symlink("precious", "file"), 0);
	assert_int_equal(file_replace(folder, "file", "1", 1, REPLACE_KEEP_PREVIOUS, NULL), 0);
	assert_file_text("precious", "untouched");
	assert_int_equal(lstat("file", &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void what_cannot_be_replaced_stays(void **state UNUSED)
{
	CLOSED int folder = here();
	struct err err = {0};

	assert_int_equal(mkdir("file", 0700), 0);
	assert_true(file_replace(folder, "file", "1", 1, REPLACE_ONLY, &err) < 0);
	assert_true(*err.message);
	assert_false(exists("file.new")); /* nothing is left behind */
	assert_int_equal(mkdir("other.new", 0700), 0);
	write_text("other", "old", 0600);
	assert_true(file_replace(folder, "other", "1", 1, REPLACE_ONLY, NULL) < 0);
	assert_file_text("other", "old");
}

static void a_folder_that_cannot_be_written_says_so(void **state UNUSED)
{
	CLOSED int folder = -1;
	CLOSED int lock = -1;

	assert_int_equal(folder_open("/proc/self", FOLDER_READ, &folder, NULL), 0);
	assert_true(file_replace(folder, "file", "1", 1, REPLACE_ONLY, NULL) < 0);
	assert_true(file_lock(folder, "lock", &lock, NULL) < 0);
}

static int fill_the_disk(void *user)
{
	static char data[100000];
	const struct rlimit small = {1000, 1000};
	int folder = *(int *)user;
	struct err err = {0};

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) < 0)
		return 1;
	if (file_replace(folder, "file", data, sizeof(data), REPLACE_ONLY, &err) !=
	    ERR_NO_SPACE)
		return 2;
	return err.code == ERR_NO_SPACE ? 0 : 3;
}

static void a_full_disk_changes_nothing(void **state UNUSED)
{
	CLOSED int folder = here();

	write_text("file", "old", 0600);
	assert_int_equal(in_child(fill_the_disk, &folder), 0);
	assert_file_text("file", "old");
	assert_false(exists("file.new"));
}

static void removing_is_for_what_is_there(void **state UNUSED)
{
	CLOSED int folder = here();

	write_text("file", "x", 0600);
	assert_int_equal(file_remove(folder, "file", NULL), 0);
	assert_false(exists("file"));
	assert_int_equal(file_remove(folder, "file", NULL), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_true(file_remove(folder, "folder", NULL) < 0);
}

/* ---- the lock --------------------------------------------------------------------------------- */

/* A child that holds the lock, and a pipe each way to know and to say when. */
struct holder {
	int folder;
	int taken[2];
	int enough[2];
	int rounds; /* news that it writes, a second apart */
};

static int hold(void *user)
{
	struct holder *holder = user;
	int fd = -1;
	char byte;

	cleanup_close(&holder->enough[1]);
	if (file_lock(holder->folder, "lock", &fd, NULL))
		return 1;
	if (write(holder->taken[1], "x", 1) != 1)
		return 2;
	for (int i = 0; i < holder->rounds; i++) {
		(void)sleep(1);
		if (pwrite(fd, &"abcdefghij"[i], 1, 0) != 1)
			return 3;
	}
	return holder->rounds || read(holder->enough[0], &byte, 1) == 0 ? 0 : 4;
}

static pid_t start_holder(struct holder *holder)
{
	char byte;
	pid_t pid;

	if (holder->folder < 0)
		holder->folder = here();
	assert_int_equal(pipe(holder->taken), 0);
	assert_int_equal(pipe(holder->enough), 0);
	pid = start_child(hold, holder);
	assert_int_equal(read(holder->taken[0], &byte, 1), 1);
	return pid;
}

static void release_holder(struct holder *holder)
{
	cleanup_close(&holder->folder);
	for (int i = 0; i < 2; i++) {
		cleanup_close(&holder->taken[i]);
		cleanup_close(&holder->enough[i]);
	}
}

static void a_lock_is_a_file_of_its_own_that_stays(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int lock = -1;
	char pid[32];

	assert_int_equal(file_lock(folder, "lock", &lock, NULL), 0);
	assert_int_equal(fcntl(lock, F_GETFD), FD_CLOEXEC);
	assert_int_equal(mode_of("lock"), 0600);
	(void)snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	assert_file_text("lock", pid);
	cleanup_close(&lock);
	assert_true(exists("lock"));
	assert_int_equal(file_lock(folder, "lock", &lock, NULL), 0);
}

static void a_lock_can_be_looked_at(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int lock = -1;

	assert_false(file_is_locked(folder, "lock"));
	assert_false(exists("lock"));
	assert_int_equal(file_lock(folder, "lock", &lock, NULL), 0);
	assert_true(file_is_locked(folder, "lock"));
	cleanup_close(&lock);
	assert_false(file_is_locked(folder, "lock"));
	assert_int_equal(file_try_lock(folder, "lock", &lock, NULL), 0);
}

static void a_lock_file_with_another_name_is_unsafe(void **state UNUSED)
{
	CLOSED int folder = here();
	CLOSED int lock = -1;

	write_text("precious", "untouched", 0600);
	assert_int_equal(link("precious", "lock"), 0);
	assert_int_equal(file_lock(folder, "lock", &lock, NULL), ERR_UNSAFE);
	assert_file_text("precious", "untouched");
}

static void closing_gives_the_lock_to_who_waits(void **state UNUSED)
{
	CLEANUP(release_holder) struct holder holder = {.folder = -1};
	pid_t pid = start_holder(&holder);
	CLOSED int lock = -1;

	cleanup_close(&holder.enough[1]);
	assert_int_equal(file_lock(holder.folder, "lock", &lock, NULL), 0);
	assert_int_equal(end_child(pid), 0);
}

static int remove_lock(void *user)
{
	const struct holder *holder = user;

	deadline_sleep(NO_DEADLINE, 300);
	return unlinkat(holder->folder, "lock", 0) ? 1 : 0;
}

/* Somebody removes the file while we wait: a lock on what nobody finds would be none. */
static void a_lock_that_was_removed_is_not_taken(void **state UNUSED)
{
	CLEANUP(release_holder) struct holder holder = {.folder = -1, .rounds = 1};
	pid_t pid = start_holder(&holder);
	struct holder other = {.folder = holder.folder};
	CLOSED int lock = -1;
	pid_t remover;

	remover = start_child(remove_lock, &other);
	assert_int_equal(file_lock(holder.folder, "lock", &lock, NULL), ERR_BUSY);
	assert_int_equal(lock, -1);
	assert_int_equal(end_child(remover), 0);
	assert_int_equal(end_child(pid), 0);
}

static void dying_gives_the_lock_back(void **state UNUSED)
{
	CLEANUP(release_holder) struct holder holder = {.folder = -1};
	pid_t pid = start_holder(&holder);
	CLOSED int lock = -1;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(file_lock(holder.folder, "lock", &lock, NULL), 0);
	assert_int_equal(end_child(pid), KILLED + SIGKILL);
}

static int wait_in_vain(void *user)
{
	struct holder *holder = user;
	char name[32];
	struct err err = {0};
	int fd = -1;

	(void)snprintf(name, sizeof(name), "process %ld ", (long)holder->rounds);
	if (file_lock(holder->folder, "lock", &fd, &err) != ERR_BUSY)
		return 1;
	return fd == -1 && strstr(err.hint, name) ? 0 : 2;
}

/*
 * Two waiters at once, in a folder each: whose holder does nothing, and whose holder goes on to
 * show progress for longer than anybody waits without.
 */
static void only_a_holder_without_progress_is_given_up(void **state UNUSED)
{
	CLEANUP(release_holder) struct holder stuck = {.folder = -1};
	CLEANUP(release_holder) struct holder busy = {.folder = -1, .rounds = 7};
	CLOSED int lock = -1;
	pid_t stuck_pid = start_holder(&stuck);
	struct holder waiting = {.folder = stuck.folder, .rounds = (int)stuck_pid};
	pid_t waiter = start_child(wait_in_vain, &waiting);
	pid_t busy_pid;

	assert_int_equal(mkdir("busy", 0700), 0);
	assert_int_equal(folder_open("busy", FOLDER_READ, &busy.folder, NULL), 0);
	busy_pid = start_holder(&busy);
	assert_int_equal(file_lock(busy.folder, "lock", &lock, NULL), 0);
	assert_int_equal(end_child(busy_pid), 0);
	assert_int_equal(end_child(waiter), 0);
	cleanup_close(&stuck.enough[1]);
	assert_int_equal(end_child(stuck_pid), 0);
}

static void a_name_is_never_cut(void **state UNUSED)
{
	char name[201];
	CLOSED int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'n', sizeof(name));
	name[200] = '\0';
	assert_int_equal(file_replace(folder, name, "x", 1, REPLACE_ONLY, NULL), ERR_USAGE);
	name[127] = '\0'; /* what a cut one would be, and is somebody's */
	write_text(name, "precious", 0600);
	name[127] = 'n';
	assert_int_equal(file_replace(folder, name, "x", 1, REPLACE_KEEP_PREVIOUS, NULL),
			 ERR_USAGE);
	name[127] = '\0';
	assert_file_text(name, "precious");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(a_folder_is_made_with_its_parents),
		in_a_home(a_folder_that_others_can_change_is_unsafe),
		in_a_home(what_is_no_folder_is_no_folder),
		in_a_home(a_home_can_be_no_folder),
		in_a_home(a_name_is_never_cut),
		in_a_home(a_file_is_read_whole),
		in_a_home(a_missing_file_is_not_found),
		in_a_home(modes_decide_who_may_have_read_it),
		in_a_home(what_is_no_regular_file_is_unsafe),
		in_a_home(public_files_may_be_links),
		in_a_home(a_file_of_somebody_else_is_unsafe),
		in_a_home(sizes_have_a_limit),
		in_a_home(a_file_that_shrinks_is_damaged),
		in_a_home(a_file_is_replaced_whole),
		in_a_home(the_previous_version_can_be_kept),
		in_a_home(readers_are_not_disturbed),
		in_a_home(leftovers_are_overwritten),
		in_a_home(a_link_in_place_of_the_file_is_replaced_not_followed),
		in_a_home(what_cannot_be_replaced_stays),
		in_a_home(a_folder_that_cannot_be_written_says_so),
		in_a_home(a_full_disk_changes_nothing),
		in_a_home(removing_is_for_what_is_there),
		in_a_home(a_lock_is_a_file_of_its_own_that_stays),
		in_a_home(a_lock_can_be_looked_at),
		in_a_home(a_lock_file_with_another_name_is_unsafe),
		in_a_home(closing_gives_the_lock_to_who_waits),
		in_a_home(dying_gives_the_lock_back),
		in_a_home(a_lock_that_was_removed_is_not_taken),
		in_a_home(only_a_holder_without_progress_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
