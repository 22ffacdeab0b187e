/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which token answers a request. Pure: everything it looks at is passed in, the clock included; it
 * asks no network and no store. Every command and protocol asks here.
 *
 * The order: an explicit name is that token or an error, never another one; a wished account
 * narrows the candidates, and one that matches nothing gives nothing; else the default token.
 * Sources come after stored tokens: where nothing is stored for the endpoint, a mounted token, then
 * the one that huggingface_hub uses, is the default. Only tokens bound to the request's endpoint
 * that have not expired are candidates.
 */
#pragma once

#include "core/settings.h"
#include "core/token.h"

struct resolve_request {
	const char *endpoint;
	const char *name; /* explicit: --name, HFTOKEN_NAME; NULL if none */
	const char *wish; /* git's `username`: an account or a token's name; NULL if none */
	int64_t now;
};

struct resolve_input {
	const struct token *tokens; /* stored ones */
	size_t count;
	const struct token *preferred; /* the endpoint's default token; NULL if none */
	const struct token *env;       /* HF_TOKEN's; NULL if not set */
	const struct token *sources;   /* of other sources, in the order of preference */
	size_t source_count;
	const struct token *active; /* of those, the one that huggingface_hub uses; or NULL */
	enum environment_setting environment;
};

/* Where the pick comes from; the names stand in JSON. */
enum resolve_source {
	SOURCE_NONE,
	SOURCE_EXPLICIT,
	SOURCE_ENVIRONMENT,
	SOURCE_DEFAULT,
	SOURCE_WISH,
	SOURCE_RULE,
	SOURCE_GRANT,   /* what the Hub told about the token */
	SOURCE_OUTCOME, /* what happened when it was used */
	SOURCE_LAST_RESORT,
	SOURCE_COUNT,
};
extern const char *const resolve_source_names[SOURCE_COUNT];

struct resolution {
	const struct token *token; /* NULL: nothing fits; one of the input's */
	enum resolve_source source;
	size_t bound; /* how many tokens are bound to the endpoint at all, expired ones included */
};

/*
 * 0 also when nothing fits. ERR_NO_NAME if the explicit name is nobody's, ERR_NO_TOKEN if that
 * token is for another endpoint or has expired.
 */
int resolve(const struct resolve_request *request, const struct resolve_input *input,
	    struct resolution *ret, struct err *err) MUST_CHECK;

/* Whether git's user name says nothing about whose token is wanted (`hf_user`, `git`…). */
bool resolve_is_plain_user(const char *username);

/*
 * What a token is called that was typed at git's prompt with that user name (core/adopt.h): git-alice,
 * and `git` where the name says nothing. Such a token answers where that user is asked for.
 */
#define TYPED_NAME_MAX 54 /* bytes of the user's name; a number may follow */
void resolve_typed_name(const char *user, char ret[TOKEN_NAME_MAX + 1]);

/* Whether the token may answer at all: bound to the endpoint, not expired, and of the wished account. */
bool resolve_may_answer(const struct token *token, const struct resolve_request *request);
