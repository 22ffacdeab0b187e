/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the vault by its passphrase, and forgetting what opened it. */
#include "backends/file_unlock.h"

#include "backends/file_cache.h"
#include "backends/file_derive.h"
#include "backends/file_rekey.h"
#include "backends/file_session.h"

/* ---- unlock ---- */

struct attempt {
	const struct secret *passphrase;
	deadline_ms deadline;
};

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

/* Keeps the key of the slot; `beside` the one that is kept, or alone. */
static int unlock_with(const struct vault *vault, const struct attempt *attempt, bool beside,
		       struct err *err)
{
	AUTOSECRET struct secret slot_key = {0};
	AUTOSECRET struct secret vault_key = {0};
	struct slot_scrypt scrypt;
	struct cached_slot slot = {.salt = scrypt.salt, .key = &slot_key};
	int error = slot_read_passphrase(vault, &scrypt, err);

	if (!error)
		error = check_cache(vault, &scrypt, err);
	if (!error)
		error = derive_slot_key(&scrypt, attempt->passphrase, attempt->deadline,
					&slot_key, err);
	if (error)
		return error;
	error = slot_open_passphrase(vault, &slot_key, &vault_key, err);
	if (error == ERR_DAMAGED)
		return err_set(err, ERR_DENIED, "the passphrase is wrong");
	if (error)
		return error;
	return beside ? cache_add(vault->id, &slot, err) : cache_put(vault->id, &slot, 1, err);
}

/*
 * Where the vault is damaged or missing, or its slot may be what is wrong and not the passphrase: the
 * slot of the version before, without which nobody could tell what is in it, nor recover it. `error`
 * is what came of the vault itself.
 */
static int unlock_previous(struct session *session, const struct attempt *attempt, int error,
			   struct err *err)
{
	CLEANUP(version_release) struct version previous = {0};
	int found = version_load_previous(&previous, &session->disk, NULL);
	bool helps = (!found || found == ERR_LOCKED) &&
		     slots_want_passphrase(&previous.vault) &&
		     !slot_is_same(&previous.vault, &session->version.vault);

	if (error == ERR_DENIED && !helps)
		return error;
	if (found == ERR_LOCKED) {
		error = unlock_with(&previous.vault, attempt, true, err);
		if (error)
			return error;
	}
	return version_load(&session->version, &session->disk, err);
}

static int try(struct session *session, const struct attempt *attempt, int before,
	       struct err *err)
{
	struct version *version = &session->version;
	int error = before;

	if (slots_of(&version->vault).passphrase)
		error = unlock_with(&version->vault, attempt, false, err);
	/* The slot says nothing about the records. */
	if (!error)
		error = version_load(version, &session->disk, err);
	/* Of a vault that was open the passphrase is wrong, and nothing else. */
	if (before && (error == ERR_DENIED || error == ERR_DAMAGED))
		error = unlock_previous(session, attempt, error, err);
	if (error == ERR_DENIED)
		return err_hint(
			err,
			"type it again; if it is lost, so are the tokens: move '" DISK_VAULT
			"' and '" DISK_PREVIOUS "' in '%s' away and log in again",
			session->disk.data_path);
	return error;
}

/* Of a damaged vault: whether a passphrase opens more of it than is open. */
static bool helps(const struct session *session)
{
	CLEANUP(version_release) struct version previous = {0};
	AUTOSECRET struct secret unused = {0};
	const struct vault *vault = &session->version.vault;
	struct slot_scrypt scrypt;

	if (version_load_previous(&previous, &session->disk, NULL) == ERR_LOCKED)
		return true;
	return slots_want_passphrase(vault) && !slot_read_passphrase(vault, &scrypt, NULL) &&
	       cache_get(vault->id, scrypt.salt, &unused, NULL) == ERR_NOT_FOUND;
}

int unlock_vault(const struct store_call *call, const struct secret *passphrase,
		 struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct attempt attempt = {passphrase, call->deadline};
	int error = start_reading(&session, err);

	if (error && error != ERR_LOCKED && error != ERR_DAMAGED)
		return error;
	if (passphrase)
		error = try(&session, &attempt, error, err);
	if (!error)
		finish_rekeying(&session);
	if (passphrase)
		return error;
	return error == ERR_LOCKED || (error && helps(&session)) ? needs_passphrase(err)
								 : error;
}

/* ---- lock ---- */

/* Forgets the key of a version; false if one cannot tell which key that is. */
static bool forget(const struct disk *disk, const char *name, int *ret_error)
{
	AUTOBUF struct buf bytes = {0};
	struct vault vault;
	int error = disk_read_vault(disk, name, &bytes, NULL);

	*ret_error = error;
	if (error || vault_parse(bytes.data, bytes.size, &vault, NULL))
		return false;
	cache_drop(vault.id);
	return true;
}

/*
 * Where it cannot be told which key is the vault's own, all keys go: other vaults can be unlocked
 * again, but this one was to be locked. Where there is no data folder there is no vault to lock.
 */
int lock_vault(const struct store_call *call UNUSED, struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	int error = disk_open(&session.disk, FOLDER_READ, err);
	int missing = 0;
	bool known;

	if (error) {
		cache_drop(NULL);
		return error;
	}
	if (session.disk.data < 0)
		return 0;
	known = forget(&session.disk, DISK_PREVIOUS, &missing);
	/* Only of a vault that is missing is the version before as good. */
	if (!forget(&session.disk, DISK_VAULT, &missing) &&
	    !(known && missing == ERR_NOT_FOUND))
		cache_drop(NULL);
	return 0;
}
