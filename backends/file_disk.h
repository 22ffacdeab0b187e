/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the vault and its key are: the vault in the data folder, the key in the state folder, so
 * that a copy of the one does not hold the other.
 *
 *	data	vault		what is read
 *		vault.prev	the version before, while nothing in it was to go
 *		vault.new	left by a writer that was killed; the next one overwrites it
 *		vault.lock	held by writers, never removed
 *	state	vault.key, vault-XXXXXXXX.key	32 random bytes (file_key.h)
 *		vault.key.lock	held while a key is made or removed
 */
#pragma once

#include "base/file.h"

#define DISK_VAULT    "vault"
#define DISK_PREVIOUS "vault.prev"

struct disk {
	char *data_path;
	char *state_path;
	int data; /* the data folder; -1 at first, and if it is not there */
	int lock; /* -1 while it is not held */
};

void disk_release(struct disk *disk);

/*
 * Opens what is there; with FOLDER_CREATE, the data folder is made. ERR_UNAVAILABLE without a home
 * directory: that nothing can be found must not look as if nothing were there.
 */
int disk_open(struct disk *disk, enum folder_flags flags, struct err *err) MUST_CHECK;

/* The writers' lock, until disk_release(). */
int disk_lock(struct disk *disk, struct err *err) MUST_CHECK;

/* The same, but ERR_BUSY at once if somebody else has it. */
int disk_try_lock(struct disk *disk, struct err *err) MUST_CHECK;

/* The bytes of DISK_VAULT or DISK_PREVIOUS. ERR_NOT_FOUND if there is no such file. */
int disk_read_vault(const struct disk *disk, const char *name, struct buf *ret,
		    struct err *err) MUST_CHECK;

/* When that version was written, in seconds since 1970; false if it is not there. */
bool disk_vault_time(const struct disk *disk, const char *name, int64_t *ret);

/* Replaces the vault. With the lock held. */
int disk_write_vault(const struct disk *disk, const struct buf *bytes, enum replace_flags flags,
		     struct err *err) MUST_CHECK;

int disk_remove_previous(const struct disk *disk, struct err *err) MUST_CHECK;
