/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/resolve.h"

#define HUB    ENDPOINT_HUB
#define MIRROR "https://mirror.example"
#define EMPTY  "https://empty.example"
#define NOW    1000

#define TOKEN(name_, endpoint_, account_, expires_)                                     \
	{                                                                               \
		.name = name_, .id = name_, .endpoint = endpoint_, .account = account_, \
		.expires = expires_                                                     \
	}

static const struct token tokens[] = {
	TOKEN("bob-2", HUB, "bob", TIME_UNKNOWN), TOKEN("work", HUB, "Alice", NOW + 1),
	TOKEN("old", HUB, "carol", NOW),          TOKEN("mirror", MIRROR, "alice", NOW + 1),
	TOKEN("bob-1", HUB, "bob", TIME_UNKNOWN), TOKEN("alice-2", HUB, "alice", NOW + 1),
	TOKEN("fresh", HUB, "", TIME_UNKNOWN),    TOKEN("gone", MIRROR, "dave", NOW - 1),
};
static const struct token env = TOKEN("env", HUB, "eve", TIME_UNKNOWN);
static const struct token env_elsewhere = TOKEN("env", MIRROR, "eve", TIME_UNKNOWN);

static const struct token *by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		if (name && strcmp(tokens[i].name, name) == 0)
			return &tokens[i];
	}
	return NULL;
}

/* ---- the table -------------------------------------------------------------------------------- */

struct question {
	const char *endpoint, *name, *wish;
	const char *preferred; /* the endpoint's default token */
	const struct token *env;
	enum environment_setting environment;
	const char *picked; /* NULL: nothing */
	int error;
	enum resolve_source source;
};

#define DEFAULT ENVIRONMENT_DEFAULT
#define FIRST   ENVIRONMENT_FIRST
#define IGNORE  ENVIRONMENT_IGNORE

