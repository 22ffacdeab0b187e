/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of the encrypted file works on. Every call reads the vault anew, since others may have
 * written it. Readers take no lock and write nothing, so that a read-only home works; writers hold the
 * lock from before they read until they have written.
 */
#pragma once

#include "backends/file_load.h"

struct session {
	struct disk disk;
	struct version version;
};

extern const struct session session_none;

void session_release(struct session *session);

int start_reading(struct session *session, struct err *err) MUST_CHECK;

/*
 * Ends what a writer that was killed while it re-keyed the vault has left undone, as far as it can be
 * done: not in a read-only home, and not where a writer is at work, who does it.
 */
void finish_rekeying(struct session *session);

/* Also ends what a writer that was killed while it re-keyed the vault has left undone. */
int start_writing(struct session *session, enum folder_flags flags, struct err *err) MUST_CHECK;
