/* SPDX-License-Identifier: Apache-2.0 */
#include "core/resolve_verdict.h"

#include "base/text.h"

#define HOUR        INT64_C(60) /* in minutes */
#define OLD_SECONDS 3600        /* after which a denial may have been cleared at the Hub */

static struct grants_question grants_question(const struct verdict_question *question)
{
	return (struct grants_question) {
		.operation = question->operation == OPERATION_WRITE ? GRANTS_WRITE
								    : GRANTS_READ,
		.repo = question->repo,
		.is_private = UNKNOWN,
		.is_gated = UNKNOWN,
		.now = question->now,
	};
}

/*
 * Whether it happened after the Hub had told of the token. What bears a time in the future was
 * written by a clock that was wrong, and must not rule until that time comes: the other one counts.
 */
static bool is_newer(const struct outcome *outcome, int64_t verified, int64_t now)
{
	if (verified == TIME_UNKNOWN || verified > now + CLOCK_SLACK)
		return true;
	return outcome->at >= verified && outcome->at <= now + CLOCK_SLACK;
}

/* Lets what happened overrule what was told, where it is newer or was told less. */
static void weigh(const struct outcome *outcome, int64_t now, struct candidate *candidate)
{
	bool newer = is_newer(outcome, candidate->token->verified, now);
	enum outcome_weight weight = outcome_weight(outcome, now);
	enum verdict verdict = candidate->verdict;

	switch (weight) {
	case WEIGHT_DEAD:
	case WEIGHT_REFUSED:
		if (!newer)
			return;
		verdict = VERDICT_DENIES;
		break;
	case WEIGHT_LATELY:
		if (verdict == VERDICT_GRANTS || (verdict == VERDICT_DENIES && !newer))
			return;
		verdict = VERDICT_GRANTS;
		break;
	case WEIGHT_ONCE:
		if (verdict == VERDICT_GRANTS || (verdict == VERDICT_DENIES && !newer))
			return;
		verdict = VERDICT_MAY;
		break;
	default:
		return;
	}
	candidate->verdict = verdict;
	candidate->weight = weight;
	candidate->seen_by = outcome->source;
	candidate->as_of = outcome->at;
}

void verdict_judge(const struct token *token, const struct grants *grants,
		   const struct verdict_question *question, struct candidate *ret)
{
	const struct grants_question asked = grants_question(question);
	struct grants_answer answer;
	char id[TOKEN_ID_SIZE];
	struct outcome outcome;

	answer.verdict = VERDICT_MAY;
	answer.reason = REASON_UNVERIFIED;
	answer.is_member = false;
	outcome_token_id(token, id);
	outcome = outcomes_find(question->outcomes, id, token->revision, question->operation);
	if (question->repo)
		grants_ask(grants, &asked, &answer);
	*ret = (struct candidate) {
		.token = token,
		.account = token->account,
		.known = token,
		.verdict = answer.verdict,
		.reason = answer.reason,
		.is_member = answer.is_member,
		.operation = question->operation,
		.weight = WEIGHT_NONE,
		.used_at = outcome.result == OUTCOME_WORKED
				   ? outcomes_used_at(question->outcomes, id, token->revision,
						      question->operation)
				   : TIME_UNKNOWN,
		.as_of = grants->as_of,
		.breadth = grants_breadth(grants),
	};
	weigh(&outcome, question->now, ret);
}

/*
 * Whether it is the account's belonging to the owner that the token may succeed by. Where that is
 * not told, the default token has the benefit of the doubt.
 */
static bool is_inside(const struct candidate *candidate)
{
	switch (candidate->reason) {
	case REASON_CONTRIBUTOR:
	case REASON_RESOURCE_GROUP:
	case REASON_ROLE_UNKNOWN:
	case REASON_SESSION:
		return true;
	case REASON_ORG_CONSENT:
	case REASON_CUT:
		return candidate->is_member || candidate->is_default;
	case REASON_UNVERIFIED:
		return candidate->is_default;
	default:
		return false;
	}
}

int verdict_level(const struct candidate *candidate)
{
	if (candidate->verdict != VERDICT_MAY)
		return 0;
	if (candidate->weight == WEIGHT_ONCE)
		return 4;
	if (is_inside(candidate))
		return 3;
	/* Of other programs' tokens nothing is known; what is stored goes before them. */
	if (!*candidate->token->id && !candidate->is_default)
		return 1;
	/* No gate is passed by writing, and one that is for this very repository needs no box. */
	return candidate->operation == OPERATION_READ && candidate->reason != REASON_NAMED &&
			       candidate->token->gated_read == NO
		       ? 1
		       : 2;
}

bool verdict_is_old(const struct candidate *candidate, int64_t now)
{
	if (candidate->weight == WEIGHT_REFUSED)
		return candidate->seen_by != OUTCOME_BY_GIT;
	/* What was told in the future was told at nobody knows what time: a clock was wrong. */
	return candidate->weight == WEIGHT_NONE && candidate->as_of != TIME_UNKNOWN &&
	       (candidate->as_of > now || now - candidate->as_of > OLD_SECONDS);
}

static void put_span(struct buf *ret, int64_t seconds)
{
	const char *unit = "minute";
	int64_t count = seconds / 60;

	if (count >= 48 * HOUR) {
		count /= 24 * HOUR;
		unit = "day";
	} else if (count >= 2 * HOUR) {
		count /= HOUR;
		unit = "hour";
	}
	buf_printf(ret, "%lld %s%s", (long long)count, unit, count == 1 ? "" : "s");
}

static void put_age(struct buf *ret, int64_t seconds)
{
	if (seconds < 60) {
		buf_add_text(ret, "just now");
		return;
	}
	put_span(ret, seconds);
	buf_add_text(ret, " ago");
}

void verdict_age(const struct candidate *candidate, int64_t now, struct buf *ret)
{
	if (candidate->as_of == TIME_UNKNOWN || candidate->as_of > now)
		buf_add_text(ret, "nobody knows how long");
	else if (now - candidate->as_of < 60)
		buf_add_text(ret, "less than a minute");
	else
		put_span(ret, now - candidate->as_of);
}

void verdict_why(const struct candidate *candidate, const struct verdict_question *question,
		 struct buf *ret)
{
	const struct grants_question asked = grants_question(question);
	AUTOROOM struct grants_room room = {0};
	struct grants_answer answer;
	struct grants grants;

	if (candidate->weight == WEIGHT_DEAD) {
		buf_add_text(ret, "the Hub no longer knows the token");
	} else if (candidate->weight != WEIGHT_NONE) {
		buf_add_text(ret, candidate->weight == WEIGHT_REFUSED ? "refused " : "worked ");
		put_age(ret, question->now - candidate->as_of);
	} else if (!question->repo) {
		buf_add_text(ret, "no repository is known");
	} else {
		grants_compact_read(candidate->known, question->repo, &room, &grants);
		grants_ask(&grants, &asked, &answer);
		grants_why(&grants, &asked, &answer, ret);
	}
}
