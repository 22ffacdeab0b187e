/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the Hub and what they mean, as tables. */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/cause.h"
#include "core/pages.h"

#define WHOAMI(orgs, auth) \
	"{\"type\":\"user\",\"name\":\"alice\",\"orgs\":[" orgs "],\"auth\":{" auth "}}"
#define ACCESS(rest)                                                             \
	"\"type\":\"access_token\",\"accessToken\":{\"displayName\":\"laptop\"," \
	"\"createdAt\":\"2026-05-01T10:00:00.000Z\"," rest "}"
#define FINE(gated, scoped)                                                             \
	ACCESS("\"role\":\"fineGrained\",\"fineGrained\":{\"canReadGatedRepos\":" gated \
	       ",\"scoped\":[" scoped "]}")
#define ON(type, name, permissions)                                                \
	"{\"entity\":{\"_id\":\"1\",\"type\":\"" type "\",\"name\":\"" name "\"}," \
	"\"permissions\":[" permissions "]}"
#define CLASSIC(role)   ACCESS("\"role\":\"" role "\"")
#define ORG(name, role) "{\"name\":\"" name "\",\"roleInOrg\":\"" role "\"}"
#define KEPT_OUT(why)                                 \
	"{\"name\":\"acme\",\"roleInOrg\":\"write\"," \
	"\"securityRestrictions\":[\"" why "\"]}"

/* Fine-grained unless said. */
#define OPEN     WHOAMI(ORG("acme", "write"), FINE("true", ON("org", "acme", R)))
#define BOXLESS  WHOAMI(ORG("acme", "write"), FINE("false", ON("user", "alice", R)))
#define NARROW   WHOAMI(ORG("acme", "write"), FINE("true", ""))
#define READER   WHOAMI(ORG("acme", "write"), CLASSIC("read"))
#define LOW      WHOAMI(ORG("acme", "read"), CLASSIC("write"))
#define LOW_READ WHOAMI(ORG("acme", "read"), CLASSIC("read"))
#define STRANGER WHOAMI("", CLASSIC("read"))
#define R        "\"repo.content.read\""
#define W        "\"repo.write\""
#define MAKER    WHOAMI(ORG("acme", "contributor"), FINE("true", ON("org", "acme", W)))
#define GROUPED                                                                     \
	WHOAMI("{\"name\":\"acme\",\"roleInOrg\":\"no_access\",\"resourceGroups\":" \
	       "[{\"role\":\"write\"}]}",                                           \
	       FINE("true", ON("org", "acme", W)))
#define SESSION                                                 \
	"{\"type\":\"user\",\"name\":\"alice\",\"orgs\":[" ORG( \
		"acme",                                         \
		"write") "],"                                   \
			 "\"auth\":{\"type\":\"oauth\"},\"hftokenScopes\":\"openid profile\"}"

struct setting {
	const char *whoami; /* "": nothing is known */
	long status;
	const char *code;
	const char *message;
	bool write;
	bool hidden;
	bool gated;
	enum standing standing;
};

/* What such an answer means for a token of alice, on acme/m1. */
struct world {
	struct repo repo;
	struct repo_facts facts;
	struct reply reply;
	struct token token;
	struct grants grants;
	struct evidence evidence;
};

static void world_release(struct world *world)
{
	grants_release(&world->grants);
}

static void make_world(struct world *world, const struct setting *setting)
{
	struct err err = {0};

	*world = (struct world) {
		.repo = {.type = REPO_MODEL, .namespace = "acme", .name = "m1"},
		.facts = {.is_private = setting->hidden ? UNKNOWN : NO,
			  .hidden = setting->hidden,
			  .gate = setting->gated ? GATE_MANUAL : GATE_NONE},
		.reply = {.asked = true, .status = setting->status},
		.token = {.name = "work",
			  .id = "0123",
			  .endpoint = ENDPOINT_HUB,
			  .account = "alice",
			  .kind = strstr(setting->whoami, "\"read\"") ? KIND_READ : KIND_OTHER,
			  .store = "file",
			  .masked = "",
			  .expires = TIME_UNKNOWN,
			  .verified = 1000,
			  .identity = setting->whoami,
			  .extra = ""},
	};
	(void)text_copy(world->reply.code, sizeof(world->reply.code),
			setting->code ? setting->code : "");
	(void)text_copy(world->reply.message, sizeof(world->reply.message), setting->message);
	if (grants_from_token(&world->token, &world->grants, &err))
		fail_msg("%s", err.message);
	world->evidence = (struct evidence) {
		.repo = &world->repo,
		.write = setting->write,
		.revision = "dev",
		.file = "a.txt",
		.endpoint = ENDPOINT_HUB,
		.facts = &world->facts,
		.token = &world->token,
		.display_name = *setting->whoami ? "laptop" : "",
		.grants = &world->grants,
		.standing = setting->standing,
		.reply = &world->reply,
		.now = 2000,
	};
}

