/* SPDX-License-Identifier: Apache-2.0 */
/* A table of who may do what, meant to be read: the specification of grants_ask(). */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/grants.h"
#include "core/identity.h"

/* alice is in four organisations with one role each, and in one for each restriction. */
#define ORG(name, role) "{\"type\":\"org\",\"name\":\"" name "\",\"roleInOrg\":\"" role "\"}"
#define GROUP(name, role, group)                                                  \
	"{\"name\":\"" name "\",\"roleInOrg\":\"" role "\",\"resourceGroups\":[{" \
	"\"name\":\"g\",\"role\":\"" group "\"}]}"
#define RESTRICTED(name, why) \
	"{\"name\":\"" name "\",\"roleInOrg\":\"write\",\"securityRestrictions\":[\"" why "\"]}"
#define ORGS                                                                                                                                                                                                                                                                                                                                                                                                   \
	"\"orgs\":[" ORG("admins", "admin") "," ORG("writers", "write") "," ORG("makers", "contributor") "," ORG(                                                                                                                                                                                                                                                                                              \
		"readers",                                                                                                                                                                                                                                                                                                                                                                                     \
		"read") "," ORG("outs",                                                                                                                                                                                                                                                                                                                                                                        \
				"no_access") ",{\"name\":\"silent\"}," ORG("kings", "monarch") "," GROUP("grouped",                                                                                                                                                                                                                                                                                            \
													 "no_access", "write") "," GROUP("readgroup", "read", "contributor") "," RESTRICTED("sso-org", "sso") "," RESTRICTED("mfa-org", "mfa") "," RESTRICTED("ip-org", "ip") "," RESTRICTED("policy-org",                                                                                                     \
																																			     "token-policy") "," RESTRICTED("revoking",                                                                        \
																																							    "token-revoked") "," RESTRICTED("odd-org", "moon-phase") "," RESTRICTED("two-org", \
																																																    "sso\",\"ip") "],"
#define WHOAMI(auth) "{\"name\":\"alice\"," ORGS "\"auth\":" auth "}"
#define ACCESS(rest) \
	WHOAMI("{\"type\":\"access_token\",\"accessToken\":{\"displayName\":\"d\"," rest "}}")
#define FINE(gated, global, scoped)                                                     \
	ACCESS("\"role\":\"fineGrained\",\"fineGrained\":{\"canReadGatedRepos\":" gated \
	       ",\"global\":[" global "],\"scoped\":[" scoped "]}")
#define ON(type, name, permissions)                                                \
	"{\"entity\":{\"_id\":\"1\",\"type\":\"" type "\",\"name\":\"" name "\"}," \
	"\"permissions\":[" permissions "]}"
#define SESSION(scopes)                                                                             \
	WHOAMI("{\"type\":\"oauth\",\"expiresAt\":\"2100-01-01T00:00:00.000Z\"},\"" IDENTITY_SCOPES \
	       "\":\"" scopes "\"")

#define R  "\"repo.content.read\""
#define W  "\"repo.write\""
#define D  "\"discussion.write\""
#define I  "\"inference.serverless.write\""
#define RW R "," W

enum who {
	READ_TOKEN,
	WRITE_TOKEN,
	OWN_READ,   /* fine-grained: read for alice */
	OWN_RW,     /* read and write for alice */
	OWN_W,      /* write, without the permission to read */
	BOX,        /* the box for gated repositories only */
	EMPTY,      /* nothing ticked */
	ORG_R,      /* read for every organisation of the table */
	ORG_RW,     /* read and write for them, and for one that alice is not in */
	ONE_REPO,   /* read and write for writers/m1, alice/m1, stranger/gated */
	GROUP_RW,   /* read and write for a resource group */
	STRANGE,    /* permissions that nobody has heard of */
	TALKS,      /* discussions everywhere */
	TALKS_OWN,  /* read and discussions for alice */
	INFERS,     /* inference for alice */
	INFERS_OLD, /* the same, as older tokens have it */
	OAUTH_READ,
	OAUTH_GATED,
	OAUTH_WRITE,
	OAUTH_MAKES, /* contribute-repos */
	OAUTH_THIN,  /* openid profile */
	OAUTH_TALKS, /* write-discussions, inference-api and read-repos */
	OAUTH_ALL,   /* write-repos and write-discussions */
	OAUTH_BLIND, /* its scopes are not known */
	GOD,         /* a role that is not offered */
	UNASKED,     /* never verified */
	WHO_COUNT,
};

#define EVERY_ORG(permissions)                                                                                                                                      \
	ON("org", "admins", permissions)                                                                                                                            \
	"," ON("org", "writers", permissions) "," ON("org", "makers", permissions) "," ON("org", "readers", permissions) "," ON("org", "outs", permissions) "," ON( \
		"org", "silent",                                                                                                                                    \
		permissions) "," ON("org", "kings",                                                                                                                 \
				    permissions) "," ON("org", "grouped",                                                                                           \
							permissions) "," ON("org",                                                                                  \
									    "readgroup",                                                                            \
									    permissions) "," ON("org",                                                              \
												"sso-org",                                                          \
												permissions) "," ON("org",                                          \
														    "policy-org",                                   \
														    permissions) "," ON("org",                      \
																	"two-org",                  \
																	permissions)

