/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup bazel`: one line for each Hub in ~/.bazelrc, or with --local in the .bazelrc of the
 * current folder, which is to be a workspace. Bazel knows hosts, not ports or schemes, and gives
 * its helper no arguments.
 */
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "cli/bazel_config.h"
#include "cli/config_file.h"
#include "cli/programs.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define FILE_NAME ".bazelrc"
#define HOSTS_MAX 32

struct hosts {
	const char *list[HOSTS_MAX];
	size_t count;
};

/* The host of an endpoint on the net; Bazel names no ports, so one with a port is left out. */
static void add_host(struct hosts *hosts, const char *endpoint)
{
	const char *host = endpoint_host(endpoint);

	if (strchr(host, ':') || endpoint_is_loopback(endpoint))
		return;
	for (size_t i = 0; i < hosts->count; i++) {
		if (strcmp(hosts->list[i], host) == 0)
			return;
	}
	if (hosts->count < HOSTS_MAX)
		hosts->list[hosts->count++] = host;
}

static void collect_hosts(const struct session *session, struct hosts *hosts)
{
	add_host(hosts, ENDPOINT_HUB);
	add_host(hosts, "https://hf.co");
	add_host(hosts, session->endpoint.origin);
	for (size_t i = 0; i < session->catalogue.count; i++)
		add_host(hosts, session->catalogue.tokens[i].endpoint);
}

static int open_file(const struct cli *cli, struct config_file *file, struct err *err)
{
	const char *home = path_home();
	AUTOFREE char *folder = NULL;
	AUTOFREE char *path = NULL;

	if (cli_has(cli, OPT_LOCAL))
		folder = getcwd(NULL, 0);
	else if (home)
		folder = strdup(home);
	else
		return err_set(err, ERR_NOT_FOUND, "there is no home directory");
	path = folder ? path_join(folder, FILE_NAME) : NULL;
	if (!path)
		return err_no_memory(err);
	return config_file_open(file, path, BAZEL_CONFIG_MAX, FOLDER_READ, err);
}

static int copy(const struct config_file *file, struct secret *ret, struct err *err)
{
	if (file->folder < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no folder for '%s'", file->path);
	return secret_set(ret, secret_text(&file->text), file->text.size) ? err_no_memory(err)
									  : 0;
}

int setup_bazel(struct cli *cli, struct session *session, struct err *err)
{
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	AUTOSECRET struct secret text = {0};
	AUTOFREE char *program = NULL;
	AUTOBUF struct buf said = {0};
	struct hosts hosts = {.count = 0};
	bool bare;
	int error = program_name_for(BAZEL_HELPER, &program, &bare, err);

	if (!error)
		error = open_file(cli, &file, err);
	if (!error)
		error = copy(&file, &text, err);
	collect_hosts(session, &hosts);
	for (size_t i = 0; i < hosts.count && !error; i++) {
		bool before;

		error = bazel_config_wire(&text, hosts.list[i], program,
					  cli_has(cli, OPT_FORCE), &before, err);
		buf_printf(&said, "%s Bazel asks hftoken for %s%s\n", ui_mark(UI_YES),
			   hosts.list[i], !error && before ? " (as before)" : "");
	}
	if (!error)
		error = setup_write(cli, &file, &text, err);
	if (!error && setup_tells(cli))
		buf_add_text(&cli->out, buf_text(&said));
	return error;
}

int undo_bazel(struct cli *cli, struct session *session UNUSED, struct err *err)
{
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	AUTOSECRET struct secret text = {0};
	size_t count = 0;
	int error = open_file(cli, &file, err);

	if (error || !file.mode)
		return error;
	error = copy(&file, &text, err);
	if (!error)
		error = bazel_config_unwire(&text, &count, err);
	if (error || !count)
		return error;
	error = setup_write(cli, &file, &text, err);
	if (!error && setup_tells(cli))
		buf_printf(&cli->out, "%s Bazel no longer asks hftoken\n", ui_mark(UI_YES));
	return error;
}