/* ---- one row after the other ------------------------------------------------------------------ */

#define ROW3                                                                             \
	"Access to model acme/m1 is restricted and you are not in the authorized list. " \
	"Visit https://huggingface.co/acme/m1 to ask for access."
#define ROW7                                                                            \
	"Please enable access to public gated repositories in your fine-grained token " \
	"settings to view this repository"
#define ROW14 "You have read access but not the required permissions for this operation"
#define ROW18                                                                        \
	"Your token has been revoked by the organization administrator, you can no " \
	"longer access organization resources. Please contact them for more information."
#define TOKENS    ENDPOINT_HUB PAGE_TOKENS
#define NEW       ENDPOINT_HUB "/settings/tokens/new?tokenType=fineGrained"
#define REPO_PAGE ENDPOINT_HUB "/acme/m1"
#define MISSING   .hidden = true
#define BEHIND    .gated = true
#define WRITING   .write = true
#define READING   .write = false

static const struct {
	int row;
	struct setting setting;
	const char *cause, *text, *url, *command; /* how they begin; NULL: there is none */
} answers[] = {
	{1,
	 {"", 401, "GatedRepo",
	  "Access to model acme/m1 is restricted. You must have access to it and be "
	  "authenticated to access it. Please log in.",
	  BEHIND},
	 "token-invalid",
	 "the Hub does not know the token \"work\"",
	 NEW,
	 "hftoken login work"},
	{2,
	 {"", 401, "GatedRepo",
	  "Access to model acme/m1 is restricted. You must be authenticated to access it.",
	  BEHIND},
	 "token-invalid",
	 "the Hub does not know",
	 NEW,
	 "hftoken login work"},
	{3,
	 {OPEN, 403, "GatedRepo", ROW3, BEHIND},
	 "gate-not-asked",
	 "open the page as alice and ask for access",
	 REPO_PAGE,
	 NULL},
	{3,
	 {OPEN, 403, NULL, ROW3, BEHIND},
	 "gate-not-asked",
	 "open the page as alice",
	 REPO_PAGE,
	 NULL},
	{3,
	 {OPEN, 403, "GatedRepo", "words of tomorrow", BEHIND},
	 "gate-not-asked",
	 "open the page as alice",
	 REPO_PAGE,
	 NULL},
	{4,
	 {OPEN, 403, "GatedRepo",
	  "Your request to access model acme/m1 is awaiting a review from the repo authors.",
	  BEHIND},
	 "gate-pending",
	 "the authors have yet to answer the request of alice",
	 ENDPOINT_HUB PAGE_GATED,
	 NULL},
	{5,
	 {OPEN, 403, "GatedRepo",
	  "Your request to access model acme/m1 has been rejected by the repo's authors.",
	  BEHIND},
	 "gate-rejected",
	 "the authors have rejected the request of alice",
	 REPO_PAGE,
	 NULL},
	{6,
	 {OPEN, 403, "GatedRepo",
	  "Your request to access model acme/m1 has been reset by the repo's authors. Visit "
	  "https://huggingface.co/acme/m1 to submit a new request.",
	  BEHIND},
	 "gate-reset",
	 "the authors have reset the request of alice",
	 REPO_PAGE,
	 NULL},
	{7,
	 {BOXLESS, 403, NULL, ROW7, BEHIND},
	 "gate-token-setting",
	 "edit the token \"laptop\" of alice and tick \"" PAGE_GATED_BOX "\"",
	 TOKENS,
	 NULL},
	{7,
	 {BOXLESS, 403, "GatedRepo", ROW7, BEHIND},
	 "gate-token-setting",
	 "edit the token",
	 TOKENS,
	 NULL},
	{7,
	 {"", 403, NULL, "PLEASE ENABLE ACCESS TO PUBLIC GATED REPOSITORIES in", BEHIND},
	 "gate-token-setting",
	 "edit the token \"work\"",
	 TOKENS,
	 NULL},
	{8,
	 {"", 401, NULL, "Invalid username or password.", MISSING},
	 "token-invalid",
	 "the Hub does not know",
	 NEW,
	 "hftoken login work"},
	{8,
	 {STRANGER, 401, NULL, "Invalid username or password.", MISSING,
	  .standing = STANDING_GOOD},
	 "not-visible",
	 "check the spelling",
	 NULL,
	 NULL},
	{8,
	 {STRANGER, 401, NULL, "Invalid username or password.", MISSING,
	  .standing = STANDING_EXPIRED},
	 "token-expired",
	 "the token \"laptop\" has expired",
	 TOKENS,
	 "hftoken login work"},
	{9,
	 {STRANGER, 404, "RepoNotFound", "Repository not found", MISSING},
	 "not-visible",
	 "check the spelling; if the repository is private, ask its owner to let in alice",
	 NULL,
	 NULL},
	{9,
	 {"", 404, "RepoNotFound", "Repository not found", MISSING},
	 "not-visible",
	 "check the spelling",
	 NULL,
	 NULL},
	{9,
	 {NARROW, 404, "RepoNotFound", "Repository not found", MISSING},
	 "scope-missing",
	 "edit the token \"laptop\" and tick \"Read access to contents\" (repo.content.read) for acme",
	 TOKENS,
	 NULL},
	{9,
	 {NARROW, 404, NULL, "repository NOT found", MISSING},
	 "scope-missing",
	 "edit the",
	 TOKENS,
	 NULL},
	{10,
	 {OPEN, 401, NULL, "Invalid credentials in Authorization header", READING},
	 "token-invalid",
	 "the Hub does not know the token \"laptop\": it was deleted or replaced; make a new "
	 "one; this repository is public",
	 NEW,
	 "hftoken login work"},
	{11,
	 {OPEN, 401, NULL, "User Access Token \"laptop\" is expired", READING},
	 "token-expired",
	 "the token \"laptop\" has expired",
	 TOKENS,
	 "hftoken login work"},
	{12,
	 {OPEN, 404, "EntryNotFound", "Entry not found", READING},
	 "no-such-file",
	 "there is no file \"a.txt\"",
	 NULL,
	 NULL},
	{13,
	 {OPEN, 404, "RevisionNotFound", "Invalid rev id: dev", READING},
	 "no-such-revision",
	 "there is no revision \"dev\"",
	 NULL,
	 NULL},
	{14,
	 {OPEN, 403, NULL, ROW14, WRITING},
	 "scope-missing",
	 "edit the token \"laptop\" and tick \"Write access to contents/settings\" (repo.write)",
	 TOKENS,
	 NULL},
	{14,
	 {READER, 403, NULL, ROW14, WRITING},
	 "read-only-token",
	 "the token \"laptop\" can only read",
	 NEW,
	 "hftoken login work"},
	{14,
	 {LOW, 403, NULL, ROW14, WRITING},
	 "role-too-low",
	 "ask an admin of acme for the role write",
	 NULL,
	 NULL},
	/* The token is for it, so adding to it would change nothing. */
	{14,
	 {MAKER, 403, NULL, ROW14, WRITING},
	 "role-too-low",
	 "alice may not write there: ask an admin of acme",
	 NULL,
	 NULL},
	{14,
	 {GROUPED, 403, NULL, ROW14, WRITING},
	 "role-too-low",
	 "alice may not write there: ask an admin of acme",
	 NULL,
	 NULL},
	{15,
	 {OPEN, 403, NULL,
	  "You don't have the rights to create a model under the namespace \"acme\"", WRITING},
	 "scope-missing",
	 "edit the token \"laptop\" and tick \"Write access to contents/settings\" (repo.write)",
	 TOKENS,
	 NULL},
	{16,
	 {READER, 403, NULL, "You cannot commit here. Pass `create_pr=1` to open a request.",
	  WRITING},
	 "read-only-token",
	 "the token \"laptop\" can only read",
	 NEW,
	 "hftoken login work"},
	{17,
	 {WHOAMI(KEPT_OUT("token-policy"), FINE("true", ON("org", "acme", R))), 403, NULL,
	  "Due to the organization token policy, your token needs to be approved by the "
	  "organization before you can access this resource.",
	  MISSING},
	 "org-approval",
	 "an admin of acme must approve the token \"laptop\"",
	 TOKENS,
	 NULL},
	{18,
	 {OPEN, 403, NULL, ROW18, MISSING},
	 "org-revoked",
	 "an admin of acme has revoked the token \"laptop\"",
	 NEW,
	 "hftoken login work"},
	{19,
	 {WHOAMI(KEPT_OUT("token-policy"), CLASSIC("read")), 403, NULL, "nobody knows the text",
	  MISSING},
	 "org-fine-grained-only",
	 "acme wants fine-grained tokens",
	 NEW,
	 "hftoken login work"},
	{20,
	 {WHOAMI(KEPT_OUT("sso"), CLASSIC("read")), 403, NULL, "nobody knows the text",
	  MISSING},
	 "org-sso",
	 "sign in to acme through its single sign-on, as alice",
	 ENDPOINT_HUB "/acme",
	 NULL},
	{20,
	 {WHOAMI(KEPT_OUT("mfa"), CLASSIC("read")), 403, NULL, "nobody knows the text",
	  MISSING},
	 "org-mfa",
	 "acme wants two-factor authentication",
	 ENDPOINT_HUB PAGE_AUTHENTICATION,
	 NULL},
	{20,
	 {WHOAMI(KEPT_OUT("ip"), CLASSIC("read")), 403, NULL, "nobody knows the text", MISSING},
	 "org-ip",
	 "acme lets in its own network only",
	 NULL,
	 NULL},
	{21,
	 {OPEN, 403, NULL, "Access to this resource is disabled.", READING},
	 "repo-disabled",
	 "the Hub has disabled this repository",
	 NULL,
	 NULL},
	{22,
	 {OPEN, 403, NULL, "Private repository storage limit reached, please upgrade your plan",
	  WRITING},
	 "quota",
	 "the token is not the problem; the Hub says \"Private repository",
	 ENDPOINT_HUB "/settings/billing",
	 NULL},
	{22,
	 {OPEN, 400, NULL, "Private repository storage limit reached, please upgrade your plan",
	  WRITING},
	 "quota",
	 "the token is not the problem",
	 ENDPOINT_HUB "/settings/billing",
	 NULL},
	{24,
	 {OPEN, 402, NULL, "You have depleted your monthly included credits", READING},
	 "quota",
	 "the token is not the problem",
	 ENDPOINT_HUB "/settings/billing",
	 NULL},
	{25,
	 {OPEN, 429, NULL, "We had to rate limit your IP (1.2.3.4).", READING},
	 "rate-limited",
	 "wait some minutes",
	 NULL,
	 NULL},
	{26, {OPEN, 429, NULL, "", READING}, "rate-limited", "wait some minutes", NULL, NULL},
	/* A gate that sees no token, where whoami sees a good one: it is lost on the way. */
	{1,
	 {OPEN, 401, "GatedRepo", "Access to model acme/m1 is restricted. You must log in.",
	  BEHIND, .standing = STANDING_GOOD},
	 "hub-error",
	 "the token is good, but does not reach the Hub with this question: check the proxy",
	 NULL,
	 NULL},
	{1,
	 {OPEN, 401, "GatedRepo", "Access to model acme/m1 is restricted. You must log in.",
	  BEHIND, .standing = STANDING_INVALID},
	 "token-invalid",
	 "the Hub does not know",
	 NEW,
	 "hftoken login work"},
	/* Rows that the Hub does not have, or more than it says. */
	{14,
	 {WHOAMI("", FINE("true", ON("user", "alice", R))), 403, NULL, ROW14, WRITING},
	 "role-too-low",
	 "alice has no role in acme",
	 NULL,
	 NULL},
	{14,
	 {STRANGER, 403, NULL, ROW14, WRITING},
	 "role-too-low",
	 "alice has no role in acme",
	 NULL,
	 NULL},
	{0,
	 {OPEN, 403, NULL, "words that nobody knows", READING},
	 "hub-error",
	 "the Hub says \"words that nobody knows\" (status 403)",
	 NULL,
	 NULL},
	{0,
	 {OPEN, 401, NULL, "who are you?", READING},
	 "hub-error",
	 "the Hub says \"who are you?\"",
	 NULL,
	 NULL},
	{0,
	 {OPEN, 500, NULL, "", READING},
	 "hub-error",
	 "the Hub answers with status 500",
	 NULL,
	 NULL},
	{0,
	 {OPEN, 204, NULL, "", READING},
	 "hub-error",
	 "the Hub answers with status 204",
	 NULL,
	 NULL},
	{0,
	 {OPEN, 407, NULL, "", READING},
	 "unreachable",
	 "a proxy in between answers with status 407",
	 NULL,
	 NULL},
};

