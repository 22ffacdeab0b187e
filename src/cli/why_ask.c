/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/ui.h"
#include "cli/why.h"
#include "core/flight.h"

#define FRESH_SECONDS 600  /* what whoami told is good for a refusal that it explains */
#define FLIGHT_MS     3000 /* to wait for another process that asks the same */

/* ---- what to ask ------------------------------------------------------------------------------ */

static void set_up(struct why *why)
{
	struct access *access = &why->access;

	*access = (struct access) {.url = why->session.endpoint.url,
				   .origin = why->session.endpoint.origin,
				   .repo = why->question.repo,
				   .write = why->question.write,
				   .revision = why->question.revision,
				   .file = why->question.file,
				   .tokens = why->asked,
				   .count = why->count,
				   .tick = ui_tick};
	for (size_t i = 0; i < why->count; i++) {
		const struct why_entry *entry = &why->entries[i];
		struct access_token *asked = &why->asked[i];
		bool has_secret = entry->secret.size > 0;

		asked->whoami.status = HUB_UNREACHABLE;
		asked->secret = has_secret ? &entry->secret : NULL;
		asked->passed_over = entry->token && (!has_secret || entry->twin >= 0 ||
						      why->evidence[i].malformed);
	}
}

/* What is wrong with a secret is found out before it goes anywhere. */
static void check_secrets(struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		struct why_entry *entry = &why->entries[i];

		why->evidence[i].malformed = NULL;
		if (entry->token && entry->secret.size &&
		    token_secret_check(&entry->secret, entry->token->endpoint,
				       &entry->secret_err))
			why->evidence[i].malformed = entry->secret_err.message;
	}
}

/* A time in the future is a clock that was wrong, then or now. */
static bool is_fresh(int64_t verified)
{
	int64_t now = time_now();

	return verified <= now && verified >= now - FRESH_SECONDS;
}

/* What the answer was, and whether what is known of the token explains it. */
static bool wants_whoami(const struct why *why, size_t which)
{
	const struct why_entry *entry = &why->entries[which];
	const struct reply *reply = &why->asked[which].reply;
	struct grants_answer answer = {.verdict = VERDICT_MAY};
	enum cause cause = cause_of_words(reply->status, reply->code, reply->message);

	if (!entry->token || !reply->asked || cause == CAUSE_TOKEN_INVALID ||
	    cause == CAUSE_TOKEN_EXPIRED || cause == CAUSE_RATE_LIMITED)
		return false;
	if (!reply->works && (reply->status < 400 || reply->status >= 500))
		return false;
	if (!entry->identity.document)
		return true;
	grants_ask(&entry->grants,
		   &(struct grants_question) {
			   .operation = why->question.write ? GRANTS_WRITE : GRANTS_READ,
			   .repo = &why->access.target,
			   .is_private = why->access.facts.hidden
						 ? YES
						 : why->access.facts.is_private,
			   .is_gated = why->access.facts.gate > GATE_NONE ? YES : UNKNOWN,
			   .now = time_now()},
		   &answer);
	/* Also one that is recorded as expired, and is not: any other answer comes to who is alive. */
	if (reply->works || answer.reason == REASON_EXPIRED)
		return answer.verdict == VERDICT_DENIES;
	return why->question.again || reply->status == 401 ||
	       answer.verdict == VERDICT_GRANTS || !is_fresh(entry->known.verified);
}

/* ---- what was learnt -------------------------------------------------------------------------- */

static void learn(struct why_entry *entry, struct identity *identity, int64_t when)
{
	struct grants grants = {0};

	if (grants_from_identity(identity, &grants, NULL))
		return;
	grants.as_of = when;
	grants_release(&entry->grants);
	identity_release(&entry->identity);
	entry->grants = grants;
	entry->identity = *identity;
	*identity = (struct identity) {0};
	identity_apply(&entry->identity, &entry->known);
	entry->known.verified = when;
}

