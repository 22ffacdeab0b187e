/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup docker`. docker starts `docker-credential-hftoken` from PATH, for the registries that
 * `credHelpers` in its config.json names; there is no way to give it another place.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/paths.h"
#include "cli/docker_config.h"
#include "cli/programs.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define PROGRAM   "docker-credential-hftoken"
#define FILE_NAME "config.json"
#define READ_MS   5000

/* docker's file as it is. */
struct docker_file {
	char *path; /* with symbolic links followed: dotfiles are often such */
	int folder;
	mode_t mode; /* 0: there is no file yet */
	struct secret text;
};

static void docker_file_release(struct docker_file *file)
{
	free(file->path);
	cleanup_close(&file->folder);
	secret_release(&file->text);
}
#define AUTODOCKER CLEANUP(docker_file_release)

/* ---- the file --------------------------------------------------------------------------------- */

static int find_file(char **ret, struct err *err)
{
	const char *variable = getenv("DOCKER_CONFIG");
	const char *home = path_home();
	AUTOFREE char *folder = NULL;
	AUTOFREE char *path = NULL;

	if (variable && *variable)
		folder = strdup(variable);
	else if (home)
		folder = path_join(home, ".docker");
	else
		return err_set(err, ERR_NOT_FOUND, "there is no home directory");
	path = folder ? path_join(folder, FILE_NAME) : NULL;
	if (!path)
		return err_no_memory(err);
	*ret = realpath(path, NULL);
	if (!*ret) {
		*ret = path;
		path = NULL;
	}
	return 0;
}

static int read_file(struct docker_file *file, const char *name, struct err *err)
{
	CLOSED int fd = openat(file->folder, name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno(err, "cannot open '%s'", file->path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_UNSAFE, "'%s' is not a regular file", file->path);
	file->mode = status.st_mode & 0777;
	return io_read_all(fd, &file->text, DOCKER_CONFIG_MAX, deadline_in(READ_MS), err);
}

/* Leaves the folder closed if there is none and none is to be made. */
static int open_file(struct docker_file *file, enum folder_flags flags, struct err *err)
{
	char *slash;
	int error = find_file(&file->path, err);

	if (error)
		return error;
	slash = strrchr(file->path, '/');
	if (!slash)
		return err_set(err, ERR_USAGE, "DOCKER_CONFIG is not an absolute path");
	*slash = '\0';
	error = folder_open(slash == file->path ? "/" : file->path, flags, &file->folder, err);
	*slash = '/';
	if (error == ERR_NOT_FOUND && flags == FOLDER_READ)
		return 0;
	return error ? error : read_file(file, slash + 1, err);
}

static int write_file(const struct docker_file *file, const struct secret *text,
		      struct err *err)
{
	const char *name = strrchr(file->path, '/') + 1;
	int error;

	if (secret_equal(text, &file->text))
		return 0;
	error = file_replace(file->folder, name, text->data, text->size, REPLACE_ONLY, err);
	/* It is ours alone until then, which is never too little. */
	if (!error && file->mode && fchmodat(file->folder, name, file->mode, 0) < 0)
		error = err_errno(err, "cannot set the mode of '%s'", file->path);
	return error;
}

/* ---- the command ------------------------------------------------------------------------------ */

static int check_program(bool force, struct err *err)
{
	AUTOFREE char *found = program_in_path(PROGRAM);
	AUTOFREE char *self = NULL;
	int error = program_self(&self, err);

	if (error)
		return error;
	if (found) {
		if (strcmp(found, self) != 0)
			ui_warn("docker will start another hftoken: %s", found);
		return 0;
	}
	*strrchr(self, '/') = '\0';
	err_set(err, ERR_FAILED, "docker would not find " PROGRAM " in PATH");
	err_hint(err, "add '%s' to PATH, or hftoken setup docker --force", self);
	if (!force)
		return err->code;
	ui_warn("%s", err->message);
	return 0;
}

int setup_docker(struct cli *cli, struct session *session UNUSED, struct err *err)
{
	AUTODOCKER struct docker_file file = {.folder = -1};
	AUTOSECRET struct secret text = {0};
	bool before[DOCKER_REGISTRIES];
	bool force = cli_has(cli, OPT_FORCE);
	int error = check_program(force, err);

	if (!error)
		error = open_file(&file, FOLDER_CREATE, err);
	if (error)
		return error;
	error = docker_config_wire(&file.text, force, &text, before, err);
	if (error)
		return err_context(err, "'%s'", file.path);
	error = write_file(&file, &text, err);
	for (size_t i = 0; i < DOCKER_REGISTRIES && !error && !cli_has(cli, OPT_QUIET); i++)
		buf_printf(&cli->out, "%s docker asks hftoken for %s%s\n", ui_mark(UI_YES),
			   docker_registries[i], before[i] ? " (as before)" : "");
	return error;
}

int undo_docker(struct cli *cli, struct session *session UNUSED, struct err *err)
{
	AUTODOCKER struct docker_file file = {.folder = -1};
	AUTOSECRET struct secret text = {0};
	bool before[DOCKER_REGISTRIES];
	int error = open_file(&file, FOLDER_READ, err);

	if (error || !file.mode)
		return error;
	error = docker_config_unwire(&file.text, &text, before, err);
	if (error)
		return err_context(err, "'%s'", file.path);
	error = before[0] || before[1] || before[2] ? write_file(&file, &text, err) : 0;
	for (size_t i = 0; i < DOCKER_REGISTRIES && !error && !cli_has(cli, OPT_QUIET); i++) {
		if (before[i])
			buf_printf(&cli->out, "%s docker no longer asks hftoken for %s\n",
				   ui_mark(UI_YES), docker_registries[i]);
	}
	return error;
}