static void assert_starts(int row, const char *what, const char *text, const char *begin)
{
	if (begin ? !text_starts_with(text, begin) : *text != '\0')
		fail_msg("row %d: the %s is \"%s\", not \"%s\"", row, what, text,
			 begin ? begin : "");
}

static void every_answer_has_its_cause_and_remedy(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		CLEANUP(world_release) struct world world;
		struct finding finding;
		int row = answers[i].row;

		make_world(&world, &answers[i].setting);
		cause_find(&world.evidence, &finding);
		assert_starts(row, "cause", causes[finding.cause].name, answers[i].cause);
		assert_int_equal(strlen(causes[finding.cause].name), strlen(answers[i].cause));
		assert_starts(row, "text", finding.remedy.text, answers[i].text);
		assert_starts(row, "page", finding.remedy.url, answers[i].url);
		assert_starts(row, "command", finding.remedy.command, answers[i].command);
	}
}

/* ---- what is in the way after it -------------------------------------------------------------- */

static const struct {
	const char *title;
	struct setting setting;
	const char *cause, *next; /* the names of all next ones */
} pairs[] = {
	{"gate not asked, and the box",
	 {BOXLESS, 403, "GatedRepo", ROW3, BEHIND},
	 "gate-not-asked",
	 "gate-token-setting"},
	{"read token, and the role",
	 {LOW_READ, 403, NULL, ROW14, WRITING},
	 "read-only-token",
	 "role-too-low"},
	{"SSO, and the scope",
	 {WHOAMI(KEPT_OUT("sso"), FINE("true", "")), 404, "RepoNotFound",
	  "Repository not found", MISSING},
	 "scope-missing",
	 "org-sso"},
	{"expired, and another's",
	 {STRANGER, 401, NULL, "User Access Token \"laptop\" is expired", MISSING},
	 "token-expired",
	 "not-visible"},
	{"deleted, and without the box",
	 {BOXLESS, 401, NULL, "Invalid credentials in Authorization header", BEHIND},
	 "token-invalid",
	 "gate-token-setting"},
	{"nothing else", {OPEN, 403, "GatedRepo", ROW3, BEHIND}, "gate-not-asked", ""},
	{"not the token's fault",
	 {BOXLESS, 404, "EntryNotFound", "Entry not found", BEHIND},
	 "no-such-file",
	 ""},
	{"rate limited, and the box known to be off",
	 {BOXLESS, 429, NULL, "", BEHIND},
	 "rate-limited",
	 "gate-token-setting"},
};

