/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/learn.h"

#include <string.h>

#include "base/text.h"

#define NEWS_PER_TOKEN 2 /* the name that was asked by, and the present one */

int learning_init(struct learning *learning, const struct access *access,
		  enum outcome_source source, struct err *err)
{
	*learning = (struct learning) {.access = access, .source = source};
	learning->news = calloc(NEWS_PER_TOKEN * access->count + 1, sizeof(*learning->news));
	if (!learning->news)
		return err_no_memory(err);
	outcomes_load(NULL, &learning->dead);
	return 0;
}

void learning_release(struct learning *learning)
{
	outcomes_release(&learning->dead);
	free(learning->news);
	*learning = (struct learning) {0};
}

static void add(struct learning *learning, const struct repo *repo,
		const struct outcome *outcome)
{
	learning->news[learning->count++] = (struct outcome_news) {repo, *outcome};
}

/* Held against a token, and untrue: that it is dead. */
static void lift(const struct learning *learning, const struct outcome *outcome)
{
	const struct outcome known = outcomes_find(&learning->dead, outcome->id,
						   outcome->revision, OPERATION_UNKNOWN);

	if (known.result == OUTCOME_DEAD)
		(void)outcomes_lift(outcome->id, false);
}

void learning_add(struct learning *learning, const struct token *known,
		  const struct evidence *evidence, const struct finding *finding)
{
	const struct access *access = learning->access;
	struct outcome outcome = {.revision = known->revision,
				  .operation = access->write ? OPERATION_WRITE : OPERATION_READ,
				  .result = proof_of(evidence, finding),
				  .source = learning->source,
				  .at = time_now(),
				  .verified = evidence->token ? evidence->token->verified
							      : TIME_UNKNOWN};

	outcome_token_id(known, outcome.id);
	if (proof_lives(evidence, finding))
		lift(learning, &outcome);
	if (outcome.result == OUTCOME_NONE)
		return;
	if (outcome.result == OUTCOME_DEAD) {
		outcome.operation = OPERATION_UNKNOWN;
		add(learning, NULL, &outcome);
		return;
	}
	add(learning, &access->repo, &outcome);
	if (!repo_equal(&access->repo, &access->target))
		add(learning, &access->target, &outcome);
}

void learning_keep(struct learning *learning)
{
	(void)outcomes_note_all(learning->news, learning->count);
}
