/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_load.h"

#include <inttypes.h>
#include <string.h>

#include "backends/file_cache.h"
#include "base/text.h"

void version_release(struct version *version)
{
	buf_release(&version->bytes);
	secret_release(&version->key);
	secret_release(&version->records);
	*version = (struct version) {0};
}

static int hint_lost(const struct disk *disk, const char *what, struct err *err)
{
	return err_hint(err,
			"put %s back from a backup; if it is lost, so are the tokens: move "
			"'" DISK_VAULT "' and '" DISK_PREVIOUS
			"' in '%s' away and log in again",
			what, disk->data_path);
}

static int key_missing(const struct disk *disk, const struct vault *vault, struct err *err)
{
	char own[KEY_NAME_SIZE];

	key_own_name(vault->id, own);
	err_set(err, ERR_UNAVAILABLE,
		"the key file '%s/" KEY_COMMON
		"' (or '%s') is missing; the vault cannot be read without it",
		disk->state_path, own);
	return hint_lost(disk, "the file", err);
}

static int key_does_not_fit(const struct disk *disk, const struct vault *vault,
			    const char *name, struct err *err)
{
	char own[KEY_NAME_SIZE];

	key_own_name(vault->id, own);
	if (strcmp(name, own) == 0)
		return err_set(err, ERR_DAMAGED,
			       "the key does not fit the vault: '%s/%s' or '%s/" DISK_VAULT
			       "' is damaged, or of another vault",
			       disk->state_path, name, disk->data_path);
	return err_set(err, ERR_DAMAGED,
		       "the key does not fit the vault: '%s/%s' or '%s/" DISK_VAULT
		       "' is damaged, or of another vault, or '%s' is missing",
		       disk->state_path, name, disk->data_path, own);
}

static int open_with_key_file(struct version *version, const struct disk *disk, struct err *err)
{
	CLEANUP(key_release) struct key_file file = {0};
	const struct vault *vault = &version->vault;
	int error = key_read(disk, vault->id, &file, err);

	version->key_wrong = error == ERR_DAMAGED;
	if (error)
		return error;
	error = slot_open_key_file(vault, &file.key, &version->key, err);
	version->key_wrong = error == ERR_DAMAGED;
	if (error == ERR_DAMAGED)
		return key_does_not_fit(disk, vault, file.name, err);
	if (!error)
		memcpy(version->key_file, file.name, sizeof(version->key_file));
	return error;
}

static int locked(struct err *err)
{
	err_set(err, ERR_LOCKED, "the vault is locked");
	return err_hint(err, "hftoken store unlock asks for its passphrase");
}

static int open_with_cached_key(const struct vault *vault, struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret slot_key = {0};
	struct slot_scrypt scrypt;
	int error = slot_read_passphrase(vault, &scrypt, err);

	if (error)
		return error;
	error = cache_get(vault->id, scrypt.salt, &slot_key, err);
	if (error == ERR_NOT_FOUND || error == ERR_UNAVAILABLE)
		return locked(err);
	if (!error)
		error = slot_open_passphrase(vault, &slot_key, ret, err);
	if (error == ERR_DAMAGED)
		return err_set(err, error,
			       "the vault is damaged: its passphrase slot has changed");
	return error;
}

/* Any one slot is enough; a slot that we cannot use matters only when no other is left. */
static int unlock(struct version *version, const struct disk *disk, struct err *err)
{
	const struct vault *vault = &version->vault;
	struct slots slots = slots_of(vault);
	int error = ERR_NOT_FOUND;

	if (slots.key_file)
		error = open_with_key_file(version, disk, err);
	if (error == ERR_NOT_FOUND && slots.passphrase)
		error = open_with_cached_key(vault, &version->key, err);
	if (error != ERR_NOT_FOUND)
		return error;
	if (slots.unknown) {
		error = err_set(
			err, ERR_TOO_NEW,
			"the vault is unlocked in a way that this hftoken does not know");
		(void)err_hint(err, "update hftoken");
		return error;
	}
	if (slots.key_file)
		return key_missing(disk, vault, err);
	return err_set(err, ERR_DAMAGED, "the vault is damaged: it has no key slot");
}

static int load_file(struct version *version, const struct disk *disk, const char *name,
		     struct err *err)
{
	int error;

	version_release(version);
	error = disk_read_vault(disk, name, &version->bytes, err);
	if (!error)
		error = vault_parse(version->bytes.data, version->bytes.size, &version->vault,
				    err);
	if (!error)
		error = unlock(version, disk, err);
	if (!error)
		error = vault_open(&version->vault, &version->key, &version->records, err);
	if (!error)
		error = records_check(&version->records, err);
	if (!error)
		version->exists = true;
	return error;
}

