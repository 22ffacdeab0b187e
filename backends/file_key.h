/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key file of a vault: 32 random bytes in the state folder.
 *
 * State folders can be shared by several data folders, and a key file that served two vaults could
 * not be removed for the one without locking the other for ever. So the first vault of a state folder
 * has KEY_COMMON, and a vault that finds one there when it is made has a file of its own, with the
 * beginning of its id in the name. A file that is there is never overwritten.
 */
#pragma once

#include "backends/file_disk.h"
#include "backends/file_vault.h"

#define KEY_COMMON    "vault.key"
#define KEY_NAME_SIZE (sizeof("vault-01234567.key"))

struct key_file {
	char name[KEY_NAME_SIZE]; /* in the state folder */
	struct secret key;        /* CRYPTO_KEY_SIZE bytes */
	bool made;                /* by key_make(), just now */
};

void key_release(struct key_file *file);

/* The name of the vault's own file. */
void key_own_name(const unsigned char vault_id[VAULT_ID_SIZE], char ret[KEY_NAME_SIZE]);

/* The vault's own file, else the common one. ERR_NOT_FOUND if there is neither. */
int key_read(const struct disk *disk, const unsigned char vault_id[VAULT_ID_SIZE],
	     struct key_file *ret, struct err *err) MUST_CHECK;

/* The vault's own file if it is there, or else a new one, on the disk when this returns. */
int key_make(const struct disk *disk, const unsigned char vault_id[VAULT_ID_SIZE],
	     struct key_file *ret, struct err *err) MUST_CHECK;

/* Removes a file that key_read() named, if it is there. */
int key_remove(const struct disk *disk, const char *name, struct err *err) MUST_CHECK;
