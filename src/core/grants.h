/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token may do, as whoami told it, and what follows for a repository.
 *
 *	struct grants grants;			// grants_from_token(), grants_from_identity()
 *	struct grants_answer answer;
 *	grants_ask(&grants, &(struct grants_question) {.operation = GRANTS_WRITE, .repo = &repo,
 *						       .is_private = UNKNOWN, .is_gated = UNKNOWN},
 *		   &answer);
 *
 * The questions are pure: no network, no store, no clock but the one passed in. They know what the
 * Hub has told about the token and its account, and not what it decides by itself, so their best
 * answer about other people's repositories is "may".
 */
#pragma once

#include "base/buf.h"
#include "core/permission.h"
#include "core/repo.h"
#include "core/token.h"

#define GRANTS_ENTITIES_MAX ((size_t)1000)
#define GRANTS_ORGS_MAX     ((size_t)1000)
#define GRANTS_TEXT_MAX     ((size_t)200) /* of a name, cleaned */

/* One line of a fine-grained token: these permissions there. */
struct grants_entity {
	enum entity_type type;
	const char *type_text; /* as it was sent */
	const char *id;        /* of the Hub, 24 hex digits */
	const char *name;      /* "acme", "acme/m1"; "" for one that is hidden or deleted */
	uint64_t permissions;  /* bits of enum permission */
	const char *others;    /* unknown ones, separated by a space */
};

struct grants_org {
	const char *name;
	enum org_role role;
	const char *role_text;    /* as it was sent; "" if it was not */
	enum org_role group_role; /* the best one in any resource group of the organisation */
	unsigned restrictions;    /* bits of enum restriction */
	const char *others;       /* unknown restrictions, separated by a space */
};

/*
 * Texts are cleaned, never NULL, and live in `memory`. Sizes and bits only otherwise, so that
 * grants can come from somewhere else than JSON.
 */
struct grants {
	bool known; /* false: nobody has asked the Hub; then only `kind` and `expires` count */
	bool cut; /* there were more entities or organisations than are kept: absence says nothing */
	enum token_kind kind;
	const char *account;
	enum tristate gated_read;
	int64_t expires;
	int64_t as_of; /* when the Hub said so; TIME_UNKNOWN */
	struct grants_entity *entities;
	size_t entity_count;
	struct grants_org *orgs;
	size_t org_count;
	uint64_t global; /* permissions that go with no entity */
	const char *global_others;
	bool scopes_known; /* of a session: whether its scopes could be read from the token */
	uint64_t scopes;   /* bits of enum oauth_scope */
	const char *scopes_others;
	unsigned breadth; /* as it was kept; 0: grants_breadth() counts */
	void *memory;
};

struct identity;

/*
 * From what the catalogue keeps of a token (loaded with CATALOGUE_ALL), or from an answer that has
 * just come. The texts are copies. A token without an answer gives grants that are not `known`.
 */
int grants_from_token(const struct token *token, struct grants *ret,
		      struct err *err) MUST_CHECK;
int grants_from_identity(const struct identity *identity, struct grants *ret,
			 struct err *err) MUST_CHECK;
void grants_release(struct grants *grants);
#define AUTOGRANTS CLEANUP(grants_release)

/* ---- questions -------------------------------------------------------------------------------- */

enum grants_operation {
	GRANTS_READ,
	GRANTS_WRITE,
	GRANTS_READ_GATED, /* contents behind a gate: as GRANTS_READ with is_gated YES */
	GRANTS_INFERENCE,  /* `repo` may be NULL: on behalf of the account */
	GRANTS_DISCUSS,    /* open discussions and pull requests */
	GRANTS_OPERATION_COUNT,
};

/* Rising, so that the best is the greatest. */
enum verdict {
	VERDICT_DENIES, /* known to fail */
	VERDICT_MAY,    /* nothing speaks against it, but only the Hub knows */
	VERDICT_GRANTS, /* the token covers it and the account's role allows it */
	VERDICT_COUNT,
};
extern const char *const verdict_names[VERDICT_COUNT]; /* "denies"… */

