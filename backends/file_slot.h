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

/*
 * How the key of a passphrase slot is derived: scrypt (RFC 7914) with N = 2^log2_n. The defaults take
 * 64 MiB and about 0.2 s. A reader takes N from 2^14 to 2^20, r to 32, p to 4, and 128 N r p, which the
 * time goes by, to 2^30 (about 5 s), so that no vault can keep it busy for long.
 */
#define SLOT_LOG2_N ((uint16_t)16)
#define SLOT_R      ((uint16_t)8)
#define SLOT_P      ((uint16_t)1)

struct slot_scrypt {
	uint16_t log2_n;
	uint16_t r;
	uint16_t p;
	unsigned char salt[CRYPTO_SALT_SIZE];
};

/* The defaults, and a new salt. */
int slot_new_scrypt(struct slot_scrypt *ret, struct err *err) MUST_CHECK;

/* Appends a slot that `slot_key`, derived with these parameters, opens. */
int slot_add_passphrase(struct buf *entries, const unsigned char vault_id[VAULT_ID_SIZE],
			const struct slot_scrypt *scrypt, const struct secret *slot_key,
			const struct secret *vault_key, struct err *err) MUST_CHECK;

/*
 * The parameters of the vault's passphrase slot; there is one. ERR_TOO_NEW if it asks for more than
 * a reader gives, ERR_DAMAGED if it is none that anybody would write.
 */
int slot_read_passphrase(const struct vault *vault, struct slot_scrypt *ret,
			 struct err *err) MUST_CHECK;

/* The vault key by that slot. ERR_DAMAGED if the key does not fit. */
int slot_open_passphrase(const struct vault *vault, const struct secret *slot_key,
			 struct secret *ret_vault_key, struct err *err) MUST_CHECK;

/* Which kinds of slots a vault has. */
struct slots {
	bool key_file;
	bool passphrase;
	bool unknown;
};
struct slots slots_of(const struct vault *vault);
bool slots_want_passphrase(const struct vault *vault); /* and no key file would do */

/* Whether both versions have the same passphrase slot, byte for byte. */
bool slot_is_same(const struct vault *one, const struct vault *other);

/* The vault key by its key-file slot. ERR_DAMAGED if none fits, since there is one key file. */
int slot_open_key_file(const struct vault *vault, const struct secret *file_key,
		       struct secret *ret_vault_key, struct err *err) MUST_CHECK;
