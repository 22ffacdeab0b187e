/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sources.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "core/hf_files.h"
#include "core/mounts.h"

#define ENV_NAME      "env"
#define MOUNT_PREFIX  MOUNT_STORE ":"
#define HF_PREFIX     HF_STORE ":"
#define PROBLEMS_SIZE ((size_t)16 << 10)

static struct token blank(const char *store, const char *endpoint)
{
	return (struct token) {
		.name = "",
		.id = "",
		.endpoint = endpoint,
		.account = "",
		.gated_read = UNKNOWN,
		.store = store,
		.masked = "",
		.created = TIME_UNKNOWN,
		.expires = TIME_UNKNOWN,
		.verified = TIME_UNKNOWN,
		.identity = "",
		.extra = "",
	};
}

static void describe_env(struct sources *sources)
{
	const struct secret *secret = program_token();

	sources->env = blank(ENV_NAME, sources->endpoint);
	if (secret->size == 0)
		return;
	mask_secret(secret, sources->env_masked);
	sources->env.name = ENV_NAME;
	sources->env.masked = sources->env_masked;
	sources->env.kind = token_kind_of_secret(secret);
}

int sources_new(const char *endpoint, struct sources **ret, struct err *err)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return err_no_memory(err);
	sources->endpoint = endpoint;
	describe_env(sources);
	*ret = sources;
	return 0;
}

static void release_source(struct source *source)
{
	secret_release(&source->secret);
	free(source->name);
	free(source->location);
}

void sources_free(struct sources *sources)
{
	if (!sources)
		return;
	for (size_t i = 0; i < sources->count; i++)
		release_source(&sources->details[i]);
	free(sources->tokens);
	free(sources->details);
	buf_release(&sources->problems);
	free(sources);
}

int sources_search(struct sources *sources, struct err *err)
{
	int error;

	if (sources->searched)
		return 0;
	sources->searched = true;
	sources->tokens = calloc(SOURCES_MAX, sizeof(*sources->tokens));
	sources->details = calloc(SOURCES_MAX, sizeof(*sources->details));
	if (!sources->tokens || !sources->details)
		return err_no_memory(err);
	error = mounts_search(sources, err);
	return error ? error : hf_files_search(sources, err);
}

bool source_is_name(const char *name)
{
	return strcmp(name, ENV_NAME) == 0 || text_starts_with(name, MOUNT_PREFIX) ||
	       text_starts_with(name, HF_PREFIX);
}

const struct token *sources_find(const struct sources *sources, const char *name)
{
	if (*sources->env.name && strcmp(name, ENV_NAME) == 0)
		return &sources->env;
	for (size_t i = 0; i < sources->count; i++) {
		if (strcmp(sources->tokens[i].name, name) == 0)
			return &sources->tokens[i];
	}
	return NULL;
}

static struct source *find_source(const struct sources *sources, const struct token *token)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (strcmp(sources->tokens[i].name, token->name) == 0)
			return &sources->details[i];
	}
	return NULL;
}

int sources_secret(const struct sources *sources, const struct token *token, struct secret *ret,
		   struct err *err)
{
	const struct source *source = find_source(sources, token);
	const struct secret *secret = source ? &source->secret : program_token();

	return secret_set(ret, secret_text(secret), secret->size) ? err_no_memory(err) : 0;
}

const char *sources_location(const struct sources *sources, const struct token *token)
{
	const struct source *source = find_source(sources, token);

	return source ? source->location : program_token_variable();
}

void sources_bind(struct sources *sources, struct token *token, const struct token *stored)
{
	struct source *source = find_source(sources, token);
	struct source_bond *bond = source ? &source->bond : &sources->env_bond;

	/* Copies: the catalogue may be read again before the sources go. */
	(void)text_copy(bond->twin, sizeof(bond->twin), stored->id);
	(void)text_copy(bond->endpoint, sizeof(bond->endpoint), stored->endpoint);
	token->endpoint = bond->endpoint;
}

const char *sources_twin(const struct sources *sources, const struct token *token)
{
	const struct source *source = find_source(sources, token);

	return source ? source->bond.twin : sources->env_bond.twin;
}

void sources_leave_out(struct sources *sources, struct token *token)
{
	size_t place;

	if (token == &sources->env) {
		sources->env.name = "";
		return;
	}
	place = (size_t)(token - sources->tokens);
	if (sources->active == token)
		sources->active = NULL;
	else if (sources->active && sources->active > token)
		sources->active--;
	release_source(&sources->details[place]);
	sources->count--;
	for (size_t i = place; i < sources->count; i++) {
		sources->tokens[i] = sources->tokens[i + 1];
		sources->details[i] = sources->details[i + 1];
		/* What is part of the details has moved with them. */
		sources->tokens[i].masked = sources->details[i].masked;
		if (*sources->details[i].bond.endpoint)
			sources->tokens[i].endpoint = sources->details[i].bond.endpoint;
	}
	sources->details[sources->count] = (struct source) {0};
}

const struct token *sources_mounted(const struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (strcmp(sources->tokens[i].store, MOUNT_STORE) == 0 &&
		    strcmp(sources->tokens[i].endpoint, sources->endpoint) == 0)
			return &sources->tokens[i];
	}
	return NULL;
}

int source_hint_removal(const char *name, struct err *err)
{
	AUTOBUF struct buf quoted = {0};

	if (strcmp(name, ENV_NAME) == 0)
		return err_hint(err, "unset %s", program_token_variables());
	if (strcmp(name, HF_PREFIX HF_ACTIVE_NAME) == 0)
		return err_hint(err,
				"hf auth logout; or hftoken setup hf --undo, if that put it "
				"there");
	if (text_starts_with(name, HF_PREFIX)) {
		text_quote(&quoted, name + strlen(HF_PREFIX));
		return err_hint(err, "hf auth logout --token-name %s", buf_text(&quoted));
	}
	return err_hint(err, "ask whoever mounts it to take it away");
}

/* ---- for those who search --------------------------------------------------------------------- */

int sources_add(struct sources *sources, const char *store, const char *name,
		const char *location, const struct secret *secret, int64_t expires,
		const struct token **ret, struct err *err)
{
	struct source *source = &sources->details[sources->count];
	struct token *token = &sources->tokens[sources->count];

	if (sources->count == SOURCES_MAX || sources_find(sources, name)) {
		sources_problem(sources, "%s: '%s' is left out: %s", location, name,
				sources->count == SOURCES_MAX ? "there are too many"
							      : "another has that name");
		return 0;
	}
	source->name = strdup(name);
	source->location = strdup(location);
	if (!source->name || !source->location ||
	    secret_set(&source->secret, secret_text(secret), secret->size)) {
		free(source->name);
		free(source->location);
		return err_no_memory(err);
	}
	mask_secret(secret, source->masked);
	*token = blank(store, sources->endpoint);
	token->name = source->name;
	token->masked = source->masked;
	token->expires = expires;
	token->kind = token_kind_of_secret(secret);
	sources->count++;
	if (ret)
		*ret = token;
	return 0;
}

void sources_problem(struct sources *sources, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	mask_tokens(line);
	text_disarm(line);
	trace("source left out: %s", line);
	if (sources->problems.size < PROBLEMS_SIZE)
		buf_printf(&sources->problems, "%s\n", line);
}
