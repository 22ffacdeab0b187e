/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/file.h"
#include "base/text.h"
#include "core/outcomes.h"

#define NOW  INT64_C(1790000000)
#define DAY  86400
#define ID   "0123456789abcdef0123456789abcdef"
#define ID_2 "ffffffffffffffffffffffffffffffff"
#define FILE ".cache/hftoken/outcomes"

static struct repo repo_of(const char *text)
{
	struct repo repo;

	if (repo_parse(text, &repo, NULL))
		fail_msg("'%s' is no repository", text);
	return repo;
}

static struct outcome outcome_of(const char *id, uint32_t revision, enum operation operation,
				 enum outcome_result result, int64_t at)
{
	struct outcome outcome = {.revision = revision,
				  .operation = operation,
				  .result = result,
				  .at = at,
				  .verified = TIME_UNKNOWN,
				  .source = OUTCOME_BY_WHY};

	(void)snprintf(outcome.id, sizeof(outcome.id), "%s", id);
	return outcome;
}

/* ---- questions -------------------------------------------------------------------------------- */

static void ages_weigh(void **state UNUSED)
{
	static const struct {
		enum outcome_result result;
		int64_t age;
		enum outcome_weight weight;
	} cases[] = {
		{OUTCOME_NONE, 0, WEIGHT_NONE},
		{OUTCOME_WORKED, 0, WEIGHT_LATELY},
		{OUTCOME_WORKED, 7 * DAY - 1, WEIGHT_LATELY},
		{OUTCOME_WORKED, 7 * DAY, WEIGHT_ONCE},
		{OUTCOME_WORKED, 4000 * DAY, WEIGHT_ONCE},
		{OUTCOME_WORKED, -60, WEIGHT_LATELY},
		{OUTCOME_WORKED, -DAY, WEIGHT_ONCE},
		{OUTCOME_REFUSED, 0, WEIGHT_REFUSED},
		{OUTCOME_REFUSED, 599, WEIGHT_REFUSED},
		{OUTCOME_REFUSED, 600, WEIGHT_NONE},
		{OUTCOME_REFUSED, -DAY, WEIGHT_NONE},
		{OUTCOME_DEAD, 0, WEIGHT_DEAD},
		{OUTCOME_DEAD, 4000 * DAY, WEIGHT_DEAD},
		{OUTCOME_DEAD, -DAY, WEIGHT_DEAD},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, cases[i].result,
						    NOW - cases[i].age);

		if (outcome_weight(&outcome, NOW) != cases[i].weight)
			fail_msg("case %zu: %d", i, (int)outcome_weight(&outcome, NOW));
	}
}

/* One text of all these, written one after the other. */
static void write_all(struct buf *text)
{
	static const struct {
		const char *repo, *id;
		uint32_t revision;
		enum operation operation;
		enum outcome_result result;
		int64_t at;
	} all[] = {
		{"acme/m1", ID, 1, OPERATION_READ, OUTCOME_WORKED, 10},
		{"acme/m1", ID, 1, OPERATION_WRITE, OUTCOME_REFUSED, 20},
		{"datasets/acme/m1", ID, 1, OPERATION_READ, OUTCOME_REFUSED, 30},
		{"acme/m1", ID_2, 3, OPERATION_WRITE, OUTCOME_WORKED, 40},
		{"acme/m2", ID_2, 3, OPERATION_READ, OUTCOME_REFUSED, 50},
		{"gpt2", ID_2, 3, OPERATION_READ, OUTCOME_WORKED, 60},
		{NULL, ID_2, 2, OPERATION_UNKNOWN, OUTCOME_DEAD, 70},
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct outcome outcome = outcome_of(all[i].id, all[i].revision,
						    all[i].operation, all[i].result, all[i].at);
		struct repo repo = repo_of(all[i].repo ? all[i].repo : "x/y");
		AUTOBUF struct buf fresh = {0};

		assert_true(outcomes_add(buf_text(text), text->size, all[i].repo ? &repo : NULL,
					 &outcome, &fresh));
		buf_clear(text);
		buf_add(text, fresh.data, fresh.size);
	}
}

