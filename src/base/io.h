/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing descriptors, with a deadline on every wait.
 *
 * Nothing here goes through stdio: its buffers would keep a copy of every secret.
 */
#pragma once

#include "base/secret.h"

/* A point in monotonic time, in milliseconds; NO_DEADLINE waits for ever. */
typedef int64_t deadline_ms;
#define NO_DEADLINE INT64_MAX

deadline_ms deadline_in(int milliseconds);

/* Milliseconds left for poll(2): 0 when it is over, -1 for NO_DEADLINE. */
int deadline_left(deadline_ms deadline);

/* Sleeps, but not past the deadline. */
void deadline_sleep(deadline_ms deadline, int milliseconds);

/*
 * Reads until end of file, appending to `ret`. ERR_FORMAT when more than `max` bytes come,
 * ERR_TIMED_OUT when the deadline passes first. What was read until then stays in `ret`.
 */
int io_read_all(int fd, struct secret *ret, size_t max, deadline_ms deadline,
		struct err *err) MUST_CHECK;

/*
 * Reads until end of file, however much comes, and keeps the last `max` bytes (SECRET_MAX / 2 at
 * most): what a program said last. ERR_TIMED_OUT as above.
 */
int io_read_tail(int fd, struct secret *ret, size_t max, deadline_ms deadline,
		 struct err *err) MUST_CHECK;

/* The same as io_read_all(), but stops at the empty line that ends a message of the line protocols. */
int io_read_message(int fd, struct secret *ret, size_t max, deadline_ms deadline,
		    struct err *err) MUST_CHECK;

/*
 * Writes all of it. A reader that has gone is ERR_IO; SIGPIPE must be ignored by the program.
 */
int io_write_all(int fd, const void *data, size_t size, deadline_ms deadline,
		 struct err *err) MUST_CHECK;
