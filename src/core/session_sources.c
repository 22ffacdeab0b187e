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

int session_search(struct session *session, struct err *err)
{
	int error = 0;

	if (session->sources->searched)
		return 0;
	error = sources_search(session->sources, err);
	return error ? error : session_bind_sources(session, err);
}

int session_find(struct session *session, const char *name, const struct token **ret,
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

enum environment_setting session_environment(const struct session *session,
					     const char *endpoint)
{
	return strcmp(endpoint, session->source_endpoint) == 0 ? session->settings.environment
							       : ENVIRONMENT_IGNORE;
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

int session_resolve(struct session *session, const struct resolve_request *request,
		    struct resolution *ret, struct err *err)
{
	struct resolve_request whole = *request;
	struct resolve_input input = {
		.tokens = session->catalogue.tokens,
		.count = session->catalogue.count,
		.env = session_env(session),
	};
	int error;

	if (!whole.endpoint)
		whole.endpoint = session->endpoint.origin;
	input.environment = session_environment(session, whole.endpoint);
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

struct token session_describe(struct session *session, const struct token *source)
{
	const struct token *twin = session_twin(session, source);
	struct token shown = twin ? *twin : *source;

	shown.name = source->name;
	shown.id = source->id;
	shown.store = source->store;
	return shown;
}

const struct token *session_expired(const struct session *session, const char *endpoint)
{
	const struct catalogue *catalogue = &session->catalogue;
	const struct token *found = catalogue_default(catalogue, endpoint);
	size_t count = 0;

	for (size_t i = 0; i < catalogue->count && !found; i++)
		count += strcmp(catalogue->tokens[i].endpoint, endpoint) == 0;
	for (size_t i = 0; i < catalogue->count && !found && count == 1; i++) {
		if (strcmp(catalogue->tokens[i].endpoint, endpoint) == 0)
			found = &catalogue->tokens[i];
	}
	return found && token_has_expired(found, time_now()) ? found : NULL;
}
