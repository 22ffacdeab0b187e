/* SPDX-License-Identifier: Apache-2.0 */
#include "core/resolve_pick.h"

#include <string.h>

#include "base/text.h"
#include "core/catalogue.h"

void pick_release(struct pick *pick)
{
	free(pick->memory);
	*pick = (struct pick) {0};
}

/* ---- candidates ------------------------------------------------------------------------------- */

/* One after the other: stored tokens, then sources; NULL behind the last. */
static const struct token *nth_token(const struct resolve_input *input, size_t i)
{
	if (i < input->count)
		return &input->tokens[i];
	i -= input->count;
	if (input->env && input->environment != ENVIRONMENT_IGNORE && i-- == 0)
		return input->env;
	return i < input->source_count ? &input->sources[i] : NULL;
}

static const struct token *named_candidate(const struct pick_request *request,
					   const struct pick_input *input, const char *name)
{
	const struct token *token;

	for (size_t i = 0; (token = nth_token(&input->base, i)) != NULL; i++) {
		if (strcmp(token->name, name) == 0 && resolve_may_answer(token, &request->base))
			return token;
	}
	return NULL;
}

/* What is known of a source's token is what is known of the stored one that it is. */
static const struct token *known_as(const struct pick_input *input, const struct token *token)
{
	const struct token *twin = token == input->base.env ? input->env_twin : NULL;

	if (*token->id)
		return token;
	for (size_t i = 0; input->source_twins && i < input->base.source_count; i++) {
		if (token == &input->base.sources[i])
			twin = input->source_twins[i];
	}
	return twin ? twin : token;
}

static bool is_source(const struct token *token)
{
	return !*token->id;
}

/*
 * Whether the token was made for this very repository of somebody else's: as good as any other of
 * that account, and the least that does it.
 */
static bool is_named(const struct candidate *candidate)
{
	return candidate->reason == REASON_NAMED && candidate->weight == WEIGHT_NONE;
}

/* A source's token, behind stored ones; not where it is what everything else would use. */
static bool stands_back(const struct candidate *candidate)
{
	return is_source(candidate->token) && !candidate->is_default;
}

/* Negative: `one` is better. */
static int compare(const struct candidate *one, const struct candidate *other)
{
	int order = (int)other->verdict - (int)one->verdict;

	if (!order)
		order = verdict_level(other) - verdict_level(one);
	if (!order)
		order = other->identity - one->identity;
	if (!order && one->verdict == VERDICT_MAY)
		order = is_named(other) - is_named(one);
	if (!order && one->verdict != VERDICT_GRANTS)
		order = other->is_default - one->is_default;
	if (!order)
		order = stands_back(one) - stands_back(other);
	if (!order)
		order = (one->breadth > other->breadth) - (one->breadth < other->breadth);
	return order ? order : strcmp(one->token->name, other->token->name);
}

static int by_rank(const void *one, const void *other)
{
	return compare(one, other);
}

/* The account of the newest success. */
static const char *worked_account(const struct pick *pick)
{
	const struct candidate *newest = NULL;

	for (size_t i = 0; i < pick->count; i++) {
		const struct candidate *candidate = &pick->candidates[i];

		if (candidate->used_at != TIME_UNKNOWN &&
		    (!newest || candidate->used_at > newest->used_at ||
		     (candidate->used_at == newest->used_at &&
		      strcmp(candidate->token->name, newest->token->name) < 0)))
			newest = candidate;
	}
	return newest ? newest->account : "";
}

/* All candidates, for reading and for writing where it is not known which is meant. */
struct judging {
	const struct pick_request *request;
	const struct pick_input *input;
	const struct token *usual;
	struct candidate *lists[OPERATION_COUNT]; /* NULL: not asked about */
	size_t counts[OPERATION_COUNT];
	bool decided[OPERATION_COUNT]; /* what is not judged yet cannot be better */
	bool grants_only; /* reading is asked about as well: writing counts where it is granted */
};

static bool has_worked(const struct outcomes *outcomes)
{
	for (size_t i = 0; i < outcomes->count; i++) {
		if (outcomes->list[i].result == OUTCOME_WORKED)
			return true;
	}
	return false;
}

/* Whether it is known at a glance that the token is not granted writing, where that alone counts. */
static bool need_not_write(const struct judging *judging, const struct token *token)
{
	return judging->grants_only &&
	       grants_compact_only_reads(known_as(judging->input, token));
}

static int judge_one(struct judging *judging, const struct token *token,
		     struct grants_room *room, struct err *err)
{
	const struct pick_input *input = judging->input;
	const struct token *known = known_as(input, token);
	struct grants grants;
	bool only_read;