/* Why. The names of those that deny are those of the causes that `why` reports. */
enum grants_reason {
	/* grants */
	REASON_ENTITY, /* an entity of the token covers it */
	REASON_OWNER,  /* the account owns it */
	REASON_ROLE,   /* the account's role in the owning organisation */
	REASON_PUBLIC, /* any token reads what is public */
	REASON_GLOBAL, /* a permission of the whole token, or of its kind */
	/* may */
	REASON_UNVERIFIED, /* nobody has asked the Hub about this token */
	REASON_SESSION, /* of a session whose scopes are not known, or a kind we do not know */
	REASON_PUBLIC_ONLY, /* reads it if it is public; this token is not for more */
	REASON_GATE,        /* if the account was let through the gate */
	REASON_FOREIGN,     /* somebody else's */
	REASON_NAMED, /* somebody else's, which the token was made for: who made it could choose it */
	REASON_ROLE_UNKNOWN,   /* the Hub did not tell the account's role there */
	REASON_CONTRIBUTOR,    /* writes what it has created itself */
	REASON_RESOURCE_GROUP, /* if it is in the right resource group */
	REASON_ORG_CONSENT,    /* if the organisation was ticked when the session was allowed */
	REASON_CUT,            /* more was told than is kept */
	/* denies */
	REASON_EXPIRED,
	REASON_SCOPE_MISSING,
	REASON_READ_ONLY,
	REASON_ROLE_TOO_LOW,
	REASON_NOT_VISIBLE, /* private, and neither the account's nor one of its organisations' */
	REASON_GATE_SETTING,
	/* also of a "may", about reading what may be public: that stays open to everybody */
	REASON_ORG_REVOKED,
	REASON_ORG_APPROVAL,
	REASON_ORG_FINE_GRAINED_ONLY,
	REASON_ORG_SSO,
	REASON_ORG_MFA,
	REASON_ORG_IP,
	REASON_ORG_OTHER, /* a restriction that we do not know */
	REASON_COUNT,
};
extern const char *const grants_reason_names[REASON_COUNT]; /* "scope-missing"… */

struct grants_question {
	enum grants_operation operation;
	const struct repo *repo;
	enum tristate is_private; /* as far as it is known */
	enum tristate is_gated;
	int64_t now;          /* 0: nothing has expired */
	bool owner_is_person; /* known to be; for the words alone: nobody has a role there */
};

/* One thing in the way, and what would clear it. Fields that do not apply are -1, ROLE_UNKNOWN, "". */
struct grants_fault {
	enum grants_reason reason;
	int permission; /* enum permission to add on `entity`, or on the repository alone */
	int scope;      /* enum oauth_scope to ask for */
	enum entity_type entity_type;
	char entity[REPO_PART_MAX + 1]; /* the namespace: account or organisation */
	enum org_role role;             /* the least one that would do, in `entity` */
};

/*
 * Faults stand in the order in which the Hub would report them; there are none unless it denies.
 * A token can have several: someone who clears the first only comes back.
 */
#define GRANTS_FAULTS_MAX 10 /* more than can come together */
struct grants_answer {
	enum verdict verdict;
	enum grants_reason reason; /* of the first fault, if it denies */
	bool is_member; /* the account owns it, or is known to be in its organisation */
	struct grants_fault faults[GRANTS_FAULTS_MAX];
	size_t fault_count; /* the rest of `faults` is not set */
};

void grants_ask(const struct grants *grants, const struct grants_question *question,
		struct grants_answer *ret);

/* Whether the token itself is for writing there, whatever its account may do. */
bool grants_token_writes(const struct grants *grants, const struct repo *repo);

/* The account's organisation of that name, NULL if whoami told none. */
const struct grants_org *grants_org(const struct grants *grants, const char *name);

/* Why, for people: "repo.write on acme", "acme/m1 may be public; the token is not for more". */
void grants_why(const struct grants *grants, const struct grants_question *question,
		const struct grants_answer *answer, struct buf *ret);

/* What would clear a fault: "tick "Write access…" (repo.write) for acme, or for acme/m1 alone". */
void grants_remedy(const struct grants_question *question, const struct grants_fault *fault,
		   struct buf *ret);

/* The settings page where it is done; "" where no page helps, or that server has none. */
void grants_remedy_url(const struct grants_fault *fault, const char *endpoint, struct buf *ret);

/*
 * How much a token can do, to pick the one that can do the least else. Each entity counts its reach
 * (a repository 1, a resource group 100, anything else 1,000) times its power (the most of reading 1,
 * writing 3, managing 9; and 1 for each other permission). To their sum, at most 999,999, come 500
 * for the box of gated repositories and 100 for each permission of the whole token. A classic read
 * token counts 1,000,000, a write token 3,000,000, a kind that we do not know 9,000,000. A session
 * counts like a classic token if its scopes say so, else 100 for each scope; like a write token if
 * they are not known, and so does a token that nobody has asked about.
 */
#define BREADTH_MAX 9000000
unsigned grants_breadth(const struct grants *grants);
