/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cause_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "core/pages.h"

/* ---- what whoami told ------------------------------------------------------------------------- */

/* Reasons that deny bear the names of causes; what bears none is not one that we could name. */
static enum cause cause_of_reason(enum grants_reason reason)
{
	return cause_by_name(grants_reason_names[reason]);
}

static bool is_of_organization(enum cause cause)
{
	return cause >= CAUSE_ORG_APPROVAL && cause <= CAUSE_ORG_IP;
}

static bool is_dead(enum cause cause)
{
	return cause == CAUSE_TOKEN_INVALID || cause == CAUSE_TOKEN_EXPIRED;
}

static void ask_grants(const struct evidence *evidence, struct grants_question *question,
		       struct grants_answer *ret)
{
	const struct repo_facts *facts = evidence->facts;

	*question = (struct grants_question) {
		.operation = evidence->write ? GRANTS_WRITE : GRANTS_READ,
		.repo = evidence->repo,
		.is_private = facts->hidden ? YES : facts->is_private,
		.is_gated = facts->gate == GATE_UNKNOWN ? UNKNOWN : facts->gate != GATE_NONE,
		.now = evidence->now,
	};
	if (strcmp(evidence->reply->code, "GatedRepo") == 0)
		question->is_gated = YES;
	/* What the Hub denies to a token that it knows is private, or not there at all. */
	if (strcmp(evidence->reply->code, "RepoNotFound") == 0 &&
	    question->is_private == UNKNOWN)
		question->is_private = YES;
	*ret = (struct grants_answer) {.verdict = VERDICT_MAY};
	if (evidence->grants->known)
		grants_ask(evidence->grants, question, ret);
}

/* The first fault that can lie behind such an answer; CAUSE_COUNT if none does. */
static enum cause first_fault(const struct evidence *evidence, enum row_kind kind)
{
	struct grants_question question;
	struct grants_answer answer;

	ask_grants(evidence, &question, &answer);
	for (size_t i = 0; i < answer.fault_count; i++) {
		enum cause cause = cause_of_reason(answer.faults[i].reason);

		if (cause == CAUSE_COUNT || is_dead(cause))
			continue;
		if (kind == ROW_HIDDEN &&
		    (cause == CAUSE_GATE_TOKEN_SETTING || cause == CAUSE_READ_ONLY_TOKEN))
			continue;
		if (kind == ROW_WRITE && cause == CAUSE_GATE_TOKEN_SETTING)
			continue;
		if (kind == ROW_PLAIN && !is_of_organization(cause))
			continue;
		return cause;
	}
	return CAUSE_COUNT;
}

/* What keeps the token out of a private one counts more than what else has that name. */
static enum cause hidden(const struct evidence *evidence)
{
	enum cause cause = first_fault(evidence, ROW_HIDDEN);

	if (cause != CAUSE_COUNT && cause != CAUSE_NOT_VISIBLE)
		return cause;
	return *evidence->facts->other_type.name ? CAUSE_OTHER_TYPE : CAUSE_NOT_VISIBLE;
}

/* Whether the Hub speaks as if no token had been sent, or none that it knows. */
static bool is_nobody(const struct evidence *evidence, const struct row *row)
{
	return evidence->token && row &&
	       (row->kind == ROW_NOBODY || row->cause == CAUSE_NO_TOKEN);
}

static enum cause without_whoami(const struct reply *whoami)
{
	if (whoami->silence != SILENCE_NONE || whoami->status == 407 || whoami->status == 511)
		return CAUSE_UNREACHABLE;
	return whoami->status == 429 ? CAUSE_RATE_LIMITED : CAUSE_HUB_ERROR;
}

/*
 * The Hub says the same to a dead token and of a repository that is not there, so whoami decides.
 * A gate that sees no token where whoami sees a good one: something in between takes it away.
 */
static enum cause nobody(const struct evidence *evidence, const struct row *row)
{
	switch (evidence->standing) {
	case STANDING_GOOD:
		return row->kind == ROW_NOBODY ? hidden(evidence) : CAUSE_HUB_ERROR;
	case STANDING_EXPIRED:
		return CAUSE_TOKEN_EXPIRED;
	case STANDING_UNKNOWN:
		if (evidence->no_whoami)
			return without_whoami(evidence->no_whoami);
		return CAUSE_TOKEN_INVALID;
	default:
		return CAUSE_TOKEN_INVALID;
	}
}

