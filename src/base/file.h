/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of ours: opened from a checked folder, never through a symbolic link, bounded, replaced
 * whole, and locked by writers.
 *
 * Errors: ERR_NOT_FOUND (the file is not there), ERR_UNSAFE (wrong owner, mode or kind),
 * ERR_DAMAGED (larger than it can be), ERR_READ_ONLY, ERR_DENIED, ERR_NO_SPACE, ERR_IO, ERR_BUSY.
 */
#pragma once

#include "base/buf.h"
#include "base/io.h"

#define LOCK_WAIT_MS 5000

enum folder_flags {
	FOLDER_READ = 0,
	FOLDER_CREATE = 1, /* make it (0700) and its parents if they are missing */
};

/*
 * A folder in which somebody may have left something for us to read: `ret_fd` is -1 where there is
 * none, or we may not look. One that only fails to open is an error: it may hold what was decided.
 */
int folder_look(const char *path, int *ret_fd, struct err *err) MUST_CHECK;

/*
 * Opens a folder that only we can change. The descriptor is the caller's. ERR_NOT_FOUND: there is
 * nothing of that name. Something else in its place, or in that of a parent below the home directory,
 * is ERR_UNSAFE; a link that leads to no folder ERR_UNAVAILABLE.
 */
int folder_open(const char *path, enum folder_flags flags, int *ret_fd,
		struct err *err) MUST_CHECK;

enum file_flags {
	FILE_PRIVATE = 0, /* no other user may read or write it */
	FILE_PUBLIC = 1,  /* others may read it: settings and rules */
};

/* Opens a regular file of ours; its size is at most `max` bytes. The descriptor is the caller's. */
int file_open(int folder, const char *name, enum file_flags flags, size_t max, int *ret_fd,
	      size_t *ret_size, struct err *err) MUST_CHECK;

/* Reads exactly `size` bytes from the start; ERR_DAMAGED if the file has become shorter. */
int file_read_exactly(int fd, void *ret, size_t size, struct err *err) MUST_CHECK;

/* Both of the above, appending to a buffer; not for secrets. */
int file_read(int folder, const char *name, enum file_flags flags, size_t max, struct buf *ret,
	      struct err *err) MUST_CHECK;

enum replace_flags {
	REPLACE_ONLY = 0,
	REPLACE_KEEP_PREVIOUS = 1, /* the old version stays as NAME.prev */
};

/*
 * Puts new content in place of a file: whole or not at all, durable when it returns 0. The caller
 * holds the lock of that folder, so that the temporary name NAME.new needs no chance in it; one
 * left by a crash is overwritten. ERR_USAGE for a name over some hundred bytes. In a folder where
 * others keep files of theirs, base/guest_file.h is the one to use.
 */
int file_replace(int folder, const char *name, const void *data, size_t size,
		 enum replace_flags flags, struct err *err) MUST_CHECK;

/* Removes a file if it is there, durably. */
int file_remove(int folder, const char *name, struct err *err) MUST_CHECK;

/*
 * Takes the writers' lock: a file of its own that stays. Waits as long as others make progress;
 * ERR_BUSY, with the holder's process id, when one holder keeps it for LOCK_WAIT_MS. Where the
 * file system can lock in no way, nothing is written at all (ERR_UNAVAILABLE). Closing the
 * descriptor, or dying, gives the lock back.
 */
int file_lock(int folder, const char *name, int *ret_fd, struct err *err) MUST_CHECK;

/* The same, but ERR_BUSY at once if somebody else has it: for what can as well be left undone. */
int file_try_lock(int folder, const char *name, int *ret_fd, struct err *err) MUST_CHECK;

/* Whether somebody has it now. For readers: makes nothing, and takes nothing that a writer misses. */
bool file_is_locked(int folder, const char *name);