static const struct question questions[] = {
	/* nothing said: the default token */
	{HUB, NULL, NULL, "work", NULL, DEFAULT, "work", 0, SOURCE_DEFAULT},
	{HUB, NULL, NULL, "bob-1", NULL, DEFAULT, "bob-1", 0, SOURCE_DEFAULT},
	{HUB, NULL, NULL, NULL, NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{MIRROR, NULL, NULL, "mirror", NULL, DEFAULT, "mirror", 0, SOURCE_DEFAULT},
	{EMPTY, NULL, NULL, NULL, NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, "old", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, "mirror", NULL, DEFAULT, NULL, 0, SOURCE_NONE},

	/* a name: that token or an error */
	{HUB, "bob-1", NULL, "work", NULL, DEFAULT, "bob-1", 0, SOURCE_EXPLICIT},
	{HUB, "bob-1", NULL, NULL, &env, DEFAULT, "bob-1", 0, SOURCE_EXPLICIT},
	{HUB, "bob-1", "alice", "work", &env, FIRST, "bob-1", 0, SOURCE_EXPLICIT},
	{HUB, "nobody", NULL, "work", &env, DEFAULT, NULL, ERR_NO_NAME, SOURCE_NONE},
	{HUB, "Work", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_NAME, SOURCE_NONE},
	{HUB, "alice", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_NAME, SOURCE_NONE},
	{HUB, "", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_NAME, SOURCE_NONE},
	{HUB, "old", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_TOKEN, SOURCE_NONE},
	{HUB, "mirror", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_TOKEN, SOURCE_NONE},
	{MIRROR, "mirror", NULL, NULL, NULL, DEFAULT, "mirror", 0, SOURCE_EXPLICIT},
	{MIRROR, "gone", NULL, "mirror", NULL, DEFAULT, NULL, ERR_NO_TOKEN, SOURCE_NONE},
	{HUB, "env", NULL, "work", &env, DEFAULT, "env", 0, SOURCE_EXPLICIT},
	{HUB, "env", NULL, "work", NULL, DEFAULT, NULL, ERR_NO_NAME, SOURCE_NONE},
	{HUB, "env", NULL, "work", &env_elsewhere, DEFAULT, NULL, ERR_NO_TOKEN, SOURCE_NONE},

	/* a wished account or name narrows; one that fits nobody gives nothing */
	{HUB, NULL, "alice", "work", NULL, DEFAULT, "work", 0, SOURCE_WISH},
	{HUB, NULL, "ALICE", "bob-1", NULL, DEFAULT, "alice-2", 0, SOURCE_WISH},
	{HUB, NULL, "bob", "work", NULL, DEFAULT, "bob-1", 0, SOURCE_WISH},
	{HUB, NULL, "bob", "bob-2", NULL, DEFAULT, "bob-2", 0, SOURCE_WISH},
	{HUB, NULL, "bob-2", "work", NULL, DEFAULT, "bob-2", 0, SOURCE_WISH},
	{HUB, NULL, "bob", NULL, NULL, DEFAULT, "bob-1", 0, SOURCE_WISH},
	{HUB, NULL, "carol", "work", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "old", "work", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "mirror", "work", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "nobody", "work", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "ali", "work", NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{MIRROR, NULL, "alice", "mirror", NULL, DEFAULT, "mirror", 0, SOURCE_WISH},
	{MIRROR, NULL, "dave", NULL, NULL, DEFAULT, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "eve", "work", &env, DEFAULT, "env", 0, SOURCE_WISH},
	{HUB, NULL, "bob", "work", &env, DEFAULT, "bob-1", 0, SOURCE_WISH},
	{HUB, NULL, "nobody", "work", &env, DEFAULT, NULL, 0, SOURCE_NONE},

	/* users who say nothing about whose token is meant */
	{HUB, NULL, "hf_user", "work", NULL, DEFAULT, "work", 0, SOURCE_DEFAULT},
	{HUB, NULL, "", "work", NULL, DEFAULT, "work", 0, SOURCE_DEFAULT},
	{HUB, NULL, "__token__", "bob-1", NULL, DEFAULT, "bob-1", 0, SOURCE_DEFAULT},
	{HUB, NULL, "git", "work", &env, DEFAULT, "env", 0, SOURCE_ENVIRONMENT},

	/* HF_TOKEN, for the Hub that HF_ENDPOINT names and no other */
	{HUB, NULL, NULL, "work", &env, DEFAULT, "env", 0, SOURCE_ENVIRONMENT},
	{HUB, NULL, NULL, NULL, &env, DEFAULT, "env", 0, SOURCE_ENVIRONMENT},
	{HUB, NULL, NULL, "work", &env, FIRST, "env", 0, SOURCE_ENVIRONMENT},
	{HUB, NULL, NULL, "work", &env, IGNORE, "work", 0, SOURCE_DEFAULT},
	{HUB, NULL, NULL, NULL, &env, IGNORE, NULL, 0, SOURCE_NONE},
	{HUB, NULL, "eve", "work", &env, IGNORE, NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, "work", &env_elsewhere, DEFAULT, "work", 0, SOURCE_DEFAULT},
	{HUB, NULL, NULL, NULL, &env_elsewhere, FIRST, NULL, 0, SOURCE_NONE},
	{MIRROR, NULL, NULL, "mirror", &env, FIRST, "mirror", 0, SOURCE_DEFAULT},
	{EMPTY, NULL, NULL, NULL, &env, FIRST, NULL, 0, SOURCE_NONE},
};

static int ask(const struct question *question, const struct token *list, size_t count,
	       struct resolution *ret, struct err *err)
{
	const struct resolve_request request = {.endpoint = question->endpoint,
						.name = question->name,
						.wish = question->wish,
						.now = NOW};
	const struct resolve_input input = {.tokens = list,
					    .count = count,
					    .preferred = by_name(question->preferred),
					    .env = question->env,
					    .environment = question->environment};

	return resolve(&request, &input, ret, err);
}

static const char *picked(const struct resolution *resolution)
{
	return resolution->token ? resolution->token->name : "nothing";
}

static void each_question_has_one_answer(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		const struct question *question = &questions[i];
		struct resolution resolution = {0};
		struct err err = {0};
		int error = ask(question, tokens, ARRAY_SIZE(tokens), &resolution, &err);

		if (error != question->error ||
		    strcmp(picked(&resolution),
			   question->picked ? question->picked : "nothing") != 0 ||
		    resolution.source != question->source)
			fail_msg("question %zu (%s, name %s, wish %s): %d, %s from %s", i,
				 question->endpoint, question->name ? question->name : "-",
				 question->wish ? question->wish : "-", error,
				 picked(&resolution), resolve_source_names[resolution.source]);
		if (error)
			assert_true(*err.message && *err.hint);
	}
}

static void bound_tokens_are_counted(void **state UNUSED)
{
	static const struct {
		const char *endpoint;
		size_t bound;
	} cases[] = {{HUB, 6}, {MIRROR, 2}, {EMPTY, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct question question = {.endpoint = cases[i].endpoint};
		struct resolution resolution;

		assert_int_equal(ask(&question, tokens, ARRAY_SIZE(tokens), &resolution, NULL),
				 0);
		assert_int_equal(resolution.bound, cases[i].bound);
	}
}

/* ---- sources ---------------------------------------------------------------------------------- */

#define SOURCE(name_, store_, endpoint_, expires_)                             \
	{                                                                      \
		.name = name_, .id = "", .endpoint = endpoint_, .account = "", \
		.store = store_, .expires = expires_                           \
	}
#define OLD_MOUNT SOURCE("mount:old", "mount", HUB, NOW)
#define MOUNT     SOURCE("mount:hf-token", "mount", HUB, TIME_UNKNOWN)
#define HF_ALICE  SOURCE("hf:alice", "hf", HUB, NOW + 1)
#define HF_OLD    SOURCE("hf:old", "hf", HUB, NOW)

static const struct token all_sources[] = {OLD_MOUNT, MOUNT, HF_ALICE, HF_OLD};
static const struct token hf_sources[] = {HF_ALICE, HF_OLD};

static const struct {
	const char *endpoint, *name, *wish;
	bool stored; /* whether there are stored tokens at all */
	const struct token *env;
	const struct token *sources;
	size_t count;
	const struct token *active;
	const char *picked;
	int error;
	enum resolve_source source;
} source_questions[] = {
	/* what is stored for the Hub goes before all of them, also without a default */
	{HUB, NULL, NULL, true, NULL, all_sources, 4, &all_sources[2], NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, true, &env, all_sources, 4, NULL, "env", 0, SOURCE_ENVIRONMENT},
	/* nothing stored: HF_TOKEN, a mounted token, huggingface_hub's active one */
	{HUB, NULL, NULL, false, &env, all_sources, 4, NULL, "env", 0, SOURCE_ENVIRONMENT},
	{HUB, NULL, NULL, false, NULL, all_sources, 4, &all_sources[2], "mount:hf-token", 0,
	 SOURCE_DEFAULT},
	{HUB, NULL, NULL, false, NULL, hf_sources, 2, &hf_sources[0], "hf:alice", 0,
	 SOURCE_DEFAULT},
	{HUB, NULL, NULL, false, NULL, hf_sources, 2, &hf_sources[1], NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, false, NULL, hf_sources, 2, NULL, NULL, 0, SOURCE_NONE},
	{HUB, NULL, NULL, false, NULL, NULL, 0, NULL, NULL, 0, SOURCE_NONE},
	{EMPTY, NULL, NULL, true, NULL, all_sources, 4, &all_sources[2], NULL, 0, SOURCE_NONE},
	/* by name */
	{HUB, "hf:alice", NULL, true, &env, all_sources, 4, NULL, "hf:alice", 0,
	 SOURCE_EXPLICIT},
	{HUB, "mount:hf-token", NULL, false, NULL, all_sources, 4, NULL, "mount:hf-token", 0,
	 SOURCE_EXPLICIT},
	{HUB, "hf:old", NULL, true, NULL, all_sources, 4, NULL, NULL, ERR_NO_TOKEN,
	 SOURCE_NONE},
	{HUB, "hf:bob", NULL, true, NULL, all_sources, 4, NULL, NULL, ERR_NO_NAME, SOURCE_NONE},
	{MIRROR, "hf:alice", NULL, true, NULL, all_sources, 4, NULL, NULL, ERR_NO_TOKEN,
	 SOURCE_NONE},
	/* as git's user name */
	{HUB, NULL, "hf:alice", true, &env, all_sources, 4, NULL, "hf:alice", 0, SOURCE_WISH},
	{HUB, NULL, "alice", false, NULL, all_sources, 4, &all_sources[2], NULL, 0,
	 SOURCE_NONE},
	{HUB, NULL, "hf_user", false, NULL, hf_sources, 2, &hf_sources[0], "hf:alice", 0,
	 SOURCE_DEFAULT},
};

static void sources_come_after_what_is_stored(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(source_questions); i++) {
		const struct resolve_request request = {
			.endpoint = source_questions[i].endpoint,
			.name = source_questions[i].name,
			.wish = source_questions[i].wish,
			.now = NOW};
		const struct resolve_input input = {
			.tokens = tokens,
			.count = source_questions[i].stored ? ARRAY_SIZE(tokens) : 0,
			.env = source_questions[i].env,
			.sources = source_questions[i].sources,
			.source_count = source_questions[i].count,
			.active = source_questions[i].active,
		};
		struct resolution resolution = {0};
		int error = resolve(&request, &input, &resolution, NULL);
		const char *wanted = source_questions[i].picked;

		if (error != source_questions[i].error ||
		    strcmp(picked(&resolution), wanted ? wanted : "nothing") != 0 ||
		    resolution.source != source_questions[i].source)
			fail_msg("question %zu: %d, %s from %s", i, error, picked(&resolution),
				 resolve_source_names[resolution.source]);
	}
}

/* ---- what holds for every question ------------------------------------------------------------ */

static void the_order_of_tokens_never_matters(void **state UNUSED)
{
	uint64_t random = 3;

	for (int round = 0; round < 200; round++) {
		struct token list[ARRAY_SIZE(tokens)];

		memcpy(list, tokens, sizeof(list));
		for (size_t i = ARRAY_SIZE(list) - 1; i > 0; i--) {
			struct token held = list[i];
			size_t other;

			random = random * 6364136223846793005U + 1442695040888963407U;
			other = (size_t)(random >> 33) % (i + 1);
			list[i] = list[other];
			list[other] = held;
		}
		for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
			struct resolution resolution = {0};

			assert_int_equal(
				ask(&questions[i], list, ARRAY_SIZE(list), &resolution, NULL),
				questions[i].error);
			assert_string_equal(picked(&resolution), questions[i].picked
									 ? questions[i].picked
									 : "nothing");
		}
	}
}

