/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/pick.h"

#include <string.h>

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
static bool is_held(struct session *session, const char *endpoint)
{
	const struct token *env = session_env(session);

	if (env && session->settings.environment != ENVIRONMENT_IGNORE &&
	    strcmp(env->endpoint, endpoint) == 0)
		return true;
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	/* Files are looked at last, and only for the Hub that they are for. */
	return strcmp(session->source_endpoint, endpoint) == 0 &&
	       !session_search(session, NULL) &&
	       (session->sources->count > 0 || session->sources->problems.size > 0);
}

int pick_token(struct session *session, const struct session_question *question,
	       struct session_pick *ret, bool *ret_ours, struct err *err)
{
	const char *in_force = session->endpoint.origin;

	*ret_ours = is_held(session, question->endpoint ? question->endpoint : in_force);
	return *ret_ours ? session_pick(session, question, ret, err) : 0;
}

const struct token *pick_known(struct session *session, const struct token *token)
{
	const struct token *twin = *token->id ? NULL : session_twin(session, token);

	return twin ? twin : token;
}
