/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every request, whoever holds which tokens: tried with thousands of made-up ones. */
#include "tests/unit/core/pick_world.h"

#define ROUNDS 20000

static uint64_t state_of_chance = 1;

static unsigned chance(unsigned count)
{
	state_of_chance = state_of_chance * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(state_of_chance >> 33) % count;
}

/* A made-up request, all in one place that is not moved. */
static void make_up(struct told *told)
{
	static const char *const repos[] = {"acme/m1",    "acme/m2", "datasets/acme/d", "bob/x",
					    "meta/llama", "gpt2",    "alice/x",         NULL};
	const char *repo = repos[chance(ARRAY_SIZE(repos))];
	unsigned count = 1 + chance(8);

	*told = (struct told) {0};
	for (unsigned i = 0; i < count; i++) {
		struct token *token = &told->tokens[told->count];

		*token = world[chance(ARRAY_SIZE(world))];
		for (size_t j = 0; j < told->count; j++) {
			if (strcmp(told->tokens[j].name, token->name) == 0)
				token = NULL;
			if (!token)
				break;
		}
		if (!token)
			continue;
		if (chance(6) == 0)
			token->endpoint = MIRROR;
		if (chance(10) == 0)
			token->expires = NOW - 1;
		told->count++;
	}
	for (size_t i = 0; i < told->count; i++) {
		struct outcome *outcome = &told->outcomes[told->known.count];

		if (chance(4))
			continue;
		*outcome = (struct outcome) {.revision = 1,
					     .operation = (enum operation)(1 + chance(2)),
					     .result = (enum outcome_result)(1 + chance(3)),
					     .at = NOW -
						   (int64_t)chance(chance(2) ? 1000 : 1000000)};
		(void)snprintf(outcome->id, sizeof(outcome->id), "%s", told->tokens[i].id);
		told->known.count++;
	}
	told->known.list = told->outcomes;
	qsort(told->outcomes, told->known.count, sizeof(struct outcome), by_id);
	if (repo)
		assert_int_equal(repo_parse(repo, &told->repo, NULL), 0);
	told->request = (struct pick_request) {.base = {.endpoint = HUB, .now = NOW},
					       .repo = repo ? &told->repo : NULL,
					       .operation = (enum operation)chance(3)};
	told->input.base.tokens = told->tokens;
	told->input.base.count = told->count;
	told->input.outcomes = &told->known;
	if (chance(3))
		told->input.base.preferred = &told->tokens[chance((unsigned)told->count)];
	if (chance(3) == 0)
		told->input.base.env = &env;
	told->input.base.environment = (enum environment_setting)chance(3);
}

static void answer(struct told *told)
{
	pick_release(&told->pick);
	assert_int_equal(resolve_pick(&told->request, &told->input, &told->pick, NULL), 0);
}

/* -1: nothing, else the verdict. Only where a repository is known is there any. */
static int answered(struct told *told)
{
	answer(told);
	return verdict_of(&told->pick);
}

static void only_tokens_of_the_endpoint_are_candidates(void **state UNUSED)
{
	size_t answers = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct told told;

		make_up(&told);
		told.request.explain = chance(2);
		answer(&told);
		for (size_t j = 0; j < told.pick.count; j++) {
			assert_string_equal(told.pick.candidates[j].token->endpoint, HUB);
			assert_false(token_has_expired(told.pick.candidates[j].token, NOW));
		}
		if (told.pick.token) {
			answers++;
			assert_string_equal(told.pick.token->endpoint, HUB);
			assert_false(token_has_expired(told.pick.token, NOW));
		}
		forget(&told);
	}
	assert_true(answers > ROUNDS / 4);
}

static void nothing_fares_worse_than_with_the_default_alone(void **state UNUSED)
{
	size_t compared = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct token alone;
		struct told told;
		int with_all;

		make_up(&told);
		/* Where HF_TOKEN is to go first it does, whatever is known of it. */
		told.input.base.environment = ENVIRONMENT_DEFAULT;
		if (told.request.repo && told.input.base.preferred) {
			with_all = answered(&told);
			alone = *told.input.base.preferred;
			told.input.base.tokens = &alone;
			told.input.base.count = 1;
			told.input.base.preferred = &alone;
			told.input.base.env = NULL;
			assert_true(with_all >= answered(&told));
			compared++;
		}
		forget(&told);
	}
	assert_true(compared > ROUNDS / 4);
}

