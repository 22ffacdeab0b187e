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

static int read_key_file(int folder, struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	CLOSED int fd = -1;
	size_t size;
	int error = file_open(folder, DISK_KEY, FILE_PRIVATE, SIZE_MAX, &fd, &size, err);

	if (error)
		return error;
	if (size != CRYPTO_KEY_SIZE)
		return err_set(err, ERR_DAMAGED, "'" DISK_KEY "' has %zu bytes instead of %zu",
			       size, CRYPTO_KEY_SIZE);
	if (secret_reserve(&key, size))
		return err_no_memory(err);
	error = file_read_exactly(fd, key.data, size, err);
	if (error)
		return error;
	secret_grew(&key, size);
	secret_move(ret, &key);
	return 0;
}

/*
 * The folder is opened only now: when the vault was found, its key was there, but before that the
 * maker of both may have been at work.
 */
int disk_read_key(const struct disk *disk, struct secret *ret, struct err *err)
{
	CLOSED int state = -1;
	int error = folder_open(disk->state_path, FOLDER_READ, &state, err);

	if (error)
		return error;
	return in_folder(err, read_key_file(state, ret, err), disk->state_path);
}

static int write_new_key(int folder, struct secret *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	int error = crypto_random_key(&key, err);

	if (!error)
		error = file_replace(folder, DISK_KEY, key.data, key.size, REPLACE_ONLY, err);
	if (!error)
		secret_move(ret, &key);
	return error;
}

/*
 * The state folder can be that of several data folders, each with a lock of its own: two makers of
 * a key are kept apart by a lock beside the key.
 */
int disk_make_key(const struct disk *disk, struct secret *ret, struct err *err)
{
	CLOSED int state = -1;
	CLOSED int lock = -1;
	int error = folder_open(disk->state_path, FOLDER_CREATE, &state, err);

	if (error)
		return error;
	error = file_lock(state, LOCK, &lock, err);
	if (!error)
		error = read_key_file(state, ret, err);
	if (error == ERR_NOT_FOUND)
		error = write_new_key(state, ret, err);
	return in_folder(err, error, disk->state_path);
}

int disk_remove_key(const struct disk *disk, struct err *err)
{
	CLOSED int state = -1;
	CLOSED int lock = -1;
	int error = folder_open(disk->state_path, FOLDER_READ, &state, err);

	if (error == ERR_NOT_FOUND)
		return 0;
	if (!error)
		error = file_lock(state, LOCK, &lock, err);
	if (!error)
		error = file_remove(state, DISK_KEY, err);
	return in_folder(err, error, disk->state_path);
}
