/* SPDX-License-Identifier: Apache-2.0 */
/* Files of other programs that a token may lie in. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/docker_config.h"
#include "cli/status.h"

/* What a parser finds becomes a row. */
struct finder {
	struct status *status;
	const char *source;
	const char *path;
	unsigned tools;
	bool exposed;
	struct place *first;
};

static void take(void *user, const struct credential *credential)
{
	struct finder *finder = user;
	char location[LOCATION_SIZE];
	struct place *place;

	if (!credential->name && !credential_is_for(credential, finder->status->endpoint))
		return;
	(void)snprintf(location, sizeof(location), "%s%s%s", finder->path,
		       credential->name ? ": " : "", credential->name ? credential->name : "");
	place = status_add(finder->status, finder->source, location, credential->password,
			   strlen(credential->password), finder->tools);
	status_exposed(place, finder->exposed);
	if (!finder->first)
		finder->first = place;
}

static struct place *look(struct status *status, const char *source, const char *path,
			  unsigned tools,
			  void (*parse)(struct secret *, credential_found, void *))
{
	struct finder finder = {
		.status = status, .source = source, .path = path, .tools = tools};
	AUTOSECRET struct secret text = {0};

	if (!status_read(status, source, path, tools, &text, &finder.exposed))
		return NULL;
	/* A NUL would end the text for us and not for others: what stands before it counts. */
	parse(&text, take, &finder);
	return finder.first;
}

struct place *status_netrc(struct status *status)
{
	const char *variable = getenv("NETRC");
	const char *home = path_home();
	AUTOFREE char *usual = home ? path_join(home, ".netrc") : NULL;
	struct place *place = NULL;

	status->no_memory |= home && !usual;
	/* libcurl knows the variable since 8.16, Python's requests since ever. */
	if (usual && !(variable && strcmp(variable, usual) == 0))
		place = look(status, "netrc", usual, TOOL_GIT | TOOL_CURL,
			     credentials_of_netrc);
	if (variable && *variable) {
		struct place *other = look(status, "netrc", variable, TOOL_GIT | TOOL_CURL,
					   credentials_of_netrc);

		place = place ? place : other;
	}
	return place;
}

struct place *status_git_credentials(struct status *status, const char *path, bool wanted)
{
	struct place *place = look(status, "git-credentials", path, TOOL_GIT,
				   credentials_of_git);

	if (place && !wanted)
		status_problem(place, "no helper 'store' is set up to read it");
	return place;
}

/* ---- docker ----------------------------------------------------------------------------------- */

static void put_auth(struct finder *finder, const char *key, const struct json *entry)
{
	AUTOSECRET struct secret password = {0};
	const char *auth = json_member_text(entry, "auth");
	const char *token = json_member_text(entry, "identitytoken");
	char location[LOCATION_SIZE];
	struct place *place;

	if (auth && !credential_of_auth(auth, &password))
		secret_truncate(&password, 0);
	if (!password.size && token && secret_set(&password, token, strlen(token)))
		return;
	if (!password.size)
		return; /* a marker that docker leaves beside a helper */
	(void)snprintf(location, sizeof(location), "%s: %s", finder->path, key);
	place = status_add(finder->status, "docker", location, password.data, password.size,
			   TOOL_DOCKER);
	status_exposed(place, finder->exposed);
}

static void put_docker_helper(struct finder *finder, const char *key, const char *helper)
{
	char location[LOCATION_SIZE];

	(void)snprintf(location, sizeof(location), "%s: %s, helper %.60s", finder->path, key,
		       helper);
	(void)status_add(finder->status, "docker", location, NULL, 0, TOOL_DOCKER);
}

static void look_at_docker(struct finder *finder, const struct json *config)
{
	static const char *const hosts[] = {"registry.hf.space", "huggingface.co", "hf.co"};
	const struct json *auths = json_member(config, "auths");
	const struct json *helpers = json_member(config, "credHelpers");
	const char *endpoint = endpoint_host(finder->status->endpoint);

	for (size_t i = 0; i <= ARRAY_SIZE(hosts); i++) {
		const char *host = i < ARRAY_SIZE(hosts) ? hosts[i] : endpoint;
		const char *helper = json_member_text(helpers, host);
		char url[ENDPOINT_SIZE + 16];

		if (i == ARRAY_SIZE(hosts) && strcmp(endpoint, "huggingface.co") == 0)
			break;
		(void)snprintf(url, sizeof(url), "https://%s", host);
		put_auth(finder, host, json_member(auths, host));
		put_auth(finder, url, json_member(auths, url));
		if (helper)
			put_docker_helper(finder, host, helper);
	}
}

static void status_docker(struct status *status)
{
	AUTOFREE char *path = docker_config_path();
	struct finder finder = {.status = status, .source = "docker", .path = path};
	AUTOSECRET struct secret text = {0};
	AUTOJSON struct json *config = NULL;
	struct err err = {0};

	if (!path || !status_read(status, "docker", path, TOOL_DOCKER, &text, &finder.exposed))
		return;
	if (json_parse(text.data, text.size, &config, &err))
		status_problem(status_add(status, "docker", path, NULL, 0, TOOL_DOCKER), "%s",
			       err.message);
	else
		look_at_docker(&finder, config);
}

void status_files(struct status *status)
{
	(void)look(status, "dotenv", ".env", TOOL_DOTENV, credentials_of_dotenv);
	status_docker(status);
}
