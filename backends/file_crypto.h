/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cryptography of the vault, and the only file of this store that knows nettle: random bytes,
 * HKDF-SHA-256 (RFC 5869), and AES-256-GCM (NIST SP 800-38D).
 *
 * Every sealed text has a key of its own, derived from a longer-lived key and a fresh random salt.
 * A key is therefore never used for two texts, which lets the nonce be a constant.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"

#define CRYPTO_KEY_SIZE  ((size_t)32)
#define CRYPTO_SALT_SIZE ((size_t)32)
#define CRYPTO_TAG_SIZE  ((size_t)16)

/* What a sealed text is sealed with and bound to. Nothing in it is owned. */
struct crypto_box {
	const struct secret *key; /* CRYPTO_KEY_SIZE bytes */
	const unsigned char
		*salt;       /* CRYPTO_SALT_SIZE bytes, never the same twice for one key */
	const char *purpose; /* the info of HKDF: a key for one use opens no other */
	const void *bound;   /* associated data: must be the same to open it */
	size_t bound_size;
};

int crypto_random(void *ret, size_t size, struct err *err) MUST_CHECK;

/* A fresh random key. */
int crypto_random_key(struct secret *ret, struct err *err) MUST_CHECK;

/* Appends the ciphertext, as long as the text, and the tag. */
int crypto_seal(const struct crypto_box *box, const struct secret *text, struct buf *ret,
		struct err *err) MUST_CHECK;

/*
 * The text of `size` bytes of ciphertext and tag. ERR_DAMAGED if the key, the salt, the purpose,
 * the associated data or any of these bytes is not what it was; then nothing is given.
 */
int crypto_open(const struct crypto_box *box, const unsigned char *sealed, size_t size,
		struct secret *ret, struct err *err) MUST_CHECK;

/* The two halves, for known-answer tests. The nonce is twelve zero bytes. */
int crypto_derive(const struct secret *key, const void *salt, size_t salt_size,
		  const void *info, size_t info_size, struct secret *ret,
		  struct err *err) MUST_CHECK;
int crypto_encrypt(const struct secret *key, const void *bound, size_t bound_size,
		   const struct secret *text, struct buf *ret, struct err *err) MUST_CHECK;