static void questions_find_the_newest_that_says_something(void **state UNUSED)
{
	static const struct {
		const char *repo, *id;
		uint32_t revision;
		enum operation operation;
		int64_t at; /* 0: nothing */
	} cases[] = {
		{"acme/m1", ID, 1, OPERATION_READ, 10},
		{"ACME/M1", ID, 1, OPERATION_READ, 10},
		{"acme/m1", ID, 1, OPERATION_WRITE, 20},
		{"acme/m1", ID, 2, OPERATION_READ, 0},
		{"datasets/acme/m1", ID, 1, OPERATION_READ, 30},
		{"datasets/acme/m1", ID, 1, OPERATION_WRITE, 30},
		{"acme/m1", ID_2, 3, OPERATION_WRITE, 40},
		{"acme/m1", ID_2, 3, OPERATION_READ, 40},
		{"acme/m2", ID_2, 3, OPERATION_READ, 50},
		{"acme/m", ID_2, 3, OPERATION_READ, 0},
		{"gpt2", ID_2, 3, OPERATION_READ, 60},
		{"gpt2", ID_2, 3, OPERATION_WRITE, 0},
		{"bob/x", ID_2, 3, OPERATION_READ, 0},
		{"bob/x", ID_2, 2, OPERATION_READ, 70},
		{NULL, ID_2, 2, OPERATION_UNKNOWN, 70},
		{NULL, ID, 1, OPERATION_UNKNOWN, 0},
		{"acme/m1", "", 0, OPERATION_READ, 0},
	};
	AUTOBUF struct buf text = {0};

	write_all(&text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOOUTCOMES struct outcomes outcomes;
		struct repo repo = repo_of(cases[i].repo ? cases[i].repo : "x/y");
		struct outcome found;

		outcomes_read(buf_text(&text), text.size, cases[i].repo ? &repo : NULL,
			      &outcomes);
		found = outcomes_find(&outcomes, cases[i].id, cases[i].revision,
				      cases[i].operation);
		if (found.at != cases[i].at || !found.result != !cases[i].at)
			fail_msg("case %zu: %lld", i, (long long)found.at);
	}
}

/* ---- the text --------------------------------------------------------------------------------- */

static void only_news_are_written(void **state UNUSED)
{
	static const struct {
		uint32_t revision;
		enum outcome_result result;
		int64_t after; /* seconds since it worked */
		bool is_news;
	} cases[] = {
		{1, OUTCOME_WORKED, 0, false},   {1, OUTCOME_WORKED, DAY - 1, false},
		{1, OUTCOME_WORKED, DAY, true},  {1, OUTCOME_REFUSED, 1, true},
		{2, OUTCOME_WORKED, 1, true},    {1, OUTCOME_WORKED, -60, false},
		{1, OUTCOME_WORKED, -DAY, true}, {1, OUTCOME_DEAD, 0, true},
	};
	struct repo repo = repo_of("acme/m1");
	struct outcome first = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW);
	AUTOBUF struct buf text = {0};

	assert_true(outcomes_add("", 0, &repo, &first, &text));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome fresh = outcome_of(ID, cases[i].revision, OPERATION_READ,
						  cases[i].result, NOW + cases[i].after);
		AUTOBUF struct buf ret = {0};

		if (outcomes_add(buf_text(&text), text.size, &repo, &fresh, &ret) !=
		    cases[i].is_news)
			fail_msg("case %zu", i);
	}
}

static void a_refusal_is_renewed_before_its_time_is_over(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	struct outcome first = outcome_of(ID, 1, OPERATION_READ, OUTCOME_REFUSED, NOW);
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf ret = {0};

	assert_true(outcomes_add("", 0, &repo, &first, &text));
	first.at = NOW + 10;
	assert_false(outcomes_add(buf_text(&text), text.size, &repo, &first, &ret));
	first.at = NOW + 599;
	assert_true(outcomes_add(buf_text(&text), text.size, &repo, &first, &ret));
}