	if (catalogue_complete(known, err))
		return ERR_DAMAGED;
	grants_compact_read(known, judging->request->repo, room, &grants);
	only_read = need_not_write(judging, token);
	for (int operation = 0; operation < OPERATION_COUNT; operation++) {
		const struct verdict_question question = {
			.repo = judging->request->repo,
			.operation = (enum operation)operation,
			.outcomes = input->outcomes,
			.now = judging->request->base.now};
		struct candidate *list = judging->lists[operation];
		struct candidate *candidate;

		if (!list || judging->decided[operation] ||
		    (operation == OPERATION_WRITE && only_read))
			continue;
		candidate = &list[judging->counts[operation]++];
		verdict_judge(known, &grants, &question, candidate);
		candidate->token = token;
		candidate->is_default = token == judging->usual;
	}
	return 0;
}

static bool is_own(const struct judging *judging, const struct token *token,
		   const char *account)
{
	return token == judging->usual ||
	       (*account && text_equal_fold(known_as(judging->input, token)->account, account));
}

/* Those of the default's account, or the others. */
static int judge_side(struct judging *judging, const char *account, bool own, struct err *err)
{
	AUTOROOM struct grants_room room = {0};
	const struct token *token;
	int error = 0;

	for (size_t i = 0; !error && (token = nth_token(&judging->input->base, i)) != NULL;
	     i++) {
		/* Asked in this order, since with many tokens most are passed over by the first. */
		if ((judging->decided[OPERATION_READ] && need_not_write(judging, token)) ||
		    is_own(judging, token, account) != own ||
		    !resolve_may_answer(token, &judging->request->base))
			continue;
		error = judge_one(judging, token, &room, err);
	}
	return error;
}

/* Whether one of those judged so far is granted it. */
static bool is_granted(const struct judging *judging, enum operation operation)
{
	const struct candidate *list = judging->lists[operation];

	for (size_t i = 0; i < judging->counts[operation]; i++) {
		if (list[i].verdict == VERDICT_GRANTS)
			return true;
	}
	return false;
}

/*
 * Whether another account's token can be better: not than one of the default's account that is
 * granted it, unless another account may have worked here. It need not be judged then; with many
 * accounts that is most of the work. Where it is not known which is meant, one that is granted
 * writing decides for both.
 */
static bool is_decided(struct judging *judging)
{
	if (judging->request->explain || has_worked(judging->input->outcomes))
		return false;
	for (int operation = 0; operation < OPERATION_COUNT; operation++)
		judging->decided[operation] = !judging->lists[operation] ||
					      is_granted(judging, (enum operation)operation);
	return judging->lists[OPERATION_WRITE] ? judging->decided[OPERATION_WRITE]
					       : judging->decided[OPERATION_READ];
}

static void set_identities(const char *usual, struct pick *pick)
{
	const char *worked = worked_account(pick);

	for (size_t i = 0; i < pick->count; i++) {
		struct candidate *candidate = &pick->candidates[i];
		const char *account = candidate->account;

		if (*worked && text_equal_fold(account, worked))
			candidate->identity = 2;
		else if (candidate->is_default || (*usual && text_equal_fold(account, usual)))
			candidate->identity = 1;
	}
}

/* The best one to the front; all of them in order where somebody wants to see that. */
static void rank(const char *usual, bool whole, struct pick *pick)
{
	struct candidate *list = pick->candidates;
	struct candidate best;
	size_t place = 0;

	if (!pick->count)
		return;
	set_identities(usual, pick);
	if (whole)
		qsort(list, pick->count, sizeof(*list), by_rank);
	for (size_t i = 1; i < pick->count; i++) {
		if (compare(&list[i], &list[place]) < 0)
			place = i;
	}
	best = list[place];
	list[place] = list[0];
	list[0] = best;
	pick->all_denied = best.verdict == VERDICT_DENIES;
}

static void use_list(struct pick *pick, const struct judging *judging, enum operation operation,
		     const char *account)
{
	pick->candidates = judging->lists[operation];
	pick->count = judging->counts[operation];
	pick->operation = operation;
	rank(account, judging->request->explain, pick);
}

static int judge(const struct pick_request *request, const struct pick_input *input,
		 const struct token *usual, struct pick *pick, struct err *err)
{
	struct judging judging = {.request = request, .input = input, .usual = usual};
	size_t capacity = input->base.count + 1 + input->base.source_count;
	bool is_unknown = request->operation == OPERATION_UNKNOWN;
	const char *account = usual ? known_as(input, usual)->account : "";
	int error;

	pick->memory = calloc(2 * capacity, sizeof(*pick->memory));
	if (!pick->memory)
		return err_no_memory(err);
	if (request->operation != OPERATION_WRITE)
		judging.lists[OPERATION_READ] = pick->memory;
	if (request->operation != OPERATION_READ)
		judging.lists[OPERATION_WRITE] = pick->memory + capacity;
	judging.grants_only = is_unknown && !request->explain && !has_worked(input->outcomes);
	error = judge_side(&judging, account, true, err);
	if (!error && !is_decided(&judging))
		error = judge_side(&judging, account, false, err);
	if (error)
		return error;
	if (!is_unknown) {
		use_list(pick, &judging, request->operation, account);
		return 0;
	}
	/* Who grants writing serves both; where nobody does, reading is likelier. */
	use_list(pick, &judging, OPERATION_WRITE, account);
	if (!pick->count || pick->candidates[0].verdict != VERDICT_GRANTS)
		use_list(pick, &judging, OPERATION_READ, account);
	return 0;
}

