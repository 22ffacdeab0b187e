/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/why.h"

int why_entry_of(const struct why *why, const struct token *token)
{
	for (size_t i = 0; token && i < why->count; i++) {
		if (why->entries[i].token == token)
			return (int)i;
	}
	return -1;
}

bool why_is_allowed(const struct why *why, int which)
{
	return which >= 0 && why->findings[which].verdict == FINDING_ALLOWED;
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
		if (why_is_allowed(why, (int)i) && !is_ignored(why, i) &&
		    (best < 0 || is_better(why, &why->entries[i], &why->entries[(size_t)best])))
			best = (int)i;
	}
	return best;
}

/* Where all are known to be refused git gets nothing; the default token is meant then. */
static int find_in_force(struct why *why, struct err *err)
{
	struct resolution usual;
	struct err rules = {0};
	int error;

	why->in_force = -1;
	why->git = (struct why_git) {.rule = ""};
	if (why->question.name || !why->entries[0].token) {
		why->in_force = 0;
		return 0;
	}
	error = why_git_pick(&why->session, &why->question.repo, why->question.write, &why->git,
			     &rules);
	if (error) { /* rules that cannot be read; what is refused can be said all the same */
		ui_warn("%s", rules.message);
		error = 0;
	}
	if (!why->git.token) {
		error = session_resolve(&why->session, &(struct resolve_request) {.now = 0},
					&usual, err);
		why->git.token = error ? NULL : usual.token;
		why->git.by_default = true;
	}
	why->in_force = why_entry_of(why, why->git.token);
	return error;
}

int why_pick(struct why *why, struct err *err)
{
	int error = find_in_force(why, err);

	if (error)
		return error;
	why->alone = why->question.name ||
		     (why->session.settings.environment == ENVIRONMENT_FIRST &&
		      session_env(&why->session));
	why->picked = why_is_allowed(why, why->in_force) ? why->in_force
		      : why->alone                       ? -1
							 : best_allowed(why);
	causes_compare(why->evidence, why->findings, why->count,
		       why->picked < 0 ? NULL : why->evidence[why->picked].token);
	return 0;
}

/* One that could not be asked may be the one that works. */
int why_status(const struct why *why)
{
	if (why->picked >= 0)
		return 0;
	if (why->alone && why->in_force >= 0)
		return why->findings[why->in_force].verdict == FINDING_UNKNOWN ? 7 : 5;
	for (size_t i = 0; i < why->count; i++) {
		if (why->findings[i].verdict == FINDING_UNKNOWN)
			return 7;
	}
	return 5;
}

/* Others decide about these, and not while somebody waits. */
static bool takes_time(enum cause cause)
{
	return cause == CAUSE_GATE_PENDING || cause == CAUSE_GATE_REJECTED ||
	       cause == CAUSE_ORG_APPROVAL;
}

bool why_has_page(const struct why *why)
{
	for (size_t i = 0; why->picked < 0 && i < why->count; i++) {
		const struct finding *finding = &why->findings[i];

		if (finding->verdict == FINDING_DENIED && *finding->remedy.url &&
		    !takes_time(finding->cause))
			return true;
	}
	return false;
}
