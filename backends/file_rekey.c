/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_rekey.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool is_slot(const struct vault_entry *entry)
{
	return (entry->kind & VAULT_SLOTS_MASK) == VAULT_SLOTS;
}

/* What a version is about to become. */
struct change {
	struct secret key;
	struct buf entries;
};

static void change_release(struct change *change)
{
	secret_release(&change->key);
	buf_release(&change->entries);
}

/* All slots go, also those that we do not know: they would lead to a key that is none any more. */
static int change_begin(struct change *change, struct version *version, struct err *err)
{
	struct vault *vault = &version->vault;
	struct vault_entry entry;
	size_t position = 0;

	if (!version->exists) {
		int error;

		*vault = (struct vault) {.minor = VAULT_MINOR};
		error = crypto_random(vault->id, sizeof(vault->id), err);
		if (error)
			return error;
	}
	while (vault_next_entry(vault, &position, &entry)) {
		if (!is_slot(&entry))
			vault_add_entry(&change->entries, entry.kind, entry.content,
					entry.size);
	}
	return crypto_random_key(&change->key, err);
}

static void change_apply(struct change *change, struct version *version)
{
	secret_move(&version->key, &change->key);
	buf_release(&version->bytes);
	version->bytes = change->entries;
	change->entries = (struct buf) {0};
	version->vault.entries = (const unsigned char *)version->bytes.data;
	version->vault.entries_size = version->bytes.size;
	version->exists = true;
}

int rekey_to_key_file(struct version *version, const struct disk *disk, struct err *err)
{
	CLEANUP(change_release) struct change change = {0};
	CLEANUP(key_release) struct key_file file = {0};
	unsigned char salt[CRYPTO_SALT_SIZE];
	int error = change_begin(&change, version, err);

	if (!error)
		error = key_make(disk, version->vault.id, &file, err);
	if (!error)
		error = crypto_random(salt, sizeof(salt), err);
	if (!error)
		error = slot_add_key_file(&change.entries, version->vault.id, salt, &file.key,
					  &change.key, err);
	if (!error)
		change_apply(&change, version);
	if (file.made)
		memcpy(version->made_key, file.name, sizeof(version->made_key));
	if (error)
		rekey_undo(version, disk);
	return error;
}

/* Whether the vault on the disk is the one that the key was made for, or nobody can tell. */
static bool is_served(const struct version *version, const struct disk *disk)
{
	AUTOSECRET struct secret vault_key = {0};
	CLEANUP(key_release) struct key_file file = {0};
	AUTOBUF struct buf bytes = {0};
	struct stat status;
	struct vault vault;

	if (fstatat(disk->data, DISK_VAULT, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno != ENOENT;
	if (disk_read_vault(disk, DISK_VAULT, &bytes, NULL) ||
	    vault_parse(bytes.data, bytes.size, &vault, NULL) ||
	    key_read(disk, version->vault.id, &file, NULL))
		return true;
	return slot_open_key_file(&vault, &file.key, &vault_key, NULL) != ERR_DAMAGED;
}

void rekey_undo(const struct version *version, const struct disk *disk)
{
	if (!*version->made_key || is_served(version, disk))
		return;
	if (key_remove(disk, version->made_key, NULL))
		return; /* it serves nobody, and harms nobody */
}

int rekey_to_passphrase(struct version *version, const struct slot_scrypt *scrypt,
			const struct secret *slot_key, struct err *err)
{
	CLEANUP(change_release) struct change change = {0};
	int error = change_begin(&change, version, err);

	if (!error)
		error = slot_add_passphrase(&change.entries, version->vault.id, scrypt,
					    slot_key, &change.key, err);
	if (!error)
		change_apply(&change, version);
	return error;
}

/* Whether the previous version is the one from before a passphrase was set or changed. */
static bool read_before(const struct version *version, const struct disk *disk,
			struct buf *bytes, struct vault *ret)
{
	if (!slots_want_passphrase(&version->vault))
		return false;
	if (disk_read_vault(disk, DISK_PREVIOUS, bytes, NULL) ||
	    vault_parse(bytes->data, bytes->size, ret, NULL))
		return false;
	return memcmp(ret->id, version->vault.id, sizeof(ret->id)) == 0 &&
	       ret->generation + 1 == version->vault.generation &&
	       !slot_is_same(ret, &version->vault);
}

bool rekey_unfinished(const struct version *version, const struct disk *disk)
{
	AUTOBUF struct buf bytes = {0};
	struct vault before;

	return read_before(version, disk, &bytes, &before);
}

/* The key goes only if it is that version's. Another vault's may lie in its place by now. */
void rekey_finish(const struct version *version, const struct disk *disk)
{
	AUTOSECRET struct secret vault_key = {0};
	CLEANUP(key_release) struct key_file file = {0};
	AUTOBUF struct buf bytes = {0};
	struct vault before;

	if (!read_before(version, disk, &bytes, &before))
		return;
	if (!key_read(disk, before.id, &file, NULL) &&
	    !slot_open_key_file(&before, &file.key, &vault_key, NULL) &&
	    key_remove(disk, file.name, NULL))
		return; /* the version stays, as a reminder */
	if (disk_remove_previous(disk, NULL))
		return; /* the next writer tries again */
}
