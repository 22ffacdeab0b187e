/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define CHUNK    ((size_t)4000) /* with its NUL it fits the smallest secret */
#define ROOM_MIN ((size_t)512)

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

deadline_ms deadline_in(int milliseconds)
{
	return now_ms() + milliseconds;
}

int deadline_left(deadline_ms deadline)
{
	int64_t left;

	if (deadline == NO_DEADLINE)
		return -1;
	left = deadline - now_ms();
	if (left <= 0)
		return 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

void deadline_sleep(deadline_ms deadline, int milliseconds)
{
	int left = deadline_left(deadline);
	struct timespec pause;

	if (left >= 0 && left < milliseconds)
		milliseconds = left;
	pause.tv_sec = milliseconds / 1000;
	pause.tv_nsec = (long)(milliseconds % 1000) * 1000000;
	(void)nanosleep(&pause, NULL); /* a signal may end it early; callers look again */
}

/* Waits until the descriptor can be used; regular files always can. */
static int wait_for(int fd, short events, deadline_ms deadline, struct err *err)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	for (;;) {
		int ready = poll(&poll_fd, 1, deadline_left(deadline));

		if (ready > 0)
			return 0;
		if (ready == 0)
			return err_set(err, ERR_TIMED_OUT, "no %s in time",
				       events == POLLIN ? "input" : "reader");
		if (errno != EINTR)
			return err_errno(err, "cannot wait for input or output");
	}
}

static bool is_blocked(int number)
{
	return number == EINTR || number == EAGAIN;
}

/* One read(2), into the room there is. `ret_size` 0 is the end of the file. */
static int read_some(int fd, struct secret *ret, size_t max, deadline_ms deadline,
		     size_t *ret_size, struct err *err)
{
	ssize_t size;

	if (ret->size > max)
		return err_set(err, ERR_FORMAT, "input is longer than %zu bytes", max);
	if (secret_room(ret) < ROOM_MIN && secret_reserve(ret, CHUNK))
		return err_no_memory(err);
	do {
		int error = wait_for(fd, POLLIN, deadline, err);

		if (error)
			return error;
		size = read(fd, ret->data + ret->size, secret_room(ret));
	} while (size < 0 && is_blocked(errno));
	if (size < 0)
		return err_errno(err, "cannot read input");
	secret_grew(ret, (size_t)size);
	if (ret->size > max)
		return err_set(err, ERR_FORMAT, "input is longer than %zu bytes", max);
	*ret_size = (size_t)size;
	return 0;
}

int io_read_all(int fd, struct secret *ret, size_t max, deadline_ms deadline, struct err *err)
{
	size_t size;
	int error;

	do {
		error = read_some(fd, ret, max, deadline, &size, err);
	} while (!error && size > 0);
	return error;
}

static void keep_tail(struct secret *text, size_t max)
{
	if (text->size <= max)
		return;
	memmove(text->data, text->data + text->size - max, max);
	secret_truncate(text, max);
}

int io_read_tail(int fd, struct secret *ret, size_t max, deadline_ms deadline, struct err *err)
{
	size_t size;
	int error;

	do {
		error = read_some(fd, ret, SECRET_MAX, deadline, &size, err);
		/* Seldom: what is moved each time is paid for by what has come since. */
		if (ret->size >= max + max / 2)
			keep_tail(ret, max);
	} while (!error && size > 0);
	keep_tail(ret, max);
	return error;
}

/* Looks only at what came last, so that a byte at a time costs no more than the bytes. */
static bool has_empty_line(const struct secret *text, size_t from)
{
	const char *start = text->data;

	for (size_t i = from; i < text->size; i++) {
		if (start[i] != '\n')
			continue;
		if (i == 0 || start[i - 1] == '\n')
			return true;
		if (start[i - 1] == '\r' && (i == 1 || start[i - 2] == '\n'))
			return true;
	}
	return false;
}

int io_read_message(int fd, struct secret *ret, size_t max, deadline_ms deadline,
		    struct err *err)
{
	size_t size;
	int error;

	do {
		size_t before = ret->size;

		error = read_some(fd, ret, max, deadline, &size, err);
		if (!error && has_empty_line(ret, before))
			return 0;
	} while (!error && size > 0);
	return error;
}

/*
 * What can be written without waiting. Of a pipe that is ready POSIX promises room for PIPE_BUF
 * bytes; a longer write could wait for ever. Files, written without a deadline, take all at once.
 */
static size_t safe_size(size_t size, deadline_ms deadline)
{
	return deadline != NO_DEADLINE && size > PIPE_BUF ? PIPE_BUF : size;
}

int io_write_all(int fd, const void *data, size_t size, deadline_ms deadline, struct err *err)
{
	const char *next = data;

	while (size > 0) {
		ssize_t written;

		if (deadline != NO_DEADLINE) {
			int error = wait_for(fd, POLLOUT, deadline, err);

			if (error)
				return error;
		}
		written = write(fd, next, safe_size(size, deadline));
		if (written < 0 && !is_blocked(errno))
			return err_errno(err, "cannot write output");
		if (written > 0) {
			next += written;
			size -= (size_t)written;
		}
	}
	return 0;
}
