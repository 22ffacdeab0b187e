/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session_rules.h"

#include "base/text.h"
#include "core/sources.h"

static bool names_nobody(const struct rule *rule, const struct catalogue *catalogue)
{
	return !rule->problem && !source_is_name(rule->token) &&
	       !catalogue_find(catalogue, rule->token);
}

bool rules_name_nobody(const struct rule_list *list, const struct catalogue *catalogue)
{
	for (size_t i = 0; i < list->count; i++) {
		if (names_nobody(&list->rules[i], catalogue))
			return true;
	}
	return false;
}

void rules_take_old_names(struct rule_list *list, const struct catalogue *catalogue)
{
	AUTOCATALOGUE struct catalogue now = CATALOGUE_NONE;

	if (catalogue_load(&now, CATALOGUE_LOOKUP, NULL) ||
	    now.generation == catalogue->generation)
		return;
	for (size_t i = 0; i < list->count; i++) {
		struct rule *rule = &list->rules[i];
		const struct token *token = names_nobody(rule, catalogue)
						    ? catalogue_find(&now, rule->token)
						    : NULL;

		token = token ? catalogue_find_id(catalogue, token->id) : NULL;
		if (token)
			(void)text_copy(rule->token, sizeof(rule->token), token->name);
	}
}
