/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <time.h>

#include "base/io.h"

#define FOREVER 30000 /* milliseconds; nothing here takes as long */

struct ends {
	int read;
	int write;
};

static void close_ends(struct ends *ends)
{
	cleanup_close(&ends->read);
	cleanup_close(&ends->write);
}
#define AUTOENDS CLEANUP(close_ends)

static struct ends make_pipe(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	return (struct ends) {ends[0], ends[1]};
}

/* A pipe that holds these bytes, and whose writer has gone. */
static int pipe_of(const char *data, size_t size)
{
	AUTOENDS struct ends ends = make_pipe();

	assert_int_equal(write(ends.write, data, size), (ssize_t)size);
	return steal_fd(&ends.read);
}

struct writer {
	struct ends ends;
	const char *text;
	bool stays; /* and keeps its end open for a while */
};

static int write_bytewise(void *user)
{
	struct writer *writer = user;
	const struct timespec pause = {.tv_nsec = 200000};

	cleanup_close(&writer->ends.read);
	for (const char *c = writer->text; *c; c++) {
		if (write(writer->ends.write, c, 1) != 1)
			return 1;
		(void)nanosleep(&pause, NULL);
	}
	if (writer->stays)
		(void)sleep(CHILD_SECONDS);
	return 0;
}

static void deadlines_come_near_and_pass(void **state UNUSED)
{
	int left = deadline_left(deadline_in(FOREVER));

	assert_true(left > 0 && left <= FOREVER);
	assert_int_equal(deadline_left(deadline_in(0)), 0);
	assert_int_equal(deadline_left(deadline_in(-5)), 0);
	assert_int_equal(deadline_left(0), 0);
	assert_int_equal(deadline_left(NO_DEADLINE), -1);
	assert_int_equal(deadline_left(NO_DEADLINE - 1), INT32_MAX);
}

static void nobody_sleeps_past_a_deadline(void **state UNUSED)
{
	deadline_ms started = deadline_in(0);

	deadline_sleep(deadline_in(20), FOREVER);
	deadline_sleep(deadline_in(0), FOREVER);
	deadline_sleep(NO_DEADLINE, 10);
	assert_true(deadline_in(0) - started >= 25);
	assert_true(deadline_in(0) - started < FOREVER);
}

static void everything_up_to_the_end_is_read(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 60000};
	static char data[60000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTOSECRET struct secret text = {0};
		CLOSED int fd = pipe_of(data, sizes[i]);

		assert_int_equal(io_read_all(fd, &text, sizes[i], deadline_in(FOREVER), NULL),
				 0);
		assert_int_equal(text.size, sizes[i]);
		if (text.size)
			assert_memory_equal(text.data, data, text.size);
	}
}

static void what_is_read_is_appended(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	CLOSED int fd = pipe_of("cd", 2);

	assert_int_equal(secret_add_text(&text, "ab"), 0);
	assert_int_equal(io_read_all(fd, &text, 100, NO_DEADLINE, NULL), 0);
	assert_string_equal(secret_text(&text), "abcd");
}

static void one_byte_too_many_is_refused(void **state UNUSED)
{
	static const size_t maxima[] = {0, 1, 99};
	char data[100];

	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < ARRAY_SIZE(maxima); i++) {
		AUTOSECRET struct secret all = {0};
		AUTOSECRET struct secret message = {0};
		CLOSED int fd = pipe_of(data, maxima[i] + 1);
		CLOSED int fd2 = pipe_of(data, maxima[i] + 1);
		struct err err = {0};

		assert_int_equal(io_read_all(fd, &all, maxima[i], deadline_in(FOREVER), &err),
				 ERR_FORMAT);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(
			io_read_message(fd2, &message, maxima[i], deadline_in(FOREVER), NULL),
			ERR_FORMAT);
	}
}

/* However much comes, its end is what is kept, and the writer is never cut off. */
static void the_tail_of_any_input_is_kept(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 99, 100, 101, 149, 150, 5000, 60000};
	static char data[60000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTOSECRET struct secret text = {0};
		CLOSED int fd = pipe_of(data, sizes[i]);
		size_t kept = sizes[i] < 100 ? sizes[i] : 100;

		assert_int_equal(io_read_tail(fd, &text, 100, deadline_in(FOREVER), NULL), 0);
		assert_int_equal(text.size, kept);
		if (kept)
			assert_memory_equal(text.data, data + sizes[i] - kept, kept);
	}
}

