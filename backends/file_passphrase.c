/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_passphrase.h"

#include "backends/file_cache.h"
#include "backends/file_derive.h"
#include "backends/file_rekey.h"
#include "backends/file_session.h"

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
	if (error) {
		rekey_undo(version, &session->disk);
		return error;
	}
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
