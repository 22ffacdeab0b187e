/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of git's own helper `store`, in which passwords lie in plain text: one URL a line,
 * https://USER:PASSWORD@HOST, percent-encoded.
 *
 * Source: git-credential-store(1) and builtin/credential-store.c: a line that is no such URL is kept
 * and means nothing; a writer makes FILE.lock, and renames that to FILE.
 */
#pragma once

#include "core/credential_files.h"

#define GIT_STORE_MAX ((size_t)1 << 20) /* bytes of a file */

typedef bool (*git_store_goes)(void *user, const struct credential *credential);

/*
 * Shows each line that is a credential, decoded, to `goes`; `ret` gets the text without those for
 * which that is true, all others byte for byte, and `ret_count` how many they were. What git and we
 * might read differently (a NUL or a line break in percents) is no credential here.
 */
int git_store_filter(const struct secret *text, git_store_goes goes, void *user,
		     struct secret *ret, size_t *ret_count, struct err *err) MUST_CHECK;
