/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/mask.h"

/* -1: off. Opened once, at the first line. */
static int trace_fd(void)
{
	static int fd = -2;
	const char *wanted;

	if (fd != -2)
		return fd;
	wanted = getenv("HFTOKEN_TRACE");
	if (!wanted || !*wanted || strcmp(wanted, "0") == 0)
		fd = -1;
	else if (wanted[0] == '/')
		fd = open(wanted, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	else
		fd = STDERR_FILENO;
	return fd;
}

void trace(const char *format, ...)
{
	char line[1024];
	struct timespec now;
	va_list args;
	int used;
	size_t size;

	if (trace_fd() < 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	used = snprintf(line, sizeof(line), "hftoken[%ld] %ld.%03ld: ", (long)getpid(),
			(long)now.tv_sec % 1000, now.tv_nsec / 1000000);
	va_start(args, format);
	(void)vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, args);
	va_end(args);
	mask_tokens(line);
	size = strlen(line);
	line[size++] = '\n';
	if (io_write_all(trace_fd(), line, size, deadline_in(100), NULL))
		return; /* a trace that cannot be written must not stop the work */
}
