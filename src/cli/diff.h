/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `setup --dry-run` shows of a file: the lines that would go and come, in the form of
 * `diff -U0`. Files of other programs hold their passwords, so no other line is shown, and of one
 * that changes what stays is `…`; tokens are masked. It is to be read, not to be given to patch(1).
 */
#pragma once

#include "base/buf.h"

struct diff_side {
	const char *text;
	size_t size;
	bool exists; /* false: there is no such file */
};

/* Nothing where the two are the same. `ours`: a file of ours without secrets, shown in whole lines. */
void diff_put(struct buf *out, const char *path, const struct diff_side *before,
	      const struct diff_side *after, bool ours);

/* A file with one line, which is given masked; NULL where there is no file. */
void diff_put_masked(struct buf *out, const char *path, const char *before, const char *after);
