/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_cache.h"

#include <stdio.h>
#include <string.h>

#include "base/kernel_keys.h"

#define PREFIX     "hftoken-vault:" /* not that of cached tokens, which come and go apart */
#define NAME_SIZE  (sizeof(PREFIX) + 2 * VAULT_ID_SIZE)
#define ENTRY_SIZE (CRYPTO_SALT_SIZE + CRYPTO_KEY_SIZE)

static void make_name(const unsigned char *vault_id, char ret[NAME_SIZE])
{
	char *next = ret + sizeof(PREFIX) - 1;

	(void)snprintf(ret, NAME_SIZE, PREFIX);
	for (size_t i = 0; i < VAULT_ID_SIZE; i++, next += 2)
		(void)snprintf(next, 3, "%02x", vault_id[i]);
}

static int no_keyring(struct err *err)
{
	err_set(err, ERR_UNAVAILABLE,
		"the kernel's keyring, where the key of the vault is kept, cannot be used");
	return err_hint(err, "containers often forbid it: allow add_key and keyctl, or use "
			     "HF_TOKEN there");
}

int cache_get(const unsigned char vault_id[VAULT_ID_SIZE], const unsigned char *salt,
	      struct secret *ret_key, struct err *err)
{
	AUTOSECRET struct secret payload = {0};
	char name[NAME_SIZE];
	int error;

	make_name(vault_id, name);
	error = kernel_key_get(name, &payload);
	if (error == ERR_UNAVAILABLE)
		return no_keyring(err);
	if (error == ERR_NO_MEMORY)
		return err_no_memory(err);
	for (size_t at = 0; !error && at + ENTRY_SIZE <= payload.size; at += ENTRY_SIZE) {
		const char *entry = payload.data + at;

		if (memcmp(entry, salt, CRYPTO_SALT_SIZE) != 0)
			continue;
		if (secret_set(ret_key, entry + CRYPTO_SALT_SIZE, CRYPTO_KEY_SIZE))
			return err_no_memory(err);
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "the vault has not been unlocked");
}

int cache_put(const unsigned char vault_id[VAULT_ID_SIZE], const struct cached_slot *slots,
	      size_t count, struct err *err)
{
	AUTOSECRET struct secret payload = {0};
	char name[NAME_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (secret_add(&payload, (const char *)slots[i].salt, CRYPTO_SALT_SIZE) ||
		    secret_add(&payload, slots[i].key->data, CRYPTO_KEY_SIZE))
			return err_no_memory(err);
	}
	make_name(vault_id, name);
	return kernel_key_put(name, &payload, CACHE_SECONDS) ? no_keyring(err) : 0;
}

int cache_add(const unsigned char vault_id[VAULT_ID_SIZE], const struct cached_slot *slot,
	      struct err *err)
{
	AUTOSECRET struct secret payload = {0};
	AUTOSECRET struct secret key = {0};
	struct cached_slot slots[2] = {*slot, {.key = &key}};
	char name[NAME_SIZE];
	size_t count = 1;

	make_name(vault_id, name);
	if (!kernel_key_get(name, &payload) && payload.size >= ENTRY_SIZE &&
	    memcmp(payload.data, slot->salt, CRYPTO_SALT_SIZE) != 0) {
		slots[1].salt = (const unsigned char *)payload.data;
		if (secret_set(&key, payload.data + CRYPTO_SALT_SIZE, CRYPTO_KEY_SIZE))
			return err_no_memory(err);
		count++;
	}
	return cache_put(vault_id, slots, count, err);
}

void cache_drop(const unsigned char *vault_id)
{
	char name[NAME_SIZE];

	if (!vault_id) {
		(void)kernel_keys_drop(PREFIX, 0);
		return;
	}
	make_name(vault_id, name);
	kernel_key_drop(name);
}
