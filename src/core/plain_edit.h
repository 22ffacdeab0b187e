/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rewriting a file in which another program keeps tokens in plain text, the way that program does:
 * through a symbolic link as it would, under the lock that it takes, and as a whole. Mode and group
 * stay; a file that is not ours to change (another owner, no regular file, read-only) is left.
 *
 *	PLAIN_GIT   git-credential-store: makes FILE.lock with O_EXCL, and renames it to FILE
 *	PLAIN_HF    huggingface_hub: flock() on FILE.lock while it renews a session; `hf auth login`
 *	            and the like take no lock, so it is looked at again just before the rename.
 *	            Of a link the lock lies beside the link: it locks HF_STORED_TOKENS_PATH + ".lock"
 */
#pragma once

#include "base/secret.h"

enum plain_kind { PLAIN_GIT, PLAIN_HF };

typedef int (*plain_editor)(void *user, const struct secret *text, struct secret *ret,
			    size_t *ret_count, struct err *err);

/*
 * `edit` makes the new text and says how many entries it has taken out; nothing is written if there
 * are none. ERR_BUSY where somebody else holds the lock, or writes all the time; ERR_UNSAFE for a
 * file that is left; ERR_READ_ONLY, ERR_DENIED and so on as the system says; ERR_NOT_FOUND without
 * a file.
 */
int plain_edit(const char *path, enum plain_kind kind, plain_editor edit, void *user,
	       size_t *ret_count, struct err *err) MUST_CHECK;