static void faults_behind_the_first_are_named(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		CLEANUP(world_release) struct world world;
		AUTOBUF struct buf next = {0};
		struct finding finding;

		make_world(&world, &pairs[i].setting);
		cause_find(&world.evidence, &finding);
		for (size_t j = 0; j < finding.next_count; j++) {
			buf_printf(&next, "%s%s", j ? " " : "",
				   causes[finding.next[j].cause].name);
			assert_true(*finding.next[j].remedy.text);
		}
		if (strcmp(causes[finding.cause].name, pairs[i].cause) != 0 ||
		    strcmp(buf_text(&next), pairs[i].next) != 0)
			fail_msg("%s: %s, then \"%s\"", pairs[i].title,
				 causes[finding.cause].name, buf_text(&next));
	}
}

/* ---- without an answer ------------------------------------------------------------------------ */

static enum cause cause_in(struct world *world, enum finding_verdict *ret_verdict)
{
	struct finding finding;

	cause_find(&world->evidence, &finding);
	*ret_verdict = finding.verdict;
	if (finding.cause != CAUSE_OK)
		assert_true(*finding.remedy.text);
	return finding.cause;
}

static void what_needs_no_answer_goes_first(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;
	enum finding_verdict verdict;

	make_world(&world, &(struct setting) {.whoami = OPEN, .status = 200, .message = ""});
	world.reply.works = true;
	assert_int_equal(cause_in(&world, &verdict), CAUSE_OK);
	assert_int_equal(verdict, FINDING_ALLOWED);
	world.facts.moved = world.repo;
	assert_int_equal(cause_in(&world, &verdict), CAUSE_MOVED);
	assert_int_equal(verdict, FINDING_ALLOWED);
	world.reply.silence = SILENCE_DNS;
	(void)text_copy(world.reply.trouble, sizeof(world.reply.trouble), "cannot find it");
	assert_int_equal(cause_in(&world, &verdict), CAUSE_UNREACHABLE);
	assert_int_equal(verdict, FINDING_UNKNOWN);
	world.token.endpoint = "https://hub.example";
	assert_int_equal(cause_in(&world, &verdict), CAUSE_WRONG_ENDPOINT);
	assert_int_equal(verdict, FINDING_DENIED);
	world.evidence.malformed = "it has a space in it";
	assert_int_equal(cause_in(&world, &verdict), CAUSE_TOKEN_MALFORMED);
}