static enum cause unwritable(const struct evidence *evidence)
{
	enum cause cause = first_fault(evidence, ROW_WRITE);

	/* A token with more rights would not help. */
	if (remedy_is_stranger(evidence) &&
	    (cause == CAUSE_SCOPE_MISSING || cause == CAUSE_READ_ONLY_TOKEN))
		return CAUSE_ROLE_TOO_LOW;
	if (cause != CAUSE_COUNT)
		return cause;
	if (evidence->token && evidence->token->kind == KIND_READ)
		return CAUSE_READ_ONLY_TOKEN;
	if (evidence->token && (evidence->token->kind == KIND_WRITE ||
				grants_token_writes(evidence->grants, evidence->repo)))
		return CAUSE_ROLE_TOO_LOW;
	return CAUSE_SCOPE_MISSING;
}

/* A refusal in words that we do not know: whoami may know what the organisation wants. */
static enum cause unknown_words(const struct evidence *evidence)
{
	enum cause cause = CAUSE_COUNT;

	if (evidence->reply->status == 403)
		cause = first_fault(evidence, ROW_PLAIN);
	return cause == CAUSE_COUNT ? CAUSE_HUB_ERROR : cause;
}

static enum cause refused(const struct evidence *evidence)
{
	const struct reply *reply = evidence->reply;
	const struct row *row = cause_row(reply->status, reply->code, reply->message);

	if (!row || (row->status == 402 && !*reply->message))
		return unknown_words(evidence);
	if (is_nobody(evidence, row))
		return nobody(evidence, row);
	switch (row->kind) {
	case ROW_HIDDEN:
		return hidden(evidence);
	case ROW_NOBODY: /* and there is nobody */
		return *evidence->facts->other_type.name ? CAUSE_OTHER_TYPE : CAUSE_NO_TOKEN;
	case ROW_WRITE:
		return unwritable(evidence);
	default:
		return row->cause;
	}
}

/* ---- the finding ------------------------------------------------------------------------------ */

static enum cause find(const struct evidence *evidence)
{
	const struct reply *reply = evidence->reply;

	if (evidence->malformed)
		return CAUSE_TOKEN_MALFORMED;
	if (evidence->token && strcmp(evidence->token->endpoint, evidence->endpoint) != 0)
		return CAUSE_WRONG_ENDPOINT;
	if (reply->silence != SILENCE_NONE || !reply->asked)
		return CAUSE_UNREACHABLE;
	if (reply->works)
		return *evidence->facts->moved.name ? CAUSE_MOVED : CAUSE_OK;
	if (reply->status == 407 || reply->status == 511)
		return CAUSE_UNREACHABLE;
	if (reply->status >= 400 && reply->status < 500)
		return refused(evidence);
	return CAUSE_HUB_ERROR;
}

static enum finding_verdict verdict_of(enum cause cause, const struct reply *reply)
{
	switch (cause) {
	case CAUSE_OK:
	case CAUSE_MOVED:
		return FINDING_ALLOWED;
	case CAUSE_RATE_LIMITED:
	case CAUSE_UNREACHABLE:
		return FINDING_UNKNOWN;
	case CAUSE_HUB_ERROR:
		/* A 403 in words that we do not know is a refusal all the same. */
		return reply->status == 403 && *reply->message ? FINDING_DENIED
							       : FINDING_UNKNOWN;
	default:
		return FINDING_DENIED;
	}
}

static bool has_cause(const struct finding *finding, enum cause cause)
{
	if (finding->cause == cause)
		return true;
	for (size_t i = 0; i < finding->next_count; i++) {
		if (finding->next[i].cause == cause)
			return true;
	}
	return false;
}

static struct fault *add_next(struct finding *finding, enum cause cause)
{
	struct fault *fault;

	if (finding->next_count == FINDING_NEXT_MAX || has_cause(finding, cause))
		return NULL;
	fault = &finding->next[finding->next_count++];
	*fault = (struct fault) {.cause = cause};
	return fault;
}

#define EDIT "edit the token "

static void add_text(struct remedy *remedy, const char *more)
{
	size_t size = strlen(remedy->text);

	if (size + strlen(more) < sizeof(remedy->text))
		(void)text_copy(remedy->text + size, sizeof(remedy->text) - size, more);
}

