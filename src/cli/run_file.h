/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token in a private file that lies in memory, for the life of one program.
 *
 *	$XDG_RUNTIME_DIR/hftoken/run-9a3f…/token	if that is in memory
 *	/dev/shm/hftoken-UID/run-9a3f…/token	else
 *
 * Each in a folder of its own, since huggingface_hub keeps more beside its token file. Whoever made
 * the folder holds a lock on it; one that nobody holds is left over from a process that was killed,
 * and is swept by the next. A lock, and no process id: those mean nothing to another container.
 */
#pragma once

#include "base/secret.h"

struct run_file {
	int base;   /* the folder that they are all in */
	int folder; /* this one, locked */
	char name[32];
	char *path; /* of the token */
};

#define RUN_FILE_NONE                    \
	{                                \
		.base = -1, .folder = -1 \
	}

/* ERR_UNAVAILABLE where no file system in memory can be written. Close in any case. */
int run_file_make(struct run_file *ret, const struct secret *secret,
		  struct err *err) MUST_CHECK;

/* Removes it and all that was put beside it. */
void run_file_close(struct run_file *file);
#define AUTORUNFILE CLEANUP(run_file_close)

/* Removes those that nobody holds any more. */
void run_file_sweep(void);

/* How many those are. */
size_t run_file_left(void);
