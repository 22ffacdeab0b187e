/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_slot.h"

#include <string.h>

#include "backends/derive_key.h"
#include "backends/file_bytes.h"

#define SEALED_SIZE          (CRYPTO_KEY_SIZE + CRYPTO_TAG_SIZE)
#define KEY_FILE_SLOT_SIZE   (CRYPTO_SALT_SIZE + SEALED_SIZE)
#define NUMBERS_SIZE         ((size_t)6) /* log2 N, r, p */
#define PASSPHRASE_SLOT_SIZE (NUMBERS_SIZE + CRYPTO_SALT_SIZE + SEALED_SIZE)

enum { LOG2_N_MIN = 14, LOG2_N_MAX = 20, R_MAX = 32, P_MAX = 4 };

static const char by_key_file[] = "hftoken vault 1: key file";
static const char by_passphrase[] = "hftoken vault 1: passphrase";

static struct crypto_box slot_box(const char *purpose, const unsigned char *vault_id,
				  const unsigned char *salt, const struct secret *key)
{
	return (struct crypto_box) {
		.key = key,
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
	struct crypto_box box = slot_box(by_key_file, vault_id, salt, file_key);
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
		else if (entry.kind == VAULT_SLOT_PASSPHRASE)
			slots.passphrase = true;
		else if ((entry.kind & VAULT_SLOTS_MASK) == VAULT_SLOTS)
			slots.unknown = true;
	}
	return slots;
}

bool slots_want_passphrase(const struct vault *vault)
{
	struct slots slots = slots_of(vault);

	return slots.passphrase && !slots.key_file;
}

int slot_open_key_file(const struct vault *vault, const struct secret *file_key,
		       struct secret *ret_vault_key, struct err *err)
{
	struct vault_entry entry;
	size_t position = 0;

	while (vault_next_entry(vault, &position, &entry)) {
		struct crypto_box box = slot_box(by_key_file, vault->id, entry.content,
						 file_key);
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

/* ---- passphrase ---- */

int slot_new_scrypt(struct slot_scrypt *ret, struct err *err)
{
	*ret = (struct slot_scrypt) {.log2_n = SLOT_LOG2_N, .r = SLOT_R, .p = SLOT_P};
	return crypto_random(ret->salt, sizeof(ret->salt), err);
}

int slot_add_passphrase(struct buf *entries, const unsigned char vault_id[VAULT_ID_SIZE],
			const struct slot_scrypt *scrypt, const struct secret *slot_key,
			const struct secret *vault_key, struct err *err)
{
	struct crypto_box box = slot_box(by_passphrase, vault_id, scrypt->salt, slot_key);
	AUTOBUF struct buf content = {0};
	unsigned char numbers[NUMBERS_SIZE];
	int error;

	write_u16(numbers, scrypt->log2_n);
	write_u16(numbers + 2, scrypt->r);
	write_u16(numbers + 4, scrypt->p);
	buf_add(&content, numbers, sizeof(numbers));
	buf_add(&content, scrypt->salt, sizeof(scrypt->salt));
	error = crypto_seal(&box, vault_key, &content, err);
	if (error)
		return error;
	if (buf_failed(&content))
		return err_no_memory(err);
	vault_add_entry(entries, VAULT_SLOT_PASSPHRASE, content.data, content.size);
	return buf_failed(entries) ? err_no_memory(err) : 0;
}

static int check_scrypt(const struct slot_scrypt *scrypt, struct err *err)
{
	if (scrypt->log2_n < LOG2_N_MIN || !scrypt->r || !scrypt->p)
		return err_set(err, ERR_DAMAGED,
			       "the vault is damaged: its passphrase slot is too weak");
	if (scrypt->log2_n <= LOG2_N_MAX && scrypt->r <= R_MAX && scrypt->p <= P_MAX &&
	    (UINT64_C(128) * scrypt->r * scrypt->p << scrypt->log2_n) <= DERIVE_MEMORY_MAX)
		return 0;
	err_set(err, ERR_TOO_NEW,
		"the passphrase of the vault takes more work than this hftoken does");
	return err_hint(err, "update hftoken");
}

/* The content of the slot, of the size that it must have. */
static int find_passphrase(const struct vault *vault, const unsigned char **ret,
			   struct err *err)
{
	struct vault_entry entry;
	size_t position = 0;

	while (vault_next_entry(vault, &position, &entry)) {
		if (entry.kind != VAULT_SLOT_PASSPHRASE)
			continue;
		if (entry.size != PASSPHRASE_SLOT_SIZE)
			break;
		*ret = entry.content;
		return 0;
	}
	return err_set(err, ERR_DAMAGED,
		       "the vault is damaged: its passphrase slot is not well-formed");
}

int slot_read_passphrase(const struct vault *vault, struct slot_scrypt *ret, struct err *err)
{
	struct slot_scrypt scrypt;
	const unsigned char *content;
	int error = find_passphrase(vault, &content, err);

	if (error)
		return error;
	scrypt = (struct slot_scrypt) {
		.log2_n = read_u16(content),
		.r = read_u16(content + 2),
		.p = read_u16(content + 4),
	};
	memcpy(scrypt.salt, content + NUMBERS_SIZE, sizeof(scrypt.salt));
	error = check_scrypt(&scrypt, err);
	if (!error)
		*ret = scrypt;
	return error;
}

bool slot_is_same(const struct vault *one, const struct vault *other)
{
	const unsigned char *content;
	const unsigned char *other_content;

	/* A slot is bound to the id of its vault. */
	return !find_passphrase(one, &content, NULL) &&
	       !find_passphrase(other, &other_content, NULL) &&
	       memcmp(one->id, other->id, sizeof(one->id)) == 0 &&
	       memcmp(content, other_content, PASSPHRASE_SLOT_SIZE) == 0;
}

int slot_open_passphrase(const struct vault *vault, const struct secret *slot_key,
			 struct secret *ret_vault_key, struct err *err)
{
	const unsigned char *content;
	struct crypto_box box;
	int error = find_passphrase(vault, &content, err);

	if (error)
		return error;
	box = slot_box(by_passphrase, vault->id, content + NUMBERS_SIZE, slot_key);
	return crypto_open(&box, content + NUMBERS_SIZE + CRYPTO_SALT_SIZE, SEALED_SIZE,
			   ret_vault_key, err);
}
