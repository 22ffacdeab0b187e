/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"

#define LOCK "vault.key.lock" /* other than the writers', for one folder may be both */

void key_release(struct key_file *file)
{
	secret_release(&file->key);
	*file = (struct key_file) {0};
}

void key_own_name(const unsigned char vault_id[VAULT_ID_SIZE], char ret[KEY_NAME_SIZE])
{
	(void)snprintf(ret, KEY_NAME_SIZE, "vault-%02x%02x%02x%02x.key", vault_id[0],
		       vault_id[1], vault_id[2], vault_id[3]);
}

static int in_state(const struct disk *disk, int error, struct err *err)
{
	if (error)
		(void)err_context(err, "in '%s'", disk->state_path);
	return error;
}

static int read_file(int folder, const char *name, struct key_file *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	CLOSED int fd = -1;
	size_t size;
	int error = file_open(folder, name, FILE_PRIVATE, SIZE_MAX, &fd, &size, err);

	if (error)
		return error;
	if (size != CRYPTO_KEY_SIZE)
		return err_set(err, ERR_DAMAGED,
			       "the key file '%s' is damaged: it has %zu bytes instead of %zu",
			       name, size, CRYPTO_KEY_SIZE);
	if (secret_reserve(&key, size))
		return err_no_memory(err);
	error = file_read_exactly(fd, key.data, size, err);
	if (error)
		return error;
	secret_grew(&key, size);
	secret_move(&ret->key, &key);
	(void)text_copy(ret->name, sizeof(ret->name), name);
	return 0;
}

static int read_either(int folder, const char *own, struct key_file *ret, struct err *err)
{
	int error = read_file(folder, own, ret, err);

	return error == ERR_NOT_FOUND ? read_file(folder, KEY_COMMON, ret, err) : error;
}

/*
 * The folder is opened only now: when the vault was found, its key was there, but before that the
 * maker of both may have been at work.
 */
int key_read(const struct disk *disk, const unsigned char vault_id[VAULT_ID_SIZE],
	     struct key_file *ret, struct err *err)
{
	char own[KEY_NAME_SIZE];
	CLOSED int state = -1;
	int error = folder_open(disk->state_path, FOLDER_READ, &state, err);

	if (error)
		return error;
	key_own_name(vault_id, own);
	return in_state(disk, read_either(state, own, ret, err), err);
}

static int write_new(int folder, const char *name, struct key_file *ret, struct err *err)
{
	AUTOSECRET struct secret key = {0};
	int error = crypto_random_key(&key, err);

	if (!error)
		error = file_replace(folder, name, key.data, key.size, REPLACE_ONLY, err);
	/* Under the lock nobody else has made one: it may be there, but not known to be on the disk. */
	if (error)
		(void)unlinkat(folder, name, 0);
	if (error)
		return error;
	secret_move(&ret->key, &key);
	(void)text_copy(ret->name, sizeof(ret->name), name);
	ret->made = true;
	return 0;
}

/* Whatever it is: it may be what another vault needs. */
static bool is_there(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static int make(int folder, const char *own, struct key_file *ret, struct err *err)
{
	int error = read_file(folder, own, ret, err);

	if (error != ERR_NOT_FOUND)
		return error;
	return write_new(folder, is_there(folder, KEY_COMMON) ? own : KEY_COMMON, ret, err);
}

/* Each data folder has a lock of its own: makers of keys are kept apart by one beside the keys. */
int key_make(const struct disk *disk, const unsigned char vault_id[VAULT_ID_SIZE],
	     struct key_file *ret, struct err *err)
{
	char own[KEY_NAME_SIZE];
	CLOSED int state = -1;
	CLOSED int lock = -1;
	int error = folder_open(disk->state_path, FOLDER_CREATE, &state, err);

	if (error)
		return error;
	key_own_name(vault_id, own);
	error = file_lock(state, LOCK, &lock, err);
	if (!error)
		error = make(state, own, ret, err);
	return in_state(disk, error, err);
}

int key_remove(const struct disk *disk, const char *name, struct err *err)
{
	CLOSED int state = -1;
	CLOSED int lock = -1;
	int error = folder_open(disk->state_path, FOLDER_READ, &state, err);

	if (error == ERR_NOT_FOUND)
		return 0;
	if (!error)
		error = file_lock(state, LOCK, &lock, err);
	if (!error)
		error = file_remove(state, name, err);
	return in_state(disk, error, err);
}
