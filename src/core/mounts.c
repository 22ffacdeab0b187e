/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"
#include "base/paths.h"
#include "base/text.h"

#define USUAL_FOLDER "/run/secrets"
#define PREFIX       "hftoken."

static const char *const names[] = {
	"hf-token", "hf_token", "HF_TOKEN", "huggingface_token", "HUGGING_FACE_HUB_TOKEN",
};

struct mount_file {
	struct sources *sources;
	const char *folder;
	int fd; /* of the folder */
	const char *name;
	deadline_ms deadline; /* of the search */
};

/* ---- one file --------------------------------------------------------------------------------- */

static int open_file(void *where)
{
	const struct mount_file *file = where;
	int fd = foreign_open_beneath(file->fd, file->name);
	struct stat status;

	/* A link that leads nowhere is one whose other end is being replaced. */
	if (fd < 0 && (errno == ENOENT || errno == ELOOP) &&
	    fstatat(file->fd, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		errno = EAGAIN;
	return fd;
}

static int check_file(const struct stat *status, struct err *err)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return err_set(err, ERR_UNSAFE, "it belongs to user %u", status->st_uid);
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_UNSAFE, "other users may write it");
	return 0;
}

static bool is_whole(const char *text, size_t size)
{
	return size > 0 && *text;
}

static void cut_line_break(struct secret *secret)
{
	if (secret->size > 0 && secret->data[secret->size - 1] == '\n')
		secret_truncate(secret, secret->size - 1);
}

static int take_file(struct mount_file *file, struct err *err)
{
	const struct foreign_file how = {
		.open = open_file,
		.where = file,
		.check = check_file,
		.is_whole = is_whole,
		.max = TOKEN_SECRET_MAX + 1,
		.deadline = file->deadline,
	};
	AUTOFREE char *location = path_join(file->folder, file->name);
	AUTOSECRET struct secret secret = {0};
	char name[sizeof(MOUNT_STORE) + NAME_MAX + 1];
	struct err cause = {0};
	int error;

	if (!location)
		return err_no_memory(err);
	(void)snprintf(name, sizeof(name), MOUNT_STORE ":%s", file->name);
	if (sources_find(file->sources, name))
		return 0;
	error = foreign_read(&how, &secret, NULL, &cause);
	if (error == ERR_NOT_FOUND)
		return 0;
	if (error == ERR_BUSY)
		err_set(&cause, ERR_BUSY, "it is a link that leads nowhere");
	cut_line_break(&secret);
	if (!error)
		error = token_secret_check(&secret, file->sources->endpoint, &cause);
	if (error) {
		sources_problem(file->sources, "%s: %s", location, cause.message);
		return error == ERR_NO_MEMORY ? err_no_memory(err) : 0;
	}
	return sources_add(file->sources, MOUNT_STORE, name, location, &secret, TIME_UNKNOWN,
			   NULL, err);
}

/* ---- one folder ------------------------------------------------------------------------------- */

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

struct name_list {
	char *names[MOUNT_NAMES_MAX];
	size_t count;
};

static void names_release(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	list->count = 0;
}

/* The files hftoken.NAME with a name that a token may have, sorted. */
static int list_names(const struct mount_file *file, struct name_list *ret, struct err *err)
{
	int fd = openat(file->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int error = 0;

	/* One that may be entered and not listed still has the names that everybody knows. */
	if (!folder) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	for (size_t i = 0; i < MOUNT_SCAN_MAX && !error; i++) {
		entry = readdir(folder);
		if (!entry)
			break;
		if (!text_starts_with(entry->d_name, PREFIX) ||
		    token_name_check(entry->d_name + strlen(PREFIX), NULL))
			continue;
		if (ret->count == MOUNT_NAMES_MAX) {
			sources_problem(file->sources, "%s: more than %d files " PREFIX "NAME",
					file->folder, MOUNT_NAMES_MAX);
			break;
		}
		ret->names[ret->count] = strdup(entry->d_name);
		if (!ret->names[ret->count])
			error = err_no_memory(err);
		else
			ret->count++;
	}
	(void)closedir(folder);
	qsort(ret->names, ret->count, sizeof(ret->names[0]), compare);
	return error;
}

static int search_folder(struct sources *sources, const char *path, deadline_ms deadline,
			 struct err *err)
{
	CLOSED int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(names_release) struct name_list list = {.count = 0};
	struct mount_file file = {
		.sources = sources, .folder = path, .fd = fd, .deadline = deadline};
	int error;

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			sources_problem(sources, "%s: %s", path, strerror(errno));
		return 0;
	}
	error = list_names(&file, &list, err);
	for (size_t i = 0; i < ARRAY_SIZE(names) && !error; i++) {
		file.name = names[i];
		error = take_file(&file, err);
	}
	for (size_t i = 0; i < list.count && !error; i++) {
		file.name = list.names[i];
		error = take_file(&file, err);
	}
	return error;
}

int mounts_search(struct sources *sources, struct err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	const char *more = getenv("HFTOKEN_SECRETS");
	deadline_ms deadline = deadline_in(MOUNT_WAIT_MS);
	AUTOFREE char *list = more ? strdup(more) : NULL;
	char *rest = list;
	char *path;
	int error = 0;

	if (more && !list)
		return err_no_memory(err);
	if (credentials && credentials[0] == '/')
		error = search_folder(sources, credentials, deadline, err);
	if (!error)
		error = search_folder(sources, USUAL_FOLDER, deadline, err);
	while (!error && rest && (path = strsep(&rest, ":")) != NULL) {
		if (path[0] == '/')
			error = search_folder(sources, path, deadline, err);
		else if (*path)
			sources_problem(sources, "HFTOKEN_SECRETS: '%s' is no absolute path",
					path);
	}
	return error;
}
