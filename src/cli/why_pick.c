/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/why.h"

static int find_entry(const struct why *why, const struct token *token)
{
	for (size_t i = 0; token && i < why->count; i++) {
		if (why->entries[i].token == token)
			return (int)i;
	}
	return -1;
}

static bool is_allowed(const struct why *why, int which)
{
	return which >= 0 && why->findings[which].outcome == OUTCOME_ALLOWED;
}

static bool same_account(const struct why *why, const struct why_entry *entry)
{
	const struct token *used = why->in_force < 0 ? NULL
						     : &why->entries[why->in_force].known;

	return used && *used->account && text_equal_fold(used->account, entry->known.account);
}

/* Of those that work: the same account, stored here, able to do the least else, first by name. */
static bool is_better(const struct why *why, const struct why_entry *one,
		      const struct why_entry *other)
{
	bool same = same_account(why, one);
	bool stored = *one->known.id;
	unsigned breadth = grants_breadth(&one->grants);

	if (same != same_account(why, other))
		return same;
	if (stored != (*other->known.id != '\0'))
		return stored;
	if (breadth != grants_breadth(&other->grants))
		return breadth < grants_breadth(&other->grants);
	return strcmp(one->known.name, other->known.name) < 0;
}

/* The setting `environment = ignore` takes it out for us, however much others use it. */
static bool is_ignored(const struct why *why, size_t which)
{
	return why->session.settings.environment == ENVIRONMENT_IGNORE &&
	       why->entries[which].token == session_env(&why->session);
}

static int best_allowed(const struct why *why)
{
	int best = -1;

	for (size_t i = 0; i < why->count; i++) {
		if (is_allowed(why, (int)i) && !is_ignored(why, i) &&
		    (best < 0 || is_better(why, &why->entries[i], &why->entries[(size_t)best])))
			best = (int)i;
	}
	return best;
}

static int find_in_force(struct why *why, struct err *err)
{
	struct resolution pick;
	int error;

	why->in_force = -1;
	if (why->question.name || !why->entries[0].token) {
		why->in_force = 0;
		return 0;
	}
	error = session_resolve(&why->session, &(struct resolve_request) {.now = 0}, &pick,
				err);
	if (!error)
		why->in_force = find_entry(why, pick.token);
	return error;
}

int why_pick(struct why *why, struct err *err)
{
	bool only = why->question.name ||
		    (why->session.settings.environment == ENVIRONMENT_FIRST &&
		     session_env(&why->session));
	int error = find_in_force(why, err);

	if (error)
		return error;
	why->picked = is_allowed(why, why->in_force) ? why->in_force
		      : only                         ? -1
						     : best_allowed(why);
	causes_compare(why->evidence, why->findings, why->count,
		       why->picked < 0 ? NULL : why->evidence[why->picked].token);
	return 0;
}

int why_status(const struct why *why)
{
	if (why->picked >= 0)
		return 0;
	if (why->in_force >= 0)
		return why->findings[why->in_force].outcome == OUTCOME_UNKNOWN ? 7 : 5;
	for (size_t i = 0; i < why->count; i++) {
		if (why->findings[i].outcome == OUTCOME_UNKNOWN)
			return 7;
	}
	return 5;
}

bool why_has_page(const struct why *why)
{
	for (size_t i = 0; why->picked < 0 && i < why->count; i++) {
		if (why->findings[i].outcome == OUTCOME_DENIED && *why->findings[i].remedy.url)
			return true;
	}
	return false;
}