/* A writer that never ends must not fill the memory or take the time. */
static void endless_input_ends(void **state UNUSED)
{
	CLOSED int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	AUTOSECRET struct secret text = {0};

	assert_int_equal(io_read_all(fd, &text, 100000, deadline_in(FOREVER), NULL),
			 ERR_FORMAT);
	assert_true(text.size < 1000000);
}

static void silence_times_out_and_keeps_what_came(void **state UNUSED)
{
	static int (*const readers[])(int, struct secret *, size_t, deadline_ms,
				      struct err *) = {io_read_all, io_read_message};

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		AUTOENDS struct ends ends = make_pipe();
		AUTOSECRET struct secret text = {0};
		struct err err = {0};

		assert_int_equal(write(ends.write, "a=b\n", 4), 4);
		assert_int_equal(readers[i](ends.read, &text, 100, deadline_in(30), &err),
				 ERR_TIMED_OUT);
		assert_int_equal(err.code, ERR_TIMED_OUT);
		assert_string_equal(secret_text(&text), "a=b\n");
	}
}

/* Bytes that drip must not move the deadline. */
static void drops_do_not_keep_it_alive(void **state UNUSED)
{
	static char drops[20001];
	AUTOENDS struct ends ends = make_pipe();
	AUTOSECRET struct secret text = {0};
	struct writer writer = {.ends = ends, .text = drops, .stays = true};
	pid_t pid;

	memset(drops, 'x', sizeof(drops) - 1);
	pid = start_child(write_bytewise, &writer);
	assert_int_equal(io_read_all(ends.read, &text, 100000, deadline_in(100), NULL),
			 ERR_TIMED_OUT);
	(void)kill(pid, SIGKILL);
	assert_int_equal(end_child(pid), KILLED + SIGKILL);
}

static void a_message_ends_at_an_empty_line(void **state UNUSED)
{
	static const char *const messages[] = {
		"a=b\n\n", "a=b\r\n\r\n", "a=b\n\r\n",        "a=b\r\n\n", "a=b\nc=d\n\n", "\n",
		"\r\n",    "=\n\n",       "a=b\r\r\nc=d\n\n", "a=\rb\n\n", "\r\r\na\n\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		AUTOENDS struct ends ends = make_pipe();
		AUTOENDS struct ends slow = make_pipe();
		AUTOSECRET struct secret whole = {0};
		AUTOSECRET struct secret bytewise = {0};
		struct writer writer = {.ends = slow, .text = messages[i], .stays = true};
		size_t size = strlen(messages[i]);
		pid_t pid;

		/* The writer stays: only the empty line can end it. */
		assert_int_equal(write(ends.write, messages[i], size), (ssize_t)size);
		assert_int_equal(
			io_read_message(ends.read, &whole, 1000, deadline_in(FOREVER), NULL),
			0);
		assert_string_equal(secret_text(&whole), messages[i]);
		pid = start_child(write_bytewise, &writer);
		assert_int_equal(
			io_read_message(slow.read, &bytewise, 1000, deadline_in(FOREVER), NULL),
			0);
		(void)kill(pid, SIGKILL);
		(void)end_child(pid);
		assert_string_equal(secret_text(&bytewise), messages[i]);
	}
}

static void the_end_of_the_input_ends_a_message_as_well(void **state UNUSED)
{
	static const char *const messages[] = {"", "a=b", "a=b\n", "a=b\r\n", "\r", "a\r\rb"};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		CLOSED int fd = pipe_of(messages[i], strlen(messages[i]));
		AUTOSECRET struct secret text = {0};

		assert_int_equal(io_read_message(fd, &text, 1000, deadline_in(FOREVER), NULL),
				 0);
		assert_string_equal(secret_text(&text), messages[i]);
	}
}

