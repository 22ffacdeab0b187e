/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "base/io.h"

#define INPUT_MAX ((size_t)16 << 10)
#define INPUT_MS  120000

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
