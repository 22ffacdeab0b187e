/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was unlocked: the keys of passphrase slots, in the kernel's keyring for eight hours, since a
 * passphrase is typed once and tokens are asked for all day.
 *
 * It is the slot's key, not the vault's. A vault that is re-keyed has a new slot with a new salt, so
 * that neither can do harm; but of a slot's key one can tell, by the salt that is kept with it,
 * that its slot is gone (the vault is locked) from a slot that is damaged.
 */
#pragma once

#include "backends/file_slot.h"

#define CACHE_SECONDS 28800

/* A slot by its salt, and the key that opens it. Nothing in it is owned. */
struct cached_slot {
	const unsigned char *salt; /* CRYPTO_SALT_SIZE bytes */
	const struct secret *key;  /* CRYPTO_KEY_SIZE bytes */
};

/* ERR_NOT_FOUND if the key of this slot is not there, ERR_UNAVAILABLE if there is no keyring. */
int cache_get(const unsigned char vault_id[VAULT_ID_SIZE], const unsigned char *salt,
	      struct secret *ret_key, struct err *err) MUST_CHECK;

/*
 * Keeps these keys, and no others, for the vault. ERR_UNAVAILABLE, with message and hint, if there is
 * no keyring to keep them in.
 */
int cache_put(const unsigned char vault_id[VAULT_ID_SIZE], const struct cached_slot *slots,
	      size_t count, struct err *err) MUST_CHECK;

/* Keeps this key, and of those that are kept for the vault the newest. Errors as above. */
int cache_add(const unsigned char vault_id[VAULT_ID_SIZE], const struct cached_slot *slot,
	      struct err *err) MUST_CHECK;

/* Forgets the keys of this vault, or of all if `vault_id` is NULL. */
void cache_drop(const unsigned char *vault_id);
