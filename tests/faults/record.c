/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/base.h"

/* ---- what the process has --------------------------------------------------------------------- */

static size_t read_memory(const struct task *task, uint64_t address, void *ret, size_t size)
{
	struct iovec here = {ret, size};
	struct iovec there = {(void *)(uintptr_t)address, size};
	ssize_t got = process_vm_readv(task->pid, &here, 1, &there, 1, 0);

	return got < 0 ? 0 : (size_t)got;
}

/* A text may end just before memory that is not there: page by page. */
static void read_text(const struct task *task, uint64_t address, char ret[PATH_MAX])
{
	size_t size = 0;

	while (size < PATH_MAX - 1) {
		size_t more = 4096 - (address + size) % 4096;
		size_t got;

		if (more > PATH_MAX - 1 - size)
			more = PATH_MAX - 1 - size;
		got = read_memory(task, address + size, ret + size, more);
		if (got == 0 || memchr(ret + size, '\0', got))
			break;
		size += got;
	}
	ret[PATH_MAX - 1] = '\0';
}

static bool stat_fd(const struct task *task, uint64_t fd, struct stat *ret)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", task->pid, (int)fd);
	return stat(path, ret) == 0;
}

static void path_of_fd(const struct task *task, uint64_t fd, char ret[PATH_MAX])
{
	char link[64];
	ssize_t size;

	if ((int)fd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/%d/cwd", task->pid);
	else
		(void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", task->pid, (int)fd);
	size = readlink(link, ret, PATH_MAX - 1);
	ret[size < 0 ? 0 : size] = '\0';
}

/* The path that a folder's descriptor and a name come to. */
static void put_path(FILE *log, const struct task *task, uint64_t folder, uint64_t name)
{
	char base[PATH_MAX] = "";
	char text[PATH_MAX] = "";

	read_text(task, name, text);
	if (text[0] != '/')
		path_of_fd(task, folder, base);
	(void)fprintf(log, " %s%s%s", base, *base ? "/" : "", text);
}

/* ---- single calls ----------------------------------------------------------------------------- */

static uint64_t offset_of(const struct task *task, uint64_t fd)
{
	char path[64];
	uint64_t offset = 0;
	FILE *info;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", task->pid, (int)fd);
	info = fopen(path, "r");
	if (info && fscanf(info, "pos: %" SCNu64, &offset) != 1)
		offset = 0;
	if (info)
		(void)fclose(info);
	return offset;
}

static void put_data(FILE *log, const struct task *task, uint64_t address, size_t size)
{
	unsigned char block[4096];

	while (size > 0) {
		size_t part = size < sizeof(block) ? size : sizeof(block);
		size_t got = read_memory(task, address, block, part);

		for (size_t i = 0; i < got; i++)
			(void)fprintf(log, "%02x", block[i]);
		if (got == 0)
			return;
		address += got;
		size -= got;
	}
}

static void put_write(FILE *log, const struct task *task, uint64_t size, bool at_offset)
{
	struct stat status;
	uint64_t offset;

	if (!stat_fd(task, task->args[0], &status) || !S_ISREG(status.st_mode) || !size)
		return;
	offset = at_offset ? task->args[3] : offset_of(task, task->args[0]) - size;
	(void)fprintf(log, "write %ju %" PRIu64 " ", (uintmax_t)status.st_ino, offset);
	put_data(log, task, task->args[1], size);
	(void)fputc('\n', log);
}

static void put_open(FILE *log, const struct task *task, uint64_t folder, uint64_t name,
		     uint64_t flags, uint64_t fd)
{
	struct stat status;

	if (!stat_fd(task, fd, &status) || !S_ISREG(status.st_mode))
		return;
	if (flags & O_CREAT) {
		(void)fprintf(log, "create %ju", (uintmax_t)status.st_ino);
		put_path(log, task, folder, name);
		(void)fputc('\n', log);
	}
	if (flags & O_TRUNC)
		(void)fprintf(log, "truncate %ju 0\n", (uintmax_t)status.st_ino);
}

static void put_sync(FILE *log, const struct task *task)
{
	char path[PATH_MAX];
	struct stat status;

	if (!stat_fd(task, task->args[0], &status))
		return;
	path_of_fd(task, task->args[0], path);
	if (S_ISDIR(status.st_mode))
		(void)fprintf(log, "syncdir %s\n", path);
	else
		(void)fprintf(log, "sync %ju\n", (uintmax_t)status.st_ino);
}

static void put_truncate(FILE *log, const struct task *task)
{
	struct stat status;

	if (stat_fd(task, task->args[0], &status))
		(void)fprintf(log, "truncate %ju %" PRIu64 "\n", (uintmax_t)status.st_ino,
			      task->args[1]);
}

static void put_one(FILE *log, const char *what, const struct task *task, uint64_t folder,
		    uint64_t name)
{
	(void)fputs(what, log);
	put_path(log, task, folder, name);
	(void)fputc('\n', log);
}

static void put_two(FILE *log, const char *what, const struct task *task,
		    const uint64_t from[2], const uint64_t to[2])
{
	(void)fputs(what, log);
	put_path(log, task, from[0], from[1]);
	put_path(log, task, to[0], to[1]);
	(void)fputc('\n', log);
}

#define HERE ((uint64_t)(int64_t)AT_FDCWD)

static void record_older(FILE *log, const struct task *task, uint64_t result)
{
#ifdef SYS_open
	const uint64_t *args = task->args;
	const uint64_t first[2] = {HERE, args[0]};
	const uint64_t second[2] = {HERE, args[1]};

	switch (task->number) {
	case SYS_open:
		put_open(log, task, HERE, args[0], args[1], result);
		return;
	case SYS_mkdir:
		put_one(log, "mkdir", task, HERE, args[0]);
		return;
	case SYS_rmdir:
		put_one(log, "rmdir", task, HERE, args[0]);
		return;
	case SYS_unlink:
		put_one(log, "unlink", task, HERE, args[0]);
		return;
	case SYS_rename:
		put_two(log, "rename", task, first, second);
		return;
	case SYS_link:
		put_two(log, "link", task, first, second);
		return;
	default:
		return;
	}
#endif
}

void record_call(FILE *log, const struct task *task, int64_t result)
{
	const uint64_t *args = task->args;

	if (result < 0)
		return;
	switch (task->number) {
	case SYS_openat:
		put_open(log, task, args[0], args[1], args[2], (uint64_t)result);
		return;
	case SYS_write:
		put_write(log, task, (uint64_t)result, false);
		return;
	case SYS_pwrite64:
		put_write(log, task, (uint64_t)result, true);
		return;
	case SYS_ftruncate:
		put_truncate(log, task);
		return;
	case SYS_fsync:
	case SYS_fdatasync:
		put_sync(log, task);
		return;
	case SYS_mkdirat:
		put_one(log, "mkdir", task, args[0], args[1]);
		return;
	case SYS_unlinkat:
		put_one(log, args[2] & AT_REMOVEDIR ? "rmdir" : "unlink", task, args[0],
			args[1]);
		return;
	case SYS_renameat:
	case SYS_renameat2:
		put_two(log, "rename", task, args, args + 2);
		return;
	case SYS_linkat:
		put_two(log, "link", task, args, args + 2);
		return;
	default:
		record_older(log, task, (uint64_t)result);
	}
}
