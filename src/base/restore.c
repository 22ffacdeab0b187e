/* SPDX-License-Identifier: Apache-2.0 */
#include "base/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define TRIES_MAX 100

/*
 * A second name, so that there is no moment without the first; another name where the file system
 * knows no second ones. Neither can take the place of a file that is there.
 */
static int keep_as(int folder, const char *name, const char *aside)
{
	if (linkat(folder, name, folder, aside, 0) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOENT)
		return -1;
	return renameat2(folder, name, folder, aside, RENAME_NOREPLACE);
}

static int keep_aside(int folder, const char *name, char ret[ASIDE_SIZE], struct err *err)
{
	char when[32] = "";
	time_t now = (time_t)time_now();
	struct tm parts;

	if (gmtime_r(&now, &parts))
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &parts);
	for (int i = 1; i < TRIES_MAX; i++) {
		char aside[ASIDE_SIZE];
		int size = i == 1 ? snprintf(aside, sizeof(aside), "%s.damaged-%s", name, when)
				  : snprintf(aside, sizeof(aside), "%s.damaged-%s-%d", name,
					     when, i);

		if (size < 0 || (size_t)size >= sizeof(aside))
			break;
		if (keep_as(folder, name, aside) == 0) {
			(void)text_copy(ret, ASIDE_SIZE, aside);
			return 0;
		}
		if (errno == ENOENT) { /* there is none to keep */
			*ret = '\0';
			return 0;
		}
		if (errno != EEXIST)
			return err_errno(err, "cannot keep '%s' aside", name);
	}
	return err_set(err, ERR_FAILED, "there is no free name to keep '%s' aside", name);
}

int file_restore(int folder, const char *name, size_t max, char ret_aside[ASIDE_SIZE],
		 struct err *err)
{
	AUTOBUF struct buf bytes = {0};
	char previous[ASIDE_SIZE];
	char aside[ASIDE_SIZE];
	int error;

	(void)snprintf(previous, sizeof(previous), "%s.prev", name);
	error = file_read(folder, previous, FILE_PRIVATE, max, &bytes, err);
	if (!error)
		error = keep_aside(folder, name, aside, err);
	if (!error)
		error = file_replace(folder, name, bytes.data, bytes.size, REPLACE_ONLY, err);
	if (!error)
		(void)text_copy(ret_aside, ASIDE_SIZE, aside);
	return error;
}
