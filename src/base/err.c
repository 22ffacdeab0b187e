/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	enum err_code code;
	const char *name;
} names[] = {
	{ERR_OK, "ok"},
	{ERR_FAILED, "failed"},
	{ERR_NOT_FOUND, "not-found"},
	{ERR_LOCKED, "locked"},
	{ERR_UNAVAILABLE, "unavailable"},
	{ERR_TIMED_OUT, "timed-out"},
	{ERR_DENIED, "denied"},
	{ERR_UNSAFE, "unsafe"},
	{ERR_DAMAGED, "damaged"},
	{ERR_TOO_NEW, "too-new"},
	{ERR_BUSY, "busy"},
	{ERR_READ_ONLY, "read-only"},
	{ERR_NO_SPACE, "no-space"},
	{ERR_IO, "io"},
};

/* For callers who only want the code: errors of theirs are built here, one after the other. */
static struct err nowhere;

const char *err_name(enum err_code code)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	return NULL;
}

enum err_code err_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].code;
	}
	return ERR_FAILED;
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		err = &nowhere;
	err->code = code;
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return code;
}

int err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	if (!err)
		err = &nowhere;
	va_start(args, format);
	(void)vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return err->code;
}

int err_context(struct err *err, const char *format, ...)
{
	char message[sizeof(err->message)];
	va_list args;
	size_t used;

	if (!err)
		err = &nowhere;
	memcpy(message, err->message, sizeof(message));
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof(err->message) - used, ": %s", message);
	return err->code;
}

int err_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "out of memory");
}

enum err_code err_from_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case EROFS:
		return ERR_READ_ONLY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_NO_SPACE;
	case ETIMEDOUT:
		return ERR_TIMED_OUT;
	case ELOOP:
	case ENXIO:
		return ERR_UNSAFE;
	case ENOMEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_IO;
	}
}

int err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	va_list args;
	size_t used;

	if (!err)
		err = &nowhere;
	err->code = err_from_errno(number);
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof(err->message) - used, ": %s",
		       strerror(number));
	return err->code;
}