static void a_long_message_is_found_across_reads(void **state UNUSED)
{
	static char data[9000];

	/* The empty line lies across the border between two reads, in every way. */
	for (size_t end = 4090; end < 4100; end++) {
		AUTOENDS struct ends ends = make_pipe();
		AUTOSECRET struct secret text = {0};

		memset(data, 'x', sizeof(data));
		memcpy(data + end, "\r\n\r\n", 4);
		assert_int_equal(write(ends.write, data, end + 4), (ssize_t)end + 4);
		assert_int_equal(io_read_message(ends.read, &text, sizeof(data),
						 deadline_in(FOREVER), NULL),
				 0);
		assert_int_equal(text.size, end + 4);
	}
}

static void a_descriptor_that_cannot_be_read_is_an_error(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	CLOSED int folder = open("/", O_RDONLY | O_CLOEXEC);

	assert_int_equal(io_read_all(folder, &text, 10, deadline_in(FOREVER), NULL), ERR_IO);
	assert_int_not_equal(io_read_all(-1, &text, 10, deadline_in(100), NULL), 0);
}

static int drain(void *user)
{
	struct ends *ends = user;
	char data[777];
	size_t total = 0;
	ssize_t size;

	cleanup_close(&ends->write);
	while ((size = read(ends->read, data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < size; i++, total++) {
			if (data[i] != (char)(total * 7))
				return 1;
		}
	}
	return total == 300000 ? 0 : 2;
}

static void everything_is_written(void **state UNUSED)
{
	static char data[300000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
		AUTOENDS struct ends ends = make_pipe();
		pid_t pid = start_child(drain, &ends);

		assert_int_equal(fcntl(ends.write, F_SETFL, flags), 0);
		assert_int_equal(io_write_all(ends.write, data, sizeof(data),
					      deadline_in(FOREVER), NULL),
				 0);
		close_ends(&ends);
		assert_int_equal(end_child(pid), 0);
	}
}

static int write_to_nobody(void *user)
{
	struct ends *ends = user;
	static const char data[1 << 20];

	return io_write_all(ends->write, data, sizeof(data), deadline_in(200), NULL) ==
			       ERR_TIMED_OUT
		       ? 0
		       : 1;
}

/* Whoever made the pipe, and whatever its flags are. */
static void a_reader_that_does_not_read_times_out(void **state UNUSED)
{
	for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
		AUTOENDS struct ends ends = make_pipe();
		deadline_ms deadline = deadline_in(5000);
		int status = 0;
		pid_t pid;

		assert_int_equal(fcntl(ends.write, F_SETFL, flags), 0);
		pid = start_child(write_to_nobody, &ends);
		while (waitpid(pid, &status, WNOHANG) == 0 && deadline_left(deadline))
			deadline_sleep(deadline, 10);
		if (!deadline_left(deadline)) {
			(void)kill(pid, SIGKILL);
			(void)end_child(pid);
			fail_msg("it hangs in write(2), with the flags %#x", (unsigned)flags);
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void a_reader_that_has_gone_is_an_error(void **state UNUSED)
{
	AUTOENDS struct ends ends = make_pipe();
	struct err err = {0};

	(void)signal(SIGPIPE, SIG_IGN);
	cleanup_close(&ends.read);
	assert_int_equal(io_write_all(ends.write, "x", 1, deadline_in(FOREVER), &err), ERR_IO);
	assert_int_equal(io_write_all(ends.write, "", 0, deadline_in(FOREVER), &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_come_near_and_pass),
		cmocka_unit_test(nobody_sleeps_past_a_deadline),
		cmocka_unit_test(everything_up_to_the_end_is_read),
		cmocka_unit_test(what_is_read_is_appended),
		cmocka_unit_test(one_byte_too_many_is_refused),
		cmocka_unit_test(the_tail_of_any_input_is_kept),
		cmocka_unit_test(endless_input_ends),
		cmocka_unit_test(silence_times_out_and_keeps_what_came),
		cmocka_unit_test(drops_do_not_keep_it_alive),
		cmocka_unit_test(a_message_ends_at_an_empty_line),
		cmocka_unit_test(the_end_of_the_input_ends_a_message_as_well),
		cmocka_unit_test(a_long_message_is_found_across_reads),
		cmocka_unit_test(a_descriptor_that_cannot_be_read_is_an_error),
		cmocka_unit_test(everything_is_written),
		cmocka_unit_test(a_reader_that_does_not_read_times_out),
		cmocka_unit_test(a_reader_that_has_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