/* The words of a fault that whoami shows are better than those of its cause: they name the entity. */
static void say_fault(const struct evidence *evidence, const struct grants_question *question,
		      const struct grants_fault *fault, struct remedy *ret)
{
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf url = {0};

	remedy_for(cause_of_reason(fault->reason), evidence, ret);
	if (fault->reason != REASON_SCOPE_MISSING && fault->reason != REASON_ROLE_TOO_LOW)
		return;
	grants_remedy(question, fault, &text);
	grants_remedy_url(fault, evidence->token->endpoint, &url);
	if (text_starts_with(buf_text(&text), EDIT) && *evidence->display_name)
		(void)snprintf(ret->text, sizeof(ret->text), EDIT "\"%s\" %s",
			       evidence->display_name, buf_text(&text) + strlen(EDIT));
	else if (text.size)
		(void)text_copy(ret->text, sizeof(ret->text), buf_text(&text));
	if (evidence->facts->hidden && evidence->reply->status == 404)
		add_text(ret, "; or check the spelling, for it may be missing");
	/* What has no page, as a session or a role, has none. */
	(void)text_copy(ret->url, sizeof(ret->url), buf_text(&url));
}

/*
 * Whether mending the cause leaves the token as it is, so that its other faults remain. Where the
 * Hub did not answer they are all that is known.
 */
static bool leaves_faults(enum cause cause)
{
	switch (cause) {
	case CAUSE_MOVED:
	case CAUSE_OTHER_TYPE:
	case CAUSE_TOKEN_MALFORMED:
	case CAUSE_WRONG_ENDPOINT:
	case CAUSE_NO_SUCH_FILE:
	case CAUSE_NO_SUCH_REVISION:
	case CAUSE_REPO_DISABLED:
	case CAUSE_QUOTA:
		return false;
	default:
		return true;
	}
}

static void add_faults(const struct evidence *evidence, struct finding *finding)
{
	struct grants_question question;
	struct grants_answer answer;

	ask_grants(evidence, &question, &answer);
	for (size_t i = 0; i < answer.fault_count; i++) {
		enum cause cause = cause_of_reason(answer.faults[i].reason);
		struct fault *fault;

		/* Who adds reading to write has to come back; writing includes it. */
		if (evidence->write && answer.faults[i].permission == PERMISSION_CONTENT_READ)
			answer.faults[i].permission = PERMISSION_WRITE;
		if (cause == finding->cause)
			say_fault(evidence, &question, &answer.faults[i], &finding->remedy);
		if (cause == CAUSE_COUNT || (is_dead(cause) && is_dead(finding->cause)))
			continue;
		/* A session has scopes where a token has the box: that is the cause itself. */
		if (finding->cause == CAUSE_GATE_TOKEN_SETTING &&
		    answer.faults[i].scope == SCOPE_GATED_REPOS)
			continue;
		fault = add_next(finding, cause);
		if (fault)
			say_fault(evidence, &question, &answer.faults[i], &fault->remedy);
	}
}

/*
 * What an organisation hides from a token it does not refuse; so its rules come to light only when
 * the token has been given more.
 */
static void add_rules(const struct evidence *evidence, struct finding *finding)
{
	const struct grants *grants = evidence->grants;
	const struct grants_org *org = grants->known
					       ? grants_org(grants, evidence->repo->namespace)
					       : NULL;
	const enum cause rules[RESTRICTION_COUNT] = {
		[RESTRICTION_REVOKED] = CAUSE_ORG_REVOKED,
		[RESTRICTION_POLICY] = grants->kind == KIND_FINE_GRAINED
					       ? CAUSE_ORG_APPROVAL
					       : CAUSE_ORG_FINE_GRAINED_ONLY,
		[RESTRICTION_SSO] = CAUSE_ORG_SSO,
		[RESTRICTION_MFA] = CAUSE_ORG_MFA,
		[RESTRICTION_IP] = CAUSE_ORG_IP,
	};

	for (int i = 0; org && i < RESTRICTION_COUNT; i++) {
		struct fault *fault = org->restrictions & bit(i) ? add_next(finding, rules[i])
								 : NULL;

		if (fault)
			remedy_for(fault->cause, evidence, &fault->remedy);
	}
}

