/* SPDX-License-Identifier: Apache-2.0 */
/* What the resolver remembers of why's answers: a success lifts at once what git was refused for. */
#include "cli/learn.h"
#include "cli/why.h"

/* As the resolver will look for it. */
static const struct token *known_as(struct why *why, const struct token *token)
{
	const struct token *twin = *token->id ? NULL : session_twin(&why->session, token);

	return twin ? twin : token;
}

void why_learn(struct why *why)
{
	AUTOLEARNING struct learning learning = {0};

	if (learning_init(&learning, &why->access, OUTCOME_BY_WHY, NULL))
		return;
	for (size_t i = 0; i < why->count; i++) {
		const struct token *token = why->entries[i].token;

		if (token)
			learning_add(&learning, known_as(why, token), &why->evidence[i],
				     &why->findings[i]);
	}
	learning_keep(&learning);
}
