/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_slot.h"

#define KEY_FILE_SLOT_SIZE (CRYPTO_SALT_SIZE + CRYPTO_KEY_SIZE + CRYPTO_TAG_SIZE)

static const char purpose[] = "hftoken vault 1: key file";

static struct crypto_box slot_box(const unsigned char *vault_id, const unsigned char *salt,
				  const struct secret *file_key)
{
	return (struct crypto_box) {
		.key = file_key,
		.salt = salt,
		.purpose = purpose,
		.bound = vault_id,
		.bound_size = VAULT_ID_SIZE,
	};
}

int slot_add_key_file(struct buf *entries, const unsigned char vault_id[VAULT_ID_SIZE],
		      const unsigned char salt[CRYPTO_SALT_SIZE], const struct secret *file_key,
		      const struct secret *vault_key, struct err *err)
{
	struct crypto_box box = slot_box(vault_id, salt, file_key);
	AUTOBUF struct buf content = {0};
	int error;

	buf_add(&content, salt, CRYPTO_SALT_SIZE);
	error = crypto_seal(&box, vault_key, &content, err);
	if (error)
		return error;
	if (buf_failed(&content))
		return err_no_memory(err);
	vault_add_entry(entries, VAULT_SLOT_KEY_FILE, content.data, content.size);
	return buf_failed(entries) ? err_no_memory(err) : 0;
}

struct slots slots_of(const struct vault *vault)
{
	struct slots slots = {0};
	struct vault_entry entry;
	size_t position = 0;

	while (vault_next_entry(vault, &position, &entry)) {
		if (entry.kind == VAULT_SLOT_KEY_FILE)
			slots.key_file = true;
		else if ((entry.kind & VAULT_SLOTS_MASK) == VAULT_SLOTS)
			slots.unknown = true;
	}
	return slots;
}

int slot_open_key_file(const struct vault *vault, const struct secret *file_key,
		       struct secret *ret_vault_key, struct err *err)
{
	struct vault_entry entry;
	size_t position = 0;

	while (vault_next_entry(vault, &position, &entry)) {
		struct crypto_box box = slot_box(vault->id, entry.content, file_key);
		int error;

		if (entry.kind != VAULT_SLOT_KEY_FILE || entry.size != KEY_FILE_SLOT_SIZE)
			continue;
		error = crypto_open(&box, entry.content + CRYPTO_SALT_SIZE,
				    entry.size - CRYPTO_SALT_SIZE, ret_vault_key, err);
		if (error != ERR_DAMAGED)
			return error;
	}
	return err_set(err, ERR_DAMAGED, "the key does not fit the vault");
}
