/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens that the tests of the resolver choose from, and a request in words.
 */
#pragma once

#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/resolve_pick.h"
#include "core/rules.h"

#define HUB    ENDPOINT_HUB
#define MIRROR "https://mirror.example"
#define NOW    INT64_C(1790000000)
#define FRESH  (NOW - 60)
#define OLD    (NOW - 7200)
#define G      "g1;a1789999940;" /* FRESH */
#define G_OLD  "g1;a1789992800;" /* OLD */

#define MEMBER(role) "oacme:" role ":0:0"
#define READ_ROLE    "2"
#define WRITE_ROLE   "4"

/* Names begin with the account: a alice, b bob, c carol; o- is what was asked two hours ago. */
#define TOKEN(name_, account_, kind_, gated_, verified_, grants_)                \
	{                                                                        \
		.name = name_, .id = name_, .revision = 1, .endpoint = HUB,      \
		.account = account_, .kind = KIND_##kind_, .gated_read = gated_, \
		.store = "file", .masked = "", .created = TIME_UNKNOWN,          \
		.expires = TIME_UNKNOWN, .verified = verified_, .identity = "",  \
		.grants = grants_, .extra = ""                                   \
	}

static const struct token world[] = {
	/* classic ones of alice, who may write in acme */
	TOKEN("a-read", "alice", READ, YES, FRESH, G MEMBER(WRITE_ROLE)),
	TOKEN("a-write", "alice", WRITE, YES, FRESH, G MEMBER(WRITE_ROLE)),
	TOKEN("oa-read", "alice", READ, YES, OLD, G_OLD MEMBER(WRITE_ROLE)),
	/* asked about while a clock was wrong */
	TOKEN("ua-read", "alice", READ, YES, NOW + 86400, "g1;a1790086400;" MEMBER(WRITE_ROLE)),
	/* fine-grained ones of hers */
	TOKEN("a-own", "alice", FINE_GRAINED, NO, FRESH, G "e8:alice:1;" MEMBER(WRITE_ROLE)),
	TOKEN("a-gated", "alice", FINE_GRAINED, YES, FRESH, G "e8:alice:1;" MEMBER(WRITE_ROLE)),
	TOKEN("a-acme-r", "alice", FINE_GRAINED, NO, FRESH, G "e7:acme:1;" MEMBER(WRITE_ROLE)),
	TOKEN("a-acme-w", "alice", FINE_GRAINED, NO, FRESH, G "e7:acme:3;" MEMBER(WRITE_ROLE)),
	TOKEN("a-m1-r", "alice", FINE_GRAINED, NO, FRESH, G "e1:acme/m1:1;" MEMBER(WRITE_ROLE)),
	TOKEN("a-m1-w", "alice", FINE_GRAINED, NO, FRESH, G "e1:acme/m1:3;" MEMBER(WRITE_ROLE)),
	TOKEN("oa-m1-r", "alice", FINE_GRAINED, NO, OLD,
	      G_OLD "e1:acme/m1:1;" MEMBER(WRITE_ROLE)),
	/* for one repository of somebody else's alone, in place of the box */
	TOKEN("a-llama", "alice", FINE_GRAINED, NO, FRESH,
	      G "b1;e1:meta/llama:1;" MEMBER(WRITE_ROLE)),
	TOKEN("a-shut", "alice", FINE_GRAINED, NO, FRESH, G "e7:acme:3;oacme:4:0:4"),
	TOKEN("a-barred", "alice", FINE_GRAINED, NO, FRESH, G "oacme:4:0:4"),
	TOKEN("a-new", "alice", OTHER, UNKNOWN, TIME_UNKNOWN, ""),
	/* bob reads in acme, carol is a stranger there */
	TOKEN("b-read", "bob", READ, YES, FRESH, G MEMBER(READ_ROLE)),
	TOKEN("b-write", "bob", WRITE, YES, FRESH, G MEMBER(READ_ROLE)),
	TOKEN("b-acme-w", "bob", FINE_GRAINED, NO, FRESH, G "e7:acme:3;" MEMBER(READ_ROLE)),
	TOKEN("b-own", "bob", FINE_GRAINED, NO, FRESH, "g1;r;a1789999940;b1000;e8:bob:1"),
	TOKEN("b-llama", "bob", FINE_GRAINED, NO, FRESH, G "b1;e1:meta/llama:1"),
	TOKEN("b-gated", "bob", FINE_GRAINED, YES, FRESH, G "e8:bob:1"),
	TOKEN("ob-read", "bob", READ, YES, OLD, G_OLD MEMBER(READ_ROLE)),
	/* dave contributes to acme, erin reads in one of its resource groups */
	TOKEN("d-acme-w", "dave", FINE_GRAINED, NO, FRESH, G "e7:acme:3;oacme:3:0:0"),
	TOKEN("e-acme-r", "erin", FINE_GRAINED, NO, FRESH,
	      "g1;r;a1789999940;b1000;e7:acme:1;oacme:1:2:0"),
	/* of sessions, whoami does not tell all organisations */
	TOKEN("f-session", "frank", OAUTH, UNKNOWN, FRESH, G "s120"),
	TOKEN("c-read", "carol", READ, YES, FRESH, "g1;a1789999940"),
	TOKEN("c-write", "carol", WRITE, YES, FRESH, "g1;a1789999940"),
};

