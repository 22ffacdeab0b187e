/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/file_vault.h"
#include "base/paths.h"
#include "base/text.h"

#define LOCK "vault.lock"

void disk_release(struct disk *disk)
{
	cleanup_free(&disk->data_path);
	cleanup_free(&disk->state_path);
	cleanup_close(&disk->data);
	cleanup_close(&disk->lock);
}

/* Says where; the functions of base/file.h say only which. */
static int in_folder(struct err *err, int error, const char *path)
{
	if (error)
		(void)err_context(err, "in '%s'", path);
	return error;
}

static int find_path(enum path_kind kind, char **ret, struct err *err)
{
	int error = path_of(kind, ret, err);

	if (error != ERR_NOT_FOUND)
		return error;
	error = err_set(err, ERR_UNAVAILABLE, "there is no home directory");
	(void)err_hint(err, "set HOME, or XDG_DATA_HOME and XDG_STATE_HOME");
	return error;
}

/* A home that is not mounted is not a home without a vault. */
static int check_home(const char *path, struct err *err)
{
	const char *home = path_home();

	if (home && text_starts_with(path, home) && access(home, F_OK) < 0)
		return err_set(err, ERR_UNAVAILABLE, "the home directory '%s' is not there",
			       home);
	return 0;
}

static int open_if_there(const char *path, int *ret, struct err *err)
{
	int error = folder_open(path, FOLDER_READ, ret, err);

	return error == ERR_NOT_FOUND ? check_home(path, err) : error;
}

int disk_open(struct disk *disk, enum folder_flags flags, struct err *err)
{
	int error = find_path(PATH_DATA, &disk->data_path, err);

	if (!error)
		error = find_path(PATH_STATE, &disk->state_path, err);
	if (error)
		return error;
	if (flags == FOLDER_CREATE)
		return folder_open(disk->data_path, flags, &disk->data, err);
	return open_if_there(disk->data_path, &disk->data, err);
}

int disk_lock(struct disk *disk, struct err *err)
{
	int error = file_lock(disk->data, LOCK, &disk->lock, err);

	return in_folder(err, error, disk->data_path);
}

int disk_try_lock(struct disk *disk, struct err *err)
{
	int error = file_try_lock(disk->data, LOCK, &disk->lock, err);

	return in_folder(err, error, disk->data_path);
}

int disk_read_vault(const struct disk *disk, const char *name, struct buf *ret, struct err *err)
{
	int error;

	if (disk->data < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no vault");
	error = file_read(disk->data, name, FILE_PRIVATE, VAULT_SIZE_MAX, ret, err);
	return in_folder(err, error, disk->data_path);
}

bool disk_vault_time(const struct disk *disk, const char *name, int64_t *ret)
{
	struct stat status;

	if (disk->data < 0 || fstatat(disk->data, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret = status.st_mtime;
	return true;
}

int disk_write_vault(const struct disk *disk, const struct buf *bytes, enum replace_flags flags,
		     struct err *err)
{
	int error = file_replace(disk->data, DISK_VAULT, bytes->data, bytes->size, flags, err);

	return in_folder(err, error, disk->data_path);
}

int disk_remove_previous(const struct disk *disk, struct err *err)
{
	return in_folder(err, file_remove(disk->data, DISK_PREVIOUS, err), disk->data_path);
}