/* Whether it is news that makes our own question needless. */
static bool is_news(const struct why *why, const struct why_entry *entry,
		    const struct token *fresh, int64_t since)
{
	int64_t wanted = why->question.again ? since : since - FRESH_SECONDS;

	return fresh && fresh->revision == entry->token->revision &&
	       fresh->verified != entry->token->verified && fresh->verified >= wanted;
}

/* What another process has learnt since we have read the catalogue. */
static void learn_from_others(struct why *why, int64_t since)
{
	AUTOCATALOGUE struct catalogue now = CATALOGUE_NONE;

	if (catalogue_load(&now, CATALOGUE_ALL, NULL))
		return;
	for (size_t i = 0; i < why->count; i++) {
		struct why_entry *entry = &why->entries[i];
		AUTOIDENTITY struct identity identity = {0};
		const struct token *fresh;

		if (!why->asked[i].wants_whoami || !*entry->token->id)
			continue;
		fresh = catalogue_find_id(&now, entry->token->id);
		if (!is_news(why, entry, fresh, since) ||
		    identity_parse(fresh->identity, strlen(fresh->identity), &entry->secret,
				   &identity, NULL))
			continue;
		trace("why: another process has just asked about '%s'", fresh->name);
		learn(entry, &identity, fresh->verified);
		why->asked[i].wants_whoami = false;
		why->evidence[i].standing = STANDING_GOOD;
	}
}

/* One process asks about a token; those that wait for it then look what it has learnt. */
static void fly(struct why *why, int64_t since)
{
	deadline_ms deadline = deadline_in(FLIGHT_MS);
	bool taken = false;

	for (size_t i = 0; i < why->count; i++) {
		struct why_entry *entry = &why->entries[i];

		if (!why->asked[i].wants_whoami || !*entry->token->id)
			continue;
		entry->flight = flight_take(entry->token->id, deadline);
		taken = true;
	}
	if (taken)
		learn_from_others(why, since);
}

/* Into the catalogue, which all processes share. Best effort. */
static void keep(struct why *why)
{
	AUTOFREE struct hub_whoami *asks = calloc(why->count, sizeof(*asks));
	AUTOFREE const struct token **tokens = calloc(why->count, sizeof(*tokens));
	size_t count = 0;

	if (!asks || !tokens)
		return;
	for (size_t i = 0; i < why->count; i++) {
		const struct reply *reply = &why->asked[i].reply;

		if (!why->entries[i].token)
			continue;
		tokens[count] = why->entries[i].token;
		asks[count] = why->asked[i].whoami; /* lent: nothing of it is released here */
		if (cause_of_words(reply->status, reply->code, reply->message) ==
		    CAUSE_TOKEN_EXPIRED)
			asks[count].status = HUB_EXPIRED;
		count++;
	}
	hub_keep(tokens, asks, count);
}

static enum standing standing_of(const struct access_token *asked)
{
	if (!asked->whoami.token)
		return STANDING_UNKNOWN;
	switch (asked->whoami.status) {
	case HUB_OK:
		return STANDING_GOOD;
	case HUB_INVALID:
		return STANDING_INVALID;
	case HUB_EXPIRED:
		return STANDING_EXPIRED;
	default:
		return STANDING_UNKNOWN;
	}
}

static void end_flights(struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		struct why_entry *entry = &why->entries[i];

		if (entry->flight >= 0)
			flight_end(entry->token->id, &entry->flight);
	}
}

static int ask_hub(struct why *why, struct err *err)
{
	int64_t since = time_now();
	int error = access_begin(&why->access, err);

	if (error)
		return error;
	for (size_t i = 0; i < why->count; i++)
		why->asked[i].wants_whoami = !why->asked[i].redirected && wants_whoami(why, i);
	fly(why, since);
	error = access_finish(&why->access, err);
	if (!error)
		keep(why);
	end_flights(why);
	for (size_t i = 0; i < why->count && !error; i++) {
		if (why->asked[i].whoami.token) /* else another process may have told */
			why->evidence[i].standing = standing_of(&why->asked[i]);
		if (why->asked[i].whoami.identity.document)
			learn(&why->entries[i], &why->asked[i].whoami.identity, time_now());
	}
	return error;
}