static const struct token env = {.name = "env",
				 .id = "",
				 .endpoint = HUB,
				 .account = "",
				 .gated_read = UNKNOWN,
				 .store = "env",
				 .expires = TIME_UNKNOWN,
				 .verified = TIME_UNKNOWN};

/* A request, and all that is known; texts as their owners write them. */
struct story {
	const char *tokens; /* names; "*NAME" is the default one, "env" HF_TOKEN */
	const char *repo;   /* NULL: not known */
	const char *operation;
	const char *rules;
	const char *outcomes; /* "TOKEN worked|refused|dead read|write SECONDS-AGO [why], …" */
	const char *name, *wish;
	const char *token; /* picked; NULL: none */
	enum resolve_source source;
	int verdict; /* -1: not judged */
};

#define STORY_TOKENS 24

struct told {
	struct token tokens[STORY_TOKENS];
	size_t count;
	struct outcome outcomes[STORY_TOKENS];
	struct outcomes known;
	struct rules rules;
	struct rule_list list;
	struct repo repo;
	struct pick_request request;
	struct pick_input input;
	struct pick pick;
};

UNUSED static const struct token *in_world(const char *name, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(world); i++) {
		if (strlen(world[i].name) == size && memcmp(world[i].name, name, size) == 0)
			return &world[i];
	}
	fail_msg("there is no '%.*s'", (int)size, name);
	return NULL;
}

UNUSED static enum operation operation_by(const char *word)
{
	if (!word)
		return OPERATION_UNKNOWN;
	return strcmp(word, "write") == 0 ? OPERATION_WRITE : OPERATION_READ;
}

UNUSED static void tell_tokens(const char *names, struct told *told)
{
	while (*names) {
		size_t size = strcspn(names, " ");
		bool is_default = *names == '*';

		if (size == 3 && memcmp(names, "env", 3) == 0) {
			told->input.base.env = &env;
		} else {
			told->tokens[told->count] = *in_world(names + is_default,
							      size - is_default);
			if (is_default)
				told->input.base.preferred = &told->tokens[told->count];
			told->count++;
		}
		names += size + (names[size] == ' ');
	}
}

UNUSED static int by_id(const void *one, const void *other)
{
	return strcmp(((const struct outcome *)one)->id, ((const struct outcome *)other)->id);
}

UNUSED static void tell_outcomes(const char *text, struct told *told)
{
	static const char *const results[] = {"", "worked", "refused", "dead"};
	char name[32];
	char result[16];
	char operation[16];
	long long age;

	char source[4] = "";
	int words;

	while (text && (words = sscanf(text, " %31s %15s %15s %lld %3s", name, result,
				       operation, &age, source)) >= 4) {
		struct outcome *outcome = &told->outcomes[told->known.count++];

		*outcome = (struct outcome) {.revision = 1,
					     .operation = operation_by(operation),
					     .at = NOW - age,
					     .source = words > 4 && strcmp(source, "why") == 0
							       ? OUTCOME_BY_WHY
							       : OUTCOME_BY_GIT};
		(void)snprintf(outcome->id, sizeof(outcome->id), "%s", name);
		for (int i = 1; i < OUTCOME_RESULT_COUNT; i++) {
			if (strcmp(result, results[i]) == 0)
				outcome->result = (enum outcome_result)i;
		}
		text = strchr(text, ',');
		text = text ? text + 1 : NULL;
	}
	told->known.list = told->outcomes;
	qsort(told->outcomes, told->known.count, sizeof(struct outcome), by_id);
}

UNUSED static void tell(const struct story *story, struct told *told)
{
	struct rule_request request;

	*told = (struct told) {0};
	tell_tokens(story->tokens, told);
	tell_outcomes(story->outcomes, told);
	if (story->repo)
		assert_int_equal(repo_parse(story->repo, &told->repo, NULL), 0);
	told->request = (struct pick_request) {
		.base = {.endpoint = HUB, .name = story->name, .wish = story->wish, .now = NOW},
		.repo = story->repo ? &told->repo : NULL,
		.operation = operation_by(story->operation)};
	request = (struct rule_request) {.repo = told->request.repo,
					 .operation = told->request.operation,
					 .directories = {"/work"}};
	buf_add_text(&told->rules.texts[RULES_OF_USER], story->rules ? story->rules : "");
	assert_int_equal(rules_find(&told->rules, &request, &told->list, NULL), 0);
	told->input.base.tokens = told->tokens;
	told->input.base.count = told->count;
	told->input.rules = told->list.rules;
	told->input.rule_count = told->list.count;
	told->input.outcomes = &told->known;
}

UNUSED static void forget(struct told *told)
{
	pick_release(&told->pick);
	rules_release(&told->rules);
	rule_list_release(&told->list);
}

UNUSED static const char *picked(const struct pick *pick)
{
	return pick->token ? pick->token->name : "none";
}

UNUSED static int verdict_of(const struct pick *pick)
{
	return pick->judged ? (int)pick->judged->verdict : -1;
}