/* Every combination of all that can be asked. */
static void no_token_goes_to_another_endpoint_or_in_place_of_a_named_one(void **state UNUSED)
{
	static const char *const endpoints[] = {HUB, MIRROR, EMPTY, HUB ":8443", ""};
	static const char *const words[] = {NULL,    "",       "work",  "mirror", "gone",
					    "alice", "bob",    "eve",   "env",    "hf_user",
					    "old",   "nobody", "fresh", "bob-2"};
	static const char *const preferred[] = {NULL, "work", "mirror", "old", "gone", "fresh"};
	static const struct token *const envs[] = {NULL, &env, &env_elsewhere};
	size_t asked = 0;

	for (size_t i = 0; i < ARRAY_SIZE(endpoints) * ARRAY_SIZE(words) * ARRAY_SIZE(words) *
				       ARRAY_SIZE(preferred) * ARRAY_SIZE(envs) * 3;
	     i++) {
		size_t rest = i;
		struct question question = {0};
		struct resolution resolution = {0};

#define CHOOSE(field, list)                             \
	question.field = list[rest % ARRAY_SIZE(list)]; \
	rest /= ARRAY_SIZE(list)
		CHOOSE(endpoint, endpoints);
		CHOOSE(name, words);
		CHOOSE(wish, words);
		CHOOSE(preferred, preferred);
		CHOOSE(env, envs);
		question.environment = (enum environment_setting)rest;
		asked++;
		if (ask(&question, tokens, ARRAY_SIZE(tokens), &resolution, NULL) ||
		    !resolution.token) {
			assert_null(resolution.token);
			continue;
		}
		assert_string_equal(resolution.token->endpoint, question.endpoint);
		assert_false(token_has_expired(resolution.token, NOW));
		if (question.name)
			assert_string_equal(resolution.token->name, question.name);
		else if (question.wish && !resolve_is_plain_user(question.wish))
			assert_true(strcmp(resolution.token->name, question.wish) == 0 ||
				    text_equal_fold(resolution.token->account, question.wish));
	}
	assert_true(asked > 10000);
}

