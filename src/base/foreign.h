/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading small files that other programs write in their own way: in place, by rename, by swapping
 * a folder full of them. Nothing here waits for a FIFO, a device or a writer for long, follows a
 * link out of a folder that it was told to stay in, or takes half a text for a whole one where that
 * can be told.
 */
#pragma once

#include <sys/stat.h>

#include "base/io.h"
#include "base/secret.h"

#define FOREIGN_WAIT_MS 100 /* in all, for a file that is being written */

/*
 * Opens a file for reading, following symbolic links only as long as they stay inside `folder`
 * (openat2(2) with RESOLVE_BENEATH). A descriptor, or -1 and errno. Never waits.
 *
 * foreign_open_by_hand() is what stands in where the kernel has no openat2(), or a filter forbids
 * it: it walks link by link, and refuses `..` altogether.
 */
int foreign_open_beneath(int folder, const char *name);
int foreign_open_by_hand(int folder, const char *name);

struct foreign_file {
	/* A descriptor, or -1 and errno: EAGAIN, ESTALE to be called again. For every try. */
	int (*open)(void *where);
	void *where;
	/* What the file must be besides a regular one; NULL: nothing. Sets the error. */
	int (*check)(const struct stat *status, struct err *err);
	/* Whether this could be all of it; a text that is not is read again. */
	bool (*is_whole)(const char *text, size_t size);
	size_t max;
	/* For all files of one search; 0: FOREIGN_WAIT_MS counts alone. */
	deadline_ms deadline;
};

/*
 * Reads it until it is whole and has been left alone for a moment, for FOREIGN_WAIT_MS at most
 * and not past the file's own deadline, but once in any case; then the longest text that was seen counts, since one that is being written is the beginning of
 * the whole one. `ret_settled` tells which it was (may be NULL); a text that is not settled may be
 * half of one, and a settled one not whole, if its writer left it so.
 *
 * ERR_BUSY: it could not be opened for all that time.
 * ERR_NOT_FOUND, ERR_DENIED, ERR_IO…: as open(2) and read(2) say; ERR_UNSAFE: no regular file, or
 * what `check` says; ERR_DAMAGED: larger than `max`. Messages do not name the file.
 */
int foreign_read(const struct foreign_file *file, struct secret *ret, bool *ret_settled,
		 struct err *err) MUST_CHECK;
