/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of `hftoken status`, and those of variables, stores and sources. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"
#include "base/paths.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/status.h"
#include "core/hf_stored.h"
#include "core/plain.h"

/* ---- rows ------------------------------------------------------------------------------------- */

/* Of a short one nothing is shown, and it looks like many. */
void status_find_name(const struct status *status, struct place *place)
{
	const struct catalogue *catalogue = &status->session->catalogue;

	for (size_t i = 0; strchr(place->masked, '_') && i < catalogue->count; i++) {
		if (strcmp(catalogue->tokens[i].masked, place->masked) == 0) {
			(void)text_copy(place->token, sizeof(place->token),
					catalogue->tokens[i].name);
			return;
		}
	}
}

static void set_location(struct place *place, const char *text)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, text, strlen(text), LOCATION_SIZE - 1);
	(void)text_copy(place->location, sizeof(place->location), buf_text(&clean));
	mask_tokens(place->location);
}

struct place *status_add(struct status *status, const char *source, const char *location,
			 const char *value, size_t size, unsigned tools)
{
	AUTOSECRET struct secret secret = {0};
	struct err err = {0};
	struct place *place;

	if (status->count == PLACES_MAX) {
		status->left_out++;
		return NULL;
	}
	place = &status->places[status->count++];
	*place = (struct place) {.source = source, .tools = tools};
	set_location(place, location);
	if (!value || !size)
		return place;
	if (secret_set(&secret, value, size)) {
		status->no_memory = true;
		return place;
	}
	mask_secret(&secret, place->masked);
	status_find_name(status, place);
	if (token_secret_check(&secret, status->endpoint, &err))
		status_problem(place, "%s", err.message);
	return place;
}

void status_problem(struct place *place, const char *format, ...)
{
	AUTOBUF struct buf clean = {0};
	char text[PROBLEM_SIZE * 2];
	va_list args;

	if (!place || *place->problem)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_clean(&clean, text, strlen(text), PROBLEM_SIZE - 1);
	(void)text_copy(place->problem, sizeof(place->problem), buf_text(&clean));
	mask_tokens(place->problem);
}

void status_exposed(struct place *place, bool exposed)
{
	if (exposed)
		status_problem(place, "other users can read it");
}

const struct place *status_used(const struct status *status, enum status_tool tool)
{
	for (size_t i = 0; i < status->count; i++) {
		if (status->places[i].in_use & (unsigned)tool)
			return &status->places[i];
	}
	return NULL;
}

const char *place_value(const struct place *place)
{
	if (!place)
		return NULL;
	if (*place->token)
		return place->token;
	return *place->masked ? place->masked : NULL;
}

/* ---- files ------------------------------------------------------------------------------------ */

#define FILE_SIZE ((size_t)1 << 20)

