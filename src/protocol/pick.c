/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/pick.h"

#include <string.h>

#include "base/log.h"

/*
 * Where a token of huggingface.co may go besides. Sources: constants.py of huggingface_hub, the
 * Hub's documentation of the dataset viewer, Inference Endpoints and the registry of Spaces.
 */
static const struct {
	const char *origin;
	enum pick_service service;
} services[] = {
	{"https://router.huggingface.co", PICK_API},
	{"https://datasets-server.huggingface.co", PICK_API},
	{"https://api-inference.huggingface.co", PICK_API},
	{"https://api.endpoints.huggingface.cloud", PICK_API},
	{"https://registry.hf.space", PICK_REGISTRY},
};

bool pick_endpoint(const char *url, enum pick_service service, char ret[ENDPOINT_SIZE])
{
	char origin[ENDPOINT_SIZE];

	if (endpoint_of_url(url, origin, NULL))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (strcmp(services[i].origin, origin) != 0)
			continue;
		if (services[i].service != service)
			return false;
		memcpy(ret, ENDPOINT_HUB, sizeof(ENDPOINT_HUB));
		return true;
	}
	if (service == PICK_REGISTRY && strcmp(origin, ENDPOINT_HUB) != 0)
		return false;
	memcpy(ret, origin, sizeof(origin));
	return true;
}

bool pick_repo(const char *url, struct repo *ret)
{
	char origin[ENDPOINT_SIZE];
	struct repo repo;

	/* Paths of other services only look like a repository's. */
	if (endpoint_of_url(url, origin, NULL) || repo_parse(url, &repo, NULL) ||
	    strcmp(repo.endpoint, origin) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (strcmp(services[i].origin, origin) == 0)
			return false;
	}
	*ret = repo;
	return true;
}

/* Whether any token could ever go there. Other hosts are other helpers' business. */
static bool is_held(const struct session *session, const char *endpoint)
{
	const struct token *env = session_env(session);

	if (env && session->settings.environment != ENVIRONMENT_IGNORE &&
	    strcmp(env->endpoint, endpoint) == 0)
		return true;
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return false;
}

static void trace_request(const struct pick_request *request, const char *endpoint)
{
	static const char *const operations[] = {"", " read", " write"};
	char text[REPO_ID_SIZE] = "no repository";

	if (request->repo)
		repo_text(request->repo, text);
	trace("pick for %s: %s%s", endpoint, text, operations[request->operation]);
}

int pick_token(const struct session *session, const struct pick_request *request,
	       struct pick *ret, struct err *err)
{
	const char *endpoint = request->endpoint ? request->endpoint : session->endpoint.origin;
	struct pick pick = {.ours = is_held(session, endpoint)};
	/* Repository and operation belong into the question as soon as the resolver knows them. */
	struct resolve_request question = {
		.endpoint = endpoint, .name = request->name, .wish = request->wish};
	struct resolution resolution;
	int error;

	trace_request(request, endpoint);
	if (!pick.ours) {
		*ret = pick;
		return 0;
	}
	error = session_resolve(session, &question, &resolution, err);
	if (error)
		return error;
	pick.token = resolution.token;
	pick.source = resolution.source;
	*ret = pick;
	return 0;
}

const struct token *pick_known(struct session *session, const struct pick *pick)
{
	const struct token *twin = NULL;

	if (pick->source == SOURCE_ENVIRONMENT)
		twin = session_env_twin(session);
	return twin ? twin : pick->token;
}