/* One of another type that anybody sees may be the one that was meant. */
static void add_other_type(const struct evidence *evidence, struct finding *finding)
{
	const struct repo *other = &evidence->facts->other_type;
	char text[REPO_ID_SIZE];
	struct fault *fault;

	if (!*other->name ||
	    (finding->cause != CAUSE_SCOPE_MISSING && finding->cause != CAUSE_ROLE_TOO_LOW &&
	     !is_of_organization(finding->cause)))
		return;
	fault = add_next(finding, CAUSE_OTHER_TYPE);
	if (!fault)
		return;
	repo_text(other, text);
	remedy_for(CAUSE_OTHER_TYPE, evidence, &fault->remedy);
	(void)snprintf(fault->remedy.text, sizeof(fault->remedy.text),
		       "see whether the %s of that name was meant: its id is %s",
		       repo_type_names[other->type], text);
}

/* Whose words tell the cause: where the Hub saw nobody, and whoami told nothing, whoami's. */
static const struct reply *reply_of(const struct evidence *evidence, enum cause cause)
{
	const struct reply *reply = evidence->reply;
	bool unknown = cause == CAUSE_RATE_LIMITED || cause == CAUSE_UNREACHABLE ||
		       cause == CAUSE_HUB_ERROR;

	if (!unknown || !evidence->no_whoami ||
	    !is_nobody(evidence, cause_row(reply->status, reply->code, reply->message)))
		return reply;
	return evidence->no_whoami;
}

void cause_find(const struct evidence *evidence, struct finding *ret)
{
	struct evidence told = *evidence;

	*ret = (struct finding) {.cause = find(evidence)};
	ret->verdict = verdict_of(ret->cause, evidence->reply);
	if (ret->cause == CAUSE_OK)
		return;
	told.reply = reply_of(evidence, ret->cause);
	remedy_for(ret->cause, &told, &ret->remedy);
	if (!evidence->token || !leaves_faults(ret->cause))
		return;
	if (ret->cause == CAUSE_ROLE_TOO_LOW && remedy_is_stranger(evidence))
		return; /* a token with more rights is no better */
	add_faults(evidence, ret);
	if (ret->cause == CAUSE_SCOPE_MISSING || ret->cause == CAUSE_ROLE_TOO_LOW)
		add_rules(evidence, ret);
	add_other_type(evidence, ret);
}

/* ---- between tokens --------------------------------------------------------------------------- */

static bool is_of_gate(enum cause cause)
{
	return cause >= CAUSE_GATE_NOT_ASKED && cause <= CAUSE_GATE_RESET;
}

static bool same_account(const struct token *one, const struct token *other)
{
	return one && other && *one->account && text_equal_fold(one->account, other->account);
}

/* The account's gate, from another token of it, for one that never came as far. */
static void add_gate(const struct evidence evidence[], struct finding findings[], size_t count,
		     size_t which)
{
	struct finding *finding = &findings[which];
	struct fault *fault;

	if (finding->cause != CAUSE_GATE_TOKEN_SETTING && !is_dead(finding->cause))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!is_of_gate(findings[i].cause) ||
		    !same_account(evidence[i].token, evidence[which].token))
			continue;
		fault = add_next(finding, findings[i].cause);
		if (fault)
			fault->remedy = findings[i].remedy;
		return;
	}
}

/* A token that is in the way is taken out of it, or passed by, if another one works. */
static void name_the_other(const struct evidence *evidence, struct finding *finding,
			   const struct token *works)
{
	struct remedy *remedy = &finding->remedy;

	if (!evidence->token || finding->verdict != FINDING_DENIED)
		return;
	if (strcmp(evidence->token->store, "env") == 0) {
		(void)snprintf(remedy->command, sizeof(remedy->command), "unset %s",
			       program_token_variables());
		return;
	}
	if (*remedy->command || !*works->id || !*evidence->token->id)
		return;
	(void)snprintf(remedy->command, sizeof(remedy->command), "hftoken switch %s",
		       works->name);
}

void causes_compare(const struct evidence evidence[], struct finding findings[], size_t count,
		    const struct token *works)
{
	for (size_t i = 0; i < count; i++) {
		add_gate(evidence, findings, count, i);
		if (works)
			name_the_other(&evidence[i], &findings[i], works);
	}
}
