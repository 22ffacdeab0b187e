/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One configuration file of git's, changed the way git does: under its lock, FILE.lock, which then
 * takes the file's place, with its mode; where the file is a symbolic link, what it leads to.
 */
#pragma once

#include "base/buf.h"
#include "cli/git_config.h"

struct git_file {
	char *path;
	bool exists;
	struct buf text;
	unsigned mode;
};

#define GIT_FILE_NONE        \
	{                    \
		.path = NULL \
	}
void git_file_release(struct git_file *file);
#define AUTOGITFILE CLEANUP(git_file_release)

/*
 * Finds and reads the file that `git config --global` or `--local` writes, in order to change it; it
 * need not exist.
 */
int git_file_read(struct git_file *file, enum git_scope scope, struct err *err) MUST_CHECK;

/* Removes what a writer of ours that was killed has left beside the file, its lock too. */
void git_file_sweep(struct git_file *file);

/*
 * Puts other text in its place; an empty one with `remove` deletes it. ERR_FAILED if somebody else
 * has the lock, or has changed the file since it was read. `file` holds the new text after.
 */
int git_file_write(struct git_file *file, const struct buf *text, bool remove,
		   struct err *err) MUST_CHECK;