int version_load_previous(struct version *version, const struct disk *disk, struct err *err)
{
	return load_file(version, disk, DISK_PREVIOUS, err);
}

/* Only what is damaged is worth nothing. */
static void hint_unreadable(const struct disk *disk, const struct err *reason, struct err *err)
{
	if (reason->code == ERR_LOCKED)
		(void)err_hint(err, "there is a previous version, which is locked: "
				    "hftoken store unlock, then hftoken store recover");
	else if (reason->code == ERR_DAMAGED)
		(void)err_hint(
			err,
			"the previous version cannot be read either (%.100s): put what is "
			"damaged back from a backup, or move '" DISK_VAULT
			"' and '" DISK_PREVIOUS "' in '%s' away and log in again",
			reason->message, disk->data_path);
	else
		(void)err_hint(
			err,
			"there is a previous version, which cannot be read (%.150s)%s%.250s",
			reason->message, *reason->hint ? ": " : "", reason->hint);
}

/*
 * The previous version can be what is needed, and only the user can know that it is. `key_wrong`: of
 * the vault; where it is the same with the version before, or there is none, the key file is what
 * most likely is damaged.
 */
static void hint_previous(const struct disk *disk, bool key_wrong, struct err *err)
{
	CLEANUP(version_release) struct version previous = {0};
	char when[TIME_TEXT_SIZE] = "";
	struct err reason;
	int64_t seconds;
	int error = load_file(&previous, disk, DISK_PREVIOUS, &reason);

	if (key_wrong && (error == ERR_NOT_FOUND || previous.key_wrong)) {
		(void)hint_lost(disk, "the key file, or else the vault,", err);
		return;
	}
	if (error == ERR_NOT_FOUND) {
		(void)err_hint(err,
			       "there is no previous version: put '%s/" DISK_VAULT
			       "' back from a backup, or move it away and log in again",
			       disk->data_path);
		return;
	}
	if (error) {
		hint_unreadable(disk, &reason, err);
		return;
	}
	if (disk_vault_time(disk, DISK_PREVIOUS, &seconds))
		time_to_text(seconds, when);
	(void)err_hint(err,
		       "the previous version is good (records: %zu, generation: %" PRIu64
		       ", written: %s); hftoken store recover puts it in place",
		       records_count(&previous.records), previous.vault.generation, when);
}

/*
 * The key of a damaged slot looks like one that was not unlocked; but nobody unlocks the version before
 * alone, unless the vault was no use. (With a key file it is only what a killed writer left.)
 */
static bool previous_is_open(const struct disk *disk)
{
	CLEANUP(version_release) struct version previous = {0};

	return !load_file(&previous, disk, DISK_PREVIOUS, NULL) &&
	       slots_want_passphrase(&previous.vault);
}

/*
 * Looks twice: since the first look others may have written the first two versions, or re-keyed the
 * vault, so that its old key is gone.
 */
int version_load(struct version *version, const struct disk *disk, struct err *err)
{
	int64_t unused;
	int error = load_file(version, disk, DISK_VAULT, err);

	if (error == ERR_NOT_FOUND && !disk_vault_time(disk, DISK_PREVIOUS, &unused))
		return records_init(&version->records, err);
	if (error)
		error = load_file(version, disk, DISK_VAULT, err);
	if (error == ERR_NOT_FOUND)
		error = err_set(err, ERR_DAMAGED, "the vault '%s/" DISK_VAULT "' is missing",
				disk->data_path);
	if (error == ERR_LOCKED && previous_is_open(disk))
		error = err_set(err, ERR_DAMAGED,
				"the vault '%s/" DISK_VAULT
				"' does not open with the passphrase of its previous version: "
				"it is damaged, or has another passphrase",
				disk->data_path);
	if (error == ERR_DAMAGED)
		hint_previous(disk, version->key_wrong, err);
	return error;
}

int version_save(struct version *version, const struct disk *disk, enum replace_flags flags,
		 struct err *err)
{
	struct vault next = version->vault;
	AUTOBUF struct buf bytes = {0};
	int error = crypto_random(next.salt, sizeof(next.salt), err);

	next.generation++;
	if (!error)
		error = vault_seal(&next, &version->key, &version->records, &bytes, err);
	if (!error)
		error = disk_write_vault(disk, &bytes, flags, err);
	return error;
}
