/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new vault key, with one new slot in place of all that were there: the first key of a vault, and
 * the next one when its protection changes. What is not a slot stays. Neither function writes the
 * vault; version_save() does.
 *
 * Re-keying is not one step on the disk, since key and vault are two files. A reader always finds
 * the key that fits: a new key file is there before the vault that needs it, and an old one is
 * removed behind the vault that no longer does. What is to go goes last, old key first.
 */
#pragma once

#include "backends/file_load.h"
#include "backends/file_slot.h"

/* Wrapped for the key file, which is made if it is missing. */
int rekey_to_key_file(struct version *version, const struct disk *disk,
		      struct err *err) MUST_CHECK;

/*
 * The vault was not written: a key file that rekey_to_key_file() has made for it goes again, unless
 * the vault on the disk is opened by it after all. Else each try on a full disk would leave one more.
 * With the lock held since the key file was made.
 */
void rekey_undo(const struct version *version, const struct disk *disk);

/* Wrapped for the key that `scrypt` and the passphrase give. */
int rekey_to_passphrase(struct version *version, const struct slot_scrypt *scrypt,
			const struct secret *slot_key, struct err *err) MUST_CHECK;

/*
 * Whether a writer died between a new vault with a passphrase and the removal of what opened the vault
 * before: that can be read by it still.
 */
bool rekey_unfinished(const struct version *version, const struct disk *disk);

/*
 * Removes the key file and the previous version where a writer died between a new vault with a
 * passphrase and their removal. Best effort. With the lock held, and a version that was opened: in one
 * that is damaged a slot may only look new.
 */
void rekey_finish(const struct version *version, const struct disk *disk);
