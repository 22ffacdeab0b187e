/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/serve_report.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* Its index; SERVE_GIVEN_MAX if it is not there. */
static size_t find(const struct serve_givens *givens, const char *name, const char *endpoint)
{
	size_t i = 0;

	while (i < SERVE_GIVEN_MAX &&
	       (strcmp(givens->list[i].name, name) != 0 ||
		(endpoint && strcmp(givens->list[i].endpoint, endpoint) != 0)))
		i++;
	return i;
}

void serve_given_add(struct serve_givens *givens, const struct token *token,
		     const struct token *known)
{
	struct serve_given fresh = {.revision = known->revision};
	size_t place;

	outcome_token_id(known, fresh.id);
	if (!*fresh.id || !text_copy(fresh.name, sizeof(fresh.name), token->name) ||
	    !text_copy(fresh.endpoint, sizeof(fresh.endpoint), token->endpoint))
		return;
	place = find(givens, fresh.name, fresh.endpoint);
	if (place == SERVE_GIVEN_MAX) {
		place = givens->next;
		givens->next = (place + 1) % SERVE_GIVEN_MAX;
	}
	givens->list[place] = fresh;
}

/* 401 and 404 too: so the Hub answers for what a token must not know of. A busy Hub says nothing. */
static bool is_refusal(unsigned status)
{
	return status == 0 || status == 401 || status == 403 || status == 404;
}

bool serve_report(const struct serve_givens *givens, const struct serve_request *request,
		  const char *endpoint, const struct repo *repo)
{
	size_t given = find(givens, request->token, endpoint);
	struct outcome outcome = {.source = OUTCOME_BY_SERVE, .at = time_now()};
	bool write = request->operation == OPERATION_WRITE;

	trace("serve: token %s %s (%u)", request->token, request->worked ? "worked" : "refused",
	      request->status);
	if (given == SERVE_GIVEN_MAX || !repo ||
	    (!request->worked && !is_refusal(request->status)))
		return false;
	memcpy(outcome.id, givens->list[given].id, sizeof(outcome.id));
	outcome.revision = givens->list[given].revision;
	/* What was not said to be a write proves no more than reading. */
	outcome.operation = write ? OPERATION_WRITE : OPERATION_READ;
	outcome.result = request->worked ? OUTCOME_WORKED : OUTCOME_REFUSED;
	(void)outcomes_note(repo, &outcome);
	return true;
}
