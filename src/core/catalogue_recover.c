/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue_recover.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "core/catalogue_text.h"

static int open_folder(struct catalogue *catalogue, bool lock, struct err *err)
{
	int error = path_of(PATH_DATA, &catalogue->folder, err);

	if (!error)
		error = folder_open(catalogue->folder, FOLDER_READ, &catalogue->folder_fd, err);
	if (!error && lock)
		error = file_lock(catalogue->folder_fd, CATALOGUE_LOCK, &catalogue->lock, err);
	return error;
}

static int look_at_previous(struct catalogue *previous, struct store_backup *ret,
			    struct err *err)
{
	struct stat status;
	int error = catalogue_read_file(previous, CATALOGUE_PREVIOUS, CATALOGUE_ALL, err);

	if (error)
		return error;
	*ret = (struct store_backup) {.count = previous->count, .written = TIME_UNKNOWN};
	if (fstatat(previous->folder_fd, CATALOGUE_PREVIOUS, &status, AT_SYMLINK_NOFOLLOW) == 0)
		ret->written = status.st_mtime;
	return 0;
}

/* 0 if the catalogue is not to be read but its previous version is there. */
static int needs_previous(struct catalogue *current, struct err *err)
{
	struct err cause = {0};
	int error = catalogue_read_file(current, CATALOGUE_FILE, CATALOGUE_ALL, &cause);

	if (!error || (error == ERR_NOT_FOUND &&
		       faccessat(current->folder_fd, CATALOGUE_PREVIOUS, F_OK, 0) < 0))
		return err_set(err, ERR_NOT_FOUND, "there is nothing to recover");
	if (error == ERR_DAMAGED || error == ERR_NOT_FOUND)
		return 0;
	if (err)
		*err = cause;
	return err_context(err, "catalogue of tokens in '%s'", current->folder);
}

static int neither(const struct catalogue *catalogue, struct err *err)
{
	err_set(err, ERR_DAMAGED,
		"neither the catalogue of tokens '%s/" CATALOGUE_FILE
		"' nor its previous version can be read",
		catalogue->folder);
	return err_hint(err, "restore '" CATALOGUE_FILE
			     "' from a backup; or move that and '" CATALOGUE_PREVIOUS
			     "' away and log in again");
}

int catalogue_recover(bool apply, struct store_backup *ret, struct err *err)
{
	AUTOCATALOGUE struct catalogue current = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue previous = CATALOGUE_NONE;
	struct store_backup found = {0};
	char aside[ASIDE_SIZE];
	int error = open_folder(&current, apply, err);

	if (error == ERR_NOT_FOUND)
		return err_set(err, error, "there is nothing to recover");
	if (!error)
		error = needs_previous(&current, err);
	if (!error)
		error = open_folder(&previous, false, err);
	if (error)
		return error;
	error = look_at_previous(&previous, &found, err);
	if (error == ERR_DAMAGED || error == ERR_NOT_FOUND)
		return neither(&current, err);
	if (!error && apply)
		error = file_restore(current.folder_fd, CATALOGUE_FILE, CATALOGUE_MAX, aside,
				     err);
	if (error)
		return error;
	if (apply && *aside)
		(void)snprintf(found.aside, sizeof(found.aside), "%s/%s", current.folder,
			       aside);
	*ret = found;
	return 0;
}

static bool has_aside(const char *folder)
{
	DIR *entries = opendir(folder);
	const struct dirent *next;
	bool found = !entries; /* who knows */

	while (!found && (next = readdir(entries)) != NULL)
		found = text_starts_with(next->d_name, CATALOGUE_FILE ".damaged-");
	if (entries)
		(void)closedir(entries);
	return found;
}

bool catalogue_may_lack(const struct catalogue *current)
{
	AUTOCATALOGUE struct catalogue previous = CATALOGUE_NONE;
	int error = open_folder(&previous, false, NULL);

	if (error || has_aside(previous.folder))
		return true;
	error = catalogue_read_file(&previous, CATALOGUE_PREVIOUS, CATALOGUE_ALL, NULL);
	if (error == ERR_NOT_FOUND)
		return current->generation > 1;
	return error || previous.generation >= current->generation;
}