/* Whoami decides whether a token is dead; where it does not tell, nobody knows. */
static void nobody_is_called_dead_without_whoami(void **state UNUSED)
{
	static const struct {
		struct reply whoami;
		enum cause cause;
		const char *words;
	} cases[] = {
		{{.asked = true, .status = 429, .wait = 42}, CAUSE_RATE_LIMITED, "wait 42 s"},
		{{.asked = true, .silence = SILENCE_TIME_OUT, .trouble = "it did not answer"},
		 CAUSE_UNREACHABLE,
		 "it did not answer"},
		{{.asked = true, .status = 407}, CAUSE_UNREACHABLE, "status 407"},
		{{.asked = true, .status = 500, .trouble = "it failed"},
		 CAUSE_HUB_ERROR,
		 "it failed"},
	};
	static const struct setting settings[] = {
		{STRANGER, 401, NULL, "Invalid username or password.", MISSING},
		{STRANGER, 401, "GatedRepo", "Access to model acme/m1 is restricted.", BEHIND},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases) * ARRAY_SIZE(settings); i++) {
		CLEANUP(world_release) struct world world;
		struct finding finding;

		make_world(&world, &settings[i / ARRAY_SIZE(cases)]);
		world.evidence.no_whoami = &cases[i % ARRAY_SIZE(cases)].whoami;
		cause_find(&world.evidence, &finding);
		assert_int_equal(finding.cause, cases[i % ARRAY_SIZE(cases)].cause);
		assert_int_equal(finding.verdict, FINDING_UNKNOWN);
		assert_non_null(
			strstr(finding.remedy.text, cases[i % ARRAY_SIZE(cases)].words));
	}
}