/* What whoami told since overrules the old one, and git asks until it is let in. */
static void what_no_longer_counts_is_written_again(void **state UNUSED)
{
	static const struct {
		enum outcome_result result;
		enum outcome_source old_source, source;
		int64_t verified; /* after the first one */
		bool is_news;
	} cases[] = {
		{OUTCOME_WORKED, OUTCOME_BY_GIT, OUTCOME_BY_GIT, -1, false},
		{OUTCOME_WORKED, OUTCOME_BY_GIT, OUTCOME_BY_GIT, 0, false},
		{OUTCOME_WORKED, OUTCOME_BY_GIT, OUTCOME_BY_GIT, 1, true},
		{OUTCOME_WORKED, OUTCOME_BY_WHY, OUTCOME_BY_GIT, -1, true},
		{OUTCOME_WORKED, OUTCOME_BY_GIT, OUTCOME_BY_WHY, -1, false},
		{OUTCOME_WORKED, OUTCOME_BY_GIT, OUTCOME_BY_WHY, 1, true},
		{OUTCOME_REFUSED, OUTCOME_BY_GIT, OUTCOME_BY_GIT, 0, false},
		{OUTCOME_REFUSED, OUTCOME_BY_GIT, OUTCOME_BY_GIT, 1, true},
		{OUTCOME_REFUSED, OUTCOME_BY_WHY, OUTCOME_BY_GIT, -1, true},
		{OUTCOME_REFUSED, OUTCOME_BY_PROBE, OUTCOME_BY_GIT, -1, true},
		{OUTCOME_REFUSED, OUTCOME_BY_GIT, OUTCOME_BY_WHY, -1, false},
		{OUTCOME_REFUSED, OUTCOME_BY_WHY, OUTCOME_BY_PROBE, -1, false},
	};
	struct repo repo = repo_of("acme/m1");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, cases[i].result,
						    NOW);
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf ret = {0};

		outcome.source = cases[i].old_source;
		assert_true(outcomes_add("", 0, &repo, &outcome, &text));
		outcome.source = cases[i].source;
		outcome.at = NOW + 10;
		outcome.verified = NOW + cases[i].verified;
		if (outcomes_add(buf_text(&text), text.size, &repo, &outcome, &ret) !=
		    cases[i].is_news)
			fail_msg("case %zu", i);
	}
}

/* Others see tokens work too; whose account is used is known by git alone. */
static void who_only_asks_uses_nothing(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW);
	AUTOOUTCOMES struct outcomes outcomes = {0};
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf ret = {0};

	outcome.source = OUTCOME_BY_GIT;
	assert_true(outcomes_add("", 0, &repo, &outcome, &text));
	outcome.source = OUTCOME_BY_WHY;
	outcome.at = NOW + 2 * DAY;
	assert_true(outcomes_add(buf_text(&text), text.size, &repo, &outcome, &ret));
	outcomes_read(buf_text(&ret), ret.size, &repo, &outcomes);
	assert_int_equal(outcomes.count, 2);
	assert_int_equal(outcomes_find(&outcomes, ID, 1, OPERATION_READ).at, NOW + 2 * DAY);
	assert_int_equal(outcomes_used_at(&outcomes, ID, 1, OPERATION_READ), NOW);
	assert_int_equal(outcomes_used_at(&outcomes, ID, 2, OPERATION_READ), TIME_UNKNOWN);
	assert_int_equal(outcomes_used_at(&outcomes, ID, 1, OPERATION_WRITE), TIME_UNKNOWN);
}

