/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file of another program, which `setup` reads, edits and replaces whole. It may
 * hold that program's passwords, so its text is a secret; its mode is kept, and symbolic links are
 * followed, since dotfiles are often such.
 */
#pragma once

#include <sys/types.h>

#include "base/file.h"

struct config_file {
	char *path; /* with links followed */
	int folder;
	mode_t mode; /* 0: there is no such file yet */
	struct secret text;
};

#define CONFIG_FILE_NONE     \
	{                    \
		.folder = -1 \
	}

void config_file_release(struct config_file *file);
#define AUTOCONFIGFILE CLEANUP(config_file_release)

/*
 * Reads the file; at most `max` bytes. One that does not exist is empty, and with FOLDER_CREATE its
 * folder is made. ERR_USAGE for a path that is not absolute.
 */
int config_file_open(struct config_file *file, const char *path, size_t max,
		     enum folder_flags flags, struct err *err) MUST_CHECK;

/* Writes the new text, unless it is the old one. */
int config_file_write(const struct config_file *file, const struct secret *text,
		      struct err *err) MUST_CHECK;
