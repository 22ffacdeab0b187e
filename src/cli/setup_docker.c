/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup docker`. docker starts `docker-credential-hftoken` from PATH, for the registries that
 * `credHelpers` in its config.json names; there is no way to give it another place.
 */
#include <string.h>

#include "cli/config_file.h"
#include "cli/docker_config.h"
#include "cli/programs.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define PROGRAM "docker-credential-hftoken"

static int open_file(struct config_file *file, enum folder_flags flags, struct err *err)
{
	AUTOFREE char *path = docker_config_path();

	if (!path)
		return err_set(err, ERR_NOT_FOUND, "there is no home directory");
	return config_file_open(file, path, DOCKER_CONFIG_MAX, flags, err);
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
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	AUTOSECRET struct secret text = {0};
	bool before[DOCKER_REGISTRIES];
	bool force = cli_has(cli, OPT_FORCE);
	int error = check_program(force, err);

	if (!error)
		error = open_file(&file, setup_is_dry(cli) ? FOLDER_READ : FOLDER_CREATE, err);
	if (error)
		return error;
	error = docker_config_wire(&file.text, force, &text, before, err);
	if (error)
		return err_context(err, "'%s'", file.path);
	error = setup_write(cli, &file, &text, err);
	for (size_t i = 0; i < DOCKER_REGISTRIES && !error && setup_tells(cli); i++)
		buf_printf(&cli->out, "%s docker asks hftoken for %s%s\n", ui_mark(UI_YES),
			   docker_registries[i], before[i] ? " (as before)" : "");
	return error;
}

int undo_docker(struct cli *cli, struct session *session UNUSED, struct err *err)
{
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	AUTOSECRET struct secret text = {0};
	bool before[DOCKER_REGISTRIES];
	int error = open_file(&file, FOLDER_READ, err);

	if (error || !file.mode)
		return error;
	error = docker_config_unwire(&file.text, &text, before, err);
	if (error)
		return err_context(err, "'%s'", file.path);
	error = before[0] || before[1] || before[2] ? setup_write(cli, &file, &text, err) : 0;
	for (size_t i = 0; i < DOCKER_REGISTRIES && !error && setup_tells(cli); i++) {
		if (before[i])
			buf_printf(&cli->out, "%s docker no longer asks hftoken for %s\n",
				   ui_mark(UI_YES), docker_registries[i]);
	}
	return error;
}
