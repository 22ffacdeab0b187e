/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a file of rules: the rule that was added is there once, every other line stays, and what
 * is removed or renamed is just that.
 */
#include "tests/fuzz/folder.h"

#include "core/rules.h"

struct count {
	size_t rules;    /* that make sense */
	size_t of_ours;  /* of the token that is added */
	size_t of_other; /* of the one that is renamed */
	size_t doubles;  /* of the rule that is added */
};

static const struct rule ours = {
	.pattern = "acme/m1", .token = "fuzzed", .operation = OPERATION_WRITE};

static struct count count(void)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list list = {0};
	struct count count = {0};

	CHECK(rules_load(&rules, NULL) == 0);
	CHECK(rules_read(buf_text(&rules.texts[RULES_OF_USER]), RULES_OF_USER, &list, NULL) ==
	      0);
	for (size_t i = 0; i < list.count; i++) {
		const struct rule *rule = &list.rules[i];

		if (rule->problem)
			continue;
		count.rules++;
		count.of_ours += strcmp(rule->token, "fuzzed") == 0;
		count.of_other += strcmp(rule->token, "work") == 0;
		count.doubles += rule_is_double(rule, &ours);
	}
	return count;
}

static bool is_ours(const struct rule *rule, const void *user UNUSED)
{
	return strcmp(rule->token, "fuzzed") == 0;
}

static void rename_other(size_t expected)
{
	struct rules_rename rename = RULES_RENAME_NONE;

	CHECK(rules_rename_begin(&rename, "work", "fuzzed", NULL) == 0);
	CHECK(rename.count == expected);
	CHECK(rules_rename_finish(&rename, NULL) == 0);
	rules_rename_release(&rename);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct count before;
	struct count after;
	size_t removed;

	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	folder_make();
	folder_write("rules", data, size);
	before = count();
	CHECK(rules_add(&ours, NULL) == 0);
	after = count();
	CHECK(after.doubles == 1 && after.of_ours >= 1);
	CHECK(after.rules == before.rules - before.doubles + 1);
	before = after;
	rename_other(before.of_other);
	after = count();
	CHECK(after.rules == before.rules && after.of_other == 0);
	CHECK(after.of_ours == before.of_ours + before.of_other);
	CHECK(rules_remove(is_ours, NULL, &removed, NULL) == 0 && removed == after.of_ours);
	CHECK(count().rules == after.rules - removed);
	return 0;
}
