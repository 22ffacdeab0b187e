/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The questions: what both sides say (core/grants_sides.h), in the order in which the Hub looks, and
 * the lower of both as the answer.
 */
#include "core/grants_sides.h"

#include <string.h>

#include "base/text.h"

const struct grants_org *grants_org(const struct grants *grants, const char *name)
{
	for (size_t i = 0; i < grants->org_count; i++) {
		if (*name && text_equal_fold(grants->orgs[i].name, name))
			return &grants->orgs[i];
	}
	return NULL;
}

/* ---- faults ----------------------------------------------------------------------------------- */

/* Adds one to the answer; the caller fills in what would clear it. */
static struct grants_fault *add_fault(struct inquiry *inquiry, enum grants_reason reason)
{
	struct grants_answer *answer = inquiry->answer;
	struct grants_fault *fault;

	if (answer->fault_count < GRANTS_FAULTS_MAX)
		answer->fault_count++;
	fault = &answer->faults[answer->fault_count - 1];
	*fault = (struct grants_fault) {.reason = reason, .permission = -1, .scope = -1};
	(void)text_copy(fault->entity, sizeof(fault->entity), inquiry->namespace);
	fault->entity_type = inquiry->own ? ENTITY_USER : ENTITY_ORG;
	if (answer->verdict != VERDICT_DENIES)
		answer->reason = reason;
	answer->verdict = VERDICT_DENIES;
	return fault;
}

static void lower(struct inquiry *inquiry, struct side side)
{
	if (side.verdict >= inquiry->answer->verdict)
		return;
	inquiry->answer->verdict = side.verdict;
	inquiry->answer->reason = side.reason;
}

static void deny_scope(struct inquiry *inquiry, enum permission permission,
		       enum oauth_scope scope)
{
	struct grants_fault *fault = add_fault(inquiry, REASON_SCOPE_MISSING);

	if (inquiry->grants->kind == KIND_FINE_GRAINED)
		fault->permission = (int)permission;
	else
		fault->scope = (int)scope;
}

static void deny_role(struct inquiry *inquiry, enum org_role role)
{
	add_fault(inquiry, REASON_ROLE_TOO_LOW)->role = role;
}

/* What the owner has against tokens like this one, in the order of the list; how many. */
static size_t find_restrictions(const struct inquiry *inquiry,
				enum grants_reason ret[RESTRICTION_COUNT + 1])
{
	bool fine = inquiry->grants->kind == KIND_FINE_GRAINED;
	const enum grants_reason reasons[RESTRICTION_COUNT] = {
		[RESTRICTION_REVOKED] = REASON_ORG_REVOKED,
		[RESTRICTION_POLICY] = fine ? REASON_ORG_APPROVAL
					    : REASON_ORG_FINE_GRAINED_ONLY,
		[RESTRICTION_SSO] = REASON_ORG_SSO,
		[RESTRICTION_MFA] = REASON_ORG_MFA,
		[RESTRICTION_IP] = REASON_ORG_IP,
	};
	size_t count = 0;

	if (!inquiry->org)
		return 0;
	for (int i = 0; i < RESTRICTION_COUNT; i++) {
		if (inquiry->org->restrictions & bit(i))
			ret[count++] = reasons[i];
	}
	if (*inquiry->org->others)
		ret[count++] = REASON_ORG_OTHER;
	return count;
}

