/* SPDX-License-Identifier: Apache-2.0 */
#include "core/resolve.h"

#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"

const char *const resolve_source_names[SOURCE_COUNT] = {
	[SOURCE_NONE] = "none",
	[SOURCE_EXPLICIT] = "explicit",
	[SOURCE_ENVIRONMENT] = "environment",
	[SOURCE_DEFAULT] = "default",
	[SOURCE_WISH] = "explicit",
	[SOURCE_RULE] = "rule",
	[SOURCE_GRANT] = "grant",
	[SOURCE_OUTCOME] = "outcome",
	[SOURCE_LAST_RESORT] = "last-resort",
};

bool resolve_is_plain_user(const char *username)
{
	static const char *const plain[] = {"",          "hf_user", "oauth2",
					    "__token__", "git",     "user"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		if (text_equal_fold(username, plain[i]))
			return true;
	}
	return false;
}

static bool is_bound(const struct token *token, const struct resolve_request *request)
{
	return strcmp(token->endpoint, request->endpoint) == 0;
}

static bool is_candidate(const struct token *token, const struct resolve_request *request)
{
	return is_bound(token, request) && !token_has_expired(token, request->now);
}

static const struct token *env_candidate(const struct resolve_request *request,
					 const struct resolve_input *input)
{
	const struct token *env = input->env;

	if (!env || input->environment == ENVIRONMENT_IGNORE || !is_bound(env, request))
		return NULL;
	return env;
}

static int no_such_name(const char *name, struct err *err)
{
	if (looks_like_token(name))
		return token_name_check(name, err);
	err_set(err, ERR_NO_NAME, "there is no token named '%.*s'", (int)TOKEN_NAME_MAX, name);
	return err_hint(err, "hftoken list shows their names");
}

static int resolve_name(const struct resolve_request *request,
			const struct resolve_input *input, struct resolution *ret,
			struct err *err)
{
	const struct token *found = NULL;

	for (size_t i = 0; i < input->count && !found; i++) {
		if (strcmp(input->tokens[i].name, request->name) == 0)
			found = &input->tokens[i];
	}
	if (!found && input->env && strcmp(input->env->name, request->name) == 0)
		found = input->env;
	for (size_t i = 0; i < input->source_count && !found; i++) {
		if (strcmp(input->sources[i].name, request->name) == 0)
			found = &input->sources[i];
	}
	if (!found)
		return no_such_name(request->name, err);
	if (!is_bound(found, request)) {
		err_set(err, ERR_NO_TOKEN, "token '%s' is for %s, not for %s", found->name,
			found->endpoint, request->endpoint);
		return err_hint(err, "hftoken login --endpoint %s", request->endpoint);
	}
	if (token_has_expired(found, request->now)) {
		err_set(err, ERR_NO_TOKEN, "token '%s' has expired", found->name);
		if (!*found->id)
			return err_hint(err, "hf auth whoami renews it, if it can be renewed");
		return err_hint(err, "make a new one and hftoken login %s", found->name);
	}
	ret->token = found;
	ret->source = SOURCE_EXPLICIT;
	return 0;
}

void resolve_typed_name(const char *user, char ret[TOKEN_NAME_MAX + 1])
{
	static const char usual[] = "git";
	char name[TOKEN_NAME_MAX + 1];

	if (resolve_is_plain_user(user) || !token_name_from(user, name))
		(void)text_copy(ret, TOKEN_NAME_MAX + 1, usual);
	else
		(void)snprintf(ret, TOKEN_NAME_MAX + 1, "%s-%.*s", usual, TYPED_NAME_MAX, name);
}

static bool is_typed_for(const struct token *token, const char *wish)
{
	char name[TOKEN_NAME_MAX + 1];

	if (!text_starts_with(token->name, "git-"))
		return false;
	resolve_typed_name(wish, name);
	return strcmp(token->name, name) == 0;
}

static bool is_wished(const struct token *token, const char *wish)
{
	return strcmp(token->name, wish) == 0 || text_equal_fold(token->account, wish) ||
	       is_typed_for(token, wish);
}

/* Where nothing is stored: a mounted token, then what huggingface_hub uses. */
static const struct token *source_default(const struct resolve_request *request,
					  const struct resolve_input *input)
{
	for (size_t i = 0; i < input->source_count; i++) {
		const struct token *token = &input->sources[i];

		if (strcmp(token->store, "mount") == 0 && is_candidate(token, request))
			return token;
	}
	return input->active && is_candidate(input->active, request) ? input->active : NULL;
}

/* The default if it is of that account (or name), else the first by name that is. */
static const struct token *find_wished(const struct resolve_request *request,
				       const struct resolve_input *input,
				       const struct token *preferred)
{
	const struct token *found = NULL;

	if (preferred && is_wished(preferred, request->wish))
		return preferred;
	for (size_t i = 0; i < input->count; i++) {
		const struct token *token = &input->tokens[i];

		if (!is_candidate(token, request) || !is_wished(token, request->wish))
			continue;
		/* A token's own name is a clearer wish than its account. */
		if (strcmp(token->name, request->wish) == 0)
			return token;
		if (!found || strcmp(token->name, found->name) < 0)
			found = token;
	}
	for (size_t i = 0; i < input->source_count && !found; i++) {
		const struct token *token = &input->sources[i];

		if (is_candidate(token, request) && is_wished(token, request->wish))
			found = token;
	}
	return found;
}

int resolve(const struct resolve_request *request, const struct resolve_input *input,
	    struct resolution *ret, struct err *err)
{
	struct resolution result = {.source = SOURCE_NONE};
	const struct token *env = env_candidate(request, input);
	const struct token *preferred = input->preferred;

	for (size_t i = 0; i < input->count; i++)
		result.bound += is_bound(&input->tokens[i], request);
	if (request->name) {
		int error = resolve_name(request, input, &result, err);

		if (error)
			return error;
		*ret = result;
		return 0;
	}
	if (preferred && !is_candidate(preferred, request))
		preferred = NULL;
	if (result.bound == 0)
		preferred = source_default(request, input);
	if (request->wish && !resolve_is_plain_user(request->wish)) {
		result.token = find_wished(request, input, env ? env : preferred);
		result.source = result.token ? SOURCE_WISH : SOURCE_NONE;
	} else if (env) {
		result.token = env;
		result.source = SOURCE_ENVIRONMENT;
	} else if (preferred) {
		result.token = preferred;
		result.source = SOURCE_DEFAULT;
	}
	*ret = result;
	return 0;
}

bool resolve_may_answer(const struct token *token, const struct resolve_request *request)
{
	bool any = !request->wish || resolve_is_plain_user(request->wish);

	return is_candidate(token, request) && (any || is_wished(token, request->wish));
}