/*
 * The default token, for the order among equals. The one that stands in for it where an account was
 * wished has no such right.
 */
static const struct token *real_default(const struct pick_input *input,
					const struct resolution *usual)
{
	bool real = usual->source != SOURCE_WISH || usual->token == input->base.preferred ||
		    usual->token == input->base.env;

	return real ? usual->token : NULL;
}

/* ---- the order -------------------------------------------------------------------------------- */

static const struct rule *find_rule(const struct pick_request *request,
				    const struct pick_input *input, const struct token **ret)
{
	for (size_t i = 0; i < input->rule_count; i++) {
		const struct rule *rule = &input->rules[i];

		*ret = rule->problem ? NULL : named_candidate(request, input, rule->token);
		if (*ret)
			return rule;
	}
	return NULL;
}

static void take(struct pick *pick, const struct token *token, enum resolve_source source)
{
	pick->token = token;
	pick->source = source;
	for (size_t i = 0; token && i < pick->count; i++) {
		if (pick->candidates[i].token == token)
			pick->judged = &pick->candidates[i];
	}
}

static enum resolve_source source_of(const struct candidate *best,
				     const struct resolution *usual)
{
	if (best->weight == WEIGHT_LATELY || best->weight == WEIGHT_ONCE)
		return SOURCE_OUTCOME;
	if (best->verdict == VERDICT_MAY && best->is_default)
		return usual->source;
	return SOURCE_GRANT;
}

/*
 * Where all are denied, the best of those whose denial is old, before those that were only asked
 * about: the Hub has just said what it thinks of these.
 */
static const struct candidate *last_resort(const struct pick *pick,
					   const struct pick_request *request, bool refused)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < pick->count; i++) {
		const struct candidate *candidate = &pick->candidates[i];

		if (verdict_is_old(candidate, request->base.now) &&
		    (candidate->weight == WEIGHT_REFUSED) == refused &&
		    (!best || compare(candidate, best) < 0))
			best = candidate;
	}
	return best;
}

/* By verdict; where all are denied, the last resort. */
static void take_best(struct pick *pick, const struct pick_request *request,
		      const struct resolution *usual)
{
	const struct candidate *best;

	if (pick->count && !pick->all_denied) {
		take(pick, pick->candidates[0].token, source_of(&pick->candidates[0], usual));
		return;
	}
	best = last_resort(pick, request, false);
	if (!best && !request->has_asked)
		best = last_resort(pick, request, true);
	if (best)
		take(pick, best->token, SOURCE_LAST_RESORT);
}

/* Without a repository: the default token, unless the Hub has said that it is dead. */
static int take_usual(struct pick *pick, const struct pick_request *request,
		      const struct pick_input *input, const struct resolution *usual,
		      struct err *err)
{
	AUTOROOM struct grants_room room = {0};
	const struct token *known;
	struct candidate judged;
	struct grants grants;

	if (!usual->token)
		return 0;
	known = known_as(input, usual->token);
	if (catalogue_complete(known, err))
		return ERR_DAMAGED;
	grants_compact_read(known, NULL, &room, &grants);
	verdict_judge(known, &grants,
		      &(struct verdict_question) {.operation = OPERATION_READ,
						  .outcomes = input->outcomes,
						  .now = request->base.now},
		      &judged);
	pick->all_denied = judged.verdict == VERDICT_DENIES;
	if (!pick->all_denied)
		take(pick, usual->token, usual->source);
	return 0;
}

static bool env_goes_first(const struct pick_input *input, const struct resolution *usual)
{
	return input->base.environment == ENVIRONMENT_FIRST &&
	       usual->source == SOURCE_ENVIRONMENT;
}

int resolve_pick(const struct pick_request *request, const struct pick_input *input,
		 struct pick *ret, struct err *err)
{
	AUTOPICK struct pick pick = {0};
	struct resolution usual;
	const struct token *ruled = NULL;
	bool named = request->base.name != NULL;
	int error = resolve(&request->base, &input->base, &usual, err);

	if (error)
		return error;
	pick.bound = usual.bound;
	named |= env_goes_first(input, &usual);
	if (!named)
		pick.rule = find_rule(request, input, &ruled);
	if (request->explain || (!named && !pick.rule && request->repo))
		error = judge(request, input, real_default(input, &usual), &pick, err);
	if (error)
		return error;
	if (named)
		take(&pick, usual.token, usual.source);
	else if (pick.rule)
		take(&pick, ruled, SOURCE_RULE);
	else if (request->repo)
		take_best(&pick, request, &usual);
	else
		error = take_usual(&pick, request, input, &usual, err);
	if (!error && pick.token)
		error = catalogue_complete(pick.token, err);
	if (error)
		return error;
	*ret = pick;
	pick = (struct pick) {0};
	return 0;
}
