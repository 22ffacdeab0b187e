/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of rules: whatever stands in it, the quick look and the whole one agree, the order of what
 * matches is one, and every line that is a rule has all that a rule needs.
 */
#include "tests/fuzz/fuzz.h"

#include "core/rules.h"

static void check_order(const struct rule_list *list, const struct rule_request *request)
{
	for (size_t i = 1; i < list->count; i++) {
		const struct rule *before = &list->rules[i - 1];
		const struct rule *rule = &list->rules[i];

		CHECK(before->file <= rule->file);
		if (before->file == rule->file) {
			CHECK(rule_compare(before, rule, request) <= 0);
			CHECK(rule_compare(rule, before, request) >= 0);
		}
	}
}

static size_t count_matches(const struct rules *rules, const struct rule_request *request)
{
	AUTORULELIST struct rule_list all = {0};
	size_t count = 0;

	CHECK(rules_list(rules, &all, NULL) == 0);
	for (size_t i = 0; i < all.count; i++) {
		const struct rule *rule = &all.rules[i];

		CHECK(*rule->pattern || rule->problem);
		CHECK(!*rule->pattern == !*rule->token);
		count += *rule->pattern && rule_matches(rule, request);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = {"acme/m1", "datasets/acme/d1", "gpt2", NULL};
	struct rules rules = {0};

	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	buf_add(&rules.texts[RULES_OF_USER], data, size);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		AUTORULELIST struct rule_list list = {0};
		struct repo repo = {0};
		const struct rule_request request = {.repo = ids[i] ? &repo : NULL,
						     .operation = (enum operation)(i % 3),
						     .directories = {"/src/acme"},
						     .homes = {"/src"}};

		CHECK(!ids[i] || repo_parse(ids[i], &repo, NULL) == 0);
		CHECK(rules_find(&rules, &request, &list, NULL) == 0);
		check_order(&list, &request);
		CHECK(count_matches(&rules, &request) == list.count);
	}
	rules_release(&rules);
	return 0;
}
