/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the resolver remembers of the answers: a success lifts at once what git was refused for. Asked
 * of the same token under several names, it is the stored one's, or each source's own.
 */
#include <string.h>

#include "base/text.h"
#include "cli/why.h"
#include "core/proof.h"

#define NEWS_PER_TOKEN 2 /* the name that was asked by, and the present one */

struct learning {
	struct why *why;
	struct outcomes dead;
	struct outcome_news *news;
	size_t count;
};

static void learning_release(struct learning *learning)
{
	outcomes_release(&learning->dead);
	free(learning->news);
}

/* As the resolver will look for it: a source's token is the stored one of the same value. */
static const struct token *known_as(struct why *why, const struct token *token)
{
	const struct token *twin = *token->id ? NULL : session_twin(&why->session, token);

	return twin ? twin : token;
}

static void add(struct learning *learning, const struct repo *repo,
		const struct outcome *outcome)
{
	learning->news[learning->count++] = (struct outcome_news) {repo, *outcome};
}

static void learn(struct learning *learning, size_t which)
{
	const struct why *why = learning->why;
	const struct evidence *evidence = &why->evidence[which];
	const struct finding *finding = &why->findings[which];
	const struct token *token = known_as(learning->why, why->entries[which].token);
	struct outcome outcome = {.revision = token->revision,
				  .operation = why->question.write ? OPERATION_WRITE
								   : OPERATION_READ,
				  .result = proof_of(evidence, finding),
				  .source = OUTCOME_BY_WHY,
				  .at = time_now(),
				  .verified = evidence->token->verified};

	outcome_token_id(token, outcome.id);
	if (proof_lives(evidence, finding) &&
	    outcomes_find(&learning->dead, outcome.id, outcome.revision, OPERATION_UNKNOWN)
			    .result == OUTCOME_DEAD)
		(void)outcomes_lift(outcome.id, false);
	if (outcome.result == OUTCOME_NONE)
		return;
	if (outcome.result == OUTCOME_DEAD) {
		outcome.operation = OPERATION_UNKNOWN;
		add(learning, NULL, &outcome);
		return;
	}
	add(learning, &why->access.repo, &outcome);
	if (!repo_equal(&why->access.repo, &why->access.target))
		add(learning, &why->access.target, &outcome);
}

void why_learn(struct why *why)
{
	CLEANUP(learning_release) struct learning learning = {.why = why};

	learning.news = calloc(NEWS_PER_TOKEN * why->count, sizeof(*learning.news));
	if (!learning.news)
		return;
	outcomes_load(NULL, &learning.dead);
	for (size_t i = 0; i < why->count; i++) {
		if (why->entries[i].token)
			learn(&learning, i);
	}
	(void)outcomes_note_all(learning.news, learning.count);
}