static int open_path(void *where)
{
	return open(where, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static bool is_whole(const char *text, size_t size)
{
	return size == 0 || text[size - 1] == '\n' || !memchr(text, '\n', size);
}

bool status_read(struct status *status, const char *source, const char *path, unsigned tools,
		 struct secret *ret, bool *ret_exposed)
{
	AUTOFREE char *copy = strdup(path);
	const struct foreign_file file = {
		.open = open_path, .where = copy, .is_whole = is_whole, .max = FILE_SIZE};
	struct err err = {0};
	struct stat state;
	int error = copy ? foreign_read(&file, ret, NULL, &err) : ERR_NO_MEMORY;

	status->no_memory |= error == ERR_NO_MEMORY;
	*ret_exposed = stat(path, &state) == 0 && (state.st_mode & 077);
	if (error && error != ERR_NOT_FOUND)
		status_problem(status_add(status, source, path, NULL, 0, tools), "%s",
			       err.message);
	return !error && ret->size > 0;
}

/* ---- variables -------------------------------------------------------------------------------- */

static void put_variable(struct status *status, const struct program_variable *variable,
			 bool hidden)
{
	struct place *place;

	if (variable->state == VARIABLE_UNSET)
		return;
	place = status_add(status, "variable", variable->name, secret_text(&variable->value),
			   variable->value.size, TOOL_HFTOKEN | TOOL_HF);
	if (variable->state == VARIABLE_EMPTY)
		status_problem(place, "empty: it counts as unset");
	else if (variable->state == VARIABLE_BLANK)
		status_problem(place, "white space only: it counts as set, and gives no token");
	else if (hidden)
		status_problem(place, "hidden by HF_TOKEN");
	else if (place)
		place->in_use |= TOOL_HF;
}

static void put_switches(struct status *status)
{
	const char *oidc = getenv("HF_OIDC_RESOURCE");
	const char *name = getenv("HFTOKEN_NAME");
	struct place *place;

	if (oidc && *oidc)
		status_problem(
			status_add(status, "variable", "HF_OIDC_RESOURCE", NULL, 0, TOOL_HF),
			"hf exchanges it for a token before it looks elsewhere");
	if (text_is_true(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")))
		status_problem(status_add(status, "variable", "HF_HUB_DISABLE_IMPLICIT_TOKEN",
					  NULL, 0, TOOL_HF),
			       "hf sends no token unless a program asks for it");
	if (!name || !*name)
		return;
	place = status_add(status, "variable", "HFTOKEN_NAME", NULL, 0,
			   TOOL_HFTOKEN | TOOL_GIT);
	if (place && !looks_like_token(name))
		(void)text_copy(place->token, sizeof(place->token), name);
	else
		status_problem(place, "it holds a token, and should hold a token's name");
}

void status_variables(struct status *status)
{
	const struct program_variable *variables = program_variables();
	bool hidden = variables[0].state == VARIABLE_SET ||
		      variables[0].state == VARIABLE_BLANK;

	put_variable(status, &variables[0], false);
	put_variable(status, &variables[1], hidden);
	put_switches(status);
}

/* ---- stores and sources ----------------------------------------------------------------------- */

/* What hftoken answers with, marked at its row, which has been added already. */
static void mark_ours(struct status *status, const struct token *token)
{
	const char *source = *token->id ? "store" : NULL;

	for (size_t i = 0; i < status->count; i++) {
		struct place *place = &status->places[i];
		bool same = source ? strcmp(place->source, source) == 0 &&
					     strcmp(place->token, token->name) == 0
				   : strcmp(place->source, "variable") == 0 &&
					     (place->in_use & TOOL_HF);

		if (same) {
			place->in_use |= TOOL_HFTOKEN;
			return;
		}
	}
}

int status_stored(struct status *status, struct err *err)
{
	const struct catalogue *catalogue = &status->session->catalogue;
	const char *name = getenv("HFTOKEN_NAME");
	struct resolve_request request = {.name = name && *name ? name : NULL};
	struct resolution pick = {.token = NULL};
	int error;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];
		bool elsewhere = strcmp(token->endpoint, status->endpoint) != 0;
		char location[LOCATION_SIZE];
		struct place *place;

		(void)snprintf(location, sizeof(location), "%s%s%s", token->store,
			       elsewhere ? ", for " : "",
			       elsewhere ? endpoint_host(token->endpoint) : "");
		place = status_add(status, "store", location, NULL, 0, TOOL_HFTOKEN | TOOL_GIT);
		if (!place)
			continue;
		(void)text_copy(place->masked, sizeof(place->masked), token->masked);
		(void)text_copy(place->token, sizeof(place->token), token->name);
		if (token_has_expired(token, time_now()))
			status_problem(place, "expired");
	}
	error = session_resolve(status->session, &request, &pick, request.name ? NULL : err);
	if (!error && pick.token)
		mark_ours(status, pick.token);
	return request.name ? 0 : error;
}

static void put_hf_file(struct status *status)
{
	AUTOFREE char *path = plain_hf_path();
	AUTOSECRET struct secret text = {0};
	bool env = session_env(status->session) != NULL;
	unsigned tools = TOOL_HF | TOOL_HFTOKEN | TOOL_HFRS;
	struct place *place;
	bool exposed;

	status->no_memory |= !path && path_home();
	if (!path || !status_read(status, "hf", path, tools, &text, &exposed))
		return;
	secret_trim(&text);
	place = status_add(status, "hf", path, secret_text(&text), text.size, tools);
	if (!place)
		return;
	if (!text.size)
		status_problem(place, "it is empty");
	if (env)
		status_problem(place, "hidden by HF_TOKEN");
	else if (text.size)
		place->in_use |= TOOL_HF;
	status_exposed(place, exposed);
}

/* What a source names after the colon belongs to its file. */
static void put_source(struct status *status, const struct token *token)
{
	const char *location = sources_location(status->session->sources, token);
	AUTOFREE char *active = plain_hf_path();
	bool is_hf = strcmp(token->store, "hf") == 0;
	AUTOSECRET struct secret secret = {0};
	struct place *place;
	int error;

	status->no_memory |= !active && path_home();
	if (is_hf && active && strcmp(location, active) == 0)
		return; /* it has its row */
	error = sources_secret(status->session->sources, token, &secret, NULL);
	status->no_memory |= error == ERR_NO_MEMORY;
	if (error)
		return;
	place = status_add(status, is_hf ? "hf" : "mount", location, secret_text(&secret),
			   secret.size, is_hf ? TOOL_HF | TOOL_HFTOKEN : TOOL_HFTOKEN);
	if (!place)
		return;
	if (!*place->token)
		(void)text_copy(place->token, sizeof(place->token), token->name);
	if (token_has_expired(token, time_now()))
		status_problem(place, "expired");
}

/* "FILE: what is wrong" */
static void put_problems(struct status *status)
{
	AUTOFREE char *lines = strdup(buf_text(&status->session->sources->problems));
	AUTOFREE char *hf = plain_hf_path();
	char *next = lines;
	char *line;

	status->no_memory |= !lines;
	while (next && (line = strsep(&next, "\n")) != NULL) {
		char *colon = strstr(line, ": ");

		if (!colon)
			continue;
		*colon = '\0';
		if (hf && strcmp(line, hf) == 0)
			continue; /* its row says so */
		status_problem(status_add(status, "hf or mount", line, NULL, 0, TOOL_HFTOKEN),
			       "%s", colon + 2);
	}
}

static void mark_source(struct status *status)
{
	struct resolution pick = {.token = NULL};
	const struct place *used = status_used(status, TOOL_HFTOKEN);

	if (used ||
	    session_resolve(status->session, &(struct resolve_request) {.now = 0}, &pick,
			    NULL) ||
	    !pick.token || *pick.token->id)
		return;
	for (size_t i = 0; i < status->count; i++) {
		struct place *place = &status->places[i];

		if ((strcmp(place->source, "hf") == 0 || strcmp(place->source, "mount") == 0) &&
		    strcmp(place->masked, pick.token->masked) == 0) {
			place->in_use |= TOOL_HFTOKEN;
			return;
		}
	}
}

int status_sources(struct status *status, struct err *err)
{
	const struct sources *sources = status->session->sources;
	int error = session_search(status->session, err);

	if (error)
		return error;
	put_hf_file(status);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sources->count; i++) {
			if ((strcmp(sources->tokens[i].store, "hf") == 0) == (round == 0))
				put_source(status, &sources->tokens[i]);
		}
	}
	put_problems(status);
	mark_source(status);
	return 0;
}
