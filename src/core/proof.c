/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof.h"

/* Of a repository that the Hub hides it says the same to a dead token as to none; so that alone is no proof. */
static bool is_dead(const struct evidence *evidence)
{
	const struct reply *reply = evidence->reply;
	enum cause said = cause_of_words(reply->status, reply->code, reply->message);

	return evidence->standing == STANDING_INVALID ||
	       evidence->standing == STANDING_EXPIRED || said == CAUSE_TOKEN_INVALID ||
	       said == CAUSE_TOKEN_EXPIRED;
}

enum outcome_result proof_of(const struct evidence *evidence, const struct finding *finding)
{
	if (!evidence->token || !evidence->reply->asked)
		return OUTCOME_NONE;
	switch (finding->cause) {
	case CAUSE_OK:
	case CAUSE_MOVED:
		return evidence->reply->works ? OUTCOME_WORKED : OUTCOME_NONE;
	case CAUSE_TOKEN_INVALID:
	case CAUSE_TOKEN_EXPIRED:
		return is_dead(evidence) ? OUTCOME_DEAD : OUTCOME_REFUSED;
	case CAUSE_GATE_NOT_ASKED:
	case CAUSE_GATE_PENDING:
	case CAUSE_GATE_REJECTED:
	case CAUSE_GATE_RESET:
	case CAUSE_GATE_TOKEN_SETTING:
	case CAUSE_SCOPE_MISSING:
	case CAUSE_READ_ONLY_TOKEN:
	case CAUSE_ROLE_TOO_LOW:
	case CAUSE_ORG_APPROVAL:
	case CAUSE_ORG_REVOKED:
	case CAUSE_ORG_FINE_GRAINED_ONLY:
	case CAUSE_ORG_SSO:
	case CAUSE_ORG_MFA:
	case CAUSE_ORG_IP:
	case CAUSE_NOT_VISIBLE:
		return OUTCOME_REFUSED;
	default:
		return OUTCOME_NONE;
	}
}

bool proof_lives(const struct evidence *evidence, const struct finding *finding)
{
	enum outcome_result proof = proof_of(evidence, finding);

	/* Whom the Hub does not know it answers 401, whatever is asked. */
	return evidence->standing == STANDING_GOOD || proof == OUTCOME_WORKED ||
	       (proof == OUTCOME_REFUSED && evidence->reply->status != 401);
}