/* ---- causes ----------------------------------------------------------------------------------- */

static void say_silence(struct why_entry *entry, struct reply *reply)
{
	if (reply->asked || !entry->secret_err.code)
		return;
	reply->silence = SILENCE_SECRET;
	(void)text_copy(reply->trouble, sizeof(reply->trouble), entry->secret_err.message);
	(void)text_copy(reply->hint, sizeof(reply->hint), entry->secret_err.hint);
}

static void gather(struct why *why, size_t which)
{
	struct why_entry *entry = &why->entries[which];
	struct evidence *evidence = &why->evidence[which];
	const char *malformed = evidence->malformed;
	enum standing standing = evidence->standing;

	say_silence(entry, &why->asked[which].reply);
	*evidence = (struct evidence) {
		.repo = &why->access.target, /* its owner by now */
		.write = why->question.write,
		.revision = why->question.revision,
		.file = why->question.file,
		.endpoint = why->session.endpoint.origin,
		.facts = &why->access.facts,
		.token = entry->token ? &entry->known : NULL,
		.display_name = entry->identity.display_name,
		.grants = &entry->grants,
		.standing = standing,
		.no_whoami = standing == STANDING_UNKNOWN && why->asked[which].no_whoami.asked
				     ? &why->asked[which].no_whoami
				     : NULL,
		.reply = &why->asked[which].reply,
		.malformed = malformed,
		.now = time_now(),
	};
}

/* ---- who they are, and nothing else ----------------------------------------------------------- */

int why_ask_identities(struct why *why, struct err *err)
{
	AUTOFREE struct hub_whoami *asks = calloc(why->count, sizeof(*asks));
	int error;

	if (!asks)
		return err_no_memory(err);
	check_secrets(why);
	set_up(why);
	why->access.facts = (struct repo_facts) {.is_private = UNKNOWN, .disabled = UNKNOWN};
	for (size_t i = 0; i < why->count; i++) {
		if (!why->asked[i].passed_over && why->asked[i].secret)
			asks[i] = (struct hub_whoami) {.url = why->session.endpoint.url,
						       .token = why->asked[i].secret,
						       .status = HUB_UNREACHABLE};
	}
	error = hub_whoami(asks, why->count, ui_tick, err);
	for (size_t i = 0; i < why->count; i++)
		why->asked[i].whoami = asks[i]; /* handed over */
	if (error)
		return error;
	keep(why);
	for (size_t i = 0; i < why->count; i++) {
		why->evidence[i].standing = standing_of(&why->asked[i]);
		if (why->asked[i].whoami.identity.document)
			learn(&why->entries[i], &why->asked[i].whoami.identity, time_now());
	}
	why_gather(why);
	return 0;
}

/* What holds for the other one, under its own name. */
static void gather_twin(struct why *why, size_t which)
{
	struct why_entry *entry = &why->entries[which];

	why->evidence[which] = why->evidence[entry->twin];
	why->evidence[which].token = &entry->known;
	entry->known.account = why->entries[entry->twin].known.account;
}

void why_gather(struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		if (why->entries[i].twin < 0)
			gather(why, i);
	}
	for (size_t i = 0; i < why->count; i++) {
		if (why->entries[i].twin >= 0)
			gather_twin(why, i);
	}
}

int why_ask(struct why *why, struct err *err)
{
	int error;

	check_secrets(why);
	set_up(why);
	error = ask_hub(why, err);
	if (error)
		return error;
	why_gather(why);
	for (size_t i = 0; i < why->count; i++)
		cause_find(&why->evidence[i], &why->findings[i]);
	/* The answer is about what git would have been given until now. */
	error = why_pick(why, err);
	why_learn(why);
	return error;
}
