/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <errno.h>
#include <poll.h>

#include "base/io.h"

#define INPUT_MAX ((size_t)16 << 10)
#define INPUT_MS  120000 /* a password manager behind the pipe may ask its user first */

int input_token(int fd, struct secret *ret, struct err *err)
{
	int error = io_read_all(fd, ret, INPUT_MAX, deadline_in(INPUT_MS), err);

	if (!error) {
		secret_trim(ret);
		return 0;
	}
	err_context(err, "cannot read the token");
	err->code = error == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_FAILED;
	return err->code;
}

int input_line(int fd, size_t max, struct secret *ret, struct err *err)
{
	deadline_ms deadline = deadline_in(INPUT_MS);

	while (ret->size < max) {
		struct pollfd input = {.fd = fd, .events = POLLIN};
		int ready = poll(&input, 1, deadline_left(deadline));
		ssize_t size = 0;
		char byte;

		if (ready == 0)
			return err_set(err, ERR_FAILED, "nothing came in %d s",
				       INPUT_MS / 1000);
		if (ready > 0)
			size = read(fd, &byte, 1);
		if ((ready < 0 || size < 0) && (errno == EINTR || errno == EAGAIN))
			continue;
		if (ready < 0 || size < 0)
			return err_set(err, ERR_FAILED, "standard input cannot be read");
		if (size == 0 || byte == '\n')
			return 0;
		if (secret_add(ret, &byte, 1))
			return err_no_memory(err);
	}
	return 0;
}
