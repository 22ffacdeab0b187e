/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of git's configuration files, as far as our sections in it go: one for each Hub, put
 * behind everything else, and taken out again byte for byte.
 *
 *	[credential "https://huggingface.co"]
 *		helper =
 *		helper = hftoken
 *		useHttpPath = true
 *
 * git reads all sections of a name in the order of the file, and an empty helper cuts off those
 * before it (git-config(1), gitcredentials(7)). So what others wrote stays where it is. git itself
 * is not asked to write: it would add to the first section of that name, wherever that stands.
 */
#pragma once

#include "base/buf.h"
#include "base/url.h"

/*
 * Adds our section at the end. Where the last line has no end of its own, or a backslash takes it,
 * ours has none either: that is how git_section_remove() knows that the one between them is ours. A
 * text that ends in such a backslash would need two, and gets one: git does not see our section
 * there, which `setup` notices. `is_new`: there is no such file yet, which is not the same as an
 * empty one.
 */
void git_section_add(struct buf *text, bool is_new, const char *endpoint, const char *helper);

/* Called for each section that something of ours was in. */
typedef void (*git_section_found)(const char *endpoint, void *user);

/*
 * Copies the text without our lines: our helper if it has no arguments, the empty one before it and
 * useHttpPath behind it, and the section's head if nothing else is in it. `endpoint`: for this one
 * only; NULL for all. `found` may be NULL. True if something of ours was there.
 */
bool git_section_remove(const struct buf *text, const char *endpoint, struct buf *ret,
			git_section_found found, void *user);

/* Whether a helper's value is ours, with or without arguments. */
bool git_helper_is_ours(const char *value);

/*
 * The absolute path of the program that a helper's value begins with, as a shell takes its first
 * word with backslashes. False for one that git looks for (`hftoken`), for a shell's line (`!`), and
 * for one with quotes or variables, of which only a shell knows.
 */
bool git_helper_path(const char *value, char *ret, size_t capacity);
