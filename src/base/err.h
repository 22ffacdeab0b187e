/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: a negative code that callers act on, and a message and hint that people read.
 *
 *	if (fd < 0)
 *		return err_set(err, err_from_errno(errno), "cannot open '%s'", path);
 *
 * Every function that can fail returns 0 or a code from this list, and leaves its ret_ parameters
 * untouched when it fails. Messages are lower case, without a full stop, what failed first. A
 * message never holds a secret. Code below the command line neither prints nor exits.
 */
#pragma once

#include "base/base.h"

enum err_code {
	ERR_OK = 0,
	ERR_FAILED = -1,    /* anything without a code of its own */
	ERR_USAGE = -2,     /* what was asked for makes no sense */
	ERR_NO_NAME = -3,   /* no token of that name */
	ERR_NO_TOKEN = -4,  /* no usable token */
	ERR_REFUSED = -5,   /* the Hub said no */
	ERR_NETWORK = -6,   /* no answer from the Hub, or none that makes sense */
	ERR_CANCELLED = -7, /* the user said no, or pressed Ctrl-C */
	ERR_NO_MEMORY = -8,
	ERR_FORMAT = -9, /* input that does not follow its format */

	/* what a store or a file of ours answers; see core/store.h for their meaning */
	ERR_NOT_FOUND = -20,
	ERR_LOCKED = -21,
	ERR_UNAVAILABLE = -22,
	ERR_TIMED_OUT = -23,
	ERR_DENIED = -24,
	ERR_UNSAFE = -25,
	ERR_DAMAGED = -26,
	ERR_TOO_NEW = -27,
	ERR_BUSY = -28,
	ERR_READ_ONLY = -29,
	ERR_NO_SPACE = -30,
	ERR_IO = -31,
};

/* Caller-owned; no release needed. Longer texts are cut. */
struct err {
	enum err_code code;
	char message[512];
	char hint[512];
};

/* Records code and message, drops any hint, and returns code. `err` may be NULL. */
int err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF(3, 4);

/* Adds the next step to an error already set. Returns the error's code. `err` may be NULL. */
int err_hint(struct err *err, const char *format, ...) PRINTF(2, 3);

/* Puts "CONTEXT: " before the message of an error already set. Returns the error's code. */
int err_context(struct err *err, const char *format, ...) PRINTF(2, 3);

int err_no_memory(struct err *err);

/* The code that fits an errno of a file operation. */
enum err_code err_from_errno(int number);

/* Like err_set() with err_from_errno(errno), and ": strerror" behind the message. */
int err_errno(struct err *err, const char *format, ...) PRINTF(2, 3);

/* "not-found", "timed-out"…: the name in the store protocol and in JSON; NULL if it has none. */
const char *err_name(enum err_code code);

/* The code of a name that err_name() gives; ERR_FAILED for another. */
enum err_code err_by_name(const char *name);
