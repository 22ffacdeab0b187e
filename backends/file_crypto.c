/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_crypto.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static const unsigned char nonce[12];

/*
 * Most of the time of a `get` would be OpenSSL reading its configuration and naming its errors and
 * algorithms, none of which matters here: three algorithms of the built-in provider are all we use,
 * and no error of OpenSSL is ever shown. (A program that does TLS must not do this.)
 */
static int start(struct err *err)
{
	static bool started;
	const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG |
				 OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
				 OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
				 OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT;

	if (started)
		return 0;
	if (!OPENSSL_init_crypto(options, NULL))
		return err_set(err, ERR_FAILED, "cannot start OpenSSL");
	started = true;
	return 0;
}

static int failed(struct err *err, const char *algorithm)
{
	return err_set(err, ERR_FAILED, "OpenSSL cannot do %s", algorithm);
}

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

/* ---- HKDF ---- */

static void cleanup_mac(EVP_MAC **mac)
{
	EVP_MAC_free(*mac);
}

/* Freeing it wipes the key in it. */
static void cleanup_mac_context(EVP_MAC_CTX **context)
{
	EVP_MAC_CTX_free(*context);
}

/* HMAC-SHA-256 of two texts, one behind the other. The result may take the place of the key. */
static bool hmac(EVP_MAC_CTX *context, const void *key, size_t key_size, const void *one,
		 size_t one_size, const void *other, size_t other_size, void *ret)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t size;

	return EVP_MAC_init(context, key, key_size, params) == 1 &&
	       EVP_MAC_update(context, one, one_size) == 1 &&
	       EVP_MAC_update(context, other, other_size) == 1 &&
	       EVP_MAC_final(context, ret, &size, CRYPTO_KEY_SIZE) == 1 &&
	       size == CRYPTO_KEY_SIZE;
}

/*
 * RFC 5869 for a key as long as the hash: extract, then the one block of expand. OpenSSL has HKDF
 * as well, but makes a further set of algorithms for it, which is time that every `get` pays.
 */
int crypto_derive(const struct secret *key, const void *salt, size_t salt_size,
		  const void *info, size_t info_size, struct secret *ret, struct err *err)
{
	CLEANUP(cleanup_mac) EVP_MAC *mac = NULL;
	CLEANUP(cleanup_mac_context) EVP_MAC_CTX *context = NULL;
	AUTOSECRET struct secret derived = {0};
	const unsigned char block = 1;
	int error = start(err);

	if (error)
		return error;
	if (secret_reserve(&derived, CRYPTO_KEY_SIZE))
		return err_no_memory(err);
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	context = mac ? EVP_MAC_CTX_new(mac) : NULL;
	if (!context ||
	    !hmac(context, salt, salt_size, key->data, key->size, NULL, 0, derived.data) ||
	    !hmac(context, derived.data, CRYPTO_KEY_SIZE, info, info_size, &block, 1,
		  derived.data))
		return failed(err, "HMAC-SHA-256");
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

struct gcm {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *context;
};

/* Freeing the context wipes the key schedule in it. */
static void gcm_release(struct gcm *gcm)
{
	EVP_CIPHER_CTX_free(gcm->context);
	EVP_CIPHER_free(gcm->cipher);
}

static bool gcm_start(struct gcm *gcm, const struct secret *key, const void *bound,
		      size_t bound_size, int encrypt)
{
	int size;

	if (key->size != CRYPTO_KEY_SIZE || bound_size > INT_MAX)
		return false;
	gcm->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	gcm->context = EVP_CIPHER_CTX_new();
	return gcm->cipher && gcm->context &&
	       EVP_CipherInit_ex2(gcm->context, gcm->cipher, (const unsigned char *)key->data,
				  nonce, encrypt, NULL) == 1 &&
	       (bound_size == 0 ||
		EVP_CipherUpdate(gcm->context, NULL, &size, bound, (int)bound_size) == 1);
}

/* GCM gives as many bytes as it gets. An empty text must not reach it: NULL would mean "bound". */
static bool gcm_update(const struct gcm *gcm, unsigned char *ret, const void *text, size_t size)
{
	int done = 0;

	return size <= INT_MAX && (size == 0 || (EVP_CipherUpdate(gcm->context, ret, &done,
								  text, (int)size) == 1 &&
						 (size_t)done == size));
}

int crypto_encrypt(const struct secret *key, const void *bound, size_t bound_size,
		   const struct secret *text, struct buf *ret, struct err *err)
{
	CLEANUP(gcm_release) struct gcm gcm = {0};
	unsigned char *sealed;
	unsigned char *tag;
	int size;
	int error = start(err);

	if (error)
		return error;
	if (!buf_reserve(ret, text->size + CRYPTO_TAG_SIZE))
		return err_no_memory(err);
	sealed = (unsigned char *)ret->data + ret->size;
	tag = sealed + text->size;
	if (!gcm_start(&gcm, key, bound, bound_size, 1) ||
	    !gcm_update(&gcm, sealed, text->data, text->size) ||
	    EVP_CipherFinal_ex(gcm.context, tag, &size) != 1 ||
	    EVP_CIPHER_CTX_ctrl(gcm.context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE, tag) != 1)
		return failed(err, "AES-256-GCM");
	ret->size += text->size + CRYPTO_TAG_SIZE;
	ret->data[ret->size] = '\0';
	return 0;
}

static int decrypt(const struct secret *key, const struct crypto_box *box,
		   const unsigned char *sealed, size_t size, struct secret *ret,
		   struct err *err)
{
	CLEANUP(gcm_release) struct gcm gcm = {0};
	AUTOSECRET struct secret text = {0};
	unsigned char tag[CRYPTO_TAG_SIZE];
	unsigned char rest[16];
	int rest_size;

	memcpy(tag, sealed + size, sizeof(tag));
	if (secret_reserve(&text, size))
		return err_no_memory(err);
	if (!gcm_start(&gcm, key, box->bound, box->bound_size, 0) ||
	    !gcm_update(&gcm, (unsigned char *)text.data, sealed, size) ||
	    EVP_CIPHER_CTX_ctrl(gcm.context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		return failed(err, "AES-256-GCM");
	/* Compares the tags in constant time. Until here the text is anybody's. */
	if (EVP_CipherFinal_ex(gcm.context, rest, &rest_size) != 1)
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