/* What is new takes the place of what it contradicts, in the file and in memory alike. */
static void what_is_contradicted_goes(void **state UNUSED)
{
	static const struct {
		enum operation old_operation;
		enum outcome_result old;
		enum operation operation;
		enum outcome_result result;
		uint32_t revision; /* of the new one; the old one has 2 */
		bool goes;
	} cases[] = {
		{OPERATION_READ, OUTCOME_REFUSED, OPERATION_READ, OUTCOME_WORKED, 2, true},
		{OPERATION_READ, OUTCOME_REFUSED, OPERATION_READ, OUTCOME_WORKED, 3, true},
		{OPERATION_READ, OUTCOME_REFUSED, OPERATION_READ, OUTCOME_WORKED, 1, false},
		{OPERATION_READ, OUTCOME_WORKED, OPERATION_READ, OUTCOME_REFUSED, 2, true},
		/* who writes can read; who reads may not be able to write */
		{OPERATION_READ, OUTCOME_REFUSED, OPERATION_WRITE, OUTCOME_WORKED, 2, true},
		{OPERATION_WRITE, OUTCOME_REFUSED, OPERATION_READ, OUTCOME_WORKED, 2, false},
		{OPERATION_WRITE, OUTCOME_WORKED, OPERATION_READ, OUTCOME_REFUSED, 2, true},
		{OPERATION_READ, OUTCOME_WORKED, OPERATION_WRITE, OUTCOME_REFUSED, 2, false},
		{OPERATION_READ, OUTCOME_WORKED, OPERATION_WRITE, OUTCOME_WORKED, 2, false},
		/* a success shows that a token lives, and a refusal does not */
		{OPERATION_UNKNOWN, OUTCOME_DEAD, OPERATION_READ, OUTCOME_WORKED, 2, true},
		{OPERATION_UNKNOWN, OUTCOME_DEAD, OPERATION_READ, OUTCOME_REFUSED, 2, false},
		{OPERATION_READ, OUTCOME_WORKED, OPERATION_UNKNOWN, OUTCOME_DEAD, 2, false},
		{OPERATION_UNKNOWN, OUTCOME_DEAD, OPERATION_UNKNOWN, OUTCOME_DEAD, 3, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct repo repo = repo_of("acme/m1");
		struct outcome old = outcome_of(ID, 2, cases[i].old_operation, cases[i].old,
						NOW);
		struct outcome other = outcome_of(ID_2, 2, OPERATION_READ, OUTCOME_REFUSED,
						  NOW);
		struct outcome fresh = outcome_of(ID, cases[i].revision, cases[i].operation,
						  cases[i].result, NOW);
		AUTOOUTCOMES struct outcomes memory = {0};
		AUTOOUTCOMES struct outcomes file = {0};
		AUTOBUF struct buf first = {0};
		AUTOBUF struct buf text = {0};
		AUTOBUF struct buf ret = {0};

		assert_true(outcomes_add("", 0, &repo, &other, &first));
		assert_true(outcomes_add(buf_text(&first), first.size,
					 old.result == OUTCOME_DEAD ? NULL : &repo, &old,
					 &text));
		outcomes_read(buf_text(&text), text.size, &repo, &memory);
		assert_int_equal(memory.count, 2);
		assert_int_equal(outcomes_learn(&memory, &fresh, NULL), 0);
		if (!outcomes_add(buf_text(&text), text.size,
				  fresh.result == OUTCOME_DEAD ? NULL : &repo, &fresh, &ret))
			fail_msg("case %zu: not written", i);
		outcomes_read(buf_text(&ret), ret.size, &repo, &file);
		if (memory.count != (cases[i].goes ? 2 : 3) || file.count != memory.count)
			fail_msg("case %zu: %zu, %zu", i, memory.count, file.count);
	}
}

static void a_token_that_lives_is_relieved(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	struct outcome dead = outcome_of(ID, 1, OPERATION_UNKNOWN, OUTCOME_DEAD, NOW);
	struct outcome refused = outcome_of(ID, 1, OPERATION_READ, OUTCOME_REFUSED, NOW);
	struct outcome other = outcome_of(ID_2, 1, OPERATION_UNKNOWN, OUTCOME_DEAD, NOW);
	const struct outcome_news news[] = {{NULL, dead}, {&repo, refused}, {NULL, other}};
	AUTOOUTCOMES struct outcomes outcomes;

	assert_false(outcomes_lift(ID, true));
	assert_int_equal(access(FILE, F_OK), -1);
	assert_true(outcomes_note_all(news, ARRAY_SIZE(news)));
	assert_false(outcomes_note_all(news, ARRAY_SIZE(news)));
	assert_true(outcomes_lift(ID, false));
	assert_false(outcomes_lift(ID, false));
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 2);
	assert_int_equal(outcomes_find(&outcomes, ID, 1, OPERATION_READ).result,
			 OUTCOME_REFUSED);
	outcomes_release(&outcomes);
	assert_true(outcomes_lift(ID, true));
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 1);
	assert_string_equal(outcomes.list[0].id, ID_2);
}

/* In the same second, too, that a token is dead outweighs that it worked before. */
static void death_comes_last(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	const struct outcome_news news[] = {
		{&repo, outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW)},
		{NULL, outcome_of(ID, 1, OPERATION_UNKNOWN, OUTCOME_DEAD, NOW)},
	};
	AUTOOUTCOMES struct outcomes outcomes;

	assert_true(outcomes_note_all(news, ARRAY_SIZE(news)));
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes_find(&outcomes, ID, 1, OPERATION_READ).result, OUTCOME_DEAD);
}

static void damage_counts_as_nothing(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	AUTOBUF struct buf text = {0};

	write_all(&text);
	for (size_t i = 0; i < text.size; i++) {
		AUTOOUTCOMES struct outcomes outcomes;

		text.data[i] ^= 1;
		outcomes_read(text.data, text.size, &repo, &outcomes);
		assert_int_equal(outcomes.count, 0);
		text.data[i] ^= 1;
		outcomes_read(text.data, i, &repo, &outcomes);
		assert_int_equal(outcomes.count, 0);
	}
}

