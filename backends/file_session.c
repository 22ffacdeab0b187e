/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_session.h"

#include "backends/file_rekey.h"

const struct session session_none = {.disk = {.data = -1, .lock = -1}};

void session_release(struct session *session)
{
	version_release(&session->version);
	disk_release(&session->disk);
}

int start_reading(struct session *session, struct err *err)
{
	int error = disk_open(&session->disk, FOLDER_READ, err);

	return error ? error : version_load(&session->version, &session->disk, err);
}

void finish_rekeying(struct session *session)
{
	struct disk *disk = &session->disk;

	if (!rekey_unfinished(&session->version, disk) || disk_try_lock(disk, NULL))
		return;
	if (!version_load(&session->version, disk, NULL))
		rekey_finish(&session->version, disk);
}

int start_writing(struct session *session, enum folder_flags flags, struct err *err)
{
	int error = disk_open(&session->disk, flags, err);

	if (!error && session->disk.data >= 0)
		error = disk_lock(&session->disk, err);
	if (!error)
		error = version_load(&session->version, &session->disk, err);
	if (!error)
		rekey_finish(&session->version, &session->disk);
	return error;
}
