/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting the version before (NAME.prev, see base/file.h) in place of a file that is damaged or
 * missing. Nothing is deleted.
 */
#pragma once

#include "base/err.h"

#define ASIDE_SIZE 96

/*
 * Keeps the file, if it is there, as NAME.damaged-TIME and gives that name (else ""); then makes
 * the bytes of NAME.prev, at most `max`, the file's content, durably. NAME.prev stays as well. The
 * caller holds the lock of the folder. Whenever this ends, NAME.prev is whole.
 */
int file_restore(int folder, const char *name, size_t max, char ret_aside[ASIDE_SIZE],
		 struct err *err) MUST_CHECK;
