/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session_pick.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/git_hints.h"
#include "core/rule_place.h"
#include "core/session_rules.h"

void session_pick_release(struct session_pick *pick)
{
	pick_release(&pick->pick);
	rule_list_release(&pick->rule_list);
	rules_release(&pick->rules);
	outcomes_release(&pick->outcomes);
	free(pick->twins);
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

static int learn(struct session_pick *ret, const struct outcome_news *news, struct err *err)
{
	if (news->repo && (!ret->request.repo || !repo_equal(news->repo, ret->request.repo)))
		return 0;
	return outcomes_learn(&ret->outcomes, &news->outcome, err);
}

/* The same once more, where a token is just being renamed. */
static int settle_rules(const struct session *session, struct session_pick *ret,
			struct err *err)
{
	int error;

	if (!rules_name_nobody(&ret->rule_list, &session->catalogue))
		return 0;
	rules_wait();
	rule_list_release(&ret->rule_list);
	rules_release(&ret->rules);
	error = rules_load(&ret->rules, err);
	if (!error)
		error = find_rules(ret, err);
	if (!error && rules_name_nobody(&ret->rule_list, &session->catalogue))
		rules_take_old_names(&ret->rule_list, &session->catalogue);
	return error;
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
	if (!error)
		error = settle_rules(session, ret, err);
	outcomes_load(ret->request.repo, &ret->outcomes);
	for (size_t i = 0; i < question->news_count && !error; i++)
		error = learn(ret, &question->news[i], err);
	return error;
}

/* Sources are files of others: read only where one of them may be the answer. */
static bool wants_sources(const struct session *session, const struct session_pick *ret)
{
	if (strcmp(ret->request.base.endpoint, session->source_endpoint) != 0)
		return false;
	for (size_t i = 0; i < ret->rule_list.count; i++) {
		if (source_is_name(ret->rule_list.rules[i].token))
			return true;
	}
	return ret->request.explain || session_needs_search(session, &ret->request.base);
}

static int search(struct session *session, struct pick_input *input, struct session_pick *ret,
		  struct err *err)
{
	int error = session_search(session, err);

	if (error)
		return error;
	ret->twins = calloc(session->sources->count + 1, sizeof(*ret->twins));
	if (!ret->twins)
		return err_no_memory(err);
	for (size_t i = 0; i < session->sources->count; i++)
		ret->twins[i] = session_twin(session, &session->sources->tokens[i]);
	input->source_twins = ret->twins;
	input->base.sources = session->sources->tokens;
	input->base.source_count = session->sources->count;
	input->base.active = session->sources->active;
	return 0;
}

/* Where nothing stored is any good, a source may be. */
static int pick_again(struct session *session, struct pick_input *input,
		      struct session_pick *ret, struct err *err)
{
	AUTOPICK struct pick again = {0};
	struct pick held;
	int error;

	if (strcmp(ret->request.base.endpoint, session->source_endpoint) != 0)
		return 0;
	error = search(session, input, ret, err);
	if (!error && input->base.source_count)
		error = resolve_pick(&ret->request, input, &again, err);
	if (error || !again.token)
		return error;
	held = ret->pick;
	ret->pick = again;
	again = held;
	return 0;
}

static int pick_one(struct session *session, struct session_pick *ret, struct err *err)
{
	const char *endpoint = ret->request.base.endpoint;
	struct pick_input input = {
		.base = {.tokens = session->catalogue.tokens,
			 .count = session->catalogue.count,
			 .preferred = catalogue_default(&session->catalogue, endpoint),
			 .env = session_env(session),
			 .environment = session_environment(session, endpoint)},
		.rules = ret->rule_list.rules,
		.rule_count = ret->rule_list.count,
		.outcomes = &ret->outcomes,
	};
	int error = 0;

	/* Without a repository only that it is dead counts. */
	if (input.base.env && (ret->request.repo || ret->outcomes.count) &&
	    strcmp(input.base.env->endpoint, endpoint) == 0)
		input.env_twin = session_twin(session, input.base.env);
	if (wants_sources(session, ret))
		error = search(session, &input, ret, err);
	if (!error)
		error = resolve_pick(&ret->request, &input, &ret->pick, err);
	if (!error && ret->request.repo && !input.base.sources &&
	    (!ret->pick.token || ret->pick.source == SOURCE_LAST_RESORT))
		error = pick_again(session, &input, ret, err);
	return error;
}

int session_pick(struct session *session, const struct session_question *question,
		 struct session_pick *ret, struct err *err)
{
	int error;

	ret->request = (struct pick_request) {
		.base = {.endpoint = question->endpoint ? question->endpoint
							: session->endpoint.origin,
			 .name = question->name,
			 .wish = question->wish,
			 .now = time_now()},
		.operation = question->operation,
		.explain = question->explain,
		.has_asked = question->has_asked};
	if (question->repo) {
		ret->repo = *question->repo;
		ret->request.repo = &ret->repo;
	}
	error = gather(session, question, ret, err);
	if (!error)
		error = pick_one(session, ret, err);
	if (!error)
		trace_pick(ret);
	return error;
}

void session_rule_problem(const struct session *session, const struct rule *rule,
			  struct buf *ret)
{
	if (rule->problem)
		buf_add_text(ret, rule->problem);
	else if (!source_is_name(rule->token) &&
		 !catalogue_find(&session->catalogue, rule->token))
		buf_printf(ret, "there is no token named '%s'", rule->token);
}