/* As far as it is told: the account owns the repository, or is in its organisation. */
enum standing { STRANGER, NOT_TOLD, MEMBER };

static enum standing standing_of(const struct token *token, const struct repo *repo)
{
	AUTOROOM struct grants_room room = {0};
	struct grants grants;

	grants_compact_read(token, NULL, &room, &grants);
	if (!grants.known || grants.cut || token->kind == KIND_OAUTH || !*repo->namespace)
		return NOT_TOLD;
	if (text_equal_fold(token->account, repo->namespace) ||
	    grants_org(&grants, repo->namespace))
		return MEMBER;
	return STRANGER;
}

/* Someone whom the gate may let through, where the default token could not even ask. */
static bool may_pass_a_gate(const struct pick *pick, const struct token *usual)
{
	return pick->operation == OPERATION_READ && usual->gated_read == NO &&
	       pick->token->gated_read != NO;
}

/* Unless that worked here, or the default token is not for its own organisation's secrets. */
static void no_stranger_stands_in_for_a_member(void **state UNUSED)
{
	size_t members = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct token alone;
		struct told told;
		struct pick with_all;
		struct candidate judged;

		make_up(&told);
		told.input.base.environment = ENVIRONMENT_IGNORE;
		if (!told.request.repo || !told.input.base.preferred || answered(&told) < 0) {
			forget(&told);
			continue;
		}
		with_all = told.pick;
		judged = *told.pick.judged;
		alone = *told.input.base.preferred;
		told.input.base.tokens = &alone;
		told.input.base.count = 1;
		told.input.base.preferred = &alone;
		told.pick = (struct pick) {0};
		if (answered(&told) == (int)judged.verdict && judged.weight == WEIGHT_NONE &&
		    judged.verdict != VERDICT_DENIES &&
		    standing_of(&alone, &told.repo) == MEMBER) {
			bool outside = told.pick.judged->reason == REASON_PUBLIC_ONLY ||
				       told.pick.judged->reason >= REASON_EXPIRED;

			assert_true(standing_of(with_all.token, &told.repo) != STRANGER ||
				    (outside && may_pass_a_gate(&with_all, &alone)));
			members++;
		}
		pick_release(&with_all);
		forget(&told);
	}
	assert_true(members > ROUNDS / 20);
}

static void one_more_token_never_worsens_an_answer(void **state UNUSED)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct told told;
		int with_all;

		make_up(&told);
		told.input.base.preferred = NULL;
		with_all = answered(&told);
		told.input.base.count--;
		assert_true(with_all >= answered(&told));
		forget(&told);
	}
}

/* What a fine-grained token gets besides. */
static void more_grants_never_worsen_an_answer(void **state UNUSED)
{
	static const char *const more[] = {";e7:acme:1", ";e7:acme:3",  ";e1:acme/m1:3",
					   ";e8:bob:3",  ";e8:alice:1", ";e5:acme/m1:3",
					   ";e9::3",     ";e7:meta:1",  ";G20"};
	size_t better = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct told told;
		char text[256];
		struct token *token;
		int before;
		int after;

		make_up(&told);
		token = &told.tokens[chance((unsigned)told.count)];
		before = answered(&told);
		if (token->kind == KIND_FINE_GRAINED) {
			const char *old = token->grants;
			size_t size = strlen(old);

			if (old[size - 1] == ';')
				size--;
			(void)snprintf(text, sizeof(text), "%.*s%s", (int)size, old,
				       more[chance(ARRAY_SIZE(more))]);
			token->grants = text;
			after = answered(&told);
			assert_true(after >= before);
			better += after > before;
		}
		forget(&told);
	}
	assert_true(better > 50);
}

