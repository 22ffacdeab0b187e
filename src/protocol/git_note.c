/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/git_note.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mask.h"
#include "base/text.h"
#include "core/adopt.h"
#include "core/git_hints.h"
#include "core/outcomes.h"
#include "protocol/git_remark.h"

/* What the request is about, as far as it is known. */
struct noted {
	struct session *session;
	char endpoint[ENDPOINT_SIZE];
	const struct repo *repo; /* NULL: not known */
	struct repo memory;
	enum operation operation; /* never unknown */
	struct secret secret;
};

/* Where a token of ours could have come from, or could be kept for. */
static bool is_hub(const struct session *session, const char *endpoint)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return endpoint_is_hub(endpoint) || strcmp(session->endpoint.origin, endpoint) == 0 ||
	       strcmp(session->source_endpoint, endpoint) == 0;
}

/* As `get` understands it, so that what is learnt is about what was answered. */
static void find_subject(const struct git_request *request, bool is_store, struct noted *noted)
{
	struct git_hints hints;

	noted->repo = git_request_repo(request, &noted->memory);
	noted->operation = OPERATION_READ;
	if (noted->repo && is_store)
		return; /* a success proves reading, whatever it was for */
	git_hints_find(noted->endpoint, !noted->repo, &hints);
	if (hints.operation == OPERATION_WRITE)
		noted->operation = OPERATION_WRITE;
	if (!noted->repo && hints.has_repo) {
		noted->memory = hints.repo;
		noted->repo = &noted->memory;
	}
}

static bool remember(const struct noted *noted, const struct token *token,
		     enum operation operation, enum outcome_result result)
{
	struct outcome outcome = {.revision = token->revision,
				  .operation = operation,
				  .result = result,
				  .source = OUTCOME_BY_GIT,
				  .at = time_now(),
				  .verified = token->verified};

	outcome_token_id(token, outcome.id);
	return outcomes_note(noted->repo, &outcome);
}

/* ---- store ------------------------------------------------------------------------------------ */

/* Whether a token that looks like this one is known to work there: no store need be asked again. */
static bool worked_lately(const struct noted *noted)
{
	AUTOOUTCOMES struct outcomes outcomes = {0};
	const struct catalogue *catalogue = &noted->session->catalogue;
	char masked[MASKED_SIZE];
	int64_t now = time_now();

	mask_secret(&noted->secret, masked);
	if (!strchr(masked, '_'))
		return false; /* nothing is shown of it, and so it looks like many */
	outcomes_load(noted->repo, &outcomes);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];
		struct outcome old;

		if (strcmp(token->masked, masked) != 0)
			continue;
		old = outcomes_find(&outcomes, token->id, token->revision, OPERATION_READ);
		if (old.result == OUTCOME_WORKED && old.source == OUTCOME_BY_GIT &&
		    old.at <= now && old.at >= token->verified &&
		    now - old.at < OUTCOME_REPEAT_SECONDS)
			return true;
	}
	return false;
}

static void take_over(const struct noted *noted, const char *user)
{
	struct adopted adopted = {.done = false};
	struct err err = {0};

	if (session_adopt(noted->session, &noted->secret, noted->endpoint, user, &adopted,
			  &err))
		trace("git store: not kept: %s", err.message);
	if (adopted.done)
		git_say("kept the token that was typed for %s as '%s', in the store '%s'%s; see "
			"hftoken whoami %s",
			endpoint_host(noted->endpoint), adopted.name, adopted.store,
			adopted.hf == HF_WRITTEN ? ", and hf uses it too" : "", adopted.name);
}

static void note_success(const struct noted *noted, const char *user)
{
	struct recognised found;

	if (noted->repo && worked_lately(noted))
		return;
	if (session_recognise(noted->session, &noted->secret, &found, NULL))
		return;
	if (!found.known)
		take_over(noted, user);
	else if (found.token && noted->repo &&
		 strcmp(found.token->endpoint, noted->endpoint) == 0)
		/* A push too has read first. */
		(void)remember(noted, found.token, OPERATION_READ, OUTCOME_WORKED);
}

/* ---- erase ------------------------------------------------------------------------------------ */

static void note_refusal(const struct noted *noted)
{
	struct recognised found;
	char id[REPO_ID_SIZE];

	if (!noted->repo || session_recognise(noted->session, &noted->secret, &found, NULL))
		return;
	if (!found.token || strcmp(found.token->endpoint, noted->endpoint) != 0 ||
	    !remember(noted, found.token, noted->operation, OUTCOME_REFUSED))
		return;
	repo_text(noted->repo, id);
	git_say("the Hub refused token '%s' for %s; hftoken why%s %s says why",
		found.token->name, id, noted->operation == OPERATION_WRITE ? " --write" : "",
		id);
}

void git_note(const struct git_request *request, bool is_store)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const struct session_options options = {.parts = CATALOGUE_INDEX};
	struct noted noted = {.session = &session};

	if (!request->complete || !request->password || !*request->password ||
	    !git_request_endpoint(request, noted.endpoint)) {
		trace("git: nothing to learn%s",
		      request->complete ? "" : " (the request was cut off)");
		return;
	}
	if (session_open(&session, &options, NULL) || !is_hub(&session, noted.endpoint))
		return;
	if (secret_set(&noted.secret, request->password, strlen(request->password)))
		return;
	find_subject(request, is_store, &noted);
	if (is_store)
		note_success(&noted, request->username ? request->username : "");
	else
		note_refusal(&noted);
	secret_release(&noted.secret);
}
