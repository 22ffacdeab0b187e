/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Hub's answers: what is shown of them is clean and bounded, a redirect leads to a repository on
 * the same origin, and only the Hub's own words make a token dead. The first seven lines are the
 * status and the headers, the rest the body.
 */
#include "tests/fuzz/fuzz.h"

#include "hub/access_parts.h"
#include "hub/answer.h"

static void take(char *text, struct http_call *call)
{
	uint64_t status = 0;

	if (text_to_number(next_line(&text), 999, &status))
		call->status = (long)status;
	call->head = status % 2;
	(void)text_copy(call->error_code, sizeof(call->error_code), next_line(&text));
	(void)text_copy(call->error_message, sizeof(call->error_message), next_line(&text));
	(void)text_copy(call->retry_after, sizeof(call->retry_after), next_line(&text));
	(void)text_copy(call->rate_limit, sizeof(call->rate_limit), next_line(&text));
	(void)text_copy(call->location, sizeof(call->location), next_line(&text));
	(void)text_copy(call->request_id, sizeof(call->request_id), next_line(&text));
	if (text)
		CHECK(secret_set(&call->answer, text, strlen(text)) == 0);
}

static void check_reply(const struct access *access, const struct http_call *call)
{
	struct reply reply;

	access_understand(access, call, &reply);
	CHECK(reply.asked && reply.status == call->status);
	CHECK(!reply.works || (call->status >= 200 && call->status < 500));
	check_words(reply.code);
	check_words(reply.message);
	check_words(reply.request_id);
	check_text(reply.trouble);
	check_text(reply.hint);
	CHECK(reply.wait <= UINT32_MAX);
}

static void check_redirect(const struct access *access, const struct http_call *call)
{
	char origin[ENDPOINT_SIZE];
	struct repo repo;

	if (!access_redirected_to(access, call, REPO_MODEL, &repo))
		return;
	CHECK(call->status / 100 == 3);
	CHECK(repo.type == REPO_MODEL && *repo.name);
	if (*call->location != '/')
		CHECK(endpoint_of_url(call->location, origin, NULL) == 0 &&
		      strcmp(origin, access->origin) == 0);
}

static void check_whoami(const struct http_call *call)
{
	struct hub_whoami ask = {.url = ENDPOINT_HUB};
	int error = hub_whoami_understand(&ask, call);

	check_words(ask.message);
	CHECK((error == 0) == (ask.status == HUB_OK));
	CHECK(error == 0 || *ask.err.message);
	if (ask.status == HUB_OK)
		CHECK(call->status == 200 && *ask.identity.account);
	if (ask.status == HUB_INVALID || ask.status == HUB_EXPIRED)
		CHECK(call->status == 401);
	hub_whoami_release(&ask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	CLEANUP(http_call_release) struct http_call call = {.url = ENDPOINT_HUB};
	struct access access = {.url = ENDPOINT_HUB,
				.origin = ENDPOINT_HUB,
				.repo = {.type = REPO_MODEL, .namespace = "acme", .name = "m1"},
				.revision = "",
				.file = ""};

	take(text, &call);
	check_reply(&access, &call);
	check_redirect(&access, &call);
	check_whoami(&call);
	access_take_facts(&access, &call);
	CHECK(!access_describes(&call, NULL) || call.status == 200);
	return 0;
}