static const struct {
	const char *answer;
	enum token_kind kind; /* as the catalogue has it */
} tokens[WHO_COUNT] = {
	[READ_TOKEN] = {ACCESS("\"role\":\"read\""), KIND_READ},
	[WRITE_TOKEN] = {ACCESS("\"role\":\"write\""), KIND_WRITE},
	[OWN_READ] = {FINE("false", "", ON("user", "alice", R)), KIND_FINE_GRAINED},
	[OWN_RW] = {FINE("false", "", ON("user", "alice", RW)), KIND_FINE_GRAINED},
	[OWN_W] = {FINE("false", "", ON("user", "alice", W)), KIND_FINE_GRAINED},
	[BOX] = {FINE("true", "", ""), KIND_FINE_GRAINED},
	[EMPTY] = {FINE("false", "", ""), KIND_FINE_GRAINED},
	[ORG_R] = {FINE("false", "", EVERY_ORG(R)), KIND_FINE_GRAINED},
	[ORG_RW] = {FINE("false", "", EVERY_ORG(RW) "," ON("org", "former", RW)),
		    KIND_FINE_GRAINED},
	[ONE_REPO] = {FINE("false", "",
			   ON("model", "writers/m1", RW) "," ON("model", "Alice/M1", RW) "," ON(
				   "model", "stranger/gated",
				   R) "," ON("dataset", "writers/d1", R) "," ON("bucket",
										"alice/b1", R)),
		      KIND_FINE_GRAINED},
	[GROUP_RW] = {FINE("false", "", ON("resource-group", "g", RW)), KIND_FINE_GRAINED},
	[STRANGE] = {FINE("false", "\"telepathy.write\"",
			  ON("user", "alice", "\"repo.content.readx\",\"Repo.Write\"") "," ON(
				  "galaxy", "writers", RW)),
		     KIND_FINE_GRAINED},
	[TALKS] = {FINE("false", D, ""), KIND_FINE_GRAINED},
	[TALKS_OWN] = {FINE("false", "", ON("user", "alice", R "," D)), KIND_FINE_GRAINED},
	[INFERS] = {FINE("false", "", ON("user", "alice", I)), KIND_FINE_GRAINED},
	[INFERS_OLD] = {FINE("false", I, ""), KIND_FINE_GRAINED},
	[OAUTH_READ] = {SESSION("openid read-repos"), KIND_OAUTH},
	[OAUTH_GATED] = {SESSION("openid gated-repos"), KIND_OAUTH},
	[OAUTH_WRITE] = {SESSION("read-repos gated-repos write-repos"), KIND_OAUTH},
	[OAUTH_MAKES] = {SESSION("contribute-repos"), KIND_OAUTH},
	[OAUTH_THIN] = {SESSION("openid profile"), KIND_OAUTH},
	[OAUTH_TALKS] = {SESSION("read-repos write-discussions inference-api"), KIND_OAUTH},
	[OAUTH_ALL] = {SESSION("write-repos write-discussions"), KIND_OAUTH},
	[OAUTH_BLIND] = {SESSION(""), KIND_OAUTH},
	[GOD] = {ACCESS("\"role\":\"god\""), KIND_OTHER},
	[UNASKED] = {"", KIND_OTHER},
};

static const struct grants *grants_of(enum who who)
{
	static struct grants all[WHO_COUNT];
	static bool made[WHO_COUNT];
	struct err err = {0};
	struct token token = {.kind = tokens[who].kind,
			      .identity = tokens[who].answer,
			      .gated_read = UNKNOWN,
			      .verified = 1,
			      .expires = TIME_UNKNOWN};

	if (!made[who] && grants_from_token(&token, &all[who], &err))
		fail_msg("token %d: %s", who, err.message);
	made[who] = true;
	return &all[who];
}

/* What is known of the repository. */
enum seen { NOTHING, PUBLIC, PRIVATE, GATED };

struct row {
	enum who who;
	const char *repo;
	enum seen seen;
	enum verdict verdict;
	const char *reasons; /* the reason; of a refusal every fault, in order */
};

#define GRANTS VERDICT_GRANTS
#define MAY    VERDICT_MAY
#define DENIES VERDICT_DENIES

static void check_row(enum grants_operation operation, const struct row *row)
{
	struct repo repo = {.name = ""};
	struct grants_question question = {.operation = operation, .repo = &repo};
	struct grants_answer answer;
	AUTOBUF struct buf reasons = {0};
	AUTOBUF struct buf why = {0};

	if (row->repo)
		assert_int_equal(repo_parse(row->repo, &repo, NULL), 0);
	question.is_private = row->seen == NOTHING ? UNKNOWN : row->seen == PRIVATE ? YES : NO;
	question.is_gated = row->seen == NOTHING ? UNKNOWN : row->seen == GATED ? YES : NO;
	grants_ask(grants_of(row->who), &question, &answer);
	for (size_t i = 0; i < answer.fault_count; i++)
		buf_printf(&reasons, "%s%s", i ? " " : "",
			   grants_reason_names[answer.faults[i].reason]);
	if (!answer.fault_count)
		buf_add_text(&reasons, grants_reason_names[answer.reason]);
	if (answer.verdict != row->verdict || strcmp(buf_text(&reasons), row->reasons) != 0)
		fail_msg("token %d, %s, seen %d, operation %d: %s (%s)", row->who,
			 row->repo ? row->repo : "-", row->seen, operation,
			 verdict_names[answer.verdict], buf_text(&reasons));
	assert_int_equal(answer.fault_count != 0, answer.verdict == DENIES);
	assert_true(!answer.fault_count || answer.reason == answer.faults[0].reason);
	grants_why(grants_of(row->who), &question, &answer, &why);
	assert_true(why.size > 0 && !strchr(buf_text(&why), '%'));
	for (size_t i = 0; i < answer.fault_count; i++) {
		AUTOBUF struct buf remedy = {0};

		grants_remedy(&question, &answer.faults[i], &remedy);
		assert_true(remedy.size > 0 && !strchr(buf_text(&remedy), '%'));
	}
}

