/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/guest_file.h"
#include "base/paths.h"
#include "base/text.h"
#include "core/plain.h"

#define FILE_MAX ((size_t)64 << 10)
#define WAIT_MS  1000

void hf_token_release(struct hf_token *file)
{
	free(file->path);
	file->path = NULL;
	secret_release(&file->value);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static int unsafe(const char *path, const char *what, struct err *err)
{
	err_set(err, ERR_UNSAFE, "'%s' %s", path, what);
	return err_hint(err, "have HF_TOKEN_PATH name a file of your own");
}

/*
 * Neither follows a link nor waits for a FIFO's writer. ERR_NOT_FOUND if there is no file, which
 * is no failure here: `err` stays as it is.
 */
static int open_token(const char *path, int *ret_fd, bool *ret_exposed, struct err *err)
{
	CLOSED int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;

	if (fd < 0 && errno == ELOOP)
		return unsafe(path, "is a symbolic link, which is not replaced", err);
	if (fd < 0 && err_from_errno(errno) == ERR_NOT_FOUND)
		return ERR_NOT_FOUND;
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (fstat(fd, &status) < 0)
		return err_errno(err, "cannot look at '%s'", path);
	if (!S_ISREG(status.st_mode))
		return unsafe(path, "is not a regular file", err);
	if (status.st_uid != geteuid())
		return unsafe(path, "belongs to another user", err);
	*ret_exposed = status.st_mode & (S_IRWXG | S_IRWXO);
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int read_token(const char *path, struct secret *ret, bool *ret_exposed, struct err *err)
{
	CLOSED int fd = -1;
	int error = open_token(path, &fd, ret_exposed, err);

	if (error)
		return error;
	error = io_read_all(fd, ret, FILE_MAX, deadline_in(WAIT_MS), err);
	if (error)
		return err_context(err, "'%s'", path);
	secret_trim(ret);
	return 0;
}

/* ---- whose it is ------------------------------------------------------------------------------ */

static bool is_one_word(const struct secret *value)
{
	for (size_t i = 0; i < value->size; i++) {
		if (value->data[i] <= ' ' || value->data[i] == 0x7f)
			return false;
	}
	return true;
}

static void take_stored(struct hf_token *file, const struct token *token)
{
	file->content = HF_STORED;
	(void)text_copy(file->name, sizeof(file->name), token->name);
	(void)text_copy(file->endpoint, sizeof(file->endpoint), token->endpoint);
}

/*
 * The same value may be stored for several Hubs; then it is the one that huggingface_hub talks to.
 * A store that cannot be read matters only if no other one knows the value.
 */
static int find_stored(struct hf_token *file, struct session *session, struct err *err)
{
	const struct catalogue *catalogue = &session->catalogue;
	struct err cause = {0};
	int failed = 0;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];
		AUTOSECRET struct secret secret = {0};
		struct err why = {0};
		int error;

		if (strcmp(token->masked, file->masked) != 0)
			continue;
		error = session_secret(session, token, &secret, &why);
		if (error && !session_is_gone(error) && !failed) {
			failed = error;
			cause = why;
		}
		if (error || !secret_equal(&secret, &file->value))
			continue;
		take_stored(file, token);
		if (strcmp(token->endpoint, session->source_endpoint) == 0)
			return 0;
	}
	if (file->content == HF_STORED || !failed)
		return 0;
	if (err)
		*err = cause;
	return failed;
}

static int classify(struct hf_token *file, struct session *session, struct err *err)
{
	bool refreshed;

	file->content = HF_NOTHING;
	if (file->value.size == 0)
		return 0;
	file->content = HF_FOREIGN;
	if (!is_one_word(&file->value))
		return 0;
	mask_secret(&file->value, file->masked);
	hf_section_find(&file->value, file->name, &refreshed);
	if (refreshed) {
		file->content = HF_SESSION;
		return 0;
	}
	return find_stored(file, session, err);
}

int hf_token_look(struct hf_token *ret, struct session *session, struct err *err)
{
	int error;

	*ret = (struct hf_token)HF_TOKEN_NONE;
	ret->path = plain_hf_path();
	if (!ret->path) {
		err_set(err, ERR_NOT_FOUND, "there is no home directory for hf's token file");
		return err_hint(err, "set HF_TOKEN_PATH or HOME");
	}
	error = read_token(ret->path, &ret->value, &ret->exposed, err);
	return error && error != ERR_NOT_FOUND ? error : classify(ret, session, err);
}

bool hf_token_is_ours(const struct hf_token *file, const struct session *session)
{
	return file->content == HF_STORED &&
	       strcmp(file->endpoint, session->source_endpoint) == 0;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static int check_owner(int fd, const char *folder, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_errno(err, "cannot look at folder '%s'", folder);
	return status.st_uid == geteuid() ? 0 : unsafe(folder, "belongs to another user", err);
}

/*
 * The folder may be one that others can write to, since caches of models are shared: they cannot
 * read a file of mode 0600 in it. `ret_name` is within `path`.
 */
static int open_folder(const char *path, bool make, int *ret_fd, const char **ret_name,
		       struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t size = slash == path ? 1 : (size_t)(slash ? slash - path : 0);
	AUTOFREE char *folder = slash ? strndup(path, size) : strdup(".");
	CLOSED int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int error = 0;

	if (!folder)
		return err_no_memory(err);
	if (fd < 0 && errno == ENOENT && make)
		error = folder_open(folder, FOLDER_CREATE, &fd, err);
	else if (fd < 0)
		error = err_errno(err, "cannot open folder '%s'", folder);
	if (!error)
		error = check_owner(fd, folder, err);
	if (error)
		return error;
	*ret_name = slash ? slash + 1 : path;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int hf_token_put(const struct hf_token *file, const struct secret *value, struct err *err)
{
	CLOSED int folder = -1;
	const char *name;
	int error = open_folder(file->path, true, &folder, &name, err);

	if (error)
		return error;
	error = guest_file_replace(folder, name, secret_text(value), value->size, err);
	return error ? err_context(err, "cannot write '%s'", file->path) : 0;
}

/*
 * Stores were asked since the file was read, which takes as long as they take; huggingface_hub, which
 * takes no lock, may have written another token meanwhile.
 */
static int look_again(const struct hf_token *file, struct err *err)
{
	AUTOSECRET struct secret now = {0};
	bool exposed;
	int error = read_token(file->path, &now, &exposed, err);

	if (error || secret_equal(&now, &file->value))
		return error;
	err_set(err, ERR_BUSY, "'%s' was changed meanwhile", file->path);
	return err_hint(err, "run the command again");
}

int hf_token_remove(const struct hf_token *file, struct err *err)
{
	CLOSED int folder = -1;
	const char *name;
	int error = open_folder(file->path, false, &folder, &name, err);

	if (error)
		return error;
	guest_file_sweep(folder, name);
	error = look_again(file, err);
	if (error)
		return error == ERR_NOT_FOUND ? 0 : error;
	return file_remove(folder, name, err);
}

void hf_token_sweep(void)
{
	AUTOFREE char *path = plain_hf_path();
	CLOSED int folder = -1;
	const char *name;

	if (path && !open_folder(path, false, &folder, &name, NULL))
		guest_file_sweep(folder, name);
}
