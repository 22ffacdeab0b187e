/* SPDX-License-Identifier: Apache-2.0 */
/* Whether docker and Bazel can start the helpers that their configuration names for a Hub. */
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/text.h"
#include "cli/bazel_config.h"
#include "cli/config_file.h"
#include "cli/docker_config.h"
#include "cli/doctor.h"
#include "cli/programs.h"

struct look {
	struct findings *findings;
	size_t ours;  /* entries that name us */
	size_t wrong; /* entries that were complained about */
};

/* Where our programs are: what has to be in PATH. */
static char *our_folder(const char *name)
{
	AUTOFREE char *program = doctor_program();
	AUTOFREE char *path = NULL;

	if (!program)
		return NULL;
	*strrchr(program, '/') = '\0';
	path = path_join(program, name);
	if (!path || access(path, X_OK) < 0)
		return NULL;
	*strrchr(path, '/') = '\0';
	return doctor_quote(path);
}

static void put_not_in_path(struct findings *findings, const char *name)
{
	AUTOFREE char *folder = our_folder(name);

	if (folder)
		findings_command(findings, "export PATH=%s:\"$PATH\"", folder);
	else
		findings_advice(findings, "install hftoken whole: make install");
}

static void put_end(struct look *look, const char *client)
{
	if (look->wrong)
		return;
	if (look->ours)
		findings_add(look->findings, FINDING_OK, "%s asks hftoken (hosts: %zu)", client,
			     look->ours);
	else
		findings_add(look->findings, FINDING_OK, "%s is not told to ask hftoken",
			     client);
}

/* ---- docker ----------------------------------------------------------------------------------- */

static void take_docker(void *user, const char *registry, const char *helper)
{
	struct look *look = user;
	bool ours = strcmp(helper, DOCKER_HELPER) == 0;
	AUTOFREE char *name = NULL;
	AUTOFREE char *found = NULL;

	if (asprintf(&name, "docker-credential-%s", helper) < 0)
		name = NULL;
	found = name && !strchr(name, '/') ? program_in_path(name) : NULL;
	look->ours += ours;
	if (!name || found)
		return;
	look->wrong++;
	findings_add(look->findings, FINDING_ERROR,
		     "docker is to start '%.100s' for %s, which is not in PATH", name,
		     registry);
	if (ours)
		put_not_in_path(look->findings, name);
	else
		findings_command(look->findings, "hftoken setup docker --force");
}

void doctor_docker(struct doctor *doctor)
{
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	AUTOFREE char *path = docker_config_path();
	struct look look = {.findings = &doctor->findings};
	struct err err = {0};
	int error = path && *path == '/' ? config_file_open(&file, path, DOCKER_CONFIG_MAX,
							    FOLDER_READ, &err)
					 : 0;

	if (!error && file.mode)
		error = docker_config_each(&file.text, take_docker, &look, &err);
	if (error == ERR_FORMAT)
		err_context(&err, "'%s'", file.path);
	if (error)
		findings_add_err(look.findings, FINDING_WARNING, &err);
	else if (file.mode)
		put_end(&look, "docker");
	else
		findings_add(look.findings, FINDING_OK, "docker has no configuration");
}

/* ---- Bazel ------------------------------------------------------------------------------------ */

static bool is_a_hub(const char *host)
{
	return strcmp(host, "huggingface.co") == 0 || strcmp(host, "hf.co") == 0;
}

/* Of several lines for a host the last one counts. */
#define BAZEL_HOSTS_MAX 32
struct bazel_lines {
	struct {
		char host[256];
		char program[1024];
	} list[BAZEL_HOSTS_MAX];
	size_t count;
};

static void take_bazel(void *user, const char *host, const char *program)
{
	struct bazel_lines *lines = user;
	size_t i = 0;

	while (i < lines->count && strcmp(lines->list[i].host, host) != 0)
		i++;
	if (i == BAZEL_HOSTS_MAX)
		return;
	lines->count += i == lines->count;
	(void)text_copy(lines->list[i].host, sizeof(lines->list[i].host), host);
	(void)text_copy(lines->list[i].program, sizeof(lines->list[i].program), program);
}

static void judge_bazel(struct look *look, const char *host, const char *program)
{
	const char *slash = strrchr(program, '/');
	bool ours = strcmp(slash ? slash + 1 : program, BAZEL_HELPER) == 0;
	AUTOFREE char *found = slash ? realpath(program, NULL) : program_in_path(program);

	look->ours += ours;
	/* %workspace%/… is for Bazel to find. */
	if ((!ours && !is_a_hub(host)) || strchr(program, '%') ||
	    (found && access(found, X_OK) == 0))
		return;
	look->wrong++;
	findings_add(look->findings, FINDING_ERROR,
		     "Bazel is to start '%.200s' for %.100s, which is not %s", program, host,
		     slash ? "there" : "in PATH");
	if (ours && !slash)
		put_not_in_path(look->findings, BAZEL_HELPER);
	else
		findings_command(look->findings, "hftoken setup bazel --force");
}

void doctor_bazel(struct doctor *doctor)
{
	AUTOCONFIGFILE struct config_file file = CONFIG_FILE_NONE;
	const char *home = path_home();
	AUTOFREE char *path = home ? path_join(home, ".bazelrc") : NULL;
	AUTOFREE struct bazel_lines *lines = calloc(1, sizeof(*lines));
	struct look look = {.findings = &doctor->findings};
	struct err err = {0};
	int error = path ? config_file_open(&file, path, BAZEL_CONFIG_MAX, FOLDER_READ, &err)
			 : 0;

	if (!error && file.mode && lines)
		error = bazel_config_each(&file.text, take_bazel, lines, &err);
	for (size_t i = 0; lines && i < lines->count; i++)
		judge_bazel(&look, lines->list[i].host, lines->list[i].program);
	if (error)
		findings_add_err(look.findings, FINDING_WARNING, &err);
	else if (file.mode)
		put_end(&look, "Bazel");
	else
		findings_add(look.findings, FINDING_OK, "Bazel has no configuration");
}
