/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: `make FAULTS=1` links this into each program, in place of malloc(3) and its kin.
 *
 *	FAULT_ALLOCATION=store-file:12	the twelfth allocation of that program fails, and no other
 *	FAULT_REPORT=FILE		gets a line when that happens
 *	FAULT_MARK=TEXT			a block with that text in it is freed unwiped: another line
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/base.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void __real_free(void *old);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd,
		    off_t offset);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void __wrap_free(void *old);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
int __wrap_asprintf(char **ret, const char *format, ...) PRINTF(2, 3);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd,
		    off_t offset);

static unsigned long left; /* until one fails; 0: none does */
static const char *report;
static const char *mark;

__attribute__((constructor)) static void begin(void)
{
	const char *wanted = getenv("FAULT_ALLOCATION");
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *name;
	size_t size;

	/* Not argv[0]: hftoken-online is called by the name that the user has typed. */
	self[length < 0 ? 0 : length] = '\0';
	name = strrchr(self, '/') ? strrchr(self, '/') + 1 : self;
	size = strlen(name);
	report = getenv("FAULT_REPORT");
	mark = getenv("FAULT_MARK");
	if (wanted && strncmp(wanted, name, size) == 0 && wanted[size] == ':')
		left = strtoul(wanted + size + 1, NULL, 10);
}

static void tell(const char *what)
{
	int fd = report ? open(report, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

	if (fd >= 0 && (write(fd, what, strlen(what)) < 0 || close(fd) < 0))
		_exit(125);
}

static bool fails(void)
{
	int number = errno;

	if (left == 0 || --left > 0)
		return false;
	tell("met\n");
	errno = number;
	return true;
}

static void *none(void)
{
	errno = ENOMEM;
	return NULL;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? none() : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? none() : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? none() : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? none() : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? none() : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails() ? none() : __real_strndup(text, size);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list args;
	int size;

	if (fails()) {
		errno = ENOMEM;
		return -1;
	}
	va_start(args, format);
	size = vasprintf(ret, format, args);
	va_end(args);
	return size;
}

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fails()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap64(address, size, protection, flags, fd, offset);
}

void __wrap_free(void *old)
{
	if (old && mark && memmem(old, malloc_usable_size(old), mark, strlen(mark)))
		tell("unwiped\n");
	__real_free(old);
}
