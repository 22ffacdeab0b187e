/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encrypted file: all records in one vault, whose key lies in another folder or is derived from
 * a passphrase. The operations on records are here, those on the key in file_unlock.c.
 */
#include <string.h>

#include "backends/backend.h"
#include "backends/file_passphrase.h"
#include "backends/file_recover.h"
#include "backends/file_rekey.h"
#include "backends/file_session.h"
#include "backends/file_unlock.h"

static int not_found(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the vault holds no such record");
}

static const char by_key_file[] =
	"a copy of the vault (in a backup, in a dotfile repository) cannot be read, "
	"since its key is in another folder; a stolen disk can, and so can "
	"a program running as you";

static const char by_passphrase[] =
	"the vault, also one in a backup or on a stolen disk, is protected by your passphrase; "
	"for 8 hours after it was unlocked, a program running as you can read it";

static const char by_both[] =
	"the vault has a passphrase, but a change of it was interrupted: what opened the vault before "
	"is still there and protects no better than it did; hftoken store unlock removes it";

/* Where nothing can be read of the vault, it is the version before that can be unlocked. */
static bool wants_passphrase(const struct session *session, int error)
{
	CLEANUP(version_release) struct version previous = {0};

	if (error != ERR_DAMAGED || slots_of(&session->version.vault).key_file)
		return slots_want_passphrase(&session->version.vault);
	/* A version that is locked has been read as far as its slots. */
	error = version_load_previous(&previous, &session->disk, NULL);
	return slots_want_passphrase(&session->version.vault) ||
	       ((!error || error == ERR_LOCKED) && slots_want_passphrase(&previous.vault));
}

static int file_probe(const struct store_call *call UNUSED, struct store_report *ret,
		      struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	int error = start_reading(&session, err);

	ret->protects = by_key_file;
	if (wants_passphrase(&session, error)) {
		ret->protects = by_passphrase;
		/* Of a damaged vault the slot may only look new. */
		if (error != ERR_DAMAGED && rekey_unfinished(&session.version, &session.disk))
			ret->protects = by_both;
		ret->besides = STORE_PASSPHRASE;
	}
	return error;
}

static int file_get(const struct store_call *call UNUSED, const char *id, struct secret *ret,
		    struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct record record;
	int error = start_reading(&session, err);

	if (error)
		return error;
	if (!records_find(&session.version.records, id, &record))
		return not_found(err);
	return secret_set(ret, record.text, record.text_size) ? err_no_memory(err) : 0;
}

static int file_put(const struct store_call *call UNUSED, const char *id,
		    const struct secret *text, const struct store_label *label UNUSED,
		    struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct version *version = &session.version;
	struct record record;
	int error = start_writing(&session, FOLDER_CREATE, err);

	if (error)
		return error;
	if (records_find(&version->records, id, &record))
		return err_set(err, ERR_FAILED, "the vault holds a record of that id already");
	if (!version->exists)
		error = rekey_to_key_file(version, &session.disk, err);
	if (!error)
		error = records_add(&version->records, id, text, err);
	if (!error)
		error = version_save(version, &session.disk, REPLACE_KEEP_PREVIOUS, err);
	if (error)
		rekey_undo(version, &session.disk);
	return error;
}

/*
 * The previous version goes first, since it holds what is to go: a deletion that broke off behind
 * the write would look finished, and nobody would remove it.
 */
static int file_del(const struct store_call *call UNUSED, const char *id, struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct version *version = &session.version;
	struct record record;
	int error = start_writing(&session, FOLDER_READ, err);

	if (error)
		return error;
	if (!records_find(&version->records, id, &record))
		return not_found(err);
	records_remove(&version->records, &record);
	error = disk_remove_previous(&session.disk, err);
	if (!error)
		error = version_save(version, &session.disk, REPLACE_ONLY, err);
	return error;
}

static int file_list(const struct store_call *call UNUSED, struct buf *ret, struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;
	struct record record;
	size_t position = 0;
	int error = start_reading(&session, err);

	if (error)
		return error;
	while (records_next(&session.version.records, &position, &record)) {
		buf_add(ret, record.id, record.id_size);
		buf_add_char(ret, '\n');
	}
	return buf_failed(ret) ? err_no_memory(err) : 0;
}

const struct store_backend store_backend = {
	.name = "file",
	.capabilities = STORE_WRITES | STORE_ENCRYPTS,
	.probe = file_probe,
	.get = file_get,
	.put = file_put,
	.del = file_del,
	.list = file_list,
	.unlock = unlock_vault,
	.lock = lock_vault,
	.set_passphrase = set_passphrase,
	.recover = file_recover,
};