static void a_token_in_place_of_a_name_is_not_repeated(void **state UNUSED)
{
	const struct question question = {.endpoint = HUB, .name = "hf_secretsecret"};
	struct resolution resolution;
	struct err err = {0};

	assert_true(ask(&question, tokens, ARRAY_SIZE(tokens), &resolution, &err) < 0);
	assert_null(strstr(err.message, "secret"));
	assert_null(strstr(err.hint, "secret"));
}

static void without_tokens_there_is_nothing(void **state UNUSED)
{
	const struct question question = {.endpoint = HUB, .wish = "alice"};
	struct resolution resolution = {.token = &env};

	assert_int_equal(ask(&question, NULL, 0, &resolution, NULL), 0);
	assert_null(resolution.token);
	assert_int_equal(resolution.bound, 0);
}

static void some_users_say_nothing(void **state UNUSED)
{
	static const char *const plain[] = {"",    "hf_user", "oauth2",  "__token__",
					    "git", "user",    "HF_USER", "Git"};
	static const char *const names[] = {"alice", "users", "hf", "gitlab", " ", "token"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		assert_true(resolve_is_plain_user(plain[i]));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_false(resolve_is_plain_user(names[i]));
}

static void sources_have_names(void **state UNUSED)
{
	for (int i = 0; i < SOURCE_COUNT; i++)
		assert_non_null(resolve_source_names[i]);
}

static void a_typed_token_is_named_after_its_user(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"alice", "git-alice"}, {"hf_user", "git"},     {"oauth2", "git"}, {"", "git"},
		{"///", "git"},         {"a b@c", "git-a-b-c"},
	};
	const struct token typed = TOKEN("git-alice", HUB, "", TIME_UNKNOWN);
	struct resolve_request request = {.endpoint = HUB, .wish = "alice", .now = NOW};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[TOKEN_NAME_MAX + 1];

		resolve_typed_name(cases[i][0], name);
		assert_string_equal(name, cases[i][1]);
	}
	assert_true(resolve_may_answer(&typed, &request));
	request.wish = "bob";
	assert_false(resolve_may_answer(&typed, &request));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_has_one_answer),
		cmocka_unit_test(bound_tokens_are_counted),
		cmocka_unit_test(sources_come_after_what_is_stored),
		cmocka_unit_test(the_order_of_tokens_never_matters),
		cmocka_unit_test(no_token_goes_to_another_endpoint_or_in_place_of_a_named_one),
		cmocka_unit_test(a_token_in_place_of_a_name_is_not_repeated),
		cmocka_unit_test(without_tokens_there_is_nothing),
		cmocka_unit_test(some_users_say_nothing),
		cmocka_unit_test(sources_have_names),
		cmocka_unit_test(a_typed_token_is_named_after_its_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
