/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back to vault.prev where the vault is damaged or missing, on demand only: it can be older than
 * the catalogue knows.
 */
#include "backends/file_recover.h"

#include <stdio.h>

#include "backends/file_load.h"
#include "base/restore.h"
#include "base/text.h"

/* 0 if the vault cannot be used, and its previous version can. */
static int look(const struct disk *disk, struct store_backup *ret, struct err *err)
{
	CLEANUP(version_release) struct version current = {0};
	CLEANUP(version_release) struct version previous = {0};
	int error = version_load(&current, disk, err);

	if (!error)
		return err_set(err, ERR_NOT_FOUND, "there is nothing to recover");
	/* The hint of what is damaged says what is wrong with the previous version, too. */
	if (error != ERR_DAMAGED || version_load_previous(&previous, disk, NULL))
		return error;
	*ret = (struct store_backup) {
		.count = records_count(&previous.records),
		.written = TIME_UNKNOWN,
	};
	(void)disk_vault_time(disk, DISK_PREVIOUS, &ret->written);
	return 0;
}

int file_recover(const struct store_call *call UNUSED, bool apply, struct store_backup *ret,
		 struct err *err)
{
	CLEANUP(disk_release) struct disk disk = {.data = -1, .lock = -1};
	struct store_backup found = {0};
	char aside[ASIDE_SIZE];
	int error = disk_open(&disk, FOLDER_READ, err);

	if (!error && apply && disk.data >= 0)
		error = disk_lock(&disk, err);
	if (!error)
		error = look(&disk, &found, err);
	if (!error && apply)
		error = file_restore(disk.data, DISK_VAULT, VAULT_SIZE_MAX, aside, err);
	if (error)
		return error;
	if (apply && *aside)
		(void)snprintf(found.aside, sizeof(found.aside), "%s/%s", disk.data_path,
			       aside);
	*ret = found;
	return 0;
}
