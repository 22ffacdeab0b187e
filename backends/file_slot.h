/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key slots: ways from something the user has to the vault key, each an entry in the header. The
 * vault key itself never changes hands in the clear, so a slot can come and go without the others.
 *
 * A slot is bound to the id of its vault and opens no other. Slots of kinds that this version does
 * not know are passed over here, and kept when the vault is written.
 */
#pragma once

#include "backends/file_vault.h"

/* Appends a slot that `file_key` opens. */
int slot_add_key_file(struct buf *entries, const unsigned char vault_id[VAULT_ID_SIZE],
		      const unsigned char salt[CRYPTO_SALT_SIZE], const struct secret *file_key,
		      const struct secret *vault_key, struct err *err) MUST_CHECK;

/* Which kinds of slots a vault has. */
struct slots {
	bool key_file;
	bool unknown;
};
struct slots slots_of(const struct vault *vault);

/* The vault key by its key-file slot. ERR_DAMAGED if none fits, since there is one key file. */
int slot_open_key_file(const struct vault *vault, const struct secret *file_key,
		       struct secret *ret_vault_key, struct err *err) MUST_CHECK;
