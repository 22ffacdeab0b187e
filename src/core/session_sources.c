/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a session's stored tokens and those of its sources meet.
 */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/session.h"

const struct token *session_env(const struct session *session)
{
	return *session->sources->env.name ? &session->sources->env : NULL;
}

int session_search(const struct session *session, struct err *err)
{
	return sources_search(session->sources, err);
}

int session_find(const struct session *session, const char *name, const struct token **ret,
		 struct err *err)
{
	const struct token *found = catalogue_find(&session->catalogue, name);
	int error = 0;

	if (!found && source_is_name(name)) {
		error = session_search(session, err);
		found = error ? NULL : sources_find(session->sources, name);
	}
	if (!error)
		*ret = found;
	return error;
}

static bool has_stored(const struct session *session, const char *endpoint)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return false;
}

bool session_needs_search(const struct session *session, const struct resolve_request *request)
{
	const struct token *env = session_env(session);

	if (strcmp(request->endpoint, session->source_endpoint) != 0)
		return false;
	if (request->name)
		return source_is_name(request->name);
	if (request->wish && source_is_name(request->wish))
		return true;
	if (env && session->settings.environment != ENVIRONMENT_IGNORE)
		return false;
	return !has_stored(session, request->endpoint);
}

int session_resolve(const struct session *session, const struct resolve_request *request,
		    struct resolution *ret, struct err *err)
{
	struct resolve_request whole = *request;
	struct resolve_input input = {
		.tokens = session->catalogue.tokens,
		.count = session->catalogue.count,
		.env = session_env(session),
		.environment = session->settings.environment,
	};
	int error;

	if (!whole.endpoint)
		whole.endpoint = session->endpoint.origin;
	if (!whole.now)
		whole.now = time_now();
	if (session_needs_search(session, &whole)) {
		error = session_search(session, err);
		if (error)
			return error;
		input.sources = session->sources->tokens;
		input.source_count = session->sources->count;
		input.active = session->sources->active;
	}
	input.preferred = catalogue_default(&session->catalogue, whole.endpoint);
	error = resolve(&whole, &input, ret, err);
	trace("resolve %s: %s (%s)", whole.endpoint,
	      !error && ret->token ? ret->token->name : "nothing",
	      error ? "error" : resolve_source_names[ret->source]);
	return error;
}

const struct token *session_twin(struct session *session, const struct token *source)
{
	AUTOSECRET struct secret value = {0};

	if (sources_secret(session->sources, source, &value, NULL))
		return NULL;
	for (size_t i = 0; i < session->catalogue.count; i++) {
		const struct token *stored = &session->catalogue.tokens[i];
		AUTOSECRET struct secret secret = {0};

		if (strcmp(stored->endpoint, source->endpoint) == 0 &&
		    !catalogue_complete(stored, NULL) &&
		    strcmp(stored->masked, source->masked) == 0 &&
		    !session_secret(session, stored, &secret, NULL) &&
		    secret_equal(&secret, &value))
			return stored;
	}
	return NULL;
}

struct token session_describe(struct session *session, const struct token *source)
{
	const struct token *twin = session_twin(session, source);
	struct token shown = twin ? *twin : *source;

	shown.name = source->name;
	shown.id = source->id;
	shown.store = source->store;
	return shown;
}
