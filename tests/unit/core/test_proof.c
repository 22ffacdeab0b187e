/* SPDX-License-Identifier: Apache-2.0 */
/* What the Hub's answers prove of a token, and what proves nothing. */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/proof.h"

#define GATED "Access to model acme/m1 is restricted and you are not in the authorized list."
#define BOX                                                                                      \
	"Please enable access to public gated repositories in your fine-grained token settings " \
	"to view this repository"

struct reading {
	long status;
	const char *code;
	const char *message;
	enum standing standing;
	enum outcome_result proof;
	bool lives;
	enum silence silence;
};

/* Without any answer of whoami in the catalogue. */
static void check(const struct reading *reading, size_t number)
{
	struct repo repo = {.type = REPO_MODEL, .namespace = "acme", .name = "m1"};
	struct repo_facts facts = {.is_private = UNKNOWN, .hidden = true};
	struct token token = {.name = "work",
			      .id = "0123",
			      .endpoint = ENDPOINT_HUB,
			      .account = "alice",
			      .kind = KIND_FINE_GRAINED,
			      .store = "file",
			      .masked = "",
			      .identity = "",
			      .extra = ""};
	struct grants grants = {.account = "alice"};
	struct reply reply = {.asked = true,
			      .works = reading->status == 200,
			      .status = reading->status,
			      .silence = reading->silence};
	struct evidence evidence = {.repo = &repo,
				    .revision = "",
				    .file = "",
				    .endpoint = ENDPOINT_HUB,
				    .facts = &facts,
				    .token = &token,
				    .display_name = "",
				    .grants = &grants,
				    .standing = reading->standing,
				    .reply = &reply,
				    .now = 2000};
	struct finding finding;

	(void)text_copy(reply.code, sizeof(reply.code), reading->code);
	(void)text_copy(reply.message, sizeof(reply.message), reading->message);
	cause_find(&evidence, &finding);
	if (proof_of(&evidence, &finding) != reading->proof ||
	    proof_lives(&evidence, &finding) != reading->lives)
		fail_msg("case %zu: cause %s, proof %d, lives %d", number,
			 causes[finding.cause].name, (int)proof_of(&evidence, &finding),
			 proof_lives(&evidence, &finding));
	evidence.token = NULL;
	assert_int_equal(proof_of(&evidence, &finding), OUTCOME_NONE);
	evidence.token = &token;
	reply.asked = false;
	assert_int_equal(proof_of(&evidence, &finding), OUTCOME_NONE);
}

static void answers_prove_what_they_say(void **state UNUSED)
{
	static const struct reading readings[] = {
		{200, "", "", STANDING_UNKNOWN, OUTCOME_WORKED, true, SILENCE_NONE},
		{403, "GatedRepo", GATED, STANDING_UNKNOWN, OUTCOME_REFUSED, true, 0},
		{403, "", BOX, STANDING_UNKNOWN, OUTCOME_REFUSED, true, 0},
		{404, "RepoNotFound", "Repository not found", STANDING_UNKNOWN, OUTCOME_REFUSED,
		 true, 0},
		{403, "", "You have read access but not the required permissions for this",
		 STANDING_UNKNOWN, OUTCOME_REFUSED, true, 0},
		/* dead, as the words say or as whoami does */
		{401, "", "Invalid credentials in Authorization header", STANDING_UNKNOWN,
		 OUTCOME_DEAD, false, 0},
		{401, "", "User Access Token \"laptop\" is expired", STANDING_UNKNOWN,
		 OUTCOME_DEAD, false, 0},
		{401, "", "Invalid username or password.", STANDING_INVALID, OUTCOME_DEAD,
		 false, 0},
		{401, "", "Invalid username or password.", STANDING_EXPIRED, OUTCOME_DEAD,
		 false, 0},
		/* which the Hub also says of a repository that is not there */
		{401, "", "Invalid username or password.", STANDING_UNKNOWN, OUTCOME_REFUSED,
		 false, 0},
		{401, "", "Invalid username or password.", STANDING_GOOD, OUTCOME_REFUSED, true,
		 0},
		/* nothing */
		{0, "", "", STANDING_UNKNOWN, OUTCOME_NONE, false, SILENCE_TIME_OUT},
		{429, "", "We had to rate limit you", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{429, "", "We had to rate limit you", STANDING_GOOD, OUTCOME_NONE, true, 0},
		{500, "", "Internal Error", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{503, "", "", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{407, "", "", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{302, "", "", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{403, "", "words that nobody knows", STANDING_UNKNOWN, OUTCOME_NONE, false, 0},
		{403, "", "Access to this resource is disabled.", STANDING_UNKNOWN,
		 OUTCOME_NONE, false, 0},
		{403, "", "Private repository storage limit reached, please", STANDING_UNKNOWN,
		 OUTCOME_NONE, false, 0},
		{404, "RevisionNotFound", "Invalid rev id: dev", STANDING_UNKNOWN, OUTCOME_NONE,
		 false, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		check(&readings[i], i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_prove_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
