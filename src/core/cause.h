/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a token is refused: from what the Hub answered, what whoami told of the token, and what is
 * known of the repository, to one cause with its remedy, and what will be in the way after it.
 *
 *	struct finding finding;
 *	cause_find(&(struct evidence) {…}, &finding);
 *
 * Pure: no network, no store, no clock but the one passed in. An answer is known by its code
 * first, then by how its text begins; what none of that knows is quoted, and never guessed at.
 *
 * Sources: the texts of the Hub as its clients and users have reported them; whoami's
 * `securityRestrictions`, in the Hub's OpenAPI document, for those that nobody has.
 */
#pragma once

#include "core/grants.h"

enum cause {
	CAUSE_OK,
	CAUSE_NO_TOKEN,
	CAUSE_TOKEN_MALFORMED,
	CAUSE_TOKEN_INVALID,
	CAUSE_TOKEN_EXPIRED,
	CAUSE_WRONG_ENDPOINT,
	CAUSE_GATE_NOT_ASKED,
	CAUSE_GATE_PENDING,
	CAUSE_GATE_REJECTED,
	CAUSE_GATE_RESET,
	CAUSE_GATE_TOKEN_SETTING,
	CAUSE_SCOPE_MISSING,
	CAUSE_READ_ONLY_TOKEN,
	CAUSE_ROLE_TOO_LOW,
	CAUSE_ORG_APPROVAL,
	CAUSE_ORG_REVOKED,
	CAUSE_ORG_FINE_GRAINED_ONLY,
	CAUSE_ORG_SSO,
	CAUSE_ORG_MFA,
	CAUSE_ORG_IP,
	CAUSE_NOT_VISIBLE,
	CAUSE_OTHER_TYPE,
	CAUSE_MOVED, /* of a repository that can be reached by its new name: allowed */
	CAUSE_REPO_DISABLED,
	CAUSE_NO_SUCH_REVISION,
	CAUSE_NO_SUCH_FILE,
	CAUSE_QUOTA,
	CAUSE_RATE_LIMITED,
	CAUSE_UNREACHABLE,
	CAUSE_HUB_ERROR, /* a failure, or words that we do not know */
	CAUSE_COUNT,
};

/* The name stands in JSON and in the manual; the words say in short what it means. */
extern const struct named causes[CAUSE_COUNT];

/* CAUSE_COUNT for a name that is none. */
enum cause cause_by_name(const char *name);

/* ---- what is known ---------------------------------------------------------------------------- */

/* Why there was no answer. */
enum silence {
	SILENCE_NONE, /* there was one */
	SILENCE_DNS,
	SILENCE_CONNECT,
	SILENCE_TLS,
	SILENCE_TIME_OUT,
	SILENCE_PROXY,
	SILENCE_OFFLINE, /* HF_HUB_OFFLINE */
	SILENCE_SECRET,  /* the token's store did not give the secret */
	SILENCE_OTHER,
};

#define REPLY_MESSAGE_SIZE 300

/* An answer of the Hub to "may this token?". Texts are clean. */
struct reply {
	bool asked;
	bool works;  /* it is a yes, and one that a Hub gives */
	long status; /* 0: no answer came */
	char code[64];
	char message[REPLY_MESSAGE_SIZE];
	char request_id[128];
	uint64_t wait; /* seconds until a limit ends; 0: not told */
	enum silence silence;
	char trouble[400]; /* of a silence, or an answer that makes no sense: in words */
	char hint[300];    /* what to check then */
};

enum gate { GATE_UNKNOWN, GATE_NONE, GATE_AUTO, GATE_MANUAL };

/* The repository as others see it. */
struct repo_facts {
	enum tristate is_private; /* UNKNOWN also if it may be missing */
	bool hidden;              /* visitors are told nothing: private, or missing */
	enum gate gate;
	enum tristate disabled;
	struct repo moved;      /* name "" if it has not */
	struct repo other_type; /* where the id exists; name "" if nowhere else */
};

/* What whoami said of the token. */
enum standing { STANDING_UNKNOWN, STANDING_GOOD, STANDING_INVALID, STANDING_EXPIRED };

/* Texts are the caller's. */
struct evidence {
	const struct repo *repo;
	bool write;
	const char *revision; /* "" or as asked */
	const char *file;     /* "" or as asked */
	const char *endpoint; /* the Hub that was asked: its origin */
	const struct repo_facts *facts;
	const struct token *token;   /* NULL: a visitor without one */
	const char *display_name;    /* of the token at the Hub; "" */
	const struct grants *grants; /* never NULL; not `known` if nobody has asked */
	enum standing standing;
	const struct reply
		*no_whoami; /* whoami's answer that told nothing; NULL: not asked, or told */
	const struct reply *reply;
	const char *malformed; /* what is wrong with the secret; NULL: nothing */
	int64_t now;
};

/* ---- what follows ----------------------------------------------------------------------------- */

/* Texts without a full stop; "" for no page, no command. */
struct remedy {
	char text[512];
	char url[512];
	char command[160];
};

struct fault {
	enum cause cause;
	struct remedy remedy;
};

enum finding_verdict {
	FINDING_ALLOWED,
	FINDING_DENIED,
	FINDING_UNKNOWN,
	FINDING_VERDICT_COUNT
};
extern const char *const finding_verdict_names[FINDING_VERDICT_COUNT]; /* "allowed"… */

#define FINDING_NEXT_MAX 6
struct finding {
	enum finding_verdict verdict;
	enum cause cause;
	struct remedy remedy;
	struct fault next[FINDING_NEXT_MAX]; /* known to be in the way after the cause */
	size_t next_count;
};

void cause_find(const struct evidence *evidence, struct finding *ret);

/* The cause alone, of an answer that somebody pasted: CAUSE_COUNT if it does not tell. */
enum cause cause_of_words(long status, const char *code, const char *message);

/* The same of an answer to whoami, where no repository can be missing or hidden. */
enum cause cause_of_whoami(long status, const char *code, const char *message);

/*
 * What the tokens tell of each other: one that may pass no gate hides whether its account was let
 * through this one, and another token of that account knows. Adds to `next`, and says in the
 * remedies which token works meanwhile (`works`; NULL if none does).
 */
void causes_compare(const struct evidence evidence[], struct finding findings[], size_t count,
		    const struct token *works);

/* Whether the account neither owns the repository nor is in the organization that does. */
bool remedy_is_stranger(const struct evidence *evidence);

/* The remedy of a cause; cause_find() has called it. core/remedy.c. */
void remedy_for(enum cause cause, const struct evidence *evidence, struct remedy *ret);