static void deny_restricted(struct inquiry *inquiry)
{
	enum grants_reason reasons[RESTRICTION_COUNT + 1];
	size_t count = find_restrictions(inquiry, reasons);

	for (size_t i = 0; i < count; i++)
		add_fault(inquiry, reasons[i]);
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* The reason of a yes from both sides: what covers it says more than that the account may. */
static struct side both(struct side token, struct side account)
{
	if (token.verdict == VERDICT_GRANTS && account.verdict == VERDICT_GRANTS)
		return token.reason == REASON_ENTITY ? token : account;
	return token.verdict < account.verdict ? token : account;
}

/* The Hub shows it, or says that it does not exist. Whether it was shown. */
static bool ask_hidden(struct inquiry *inquiry, struct side token, struct side account)
{
	if (account.verdict == VERDICT_DENIES) {
		if (account.reason == REASON_NOT_VISIBLE)
			add_fault(inquiry, REASON_NOT_VISIBLE);
		else
			deny_role(inquiry, ROLE_READ);
	}
	if (token.verdict == VERDICT_DENIES && account.reason != REASON_NOT_VISIBLE)
		deny_scope(inquiry, PERMISSION_CONTENT_READ, SCOPE_READ_REPOS);
	return inquiry->answer->fault_count == 0;
}

static void ask_gate(struct inquiry *inquiry, struct side token, struct side account)
{
	struct side gates = side_gates(inquiry, token);

	if (gates.verdict == VERDICT_DENIES) {
		if (gates.reason == REASON_GATE_SETTING)
			add_fault(inquiry, REASON_GATE_SETTING);
		else
			deny_scope(inquiry, PERMISSION_CONTENT_READ, SCOPE_GATED_REPOS);
		return;
	}
	lower(inquiry, gates);
	if (account.verdict != VERDICT_GRANTS)
		lower(inquiry, MAYBE_FOR(REASON_GATE));
}

/* Not known to be private: what is public needs nothing. */
static void ask_outside(struct inquiry *inquiry, struct side token, struct side account,
			bool gated)
{
	bool inside = token.verdict == VERDICT_GRANTS && account.verdict == VERDICT_GRANTS;
	struct side rest = both(token, account);
	enum grants_reason kept_out[RESTRICTION_COUNT + 1];

	if (gated) {
		if (account.verdict == VERDICT_GRANTS)
			deny_restricted(inquiry);
		inquiry->answer->reason = inquiry->answer->fault_count ? inquiry->answer->reason
					  : inside                     ? rest.reason
								       : account.reason;
		ask_gate(inquiry, token, account);
		return;
	}
	if (rest.verdict == VERDICT_DENIES)
		rest = MAYBE_FOR(account.reason == REASON_NOT_VISIBLE ? REASON_FOREIGN
								      : REASON_PUBLIC_ONLY);
	/* A restriction keeps out what membership would let in. What is public stays open. */
	if (inside && find_restrictions(inquiry, kept_out))
		rest = MAYBE_FOR(kept_out[0]);
	if (inside)
		inquiry->answer->reason = rest.reason;
	lower(inquiry, rest);
}

static void ask_read(struct inquiry *inquiry)
{
	const struct grants_question *question = inquiry->question;
	bool gated = question->operation == GRANTS_READ_GATED || question->is_gated == YES;
	struct side token = side_token(inquiry, false);
	struct side account = side_account(inquiry, ROLE_READ);

	if (question->is_private == NO && !gated && question->is_gated == NO) {
		inquiry->answer->reason = REASON_PUBLIC;
		return;
	}
	if (question->is_private != YES) {
		ask_outside(inquiry, token, account, gated);
		return;
	}
	if (ask_hidden(inquiry, token, account)) {
		deny_restricted(inquiry);
		if (!inquiry->answer->fault_count)
			inquiry->answer->reason = both(token, account).reason;
		lower(inquiry, both(token, account));
	}
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void deny_write(struct inquiry *inquiry, struct side token, struct side account)
{
	if (token.verdict == VERDICT_DENIES && token.reason == REASON_READ_ONLY) {
		add_fault(inquiry, REASON_READ_ONLY)->permission = PERMISSION_WRITE;
	} else if (token.verdict == VERDICT_DENIES) {
		/* Only an organisation's members can tick it. */
		if (account.reason == REASON_NOT_VISIBLE)
			deny_role(inquiry, ROLE_WRITE);
		deny_scope(inquiry, PERMISSION_WRITE, SCOPE_WRITE_REPOS);
	}
	if (account.verdict == VERDICT_DENIES && account.reason == REASON_ROLE_TOO_LOW)
		deny_role(inquiry, ROLE_WRITE);
}

static void ask_write(struct inquiry *inquiry)
{
	bool is_private = inquiry->question->is_private == YES;
	struct side token = side_token(inquiry, true);
	struct side account = side_account(inquiry, ROLE_WRITE);

	/* What the Hub hides it hides first; then the owner's rules, then the right to write. */
	if (is_private && !ask_hidden(inquiry, side_token(inquiry, false),
				      side_account(inquiry, ROLE_READ))) {
		if (token.verdict == VERDICT_DENIES && token.reason == REASON_READ_ONLY)
			deny_write(inquiry, token, YES_FOR(REASON_ROLE));
		return;
	}
	if (is_private)
		deny_restricted(inquiry);
	deny_write(inquiry, token, account);
	if (!is_private)
		deny_restricted(inquiry);
	if (account.reason == REASON_NOT_VISIBLE) /* a moved repository may be one of ours */
		account = MAYBE_FOR(REASON_FOREIGN);
	if (!inquiry->answer->fault_count)
		inquiry->answer->reason = both(token, account).reason;
	lower(inquiry, both(token, account));
}

/* ---- the rest --------------------------------------------------------------------------------- */

static void ask_inference(struct inquiry *inquiry)
{
	struct side token = side_inference(inquiry->grants);

	inquiry->namespace = inquiry->grants->account;
	inquiry->own = true;
	inquiry->org = NULL;
	if (token.verdict == VERDICT_DENIES)
		deny_scope(inquiry, PERMISSION_INFERENCE, SCOPE_INFERENCE);
	inquiry->answer->reason = token.reason;
	lower(inquiry, token);
}

/* Whoever can read a repository can discuss it. */
static void ask_discuss(struct inquiry *inquiry)
{
	struct side token = side_discuss(inquiry);

	ask_read(inquiry);
	if (token.verdict == VERDICT_DENIES && token.reason == REASON_READ_ONLY)
		add_fault(inquiry, REASON_READ_ONLY)->permission = PERMISSION_DISCUSSION_WRITE;
	else if (token.verdict == VERDICT_DENIES)
		deny_scope(inquiry, PERMISSION_DISCUSSION_WRITE, SCOPE_WRITE_DISCUSSIONS);
	if (inquiry->answer->verdict == VERDICT_GRANTS)
		inquiry->answer->reason = token.reason;
	lower(inquiry, token);
}

void grants_ask(const struct grants *grants, const struct grants_question *question,
		struct grants_answer *ret)
{
	static const struct repo none = {.name = ""};
	struct grants_question asked = *question;
	struct inquiry inquiry = {.grants = grants, .question = &asked, .answer = ret};

	/* The faults are large, and mostly there are none. */
	ret->verdict = VERDICT_GRANTS;
	ret->reason = REASON_ENTITY;
	ret->fault_count = 0;
	if (!asked.repo)
		asked.repo = &none;
	inquiry.namespace = asked.repo->namespace;
	inquiry.own = *inquiry.namespace && text_equal_fold(inquiry.namespace, grants->account);
	inquiry.org = grants_org(grants, inquiry.namespace);
	ret->is_member = inquiry.own || inquiry.org;
	if (asked.now && grants->expires != TIME_UNKNOWN && grants->expires <= asked.now)
		add_fault(&inquiry, REASON_EXPIRED);
	else if (!grants->known)
		lower(&inquiry, MAYBE_FOR(REASON_UNVERIFIED));
	else if (asked.operation == GRANTS_INFERENCE)
		ask_inference(&inquiry);
	else if (asked.operation == GRANTS_WRITE)
		ask_write(&inquiry);
	else if (asked.operation == GRANTS_DISCUSS)
		ask_discuss(&inquiry);
	else
		ask_read(&inquiry);
}
