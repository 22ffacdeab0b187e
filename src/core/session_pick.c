/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session_pick.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/git_hints.h"
#include "core/rule_place.h"

void session_pick_release(struct session_pick *pick)
{
	pick_release(&pick->pick);
	rule_list_release(&pick->rule_list);
	rules_release(&pick->rules);
	outcomes_release(&pick->outcomes);
}

/* Whether more than one token could be meant. */
static bool has_choice(const struct session *session, const struct pick_request *request)
{
	size_t count = session_env(session) != NULL;

	for (size_t i = 0; i < session->catalogue.count && count < 2; i++)
		count += resolve_may_answer(&session->catalogue.tokens[i], &request->base);
	return count > 1;
}

static void look_at_process(struct session_pick *ret)
{
	struct pick_request *request = &ret->request;
	struct git_hints hints;

	git_hints_find(request->base.endpoint, !request->repo, &hints);
	if (request->operation == OPERATION_UNKNOWN)
		request->operation = hints.operation;
	if (!request->repo && hints.has_repo) {
		ret->repo = hints.repo;
		request->repo = &ret->repo;
	}
}

static int find_rules(struct session_pick *ret, struct err *err)
{
	AUTOPLACE struct rule_place place = {0};
	struct rule_request request = {.repo = ret->request.repo,
				       .operation = ret->request.operation};

	if (!ret->rules.texts[RULES_OF_USER].size && !ret->rules.texts[RULES_OF_SYSTEM].size)
		return 0;
	rule_place_find(&place);
	rule_place_apply(&place, &request);
	return rules_find(&ret->rules, &request, &ret->rule_list, err);
}

static void trace_pick(const struct session_pick *pick)
{
	char id[REPO_ID_SIZE] = "no repository";
	const char *operation = operation_name(pick->request.operation);

	if (pick->request.repo)
		repo_text(pick->request.repo, id);
	trace("resolve %s %s %s: %s (%s)", pick->request.base.endpoint, id,
	      operation ? operation : "?",
	      pick->pick.token ? pick->pick.token->name : "nothing",
	      resolve_source_names[pick->pick.source]);
}

/* What a name alone decides needs nothing else. */
static int gather(struct session *session, const struct session_question *question,
		  struct session_pick *ret, struct err *err)
{
	bool decided = question->name && !question->explain;
	int error = 0;

	if (decided)
		return 0;
	error = rules_load(&ret->rules, err);
	if (!error && question->ask_process &&
	    (ret->rules.texts[RULES_OF_USER].size || ret->rules.texts[RULES_OF_SYSTEM].size ||
	     has_choice(session, &ret->request)))
		look_at_process(ret);
	if (!error)
		error = find_rules(ret, err);
	outcomes_load(ret->request.repo, &ret->outcomes);
	return error;
}

int session_pick(struct session *session, const struct session_question *question,
		 struct session_pick *ret, struct err *err)
{
	struct pick_input input = {
		.base = {.tokens = session->catalogue.tokens,
			 .count = session->catalogue.count,
			 .env = session_env(session),
			 .environment = session->settings.environment},
		.outcomes = &ret->outcomes,
	};
	const char *endpoint = question->endpoint;
	int error;

	if (!endpoint)
		endpoint = session->endpoint.origin;
	ret->request = (struct pick_request) {.base = {.endpoint = endpoint,
						       .name = question->name,
						       .wish = question->wish,
						       .now = time_now()},
					      .operation = question->operation,
					      .explain = question->explain};
	if (question->repo) {
		ret->repo = *question->repo;
		ret->request.repo = &ret->repo;
	}
	error = gather(session, question, ret, err);
	if (error)
		return error;
	input.base.preferred = catalogue_default(&session->catalogue, endpoint);
	input.rules = ret->rule_list.rules;
	input.rule_count = ret->rule_list.count;
	if (input.base.env && ret->request.repo &&
	    strcmp(input.base.env->endpoint, endpoint) == 0)
		input.env_twin = session_env_twin(session);
	error = resolve_pick(&ret->request, &input, &ret->pick, err);
	if (!error)
		trace_pick(ret);
	return error;
}
