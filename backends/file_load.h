/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A version of the vault, read from the disk and opened with the key on the disk or the one that was
 * unlocked, or else an error that says what to do next.
 */
#pragma once

#include "backends/file_key.h"
#include "backends/file_records.h"

struct version {
	bool exists;      /* false: nothing was ever written, and there are no records */
	struct buf bytes; /* what `vault` points into */
	struct vault vault;
	struct secret key;            /* the vault key */
	char key_file[KEY_NAME_SIZE]; /* which one opened it; "" if none did */
	bool key_wrong; /* the key file is damaged, or does not fit: the vault may be whole */
	char made_key
		[KEY_NAME_SIZE]; /* one that was made, and that nothing on the disk needs yet */
	struct secret records;
};

void version_release(struct version *version);

/*
 * Reads vault.prev, which is never used by itself. ERR_NOT_FOUND if there is none, else errors as
 * below.
 */
int version_load_previous(struct version *version, const struct disk *disk,
			  struct err *err) MUST_CHECK;

/*
 * Reads the vault. A vault that is missing is an empty one, unless vault.prev shows that there was
 * one: that is ERR_DAMAGED, and the hint of ERR_DAMAGED tells what is in vault.prev and how to
 * restore it. It is never used by itself: it can be older than the catalogue knows.
 *
 * ERR_UNAVAILABLE when the key file is missing. Putting it back mends that, and nothing else does.
 * ERR_LOCKED when a passphrase is needed first. After an error `vault` is still what could be read
 * without a key, and zeroed if nothing could.
 */
int version_load(struct version *version, const struct disk *disk, struct err *err) MUST_CHECK;

/* Writes the records as the next version. With the lock held. */
int version_save(struct version *version, const struct disk *disk, enum replace_flags flags,
		 struct err *err) MUST_CHECK;
