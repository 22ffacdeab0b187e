/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into copies of the programs with `-Wl,--wrap=time,--wrap=clock_gettime`: their wall clock
 * is FORCE_CLOCK seconds off. What waits goes by another clock, and is not touched.
 */
#include <stdlib.h>
#include <time.h>

time_t __real_time(time_t *ret);
int __real_clock_gettime(clockid_t id, struct timespec *ret);
time_t __wrap_time(time_t *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret);

static time_t offset(void)
{
	const char *text = getenv("FORCE_CLOCK");

	return text ? (time_t)strtoll(text, NULL, 10) : 0;
}

time_t __wrap_time(time_t *ret)
{
	time_t now = __real_time(NULL) + offset();

	if (ret)
		*ret = now;
	return now;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	int result = __real_clock_gettime(id, ret);

	if (result == 0 && id == CLOCK_REALTIME)
		ret->tv_sec += offset();
	return result;
}
