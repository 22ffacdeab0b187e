/* SPDX-License-Identifier: Apache-2.0 */
#include "base/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/io.h"

#define READING   (O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
#define LINKS_MAX 16

/* A file that looks whole and was written longer ago than the first is not being written now. */
#define QUIET_NS       (INT64_C(50) * 1000 * 1000)
#define ABANDONED_NS   (INT64_C(2) * 1000 * 1000 * 1000)
#define CLOCK_WRONG_NS (INT64_C(10) * 1000 * 1000 * 1000)
#define PAUSE_MS       5

/* ---- opening ---------------------------------------------------------------------------------- */

/* One step of the walk: the next component, cut off the front of `rest`. */
static const char *take_component(char **rest)
{
	char *component;

	do {
		component = strsep(rest, "/");
	} while (component && (!*component || strcmp(component, ".") == 0));
	return component;
}

/* Puts what the link says in front of the way that is left. False if it leads out, or is too long. */
static bool follow(const char *target, char *path, char **rest)
{
	char way[PATH_MAX];
	int size;

	if (target[0] == '/')
		return false;
	size = snprintf(way, sizeof(way), "%s/%s", target, *rest ? *rest : "");
	if (size < 0 || (size_t)size >= sizeof(way))
		return false;
	memcpy(path, way, (size_t)size + 1);
	*rest = path;
	return true;
}

static int fail_with(int number)
{
	errno = number;
	return -1;
}

int foreign_open_by_hand(int folder, const char *name)
{
	CLOSED int at = openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char target[PATH_MAX];
	char path[PATH_MAX];
	char *rest = path;
	int links = 0;

	if (at < 0 || name[0] == '/' || strlen(name) >= sizeof(path))
		return at < 0 ? -1 : fail_with(EXDEV);
	memcpy(path, name, strlen(name) + 1);
	for (;;) {
		const char *component = take_component(&rest);
		bool last = !rest || !rest[strspn(rest, "/.")];
		ssize_t size;
		int next;

		if (!component || strcmp(component, "..") == 0)
			return fail_with(EXDEV);
		size = readlinkat(at, component, target, sizeof(target) - 1);
		if (size >= 0) {
			target[size] = '\0';
			if (!follow(target, path, &rest))
				return fail_with(EXDEV);
			if (++links > LINKS_MAX)
				return fail_with(ELOOP);
			continue;
		}
		if (errno != EINVAL)
			return -1;
		if (last)
			return openat(at, component, READING | O_NOFOLLOW);
		next = openat(at, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -1;
		(void)close(at);
		at = next;
	}
}

int foreign_open_beneath(int folder, const char *name)
{
	const struct open_how how = {
		.flags = READING,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, folder, name, &how, sizeof(how));

	/* Filters of containers that are older than the call answer EPERM to it. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return foreign_open_by_hand(folder, name);
	return (int)fd;
}

/* ---- reading ---------------------------------------------------------------------------------- */

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
	       one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* Nobody has written it for so long. A time far in the future tells of a wrong clock only. */
static bool is_quiet(const struct stat *status, int64_t nanoseconds)
{
	struct timespec now;
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = ((int64_t)now.tv_sec - status->st_mtim.tv_sec) * 1000000000 + now.tv_nsec -
	      status->st_mtim.tv_nsec;
	return age > nanoseconds || age < -CLOCK_WRONG_NS;
}

static int check_kind(const struct foreign_file *file, const struct stat *status,
		      struct err *err)
{
	if (!S_ISREG(status->st_mode))
		return err_set(err, ERR_UNSAFE, "it is no regular file");
	if ((size_t)status->st_size > file->max)
		return err_set(err, ERR_DAMAGED, "it is larger than %zu bytes", file->max);
	return file->check ? file->check(status, err) : 0;
}

static enum err_code code_of(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EAGAIN:
	case ESTALE:
		return ERR_BUSY;
	default:
		return err_from_errno(number);
	}
}

/* One try. `ret_settled`: nobody is writing it. */
static int read_once(const struct foreign_file *file, struct secret *ret, bool *ret_settled,
		     struct err *err)
{
	CLOSED int fd = file->open(file->where);
	struct stat before;
	struct stat after;
	int error;

	if (fd < 0 && errno == EXDEV)
		return err_set(err, ERR_UNSAFE, "a link leads out of its folder");
	if (fd < 0)
		return err_set(err, code_of(errno), "%s", strerror(errno));
	if (fstat(fd, &before) < 0)
		return err_errno(err, "cannot read it");
	error = check_kind(file, &before, err);
	if (!error)
		error = io_read_all(fd, ret, file->max, deadline_in(1000), err);
	if (error)
		return error == ERR_FORMAT ? err_set(err, ERR_DAMAGED,
						     "it is larger than %zu bytes", file->max)
					   : error;
	if (fstat(fd, &after) < 0)
		return err_errno(err, "cannot read it");
	*ret_settled = is_same(&before, &after) && (off_t)ret->size == after.st_size &&
		       is_quiet(&after, file->is_whole(secret_text(ret), ret->size)
						? QUIET_NS
						: ABANDONED_NS);
	return 0;
}

/* A whole text is better than one that is not, and then the longer one. */
static bool is_better(const struct foreign_file *file, const struct secret *one,
		      const struct secret *other)
{
	bool whole = file->is_whole(secret_text(one), one->size);

	if (whole != file->is_whole(secret_text(other), other->size))
		return whole;
	return one->size >= other->size;
}

static deadline_ms deadline_of(const struct foreign_file *file)
{
	deadline_ms own = deadline_in(FOREIGN_WAIT_MS);

	return file->deadline && file->deadline < own ? file->deadline : own;
}

int foreign_read(const struct foreign_file *file, struct secret *ret, bool *ret_settled,
		 struct err *err)
{
	deadline_ms deadline = deadline_of(file);
	AUTOSECRET struct secret best = {0};
	bool settled = false;
	bool found = false;

	for (;;) {
		AUTOSECRET struct secret now = {0};
		int error = read_once(file, &now, &settled, err);

		/* What was there a moment ago will be there again: it is being replaced. */
		if (error && error != ERR_BUSY && !found)
			return error;
		if (!error && (settled || !found || is_better(file, &now, &best)))
			secret_move(&best, &now);
		found |= !error;
		if (settled)
			break;
		if (deadline_left(deadline) == 0 && !found)
			return error;
		if (deadline_left(deadline) == 0)
			break;
		deadline_sleep(deadline, PAUSE_MS);
	}
	secret_move(ret, &best);
	if (ret_settled)
		*ret_settled = settled;
	return 0;
}
