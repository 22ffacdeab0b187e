/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a file in a folder where others keep theirs: other programs, or people with an editor.
 *
 * The temporary file has a name that nobody else chooses, `.NAME.hftoken-` and 16 random hex digits,
 * and never takes the place of another file. One that a killed writer has left is known by that name
 * and by being unlocked, and goes with the next change.
 */
#pragma once

#include <limits.h>

#include "base/err.h"

/*
 * As file_replace() (base/file.h): whole or not at all, mode 0600, durable. ERR_USAGE for a name that
 * leaves no room for the temporary one. What was left behind is removed first.
 */
int guest_file_replace(int folder, const char *name, const void *data, size_t size,
		       struct err *err) MUST_CHECK;

/*
 * The same in place of a file that was read before: it keeps its mode and group, and if `was`
 * (fstat(2) of what was read) is not what lies there any more, ERR_BUSY. Whoever writes it without
 * a lock between that look and the rename, loses.
 */
struct stat;
int guest_file_rewrite(int folder, const char *name, const void *data, size_t size,
		       const struct stat *was, struct err *err) MUST_CHECK;

/* Steps of it, for those who have a temporary file of their own. */
int guest_file_look_like(int fd, const struct stat *was, struct err *err) MUST_CHECK;
int guest_file_check(int folder, const char *name, const struct stat *was,
		     struct err *err) MUST_CHECK;
/* A temporary file that is complete and on the disk, locked as long as `fd` is open. */
struct guest_file {
	char name[NAME_MAX + 1];
	int fd;
};

/* The first half of that, for who has to do more before it takes its place: mode 0600. */
int guest_file_write(int folder, const char *name, const void *data, size_t size,
		     struct guest_file *ret, struct err *err) MUST_CHECK;

/* Removes what was left behind, as far as that is possible; not what a writer is at work on. */
void guest_file_sweep(int folder, const char *name);

/* Names each that lies there, or is being written; `left` lives for the call. */
void guest_file_left(int folder, const char *name, void (*found)(const char *left, void *user),
		     void *user);
