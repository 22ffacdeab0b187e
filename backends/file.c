/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encrypted file: all records in one vault, whose key lies in another folder. Every call reads
 * the vault anew, since others may have written it. Readers take no lock and write nothing, so
 * that a read-only home works; writers hold the lock from before they read until they have written.
 */
#include <string.h>

#include "backends/backend.h"
#include "backends/file_load.h"

/* What a call works on. */
struct session {
	struct disk disk;
	struct version version;
};

static const struct session session_none = {.disk = {.data = -1, .lock = -1}};

static void session_release(struct session *session)
{
	version_release(&session->version);
	disk_release(&session->disk);
}

static int start_reading(struct session *session, struct err *err)
{
	int error = disk_open(&session->disk, FOLDER_READ, err);

	return error ? error : version_load(&session->version, &session->disk, err);
}

static int start_writing(struct session *session, enum folder_flags flags, struct err *err)
{
	int error = disk_open(&session->disk, flags, err);

	if (error)
		return error;
	if (session->disk.data >= 0)
		error = disk_lock(&session->disk, err);
	return error ? error : version_load(&session->version, &session->disk, err);
}

static int not_found(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the vault holds no such record");
}

static int file_probe(const struct store_call *call UNUSED, const char **ret_protects,
		      struct err *err)
{
	CLEANUP(session_release) struct session session = session_none;

	*ret_protects =
		"a copy of the vault (in a backup, in a dotfile repository) cannot be read, "
		"since its key is in another folder; a stolen disk can, and so can "
		"a program running as you";
	return start_reading(&session, err);
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
		error = version_create(version, &session.disk, err);
	if (!error)
		error = records_add(&version->records, id, text, err);
	if (!error)
		error = version_save(version, &session.disk, REPLACE_KEEP_PREVIOUS, err);
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
};