static void the_oldest_go(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};
	AUTOOUTCOMES struct outcomes outcomes;
	struct repo repo;
	char name[64];

	for (int i = 0; i < OUTCOMES_MAX + 3; i++) {
		struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED,
						    i == 7 ? NOW : i);
		AUTOBUF struct buf fresh = {0};

		(void)snprintf(name, sizeof(name), "acme/m%d", i);
		repo = repo_of(name);
		assert_true(outcomes_add(buf_text(&text), text.size, &repo, &outcome, &fresh));
		buf_clear(&text);
		buf_add(&text, fresh.data, fresh.size);
	}
	for (int i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "acme/m%d", i);
		repo = repo_of(name);
		outcomes_read(buf_text(&text), text.size, &repo, &outcomes);
		assert_int_equal(outcomes.count, i > 2);
		outcomes_release(&outcomes);
	}
	outcomes = (struct outcomes) {0};
}

/* ---- the file --------------------------------------------------------------------------------- */

static void notes_are_found_again(void **state UNUSED)
{
	struct repo repo = repo_of("datasets/squad");
	struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW);
	AUTOOUTCOMES struct outcomes outcomes;
	struct stat before;
	struct stat after;

	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 0);
	outcomes_note(&repo, &outcome);
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 1);
	assert_int_equal(outcomes.list[0].source, OUTCOME_BY_WHY);
	assert_int_equal(stat(FILE, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	outcomes_note(&repo, &outcome);
	assert_int_equal(stat(FILE, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void a_damaged_file_is_written_anew(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW);
	AUTOOUTCOMES struct outcomes outcomes;

	outcomes_note(&repo, &outcome);
	write_bytes(FILE, "x\0y", 3, 0600);
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 0);
	outcomes_note(&repo, &outcome);
	outcomes_load(&repo, &outcomes);
	assert_int_equal(outcomes.count, 1);
}

static void what_cannot_be_written_is_not(void **state UNUSED)
{
	struct repo repo = repo_of("acme/m1");
	struct outcome outcome = outcome_of(ID, 1, OPERATION_READ, OUTCOME_WORKED, NOW);
	CLOSED int folder = -1;
	CLOSED int lock = -1;

	outcome.id[0] = '\0';
	outcomes_note(&repo, &outcome);
	assert_int_equal(access(".cache/hftoken", F_OK), -1);
	outcome.id[0] = '0';
	assert_int_equal(folder_open(".cache/hftoken", FOLDER_CREATE, &folder, NULL), 0);
	assert_int_equal(file_lock(folder, "outcomes.lock", &lock, NULL), 0);
	outcomes_note(&repo, &outcome);
	assert_int_equal(access(FILE, F_OK), -1);
	cleanup_close(&lock);
	assert_int_equal(mkfifo(FILE, 0600), 0);
	outcomes_note(&repo, &outcome);
}

/* A source's token has no id; its outcomes follow its name and what is shown of it. */
static void a_source_has_an_id_for_its_outcomes(void **state UNUSED)
{
	struct token token = {.name = "env", .id = "", .masked = "hf_****abcd"};
	char first[TOKEN_ID_SIZE];
	char second[TOKEN_ID_SIZE];

	outcome_token_id(&token, first);
	assert_int_equal(strlen(first), TOKEN_ID_SIZE - 1);
	assert_int_equal(strspn(first, "0123456789abcdef"), TOKEN_ID_SIZE - 1);
	outcome_token_id(&token, second);
	assert_string_equal(first, second);
	token.masked = "hf_****wxyz";
	outcome_token_id(&token, second);
	assert_string_not_equal(first, second);
	token.masked = "hf_****abcd";
	token.endpoint = "https://hub.example"; /* what one Hub says is not said of another */
	outcome_token_id(&token, second);
	assert_string_not_equal(first, second);
	token.id = "0123456789abcdef0123456789abcdef";
	outcome_token_id(&token, second);
	assert_string_equal(second, token.id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_weigh),
		cmocka_unit_test(questions_find_the_newest_that_says_something),
		cmocka_unit_test(only_news_are_written),
		cmocka_unit_test(a_refusal_is_renewed_before_its_time_is_over),
		cmocka_unit_test(what_no_longer_counts_is_written_again),
		cmocka_unit_test(who_only_asks_uses_nothing),
		cmocka_unit_test(what_is_contradicted_goes),
		in_a_home(a_token_that_lives_is_relieved),
		in_a_home(death_comes_last),
		cmocka_unit_test(damage_counts_as_nothing),
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(a_source_has_an_id_for_its_outcomes),
		in_a_home(notes_are_found_again),
		in_a_home(a_damaged_file_is_written_anew),
		in_a_home(what_cannot_be_written_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
