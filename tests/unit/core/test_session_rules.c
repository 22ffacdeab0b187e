/* SPDX-License-Identifier: Apache-2.0 */
/* A token is renamed between the reading of the catalogue and that of the rules. */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/session_rules.h"

static void add(const char *name)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	const struct token token = {.name = name,
				    .id = "",
				    .revision = 1,
				    .endpoint = "https://huggingface.co",
				    .account = "",
				    .gated_read = UNKNOWN,
				    .store = "file",
				    .masked = "hf_****abcd",
				    .created = TIME_UNKNOWN,
				    .expires = TIME_UNKNOWN,
				    .verified = TIME_UNKNOWN,
				    .identity = "",
				    .extra = ""};
	struct token *added;

	assert_int_equal(catalogue_begin(&catalogue, NULL), 0);
	assert_int_equal(catalogue_add(&catalogue, &token, &added, NULL), 0);
	assert_int_equal(catalogue_commit(&catalogue, NULL), 0);
}

static void give_name(const char *old, const char *fresh)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	assert_int_equal(catalogue_begin(&catalogue, NULL), 0);
	catalogue_find(&catalogue, old)->name = fresh;
	assert_int_equal(catalogue_commit(&catalogue, NULL), 0);
}

static void a_rule_finds_its_token_by_either_name(void **state UNUSED)
{
	static const struct {
		const char *rule;
		bool before; /* names nobody, by the catalogue that was read first */
		const char *after;
	} cases[] = {
		{"acme/* old", false, "old"},     {"acme/* fresh", true, "old"},
		{"acme/* other", false, "other"}, {"acme/* gone", true, "gone"},
		{"acme/* env", false, "env"},     {"acme/* hf:alice", false, "hf:alice"},
	};
	AUTOCATALOGUE struct catalogue first = CATALOGUE_NONE;

	add("old");
	add("other");
	assert_int_equal(catalogue_load(&first, CATALOGUE_LOOKUP, NULL), 0);
	give_name("old", "fresh");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTORULELIST struct rule_list list = {0};

		assert_int_equal(rules_read(cases[i].rule, RULES_OF_USER, &list, NULL), 0);
		assert_int_equal(list.count, 1);
		assert_int_equal(rules_name_nobody(&list, &first), cases[i].before);
		rules_take_old_names(&list, &first);
		assert_string_equal(list.rules[0].token, cases[i].after);
	}
}

static void what_makes_no_sense_names_nobody_s_token(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTORULELIST struct rule_list list = {0};

	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_LOOKUP, NULL), 0);
	assert_int_equal(rules_read("acme/*\n", RULES_OF_USER, &list, NULL), 0);
	assert_non_null(list.rules[0].problem);
	assert_false(rules_name_nobody(&list, &catalogue));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(a_rule_finds_its_token_by_either_name),
		in_a_home(what_makes_no_sense_names_nobody_s_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
