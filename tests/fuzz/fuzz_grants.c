/* SPDX-License-Identifier: Apache-2.0 */
/* From whoami's answers to what follows: every question has an answer with words to it. */
#include "tests/fuzz/fuzz.h"

#include "core/claims.h"
#include "core/grants.h"

static void check_grants(const struct grants *grants)
{
	for (size_t i = 0; i < grants->entity_count; i++) {
		check_text(grants->entities[i].type_text);
		check_text(grants->entities[i].id);
		check_text(grants->entities[i].name);
		check_text(grants->entities[i].others);
	}
	for (size_t i = 0; i < grants->org_count; i++) {
		check_text(grants->orgs[i].name);
		check_text(grants->orgs[i].role_text);
		check_text(grants->orgs[i].others);
	}
	check_text(grants->global_others);
	check_text(grants->scopes_others);
	CHECK(grants_breadth(grants) <= BREADTH_MAX);
}

static void ask(const struct grants *grants, const struct grants_question *question)
{
	struct grants_answer answer;
	AUTOBUF struct buf text = {0};

	grants_ask(grants, question, &answer);
	CHECK((answer.verdict == VERDICT_DENIES) == (answer.fault_count > 0));
	CHECK(answer.fault_count < GRANTS_FAULTS_MAX);
	grants_why(grants, question, &answer, &text);
	CHECK(text.size);
	for (size_t i = 0; i < answer.fault_count; i++) {
		size_t before = text.size;

		grants_remedy(question, &answer.faults[i], &text);
		CHECK(text.size > before);
	}
	check_text(buf_text(&text));
}

static void ask_all(const struct grants *grants, const struct repo *repo)
{
	for (int at = 0; at < GRANTS_OPERATION_COUNT * 9; at++) {
		struct grants_question question = {
			.operation = (enum grants_operation)(at / 9),
			.repo = repo,
			.is_private = (enum tristate)(at % 9 / 3 - 1),
			.is_gated = (enum tristate)(at % 3 - 1),
			.now = 1800000000,
		};

		ask(grants, &question);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	AUTOGRANTS struct grants grants = {0};
	AUTOSECRET struct secret secret = {0};
	struct token token = {.identity = text, .expires = TIME_UNKNOWN};
	struct repo repo = {.namespace = "acme", .name = "m1"};
	struct claims claims;

	if (secret_set(&secret, text, size) == 0 && claims_read(&secret, &claims))
		check_text(claims.scopes);
	if (grants_from_token(&token, &grants, NULL))
		return 0;
	check_grants(&grants);
	ask_all(&grants, NULL);
	ask_all(&grants, &repo);
	(void)text_copy(repo.namespace, sizeof(repo.namespace), grants.account);
	ask_all(&grants, &repo);
	if (grants.org_count)
		(void)text_copy(repo.namespace, sizeof(repo.namespace), grants.orgs[0].name);
	ask_all(&grants, &repo);
	return 0;
}