/* That a space has the name must not hide why the private model does not show. */
static void another_type_does_not_hide_the_cause(void **state UNUSED)
{
	static const struct {
		const char *whoami;
		enum cause cause, next;
	} cases[] = {
		{NARROW, CAUSE_SCOPE_MISSING, CAUSE_OTHER_TYPE},
		{WHOAMI(ORG("acme", "no_access"), CLASSIC("read")), CAUSE_ROLE_TOO_LOW,
		 CAUSE_OTHER_TYPE},
		{WHOAMI(KEPT_OUT("sso"), CLASSIC("read")), CAUSE_ORG_SSO, CAUSE_OTHER_TYPE},
		{STRANGER, CAUSE_OTHER_TYPE, CAUSE_COUNT},
		{OPEN, CAUSE_OTHER_TYPE, CAUSE_COUNT},
		{"", CAUSE_OTHER_TYPE, CAUSE_COUNT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(world_release) struct world world;
		struct finding finding;

		make_world(&world, &(struct setting) {cases[i].whoami, 404, "RepoNotFound",
						      "Repository not found", MISSING});
		world.facts.other_type = world.repo;
		world.facts.other_type.type = REPO_SPACE;
		cause_find(&world.evidence, &finding);
		assert_int_equal(finding.cause, cases[i].cause);
		if (cases[i].next == CAUSE_COUNT)
			continue;
		assert_int_equal(finding.next[finding.next_count - 1].cause, cases[i].next);
		assert_non_null(strstr(finding.next[finding.next_count - 1].remedy.text,
				       "spaces/acme/m1"));
	}
}

/* A session's rights are chosen at its login, and no page of tokens has it. */
static void a_session_is_not_sent_to_the_page_of_tokens(void **state UNUSED)
{
	static const struct {
		struct setting setting;
		const char *words;
	} cases[] = {
		{{SESSION, 404, "RepoNotFound", "Repository not found", MISSING},
		 "allow the scope read-repos"},
		{{SESSION, 403, NULL, ROW14, WRITING}, "allow the scope write-repos"},
		{{"", 403, NULL, ROW14, WRITING}, "allow the scope write-repos"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(world_release) struct world world;
		struct finding finding;

		make_world(&world, &cases[i].setting);
		world.token.kind = KIND_OAUTH;
		world.grants.kind = KIND_OAUTH;
		cause_find(&world.evidence, &finding);
		if (!strstr(finding.remedy.text, cases[i].words))
			fail_msg("case %zu: %s", i, finding.remedy.text);
		assert_string_equal(finding.remedy.url, "");
	}
}

static void a_visitor_has_no_token(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;
	struct finding finding;

	make_world(&world, &(struct setting) {
				   .whoami = "",
				   .status = 401,
				   .code = "GatedRepo",
				   .message = "Access to model acme/m1 is restricted. You must",
				   .gated = true});
	world.evidence.token = NULL;
	cause_find(&world.evidence, &finding);
	assert_int_equal(finding.cause, CAUSE_NO_TOKEN);
	assert_string_equal(finding.remedy.command, "hftoken login");
	world.facts.other_type = (struct repo) {
		.type = REPO_DATASET, .namespace = "acme", .name = "m1"};
	world.reply = (struct reply) {
		.asked = true, .status = 401, .message = "Invalid username or password."};
	cause_find(&world.evidence, &finding);
	assert_int_equal(finding.cause, CAUSE_OTHER_TYPE);
	assert_string_equal(finding.remedy.url, ENDPOINT_HUB "/datasets/acme/m1");
	assert_string_equal(finding.remedy.command, "hftoken why datasets/acme/m1");
}

/* Servers that are no Hub have none of its pages. */
static void no_page_is_named_that_is_not_there(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		CLEANUP(world_release) struct world world;
		struct finding finding;

		make_world(&world, &answers[i].setting);
		world.evidence.endpoint = "https://hub.example";
		world.token.endpoint = "https://hub.example";
		cause_find(&world.evidence, &finding);
		assert_string_equal(finding.remedy.url, "");
		assert_true(*finding.remedy.text);
	}
}

/* ---- between tokens --------------------------------------------------------------------------- */

static void tokens_of_one_account_tell_of_its_gate(void **state UNUSED)
{
	CLEANUP(world_release) struct world boxless;
	CLEANUP(world_release) struct world open;
	struct evidence evidence[2];
	static struct finding findings[2];

	make_world(&boxless, &(struct setting) {BOXLESS, 403, NULL, ROW7, BEHIND});
	make_world(&open, &(struct setting) {OPEN, 403, "GatedRepo", ROW3, BEHIND});
	evidence[0] = boxless.evidence;
	evidence[1] = open.evidence;
	cause_find(&evidence[0], &findings[0]);
	cause_find(&evidence[1], &findings[1]);
	causes_compare(evidence, findings, 2, NULL);
	assert_int_equal(findings[0].next_count, 1);
	assert_int_equal(findings[0].next[0].cause, CAUSE_GATE_NOT_ASKED);
	open.token.account = "bob";
	cause_find(&evidence[0], &findings[0]);
	causes_compare(evidence, findings, 2, NULL);
	assert_int_equal(findings[0].next_count, 0);
}

static void a_token_that_works_is_named_by_the_others(void **state UNUSED)
{
	static const struct token works = {.name = "good", .id = "1", .store = "file"};
	CLEANUP(world_release) struct world world;
	struct finding finding;

	make_world(&world, &(struct setting) {BOXLESS, 403, NULL, ROW7, BEHIND});
	cause_find(&world.evidence, &finding);
	causes_compare(&world.evidence, &finding, 1, &works);
	assert_null(strstr(finding.remedy.text, "good")); /* the command says it, once */
	assert_string_equal(finding.remedy.command, "hftoken switch good");
	world.token.store = "env";
	world.token.id = "";
	cause_find(&world.evidence, &finding);
	causes_compare(&world.evidence, &finding, 1, &works);
	assert_string_equal(finding.remedy.command, "unset HF_TOKEN");
}

/* It has no page with a box; what it may was chosen when it was allowed. */
static void a_session_is_allowed_anew(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;
	static struct finding finding;

	make_world(&world, &(struct setting) {"", 403, NULL, ROW7, BEHIND});
	world.token.kind = KIND_OAUTH;
	cause_find(&world.evidence, &finding);
	assert_int_equal(finding.cause, CAUSE_GATE_TOKEN_SETTING);
	assert_starts(7, "remedy", finding.remedy.text, "allow the scope gated-repos");
	assert_string_equal(finding.remedy.url, "");
	assert_int_equal(finding.next_count, 0);
}

static void an_owner_is_told_that_it_does_not_exist(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;
	static struct finding finding;

	make_world(&world, &(struct setting) {STRANGER, 404, "RepoNotFound",
					      "Repository not found", MISSING});
	(void)text_copy(world.repo.namespace, sizeof(world.repo.namespace), "Alice");
	cause_find(&world.evidence, &finding);
	assert_int_equal(finding.cause, CAUSE_NOT_VISIBLE);
	assert_starts(9, "remedy", finding.remedy.text,
		      "it does not exist: alice would be its owner");
}

static void what_is_hidden_may_be_misspelt(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;
	static struct finding finding;

	make_world(&world, &(struct setting) {NARROW, 404, "RepoNotFound",
					      "Repository not found", MISSING});
	cause_find(&world.evidence, &finding);
	assert_non_null(strstr(finding.remedy.text, "check the spelling"));
}

static void every_cause_has_a_name_and_a_remedy(void **state UNUSED)
{
	CLEANUP(world_release) struct world world;

	make_world(&world, &(struct setting) {.whoami = "", .message = ""});
	world.facts.moved = world.repo;
	world.facts.other_type = world.repo;
	for (int i = 0; i < CAUSE_COUNT; i++) {
		struct remedy remedy;

		assert_int_equal(cause_by_name(causes[i].name), i);
		assert_true(*causes[i].words);
		remedy_for((enum cause)i, &world.evidence, &remedy);
		assert_int_equal(*remedy.text != '\0', i != CAUSE_OK);
	}
	assert_int_equal(cause_by_name("no such cause"), CAUSE_COUNT);
}

/* Whatever denies, by whoami's account, has a cause of its name. */
static void every_reason_that_denies_is_a_cause(void **state UNUSED)
{
	for (int i = REASON_EXPIRED; i < REASON_ORG_OTHER; i++)
		assert_true(cause_by_name(grants_reason_names[i]) < CAUSE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_cause_and_remedy),
		cmocka_unit_test(faults_behind_the_first_are_named),
		cmocka_unit_test(what_needs_no_answer_goes_first),
		cmocka_unit_test(nobody_is_called_dead_without_whoami),
		cmocka_unit_test(another_type_does_not_hide_the_cause),
		cmocka_unit_test(a_session_is_not_sent_to_the_page_of_tokens),
		cmocka_unit_test(a_visitor_has_no_token),
		cmocka_unit_test(no_page_is_named_that_is_not_there),
		cmocka_unit_test(tokens_of_one_account_tell_of_its_gate),
		cmocka_unit_test(a_token_that_works_is_named_by_the_others),
		cmocka_unit_test(a_session_is_allowed_anew),
		cmocka_unit_test(an_owner_is_told_that_it_does_not_exist),
		cmocka_unit_test(what_is_hidden_may_be_misspelt),
		cmocka_unit_test(every_cause_has_a_name_and_a_remedy),
		cmocka_unit_test(every_reason_that_denies_is_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
