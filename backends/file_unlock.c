/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_unlock.h"

#include "backends/file_cache.h"
#include "backends/file_derive.h"
#include "backends/file_rekey.h"
#include "backends/file_session.h"

/* ---- unlock and lock ---- */

static int needs_passphrase(struct err *err)
{
	err_set(err, ERR_LOCKED, "the vault is locked");
	return err_hint(err, "its passphrase is needed: hftoken store unlock asks for it");
}

/* So that nobody waits for a key that could not be kept. */
static int check_cache(const struct vault *vault, const struct slot_scrypt *scrypt,
		       struct err *err)
{
	AUTOSECRET struct secret unused = {0};
	int error = cache_get(vault->id, scrypt->salt, &unused, err);

	return error == ERR_NOT_FOUND ? 0 : error;
}

static int unlock_with(const struct vault *vault, const struct secret *passphrase,
		       deadline_ms deadline, struct err *err)
{
	AUTOSECRET struct secret slot_key = {0};
	AUTOSECRET struct secret vault_key = {0};
	struct slot_scrypt scrypt;
	struct cached_slot slot = {.salt = scrypt.salt, .key = &slot_key};
	int error = slot_read_passphrase(vault, &scrypt, err);

	if (!error)
		error = check_cache(vault, &scrypt, err);
	if (!error)
		error = derive_slot_key(&scrypt, passphrase, deadline, &slot_key, err);
	if (error)
		return error;
	error = slot_open_passphrase(vault, &slot_key, &vault_key, err);
	if (error == ERR_DAMAGED)
		return err_set(err, ERR_DENIED, "the passphrase is wrong");
	return error ? error : cache_put(vault->id, &slot, 1, err);
}

int unlock_vault(const struct store_call *call, const struct secret *passphrase,
		 struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct version *version = &session.version;
	int error = start_reading(&session, err);

	if (error == ERR_LOCKED && !passphrase)
		return needs_passphrase(err);
	if (error && error != ERR_LOCKED)
		return error;
	if (!passphrase || !slots_of(&version->vault).passphrase)
		return error;
	error = unlock_with(&version->vault, passphrase, call->deadline, err);
	if (error == ERR_DENIED)
		return err_hint(
			err,
			"type it again; if it is lost, so are the tokens: move '" DISK_VAULT
			"' and '" DISK_PREVIOUS "' in '%s' away and log in again",
			session.disk.data_path);
	/* The slot says nothing about the records. */
	return error ? error : version_load(version, &session.disk, err);
}

int lock_vault(const struct store_call *call UNUSED, struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	AUTOBUF struct buf bytes = {0};
	struct vault vault;
	int error = disk_open(&session.disk, FOLDER_READ, err);

	if (error)
		return error;
	error = disk_read_vault(&session.disk, DISK_VAULT, &bytes, NULL);
	if (error == ERR_NOT_FOUND)
		return 0;
	if (!error)
		error = vault_parse(bytes.data, bytes.size, &vault, NULL);
	/* Of a vault that cannot be read one cannot tell which key is its own. */
	cache_drop(error ? NULL : vault.id);
	return 0;
}

/* ---- another protection ---- */

/* The keys of the old slot and the new one. */
struct both {
	struct slot_scrypt old_scrypt;
	struct secret old_key;
	struct cached_slot slots[2]; /* the new one first */
	size_t count;
};

static void both_release(struct both *both)
{
	secret_release(&both->old_key);
}

static void both_init(struct both *ret, const struct vault *before,
		      const struct slot_scrypt *scrypt, const struct secret *key)
{
	*ret = (struct both) {.slots[0] = {scrypt->salt, key}, .count = 1};
	if (!slots_of(before).passphrase ||
	    slot_read_passphrase(before, &ret->old_scrypt, NULL) ||
	    cache_get(before->id, ret->old_scrypt.salt, &ret->old_key, NULL))
		return;
	ret->slots[ret->count++] = (struct cached_slot) {ret->old_scrypt.salt, &ret->old_key};
}

/* What could open the vault as it was before; `key_file` is "" if that was no file. */
static int remove_old(const struct disk *disk, const char *key_file, struct err *err)
{
	int error = *key_file ? key_remove(disk, key_file, err) : 0;

	if (!error)
		error = disk_remove_previous(disk, err);
	if (error)
		(void)err_context(err, "the vault is protected anew, but what was before it is "
				       "still there");
	return error;
}

/*
 * While the vault changes, both keys are kept, so that whoever reads finds it open before and after.
 * The version before stays until the key file is gone: it is what rekey_finish() goes by.
 */
static int to_passphrase(struct session *session, const struct slot_scrypt *scrypt,
			 const struct secret *slot_key, struct err *err)
{
	struct version *version = &session->version;
	CLEANUP(both_release) struct both both;
	int error;

	both_init(&both, &version->vault, scrypt, slot_key);
	error = rekey_to_passphrase(version, scrypt, slot_key, err);
	if (!error)
		error = cache_put(version->vault.id, both.slots, both.count, err);
	if (!error)
		error = version_save(version, &session->disk, REPLACE_KEEP_PREVIOUS, err);
	if (error)
		return error; /* both stay: the vault can be the one or the other now */
	if (both.count > 1 && cache_put(version->vault.id, both.slots, 1, NULL))
		cache_drop(version->vault.id);
	return remove_old(&session->disk, version->key_file, err);
}

static int to_key_file(struct session *session, struct err *err)
{
	struct version *version = &session->version;
	int error;

	if (!version->exists || !slots_of(&version->vault).passphrase)
		return 0;
	error = rekey_to_key_file(version, &session->disk, err);
	if (!error)
		error = version_save(version, &session->disk, REPLACE_ONLY, err);
	if (error)
		return error;
	cache_drop(version->vault.id);
	return remove_old(&session->disk, "", err);
}

/* The key is derived first: it takes a while, in which others may write. */
int set_passphrase(const struct store_call *call, const struct secret *passphrase,
		   struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	AUTOSECRET struct secret slot_key = {0};
	struct slot_scrypt scrypt;
	int error;

	if (!passphrase) {
		error = start_writing(&session, FOLDER_READ, err);
		return error ? error : to_key_file(&session, err);
	}
	error = slot_new_scrypt(&scrypt, err);
	if (!error)
		error = derive_slot_key(&scrypt, passphrase, call->deadline, &slot_key, err);
	if (!error)
		error = start_writing(&session, FOLDER_CREATE, err);
	return error ? error : to_passphrase(&session, &scrypt, &slot_key, err);
}
