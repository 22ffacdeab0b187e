/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plain_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/guest_file.h"
#include "base/io.h"
#include "base/text.h"

#define FILE_MAX ((size_t)1 << 20)
#define READ_MS  1000
#define LOCK_MS  1000 /* as git waits, by its credentialstore.lockTimeoutMS */
#define PAUSE_MS 10
#define TRIES    3

/* One file, by the folder that it really lies in. */
struct place {
	char path[PATH_MAX];
	char lock_name[PATH_MAX]; /* git's within the folder; huggingface_hub's with its own */
	const char *name;         /* within `path` */
	int folder;
	int lock;
	bool made; /* our FILE.lock is there: git's */
	struct stat was;
};

static void place_release(struct place *place)
{
	if (place->made)
		(void)unlinkat(place->folder, place->lock_name, 0);
	cleanup_close(&place->lock);
	cleanup_close(&place->folder);
}

/* git locks what a link leads to; huggingface_hub puts ".lock" behind the name that it knows. */
static int name_lock(const char *path, enum plain_kind kind, struct place *place,
		     struct err *err)
{
	const char *name = kind == PLAIN_GIT ? place->name : path;
	int size = snprintf(place->lock_name, sizeof(place->lock_name), "%s.lock", name);

	return size < 0 || (size_t)size >= sizeof(place->lock_name)
		       ? err_set(err, ERR_UNSAFE, "'%.80s...' is too long", name)
		       : 0;
}

static int find(const char *path, enum plain_kind kind, struct place *place, struct err *err)
{
	AUTOFREE char *real = realpath(path, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;
	int error;

	if (!slash || !slash[1])
		return err_errno(err, "cannot find '%s'", path);
	if (!text_copy(place->path, sizeof(place->path), real))
		return err_set(err, ERR_UNSAFE, "'%.80s...' is too long", path);
	place->name = place->path + (slash - real) + 1;
	error = name_lock(path, kind, place, err);
	if (error)
		return error;
	slash[slash == real] = '\0';
	place->folder = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->folder < 0 ? err_errno(err, "cannot open folder '%s'", real) : 0;
}

/* ---- locks ------------------------------------------------------------------------------------ */

static int try_git(struct place *place)
{
	place->lock = openat(place->folder, place->lock_name,
			     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	place->made = place->lock >= 0;
	return place->made ? 0 : errno == EEXIST ? 1 : -1;
}

static int try_hf(struct place *place)
{
	if (place->lock < 0)
		place->lock = open(place->lock_name,
				   O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
					   O_NOCTTY,
				   0600);
	if (place->lock < 0)
		return -1;
	if (flock(place->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR ? 1 : -1;
}

static int take_lock(struct place *place, enum plain_kind kind, struct err *err)
{
	deadline_ms deadline = deadline_in(LOCK_MS);

	for (;;) {
		int result = kind == PLAIN_GIT ? try_git(place) : try_hf(place);

		if (result < 0)
			return err_errno(err, "cannot make '%s'", place->lock_name);
		if (result == 0)
			return 0;
		if (deadline_left(deadline) == 0)
			break;
		deadline_sleep(deadline, PAUSE_MS);
	}
	err_set(err, ERR_BUSY, "another program is writing it: '%s' is %s", place->lock_name,
		kind == PLAIN_GIT ? "there" : "locked");
	if (kind == PLAIN_GIT)
		err_hint(err, "remove that file if no git is running, and try again");
	return ERR_BUSY;
}

/* ---- reading and writing ---------------------------------------------------------------------- */

static int refuse(const char *why, struct err *err)
{
	return err_set(err, ERR_UNSAFE, "%s", why);
}

static int read_text(struct place *place, struct secret *ret, struct err *err)
{
	CLOSED int fd = openat(place->folder, place->name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_errno(err, "cannot open it");
	if (fstat(fd, &place->was) < 0)
		return err_errno(err, "cannot look at it");
	if (!S_ISREG(place->was.st_mode))
		return refuse("it is no regular file", err);
	if (place->was.st_uid != geteuid())
		return refuse("it belongs to another user", err);
	if (!(place->was.st_mode & S_IWUSR))
		return refuse("it is read-only", err);
	if (place->was.st_nlink > 1)
		return refuse("it has a second name (a hard link), which would keep the tokens",
			      err);
	return io_read_all(fd, ret, FILE_MAX, deadline_in(READ_MS), err);
}

/* The lock itself becomes the file, as git does it. */
static int write_git(struct place *place, const struct secret *text, struct err *err)
{
	int error = io_write_all(place->lock, secret_text(text), text->size, NO_DEADLINE, err);

	if (!error)
		error = guest_file_look_like(place->lock, &place->was, err);
	if (!error && fsync(place->lock) < 0)
		error = err_errno(err, "cannot save '%s'", place->lock_name);
	if (!error)
		error = guest_file_check(place->folder, place->name, &place->was, err);
	if (error)
		return error;
	if (renameat(place->folder, place->lock_name, place->folder, place->name) < 0)
		return err_errno(err, "cannot replace '%s'", place->name);
	place->made = false;
	return fsync(place->folder) < 0 ? err_errno(err, "cannot save its folder") : 0;
}

/* One try; ERR_BUSY if somebody has written it meanwhile. */
static int edit_once(const char *path, enum plain_kind kind, plain_editor edit, void *user,
		     size_t *ret_count, bool *ret_locked, struct err *err)
{
	CLEANUP(place_release) struct place place = {.folder = -1, .lock = -1};
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret fresh = {0};
	size_t count = 0;
	int error = find(path, kind, &place, err);

	if (!error)
		error = take_lock(&place, kind, err);
	*ret_locked = !error;
	if (!error)
		error = read_text(&place, &text, err);
	if (!error)
		error = edit(user, &text, &fresh, &count, err);
	if (!error && count && kind == PLAIN_GIT)
		error = write_git(&place, &fresh, err);
	else if (!error && count)
		error = guest_file_rewrite(place.folder, place.name, secret_text(&fresh),
					   fresh.size, &place.was, err);
	if (!error)
		*ret_count = count;
	return error;
}

int plain_edit(const char *path, enum plain_kind kind, plain_editor edit, void *user,
	       size_t *ret_count, struct err *err)
{
	sigset_t ends;
	sigset_t before;
	struct err cause;
	bool locked = true;
	int error = ERR_BUSY;

	/* Ctrl-C in these few milliseconds would leave git's lock behind for good. */
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	/* A try that somebody else's writing has spoilt is no error if a later one succeeds. */
	for (int tries = 0; tries < TRIES && error == ERR_BUSY && locked; tries++) {
		cause = (struct err) {.code = ERR_OK};
		error = edit_once(path, kind, edit, user, ret_count, &locked, &cause);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (error && err)
		*err = cause;
	return error;
}
