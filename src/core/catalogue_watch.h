/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the catalogue has changed since it was read, for a program that runs on: asked before
 * each answer, at the cost of opening the file and reading its first line.
 */
#pragma once

#include <sys/types.h>
#include <time.h>

#include "base/err.h"

#define WATCH_LINE_SIZE 96 /* more than the line with the generation */

struct catalogue_watch {
	char *path;  /* NULL: not looked for yet, or there is no home */
	bool looked; /* what follows has been filled in */
	bool exists;
	dev_t device;
	ino_t inode;
	struct timespec changed;
	ssize_t line_size;
	char line[WATCH_LINE_SIZE];
};

void catalogue_watch_release(struct catalogue_watch *watch);

/*
 * True the first time, and whenever another version lies there than at the call before; take the
 * answer first and read the catalogue then. What cannot be looked at counts as not there.
 */
bool catalogue_watch_changed(struct catalogue_watch *watch);
