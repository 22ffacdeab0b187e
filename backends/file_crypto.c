/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_crypto.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

int crypto_random(void *ret, size_t size, struct err *err)
{
	unsigned char *next = ret;

	while (size > 0) {
		ssize_t count = getrandom(next, size, 0);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return err_errno(err, "cannot get random bytes");
		next += count;
		size -= (size_t)count;
	}
	return 0;
}

int crypto_random_key(struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	int error;

	if (secret_reserve(&key, CRYPTO_KEY_SIZE))
		return err_no_memory(err);
	error = crypto_random(key.data, CRYPTO_KEY_SIZE, err);
	if (error)
		return error;
	secret_grew(&key, CRYPTO_KEY_SIZE);
	secret_move(ret, &key);
	return 0;
}

/*
 * nettle, because every `get` pays for what it loads: with OpenSSL, whose algorithms must be found
 * by name at run time, this program took twice as long. Its contexts hold keys and are wiped.
 */

/* ---- HKDF ---- */

static void mac_update(void *context, size_t size, const uint8_t *data)
{
	hmac_sha256_update(context, size, data);
}

static void mac_digest(void *context, size_t size, uint8_t *ret)
{
	hmac_sha256_digest(context, size, ret);
}

/* RFC 5869: extract, then expand to one key. */
int crypto_derive(const struct secret *key, const void *salt, size_t salt_size,
		  const void *info, size_t info_size, struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret extracted = {0};
	AUTOSECRET struct secret derived = {0};
	struct hmac_sha256_ctx context;

	if (secret_reserve(&extracted, CRYPTO_KEY_SIZE) ||
	    secret_reserve(&derived, CRYPTO_KEY_SIZE))
		return err_no_memory(err);
	hmac_sha256_set_key(&context, salt_size, salt);
	hkdf_extract(&context, mac_update, mac_digest, CRYPTO_KEY_SIZE, key->size,
		     (const uint8_t *)key->data, (uint8_t *)extracted.data);
	hmac_sha256_set_key(&context, CRYPTO_KEY_SIZE, (const uint8_t *)extracted.data);
	hkdf_expand(&context, mac_update, mac_digest, CRYPTO_KEY_SIZE, info_size, info,
		    CRYPTO_KEY_SIZE, (uint8_t *)derived.data);
	explicit_bzero(&context, sizeof(context));
	secret_grew(&derived, CRYPTO_KEY_SIZE);
	secret_move(ret, &derived);
	return 0;
}

static int derive_box_key(const struct crypto_box *box, struct secret *ret, struct err *err)
{
	return crypto_derive(box->key, box->salt, CRYPTO_SALT_SIZE, box->purpose,
			     strlen(box->purpose), ret, err);
}

/* ---- AES-GCM ---- */

/* The nonce is constant: each key seals one text. */
static int gcm_start(struct gcm_aes256_ctx *gcm, const struct secret *key, const void *bound,
		     size_t bound_size, struct err *err)
{
	static const unsigned char nonce[GCM_IV_SIZE];

	if (key->size != CRYPTO_KEY_SIZE)
		return err_set(err, ERR_FAILED, "a key has the wrong size");
	gcm_aes256_set_key(gcm, (const uint8_t *)key->data);
	gcm_aes256_set_iv(gcm, sizeof(nonce), nonce);
	gcm_aes256_update(gcm, bound_size, bound);
	return 0;
}

static void gcm_release(struct gcm_aes256_ctx *gcm)
{
	explicit_bzero(gcm, sizeof(*gcm));
}

int crypto_encrypt(const struct secret *key, const void *bound, size_t bound_size,
		   const struct secret *text, struct buf *ret, struct err *err)
{
	CLEANUP(gcm_release) struct gcm_aes256_ctx gcm;
	unsigned char *sealed;
	int error = gcm_start(&gcm, key, bound, bound_size, err);

	if (error)
		return error;
	if (!buf_reserve(ret, text->size + CRYPTO_TAG_SIZE))
		return err_no_memory(err);
	sealed = (unsigned char *)ret->data + ret->size;
	gcm_aes256_encrypt(&gcm, text->size, sealed, (const uint8_t *)text->data);
	gcm_aes256_digest(&gcm, CRYPTO_TAG_SIZE, sealed + text->size);
	ret->size += text->size + CRYPTO_TAG_SIZE;
	ret->data[ret->size] = '\0';
	return 0;
}

static int decrypt(const struct secret *key, const struct crypto_box *box,
		   const unsigned char *sealed, size_t size, struct secret *ret,
		   struct err *err)
{
	CLEANUP(gcm_release) struct gcm_aes256_ctx gcm;
	AUTOSECRET struct secret text = {0};
	unsigned char tag[CRYPTO_TAG_SIZE];
	int error = gcm_start(&gcm, key, box->bound, box->bound_size, err);

	if (error)
		return error;
	if (secret_reserve(&text, size))
		return err_no_memory(err);
	gcm_aes256_decrypt(&gcm, size, (uint8_t *)text.data, sealed);
	gcm_aes256_digest(&gcm, sizeof(tag), tag);
	/* In constant time. Until here the text is anybody's. */
	if (!memeql_sec(tag, sealed + size, sizeof(tag)))
		return err_set(err, ERR_DAMAGED, "content and checksum do not fit");
	secret_grew(&text, size);
	secret_move(ret, &text);
	return 0;
}

int crypto_seal(const struct crypto_box *box, const struct secret *text, struct buf *ret,
		struct err *err)
{
	AUTOSECRET struct secret key = {0};
	int error = derive_box_key(box, &key, err);

	if (error)
		return error;
	return crypto_encrypt(&key, box->bound, box->bound_size, text, ret, err);
}

int crypto_open(const struct crypto_box *box, const unsigned char *sealed, size_t size,
		struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	int error;

	if (size < CRYPTO_TAG_SIZE)
		return err_set(err, ERR_DAMAGED, "content is cut off");
	error = derive_box_key(box, &key, err);
	if (error)
		return error;
	return decrypt(&key, box, sealed, size - CRYPTO_TAG_SIZE, ret, err);
}
