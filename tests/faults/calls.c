/* SPDX-License-Identifier: Apache-2.0 */
/* The tables. A row lists only what its manual page, or a network file system, can really answer. */
#include "tests/faults/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/base.h"

enum kind {
	KILL = 1 << 0,
	EIO_ = 1 << 1,
	LATE = 1 << 2,
	FULL = 1 << 3,
	EINTR_ = 1 << 4,
	TABLE = 1 << 5, /* no room in a table of files or processes */
	MEMORY = 1 << 6,
	SHORT = 1 << 7,
	ABSENT = 1 << 8, /* the kernel does not have or allow it */
};

static const struct fault faults[] = {
	{"kill", EFFECT_KILL_ALL, 0, KILL},        {"die", EFFECT_KILL_ONE, 0, KILL},
	{"eio", EFFECT_REFUSE, EIO, EIO_},         {"late", EFFECT_LATE, EIO, LATE},
	{"enospc", EFFECT_REFUSE, ENOSPC, FULL},   {"eintr", EFFECT_REFUSE, EINTR, EINTR_},
	{"emfile", EFFECT_REFUSE, EMFILE, TABLE},  {"enomem", EFFECT_REFUSE, ENOMEM, MEMORY},
	{"enosys", EFFECT_REFUSE, ENOSYS, ABSENT}, {"short", EFFECT_SHORTEN, 0, SHORT},
};

#define CHANGE     (KILL | EIO_ | LATE | FULL)
#define CALL(name) SYS_##name, #name

static const struct {
	uint64_t number;
	const char *name;
	unsigned kinds;
	int size_argument;
} calls[] = {
	{CALL(openat), KILL | EIO_ | FULL | EINTR_ | TABLE, -1},
	{CALL(read), KILL | EIO_ | EINTR_ | SHORT, 2},
	{CALL(pread64), KILL | EIO_ | EINTR_ | SHORT, 2},
	{CALL(write), KILL | EIO_ | FULL | EINTR_ | SHORT, 2},
	{CALL(pwrite64), KILL | EIO_ | FULL | EINTR_ | SHORT, 2},
	{CALL(close), KILL | LATE, -1},
	{CALL(fsync), CHANGE | EINTR_, -1},
	{CALL(fdatasync), CHANGE | EINTR_, -1},
	{CALL(ftruncate), CHANGE | EINTR_, -1},
	{CALL(newfstatat), KILL | EIO_, -1},
	{CALL(fstat), KILL | EIO_, -1},
	{CALL(statx), KILL | EIO_, -1},
	{CALL(statfs), KILL | EIO_ | EINTR_ | ABSENT, -1},
	{CALL(faccessat), KILL | EIO_, -1},
	{CALL(faccessat2), KILL | EIO_, -1},
	{CALL(readlinkat), KILL | EIO_, -1},
	{CALL(getdents64), KILL | EIO_, -1},
	{CALL(getcwd), KILL | MEMORY, -1},
	{CALL(mkdirat), CHANGE, -1},
	{CALL(unlinkat), CHANGE, -1},
	{CALL(linkat), CHANGE, -1},
	{CALL(symlinkat), CHANGE, -1},
	{CALL(renameat), CHANGE, -1},
	{CALL(renameat2), CHANGE, -1},
	{CALL(fchmod), KILL | EIO_ | LATE, -1},
	{CALL(fchmodat), KILL | EIO_ | LATE, -1},
	{CALL(fcntl), KILL | EIO_ | EINTR_ | TABLE, -1},
	{CALL(flock), KILL | EINTR_ | ABSENT, -1},
	{CALL(pipe2), KILL | TABLE, -1},
	{CALL(dup), KILL | TABLE, -1},
	{CALL(dup3), KILL | TABLE, -1},
	{CALL(socket), KILL | TABLE, -1},
	{CALL(connect), KILL | EINTR_, -1},
	{CALL(clone), KILL | MEMORY, -1},
	{CALL(clone3), KILL | MEMORY, -1},
	{CALL(execve), KILL | EIO_ | MEMORY, -1},
	{CALL(wait4), KILL | EINTR_, -1},
	{CALL(ppoll), KILL | EINTR_ | MEMORY, -1},
	{CALL(clock_nanosleep), KILL | EINTR_, -1},
	{CALL(pidfd_open), KILL | TABLE | ABSENT, -1},
	{CALL(kill), KILL, -1},
	{CALL(mmap), KILL | MEMORY, -1},
	{CALL(mlock2), KILL | MEMORY | ABSENT, -1},
	{CALL(madvise), KILL | ABSENT, -1},
	{CALL(getrandom), KILL | ABSENT, -1},
	{CALL(add_key), KILL | MEMORY | ABSENT, -1},
	{CALL(keyctl), KILL | ABSENT, -1},
	{CALL(exit_group), KILL, -1},
/* Older architectures have these as well. */
#ifdef SYS_open
	{CALL(open), KILL | EIO_ | FULL | EINTR_ | TABLE, -1},
	{CALL(stat), KILL | EIO_, -1},
	{CALL(lstat), KILL | EIO_, -1},
	{CALL(access), KILL | EIO_, -1},
	{CALL(readlink), KILL | EIO_, -1},
	{CALL(mkdir), CHANGE, -1},
	{CALL(rmdir), CHANGE, -1},
	{CALL(unlink), CHANGE, -1},
	{CALL(link), CHANGE, -1},
	{CALL(symlink), CHANGE, -1},
	{CALL(rename), CHANGE, -1},
	{CALL(chmod), KILL | EIO_ | LATE, -1},
	{CALL(pipe), KILL | TABLE, -1},
	{CALL(dup2), KILL | TABLE, -1},
	{CALL(fork), KILL | MEMORY, -1},
	{CALL(vfork), KILL | MEMORY, -1},
	{CALL(poll), KILL | EINTR_ | MEMORY, -1},
#endif
};

const struct fault *fault_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(faults[i].name, name) == 0)
			return &faults[i];
	}
	return NULL;
}

static size_t find(uint64_t number)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(calls) && calls[i].number != number)
		i++;
	return i;
}

const char *call_name(uint64_t number)
{
	size_t i = find(number);

	return i < ARRAY_SIZE(calls) ? calls[i].name : NULL;
}

int call_size_argument(uint64_t number)
{
	size_t i = find(number);

	return i < ARRAY_SIZE(calls) ? calls[i].size_argument : -1;
}

static bool creates(uint64_t number, const uint64_t args[6])
{
	if (number == SYS_openat)
		return args[2] & O_CREAT;
#ifdef SYS_open
	if (number == SYS_open)
		return args[1] & O_CREAT;
#endif
	return true;
}

/* Of what fcntl(2) does, only locks and new descriptors can fail. */
static bool fcntl_can_meet(uint64_t command, unsigned kind)
{
	switch (command) {
	case F_OFD_SETLK:
	case F_SETLK:
		return kind & (KILL | EIO_ | EINTR_);
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return kind & (KILL | TABLE);
	default:
		return kind & KILL;
	}
}

bool call_can_meet(uint64_t number, const uint64_t args[6], const struct fault *fault)
{
	size_t i = find(number);

	if (i == ARRAY_SIZE(calls) || !(calls[i].kinds & fault->kind))
		return false;
	if (fault->kind == FULL && !creates(number, args))
		return false;
	if (fault->kind == SHORT && args[calls[i].size_argument] < 2)
		return false;
	return number != SYS_fcntl || fcntl_can_meet(args[1], fault->kind);
}
