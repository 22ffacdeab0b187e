/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few words that every file uses: scoped clean-up, attributes, array length.
 *
 * A local owner is declared with CLEANUP(function), and the function is called with the variable's
 * address when its scope ends. Ownership passes by a visible steal_fd() or steal_ptr().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function)  __attribute__((cleanup(function)))
#define PRINTF(text, args) __attribute__((__format__(__printf__, text, args)))
#define MUST_CHECK         __attribute__((warn_unused_result))
#define UNUSED             __attribute__((unused))
#define ARRAY_SIZE(array)  (sizeof(array) / sizeof((array)[0]))

/* Unknown is an answer of its own: nobody has asked the Hub, or it did not say. */
enum tristate { UNKNOWN = -1, NO = 0, YES = 1 };

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* opened for reading, or its writes were checked by fsync */
	*fd = -1;
}

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
	*(void **)pointer = NULL;
}

/* Hands the descriptor over: the variable no longer owns it. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define CLOSED   CLEANUP(cleanup_close)
#define AUTOFREE CLEANUP(cleanup_free)