static void a_named_token_is_never_replaced(void **state UNUSED)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct told told;
		const struct token *named;
		int error;

		make_up(&told);
		named = &told.tokens[chance((unsigned)told.count)];
		told.request.base.name = named->name;
		error = resolve_pick(&told.request, &told.input, &told.pick, NULL);
		if (strcmp(named->endpoint, HUB) != 0 || token_has_expired(named, NOW)) {
			assert_int_equal(error, ERR_NO_TOKEN);
			assert_null(told.pick.token);
		} else {
			assert_int_equal(error, 0);
			assert_ptr_equal(told.pick.token, named);
		}
		forget(&told);
	}
}

/* Without an explanation less is looked at. */
static void explaining_changes_no_answer(void **state UNUSED)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct told told;
		enum resolve_source source;
		char before[TOKEN_NAME_MAX + 1];

		make_up(&told);
		answer(&told);
		source = told.pick.source;
		(void)snprintf(before, sizeof(before), "%s", picked(&told.pick));
		told.request.explain = true;
		answer(&told);
		assert_string_equal(picked(&told.pick), before);
		assert_int_equal(told.pick.source, source);
		forget(&told);
	}
}

static void the_order_of_tokens_never_matters(void **state UNUSED)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct token turned[STORY_TOKENS];
		struct told told;
		char before[TOKEN_NAME_MAX + 1];

		make_up(&told);
		answer(&told);
		(void)snprintf(before, sizeof(before), "%s", picked(&told.pick));
		for (size_t j = 0; j < told.count; j++)
			turned[told.count - 1 - j] = told.tokens[j];
		if (told.input.base.preferred)
			told.input.base.preferred =
				&turned[told.count - 1 -
					(size_t)(told.input.base.preferred - told.tokens)];
		told.input.base.tokens = turned;
		answer(&told);
		assert_string_equal(picked(&told.pick), before);
		forget(&told);
	}
}

static void the_order_of_rules_never_matters(void **state UNUSED)
{
	static const char *const lines[] = {
		"acme a-read\n",        "acme/* b-read\n", "acme/m1 c-read write\n",
		"* a-own in /work\n",   "* a-write\n",     "models/* b-own read\n",
		"acme/m1 oa-m1-r\n",    "acme a-write\n",  "bob/* b-own\n",
		"*/x a-gated in /w*\n",
	};

	for (int i = 0; i < ROUNDS / 4; i++) {
		unsigned chosen[5];
		struct told told;
		char before[TOKEN_NAME_MAX + 1] = "";

		make_up(&told);
		for (size_t j = 0; j < ARRAY_SIZE(chosen); j++)
			chosen[j] = chance(ARRAY_SIZE(lines));
		for (int turned = 0; turned < 2; turned++) {
			struct rule_request request = {.repo = told.request.repo,
						       .operation = told.request.operation,
						       .directories = {"/work"}};

			buf_clear(&told.rules.texts[RULES_OF_USER]);
			for (size_t j = 0; j < ARRAY_SIZE(chosen); j++)
				buf_add_text(
					&told.rules.texts[RULES_OF_USER],
					lines[chosen[turned ? ARRAY_SIZE(chosen) - 1 - j : j]]);
			rule_list_release(&told.list);
			assert_int_equal(rules_find(&told.rules, &request, &told.list, NULL),
					 0);
			told.input.rules = told.list.rules;
			told.input.rule_count = told.list.count;
			answer(&told);
			if (turned)
				assert_string_equal(picked(&told.pick), before);
			(void)snprintf(before, sizeof(before), "%s", picked(&told.pick));
		}
		forget(&told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_tokens_of_the_endpoint_are_candidates),
		cmocka_unit_test(nothing_fares_worse_than_with_the_default_alone),
		cmocka_unit_test(no_stranger_stands_in_for_a_member),
		cmocka_unit_test(one_more_token_never_worsens_an_answer),
		cmocka_unit_test(more_grants_never_worsen_an_answer),
		cmocka_unit_test(a_named_token_is_never_replaced),
		cmocka_unit_test(explaining_changes_no_answer),
		cmocka_unit_test(the_order_of_tokens_never_matters),
		cmocka_unit_test(the_order_of_rules_never_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