#define CHECK_ROWS(operation, rows)                           \
	do {                                                  \
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) \
			check_row(operation, &(rows)[i]);     \
	} while (0)

static void who_may_read(void **state UNUSED)
{
	static const struct row rows[] = {
		/* What is public needs nothing. */
		{EMPTY, "stranger/m1", PUBLIC, GRANTS, "public"},
		{BOX, "alice/m1", PUBLIC, GRANTS, "public"},
		{OAUTH_THIN, "stranger/m1", PUBLIC, GRANTS, "public"},
		{READ_TOKEN, "sso-org/m1", PUBLIC, GRANTS, "public"},
		{READ_TOKEN, "outs/m1", PUBLIC, GRANTS, "public"},
		{GOD, "stranger/m1", PUBLIC, GRANTS, "public"},
		/* One's own. */
		{READ_TOKEN, "alice/m1", PRIVATE, GRANTS, "owner"},
		{READ_TOKEN, "ALICE/m1", PRIVATE, GRANTS, "owner"},
		{WRITE_TOKEN, "datasets/alice/d1", NOTHING, GRANTS, "owner"},
		{OWN_READ, "alice/m1", PRIVATE, GRANTS, "entity"},
		{OWN_READ, "alice/m1", NOTHING, GRANTS, "entity"},
		{OWN_READ, "spaces/alice/s1", PRIVATE, GRANTS, "entity"},
		{OWN_READ, "buckets/alice/b1", PRIVATE, GRANTS, "entity"},
		{OWN_W, "alice/m1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "alice/m1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "buckets/alice/b1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "buckets/alice/b2", PRIVATE, DENIES, "scope-missing"},
		{ONE_REPO, "alice/m2", PRIVATE, DENIES, "scope-missing"},
		{ONE_REPO, "datasets/alice/m1", PRIVATE, DENIES, "scope-missing"},
		{EMPTY, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{EMPTY, "alice/m1", NOTHING, MAY, "public-only"},
		{ORG_RW, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{STRANGE, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{GROUP_RW, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		/* Organisations: the role counts, and the token's entities. */
		{READ_TOKEN, "admins/m1", PRIVATE, GRANTS, "role"},
		{READ_TOKEN, "readers/m1", PRIVATE, GRANTS, "role"},
		{READ_TOKEN, "makers/m1", NOTHING, GRANTS, "role"},
		{READ_TOKEN, "outs/m1", PRIVATE, DENIES, "role-too-low"},
		{READ_TOKEN, "outs/m1", NOTHING, MAY, "public-only"},
		{READ_TOKEN, "silent/m1", PRIVATE, MAY, "role-unknown"},
		{READ_TOKEN, "kings/m1", PRIVATE, MAY, "role-unknown"},
		{READ_TOKEN, "grouped/m1", PRIVATE, MAY, "resource-group"},
		{ORG_R, "readers/m1", PRIVATE, GRANTS, "entity"},
		{ORG_R, "READERS/m1", PRIVATE, GRANTS, "entity"},
		{ORG_R, "outs/m1", PRIVATE, DENIES, "role-too-low"},
		{ORG_R, "silent/m1", PRIVATE, MAY, "role-unknown"},
		{ORG_R, "grouped/m1", PRIVATE, MAY, "resource-group"},
		{ORG_RW, "former/m1", PRIVATE, MAY, "role-unknown"},
		{OWN_READ, "writers/m1", PRIVATE, DENIES, "scope-missing"},
		{OWN_READ, "writers/m1", NOTHING, MAY, "public-only"},
		{OWN_READ, "outs/m1", PRIVATE, DENIES, "role-too-low scope-missing"},
		{ONE_REPO, "writers/m1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "writers/m2", PRIVATE, DENIES, "scope-missing"},
		{ONE_REPO, "datasets/writers/d1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "writers/d1", PRIVATE, DENIES, "scope-missing"},
		{GROUP_RW, "writers/m1", PRIVATE, MAY, "resource-group"},
		{STRANGE, "writers/m1", PRIVATE, DENIES, "scope-missing"},
		{BOX, "writers/m1", PRIVATE, DENIES, "scope-missing"},
		/* Other people's. */
		{READ_TOKEN, "stranger/m1", PRIVATE, DENIES, "not-visible"},
		{READ_TOKEN, "stranger/m1", NOTHING, MAY, "foreign"},
		{EMPTY, "stranger/m1", NOTHING, MAY, "foreign"},
		{OWN_RW, "stranger/m1", PRIVATE, DENIES, "not-visible"},
		{OAUTH_READ, "stranger/m1", PRIVATE, MAY, "org-consent"},
		/* Whoever could tick it can see it, whatever whoami tells of organisations. */
		{ONE_REPO, "stranger/gated", PRIVATE, MAY, "named"},
		{ONE_REPO, "stranger/gated", NOTHING, MAY, "named"},
		/* Names of one segment have an owner that we do not know. */
		{READ_TOKEN, "gpt2", NOTHING, MAY, "foreign"},
		{OWN_READ, "gpt2", NOTHING, MAY, "foreign"},
		{EMPTY, "datasets/squad", NOTHING, MAY, "public-only"},
		{EMPTY, "gpt2", PUBLIC, GRANTS, "public"},
		/* What organisations have against a token, where membership is what lets it in. */
		{READ_TOKEN, "sso-org/m1", PRIVATE, DENIES, "org-sso"},
		{READ_TOKEN, "sso-org/m1", NOTHING, MAY, "org-sso"},
		{READ_TOKEN, "two-org/m1", NOTHING, MAY, "org-sso"},
		{READ_TOKEN, "odd-org/m1", NOTHING, MAY, "org-other"},
		{ORG_R, "policy-org/m1", NOTHING, MAY, "org-approval"},
		{READ_TOKEN, "mfa-org/m1", PRIVATE, DENIES, "org-mfa"},
		{READ_TOKEN, "ip-org/m1", PRIVATE, DENIES, "org-ip"},
		{READ_TOKEN, "policy-org/m1", PRIVATE, DENIES, "org-fine-grained-only"},
		{WRITE_TOKEN, "policy-org/m1", PRIVATE, DENIES, "org-fine-grained-only"},
		{OAUTH_READ, "policy-org/m1", PRIVATE, DENIES, "org-fine-grained-only"},
		{ORG_R, "policy-org/m1", PRIVATE, DENIES, "org-approval"},
		{WRITE_TOKEN, "revoking/m1", PRIVATE, DENIES, "org-revoked"},
		{WRITE_TOKEN, "odd-org/m1", PRIVATE, DENIES, "org-other"},
		{ORG_R, "two-org/m1", PRIVATE, DENIES, "org-sso org-ip"},
		{OWN_READ, "sso-org/m1", NOTHING, MAY, "public-only"},
		{OWN_READ, "sso-org/m1", PRIVATE, DENIES, "scope-missing"},
		/* Sessions. */
		{OAUTH_READ, "alice/m1", PRIVATE, GRANTS, "owner"},
		{OAUTH_WRITE, "alice/m1", PRIVATE, GRANTS, "owner"},
		{OAUTH_READ, "writers/m1", PRIVATE, MAY, "org-consent"},
		{OAUTH_MAKES, "alice/m1", PRIVATE, MAY, "contributor"},
		{OAUTH_THIN, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{OAUTH_GATED, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{OAUTH_THIN, "alice/m1", NOTHING, MAY, "public-only"},
		{OAUTH_BLIND, "alice/m1", PRIVATE, MAY, "session"},
		{GOD, "alice/m1", PRIVATE, MAY, "session"},
		{UNASKED, "alice/m1", PRIVATE, MAY, "unverified"},
		{UNASKED, "stranger/m1", NOTHING, MAY, "unverified"},
	};

	CHECK_ROWS(GRANTS_READ, rows);
}

/* Two gates: the token's box, and the account that was let through. Members pass the second. */
static void who_may_read_what_is_gated(void **state UNUSED)
{
	static const struct row rows[] = {
		{READ_TOKEN, "stranger/gated", GATED, MAY, "gate"},
		{WRITE_TOKEN, "stranger/gated", GATED, MAY, "gate"},
		{BOX, "stranger/gated", GATED, MAY, "gate"},
		{EMPTY, "stranger/gated", GATED, DENIES, "gate-token-setting"},
		{OWN_RW, "stranger/gated", GATED, DENIES, "gate-token-setting"},
		{ONE_REPO, "stranger/gated", GATED, MAY, "gate"},
		{ONE_REPO, "stranger/other", GATED, DENIES, "gate-token-setting"},
		{GROUP_RW, "stranger/gated", GATED, MAY, "resource-group"},
		{READ_TOKEN, "alice/gated", GATED, GRANTS, "owner"},
		{OWN_READ, "alice/gated", GATED, GRANTS, "entity"},
		{BOX, "alice/gated", GATED, GRANTS, "owner"},
		{EMPTY, "alice/gated", GATED, DENIES, "gate-token-setting"},
		{READ_TOKEN, "readers/gated", GATED, GRANTS, "role"},
		{ORG_R, "readers/gated", GATED, GRANTS, "entity"},
		{BOX, "readers/gated", GATED, GRANTS, "role"},
		{OWN_READ, "readers/gated", GATED, DENIES, "gate-token-setting"},
		{READ_TOKEN, "outs/gated", GATED, MAY, "gate"},
		{READ_TOKEN, "sso-org/gated", GATED, DENIES, "org-sso"},
		{EMPTY, "sso-org/gated", GATED, DENIES, "org-sso gate-token-setting"},
		{READ_TOKEN, "gpt2", GATED, MAY, "gate"},
		{OAUTH_GATED, "stranger/gated", GATED, MAY, "gate"},
		{OAUTH_WRITE, "alice/gated", GATED, GRANTS, "owner"},
		{OAUTH_READ, "stranger/gated", GATED, MAY, "session"},
		{OAUTH_THIN, "stranger/gated", GATED, DENIES, "scope-missing"},
		{OAUTH_BLIND, "stranger/gated", GATED, MAY, "session"},
		{UNASKED, "stranger/gated", GATED, MAY, "unverified"},
	};

	CHECK_ROWS(GRANTS_READ_GATED, rows);
	CHECK_ROWS(GRANTS_READ, rows);
}

static void who_may_write(void **state UNUSED)
{
	static const struct row rows[] = {
		{READ_TOKEN, "alice/m1", NOTHING, DENIES, "read-only-token"},
		{READ_TOKEN, "readers/m1", NOTHING, DENIES, "read-only-token role-too-low"},
		{READ_TOKEN, "stranger/m1", NOTHING, DENIES, "read-only-token"},
		{READ_TOKEN, "sso-org/m1", NOTHING, DENIES, "read-only-token org-sso"},
		{READ_TOKEN, "sso-org/m1", PRIVATE, DENIES, "org-sso read-only-token"},
		{READ_TOKEN, "stranger/m1", PRIVATE, DENIES, "not-visible read-only-token"},
		{WRITE_TOKEN, "alice/m1", PRIVATE, GRANTS, "owner"},
		{WRITE_TOKEN, "alice/m1", PUBLIC, GRANTS, "owner"},
		{WRITE_TOKEN, "admins/m1", NOTHING, GRANTS, "role"},
		{WRITE_TOKEN, "writers/m1", PRIVATE, GRANTS, "role"},
		{WRITE_TOKEN, "makers/m1", NOTHING, MAY, "contributor"},
		{WRITE_TOKEN, "readers/m1", PRIVATE, DENIES, "role-too-low"},
		{WRITE_TOKEN, "outs/m1", PRIVATE, DENIES, "role-too-low"},
		{WRITE_TOKEN, "outs/m1", PUBLIC, DENIES, "role-too-low"},
		{WRITE_TOKEN, "silent/m1", NOTHING, MAY, "role-unknown"},
		{WRITE_TOKEN, "kings/m1", NOTHING, MAY, "role-unknown"},
		{WRITE_TOKEN, "grouped/m1", NOTHING, MAY, "resource-group"},
		{WRITE_TOKEN, "readgroup/m1", NOTHING, MAY, "resource-group"},
		{WRITE_TOKEN, "stranger/m1", NOTHING, MAY, "foreign"},
		{WRITE_TOKEN, "stranger/m1", PRIVATE, DENIES, "not-visible"},
		{WRITE_TOKEN, "gpt2", NOTHING, MAY, "foreign"},
		{WRITE_TOKEN, "sso-org/m1", NOTHING, DENIES, "org-sso"},
		{WRITE_TOKEN, "policy-org/m1", PRIVATE, DENIES, "org-fine-grained-only"},
		{WRITE_TOKEN, "two-org/m1", PRIVATE, DENIES, "org-sso org-ip"},
		{OWN_RW, "alice/m1", PRIVATE, GRANTS, "entity"},
		{OWN_W, "alice/m1", NOTHING, GRANTS, "entity"},
		{OWN_READ, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{EMPTY, "alice/m1", NOTHING, DENIES, "scope-missing"},
		{EMPTY, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{OWN_RW, "writers/m1", NOTHING, DENIES, "scope-missing"},
		{OWN_RW, "readers/m1", NOTHING, DENIES, "scope-missing role-too-low"},
		{OWN_RW, "stranger/m1", NOTHING, DENIES, "role-too-low scope-missing"},
		{OWN_RW, "gpt2", NOTHING, MAY, "foreign"},
		{OWN_READ, "gpt2", NOTHING, DENIES, "scope-missing"},
		{ORG_R, "writers/m1", NOTHING, DENIES, "scope-missing"},
		{ORG_RW, "writers/m1", NOTHING, GRANTS, "entity"},
		{ORG_RW, "admins/m1", PRIVATE, GRANTS, "entity"},
		{ORG_RW, "makers/m1", NOTHING, MAY, "contributor"},
		{ORG_RW, "readers/m1", NOTHING, DENIES, "role-too-low"},
		{ORG_RW, "silent/m1", NOTHING, MAY, "role-unknown"},
		{ORG_RW, "former/m1", NOTHING, MAY, "role-unknown"},
		{ORG_RW, "policy-org/m1", NOTHING, DENIES, "org-approval"},
		{ORG_RW, "two-org/m1", NOTHING, DENIES, "org-sso org-ip"},
		{ONE_REPO, "writers/m1", PRIVATE, GRANTS, "entity"},
		{ONE_REPO, "writers/m2", NOTHING, DENIES, "scope-missing"},
		{ONE_REPO, "datasets/writers/d1", NOTHING, DENIES, "scope-missing"},
		{GROUP_RW, "writers/m1", NOTHING, MAY, "resource-group"},
		{GROUP_RW, "readers/m1", NOTHING, DENIES, "role-too-low"},
		{STRANGE, "alice/m1", NOTHING, DENIES, "scope-missing"},
		{STRANGE, "writers/m1", NOTHING, DENIES, "scope-missing"},
		{BOX, "alice/m1", NOTHING, DENIES, "scope-missing"},
		{TALKS, "alice/m1", NOTHING, DENIES, "scope-missing"},
		{OAUTH_WRITE, "alice/m1", PRIVATE, GRANTS, "owner"},
		{OAUTH_WRITE, "writers/m1", NOTHING, MAY, "org-consent"},
		{OAUTH_WRITE, "readers/m1", NOTHING, DENIES, "role-too-low"},
		{OAUTH_WRITE, "stranger/m1", NOTHING, MAY, "org-consent"},
		{OAUTH_MAKES, "alice/m1", NOTHING, MAY, "contributor"},
		{OAUTH_READ, "alice/m1", NOTHING, DENIES, "scope-missing"},
		{OAUTH_BLIND, "alice/m1", NOTHING, MAY, "session"},
		{GOD, "alice/m1", NOTHING, MAY, "session"},
		{UNASKED, "alice/m1", NOTHING, MAY, "unverified"},
	};

	CHECK_ROWS(GRANTS_WRITE, rows);
}

static void who_may_call_inference(void **state UNUSED)
{
	static const struct row rows[] = {
		{READ_TOKEN, NULL, NOTHING, GRANTS, "global"},
		{WRITE_TOKEN, NULL, NOTHING, GRANTS, "global"},
		{INFERS, NULL, NOTHING, GRANTS, "entity"},
		{INFERS_OLD, NULL, NOTHING, GRANTS, "global"},
		{INFERS, "stranger/m1", PUBLIC, GRANTS, "entity"},
		{OWN_RW, NULL, NOTHING, DENIES, "scope-missing"},
		{BOX, NULL, NOTHING, DENIES, "scope-missing"},
		{STRANGE, NULL, NOTHING, DENIES, "scope-missing"},
		{OAUTH_TALKS, NULL, NOTHING, GRANTS, "global"},
		{OAUTH_WRITE, NULL, NOTHING, DENIES, "scope-missing"},
		{OAUTH_BLIND, NULL, NOTHING, MAY, "session"},
		{GOD, NULL, NOTHING, MAY, "session"},
		{UNASKED, NULL, NOTHING, MAY, "unverified"},
	};

	CHECK_ROWS(GRANTS_INFERENCE, rows);
}

static void who_may_discuss(void **state UNUSED)
{
	static const struct row rows[] = {
		{WRITE_TOKEN, "stranger/m1", PUBLIC, GRANTS, "global"},
		{WRITE_TOKEN, "alice/m1", PRIVATE, GRANTS, "global"},
		{WRITE_TOKEN, "stranger/m1", NOTHING, MAY, "foreign"},
		{READ_TOKEN, "stranger/m1", PUBLIC, DENIES, "read-only-token"},
		{TALKS, "stranger/m1", PUBLIC, GRANTS, "global"},
		{TALKS, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{TALKS_OWN, "alice/m1", PRIVATE, GRANTS, "entity"},
		{TALKS_OWN, "stranger/m1", PUBLIC, DENIES, "scope-missing"},
		{OWN_RW, "alice/m1", PRIVATE, GRANTS, "entity"},
		{OWN_READ, "alice/m1", PRIVATE, DENIES, "scope-missing"},
		{EMPTY, "stranger/gated", GATED, DENIES, "gate-token-setting scope-missing"},
		{OAUTH_TALKS, "alice/m1", PRIVATE, GRANTS, "global"},
		{OAUTH_READ, "stranger/m1", PUBLIC, DENIES, "scope-missing"},
		{OAUTH_WRITE, "stranger/m1", PUBLIC, MAY, "session"},
		{OAUTH_ALL, "stranger/m1", PUBLIC, GRANTS, "global"},
		{OAUTH_BLIND, "stranger/m1", PUBLIC, MAY, "session"},
		{UNASKED, "stranger/m1", PUBLIC, MAY, "unverified"},
	};

	CHECK_ROWS(GRANTS_DISCUSS, rows);
}

/* ---- what is missing -------------------------------------------------------------------------- */

static void what_is_missing_is_said(void **state UNUSED)
{
	static const struct {
		enum grants_operation operation;
		enum who who;
		const char *repo;
		enum seen seen;
		const char *entity;
		enum entity_type type;
		int permission, scope;
		enum org_role role;
		const char *remedy, *url;
	} rows[] = {
		{GRANTS_WRITE, OWN_READ, "alice/m1", NOTHING, "alice", ENTITY_USER,
		 PERMISSION_WRITE, -1, ROLE_UNKNOWN,
		 "edit the token and tick \"Write access to contents/settings\" (repo.write) for alice, "
		 "or for alice/m1 alone",
		 ENDPOINT_HUB "/settings/tokens"},
		{GRANTS_READ, OWN_READ, "datasets/writers/d1", PRIVATE, "writers", ENTITY_ORG,
		 PERMISSION_CONTENT_READ, -1, ROLE_UNKNOWN,
		 "edit the token and tick \"Read access to contents\" (repo.content.read) for writers, or "
		 "for datasets/writers/d1 alone",
		 ENDPOINT_HUB "/settings/tokens"},
		{GRANTS_INFERENCE, BOX, NULL, NOTHING, "alice", ENTITY_USER,
		 PERMISSION_INFERENCE, -1, ROLE_UNKNOWN,
		 "edit the token and tick inference.serverless.write (call Inference Providers) "
		 "for alice",
		 ENDPOINT_HUB "/settings/tokens"},
		{GRANTS_WRITE, OAUTH_READ, "alice/m1", NOTHING, "alice", ENTITY_USER, -1,
		 SCOPE_WRITE_REPOS, ROLE_UNKNOWN,
		 "allow the scope write-repos (write repositories) when logging in", ""},
		{GRANTS_WRITE, READ_TOKEN, "alice/m1", NOTHING, "alice", ENTITY_USER,
		 PERMISSION_WRITE, -1, ROLE_UNKNOWN,
		 "use a write token, or a fine-grained one with repo.write on alice",
		 ENDPOINT_HUB "/settings/tokens"},
		{GRANTS_WRITE, WRITE_TOKEN, "readers/m1", NOTHING, "readers", ENTITY_ORG, -1,
		 -1, ROLE_WRITE, "ask an admin of readers for the role write", ""},
		{GRANTS_READ, READ_TOKEN, "outs/m1", PRIVATE, "outs", ENTITY_ORG, -1, -1,
		 ROLE_READ, "ask an admin of outs for the role read", ""},
		{GRANTS_READ, EMPTY, "stranger/gated", GATED, "stranger", ENTITY_ORG, -1, -1,
		 ROLE_UNKNOWN,
		 "edit the token and tick \"Read access to contents of all public gated repos "
		 "you can access\"",
		 ENDPOINT_HUB "/settings/tokens"},
		{GRANTS_READ, READ_TOKEN, "mfa-org/m1", PRIVATE, "mfa-org", ENTITY_ORG, -1, -1,
		 ROLE_UNKNOWN, "switch two-factor authentication on",
		 ENDPOINT_HUB "/settings/authentication"},
		{GRANTS_READ, READ_TOKEN, "sso-org/m1", PRIVATE, "sso-org", ENTITY_ORG, -1, -1,
		 ROLE_UNKNOWN, "sign in through the single sign-on of sso-org in the browser",
		 ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo repo = {.name = ""};
		struct grants_question question = {
			.operation = rows[i].operation,
			.repo = rows[i].repo ? &repo : NULL,
			.is_private = rows[i].seen == PRIVATE ? YES : UNKNOWN,
			.is_gated = rows[i].seen == GATED ? YES : UNKNOWN};
		struct grants_answer answer;
		const struct grants_fault *fault = &answer.faults[0];
		AUTOBUF struct buf remedy = {0};
		AUTOBUF struct buf url = {0};

		if (rows[i].repo)
			assert_int_equal(repo_parse(rows[i].repo, &repo, NULL), 0);
		grants_ask(grants_of(rows[i].who), &question, &answer);
		assert_int_equal(answer.fault_count, 1);
		grants_remedy(&question, fault, &remedy);
		grants_remedy_url(fault, "https://hub.example", &url);
		assert_string_equal(buf_text(&url), ""); /* that has no such page */
		grants_remedy_url(fault, ENDPOINT_HUB, &url);
		assert_string_equal(buf_text(&remedy), rows[i].remedy);
		assert_string_equal(buf_text(&url), rows[i].url);
		assert_string_equal(fault->entity, rows[i].entity);
		assert_int_equal(fault->entity_type, rows[i].type);
		assert_int_equal(fault->permission, rows[i].permission);
		assert_int_equal(fault->scope, rows[i].scope);
		assert_int_equal(fault->role, rows[i].role);
	}
}

/* Who is not in an organisation cannot tick anything there: that comes first. */
static void a_stranger_is_told_to_join_first(void **state UNUSED)
{
	struct repo repo;
	const struct grants_question question = {.operation = GRANTS_WRITE,
						 .repo = &repo,
						 .is_private = UNKNOWN,
						 .is_gated = UNKNOWN};
	struct grants_answer answer;
	AUTOBUF struct buf why = {0};
	AUTOBUF struct buf remedy = {0};

	assert_int_equal(repo_parse("stranger/m1", &repo, NULL), 0);
	grants_ask(grants_of(OWN_RW), &question, &answer);
	grants_why(grants_of(OWN_RW), &question, &answer, &why);
	grants_remedy(&question, &answer.faults[0], &remedy);
	assert_string_equal(buf_text(&why), "alice has too low a role in stranger: none");
	assert_string_equal(buf_text(&remedy), "ask an admin of stranger for the role write");
}

/* The organisation keeps out what membership would let in, and says so. */
static void a_restriction_leaves_open_what_is_public(void **state UNUSED)
{
	struct repo repo;
	const struct grants_question question = {.operation = GRANTS_READ,
						 .repo = &repo,
						 .is_private = UNKNOWN,
						 .is_gated = UNKNOWN};
	struct grants_answer answer;
	AUTOBUF struct buf why = {0};

	assert_int_equal(repo_parse("sso-org/m1", &repo, NULL), 0);
	grants_ask(grants_of(READ_TOKEN), &question, &answer);
	grants_why(grants_of(READ_TOKEN), &question, &answer, &why);
	assert_int_equal(answer.verdict, VERDICT_MAY);
	assert_string_equal(buf_text(&why), "if it is public; sso-org wants a sign-in through "
					    "its single sign-on");
}

static void expiry_comes_before_everything(void **state UNUSED)
{
	struct repo repo = {.namespace = "alice", .name = "m1"};
	struct grants grants = *grants_of(WRITE_TOKEN);
	struct grants_question question = {
		.repo = &repo, .is_private = NO, .is_gated = NO, .now = 1000};
	struct grants_answer answer;

	grants.expires = 1001;
	grants_ask(&grants, &question, &answer);
	assert_int_equal(answer.verdict, VERDICT_GRANTS);
	grants.expires = 1000;
	grants_ask(&grants, &question, &answer);
	assert_int_equal(answer.verdict, VERDICT_DENIES);
	assert_int_equal(answer.reason, REASON_EXPIRED);
	grants.known = false;
	grants_ask(&grants, &question, &answer);
	assert_int_equal(answer.reason, REASON_EXPIRED);
	question.now = 0;
	grants.known = true;
	grants_ask(&grants, &question, &answer);
	assert_int_equal(answer.verdict, VERDICT_GRANTS);
}

/* Where not everything is kept, what is missing there may be in the rest. */
static void absence_in_a_cut_list_says_nothing(void **state UNUSED)
{
	static const struct {
		enum grants_operation operation;
		const char *namespace;
		enum tristate is_private;
	} rows[] = {
		{GRANTS_WRITE, "writers", UNKNOWN}, {GRANTS_WRITE, "alice", UNKNOWN},
		{GRANTS_READ, "alice", YES},        {GRANTS_READ, "stranger", YES},
		{GRANTS_READ_GATED, "x", NO},       {GRANTS_INFERENCE, "", UNKNOWN},
	};
	struct grants grants = *grants_of(EMPTY);

	grants.cut = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo repo = {.name = "m1"};
		struct grants_question question = {.operation = rows[i].operation,
						   .repo = &repo,
						   .is_private = rows[i].is_private};
		struct grants_answer answer;

		assert_true(
			text_copy(repo.namespace, sizeof(repo.namespace), rows[i].namespace));
		grants_ask(&grants, &question, &answer);
		assert_int_equal(answer.verdict, VERDICT_MAY);
		assert_int_equal(answer.reason, REASON_CUT);
	}
}

/* ---- breadth ---------------------------------------------------------------------------------- */

static void breadth_has_an_order(void **state UNUSED)
{
	static const struct {
		enum who who;
		unsigned breadth;
	} rows[] = {
		{EMPTY, 0},
		{ONE_REPO, 3 + 3 + 1 + 1 + 1},
		{TALKS, 100},
		{OAUTH_THIN, 200},
		{GROUP_RW, 300},
		{BOX, 500},
		{INFERS, 1000},
		{OWN_READ, 1000},
		{TALKS_OWN, 2000},
		{OWN_RW, 3000},
		{STRANGE, 2000 + 3000 + 100},
		{ORG_R, 12000},
		{READ_TOKEN, 1000000},
		{OAUTH_READ, 1000000},
		{WRITE_TOKEN, 3000000},
		{OAUTH_WRITE, 3000000},
		{OAUTH_BLIND, 3000000},
		{UNASKED, 3000000},
		{GOD, BREADTH_MAX},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (grants_breadth(grants_of(rows[i].who)) != rows[i].breadth)
			fail_msg("token %d: %u", rows[i].who,
				 grants_breadth(grants_of(rows[i].who)));
	}
}

static void breadth_has_an_end(void **state UNUSED)
{
	static struct grants_entity entities[GRANTS_ENTITIES_MAX];
	struct grants grants = *grants_of(EMPTY);

	for (size_t i = 0; i < GRANTS_ENTITIES_MAX; i++)
		entities[i] = (struct grants_entity) {.type = ENTITY_ORG,
						      .permissions = bit(PERMISSION_COUNT) - 1,
						      .others = ""};
	grants.entities = entities;
	grants.entity_count = GRANTS_ENTITIES_MAX;
	assert_int_equal(grants_breadth(&grants), 999999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_read),
		cmocka_unit_test(who_may_read_what_is_gated),
		cmocka_unit_test(who_may_write),
		cmocka_unit_test(who_may_call_inference),
		cmocka_unit_test(who_may_discuss),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(a_stranger_is_told_to_join_first),
		cmocka_unit_test(a_restriction_leaves_open_what_is_public),
		cmocka_unit_test(expiry_comes_before_everything),
		cmocka_unit_test(absence_in_a_cut_list_says_nothing),
		cmocka_unit_test(breadth_has_an_order),
		cmocka_unit_test(breadth_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
