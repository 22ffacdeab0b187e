/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_choose.h"

#include <string.h>

static const struct candidate *find(const struct pick *pick, const struct token *token)
{
	for (size_t i = 0; i < pick->count; i++) {
		if (pick->candidates[i].token == token)
			return &pick->candidates[i];
	}
	return NULL;
}

static bool serves(const struct session_pick *picked, const struct token *token)
{
	const struct pick *pick = &picked->pick;
	const struct candidate *candidate = find(pick, token);

	if (pick->token == token)
		return true;
	if (pick->rule || !pick->token || !candidate || candidate->verdict == VERDICT_DENIES)
		return false;
	/* The first candidate is the best proved one. */
	return candidate->verdict == pick->candidates[0].verdict;
}

static size_t count_served(const struct session_pick picks[], size_t count,
			   const struct token *token, size_t *ret_picked)
{
	size_t served = 0;

	*ret_picked = 0;
	for (size_t i = 0; i < count; i++) {
		served += serves(&picks[i], token);
		*ret_picked += picks[i].pick.token == token;
	}
	return served;
}

static int complain(const struct session_pick picks[], size_t count, const struct token *token,
		    struct err *err)
{
	AUTOBUF struct buf names = {0};
	char id[REPO_ID_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (serves(&picks[i], token))
			continue;
		repo_text(picks[i].request.repo, id);
		buf_printf(&names, "%s%s", names.size ? ", " : "", id);
	}
	err_set(err, ERR_REFUSED, "no token serves all of them; '%s' does not serve %s",
		token->name, buf_text(&names));
	return err_hint(err, "run it once for each owner's repositories, or -n %s all the same",
			token->name);
}

int run_choose(const struct session_pick picks[], size_t count, const struct token **ret,
	       struct err *err)
{
	const struct token *best = NULL;
	size_t best_served = 0;
	size_t best_picked = 0;

	for (size_t i = 0; i < count; i++) {
		const struct pick *pick = &picks[i].pick;

		for (size_t j = 0; j <= pick->count; j++) {
			const struct token *token = j ? pick->candidates[j - 1].token
						      : pick->token;
			size_t picked;
			size_t served = token ? count_served(picks, count, token, &picked) : 0;

			if (!token || served < best_served ||
			    (served == best_served && best && picked <= best_picked))
				continue;
			best = token;
			best_served = served;
			best_picked = picked;
		}
	}
	if (!best) {
		err_set(err, ERR_REFUSED, "no token may do that");
		return err_hint(err, "hftoken resolve --explain shows all of them");
	}
	if (best_served < count)
		return complain(picks, count, best, err);
	*ret = best;
	return 0;
}
