/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refusal and a whoami answer: there is always a cause with a remedy that can be shown. The first
 * line is "flags status code message", the rest whoami's answer.
 */
#include "tests/fuzz/fuzz.h"

#include "core/cause.h"
#include "core/identity.h"

static void take(struct reply *reply, char *line)
{
	AUTOBUF struct buf clean = {0};
	char *rest = line;
	const char *word = strsep(&rest, " ");
	uint64_t status = 0;

	reply->asked = true;
	reply->works = strchr(word, 'o') != NULL;
	word = rest ? strsep(&rest, " ") : "";
	if (text_to_number(word, 999, &status))
		reply->status = (long)status;
	word = rest ? strsep(&rest, " ") : "";
	text_clean(&clean, word, strlen(word), sizeof(reply->code) - 1);
	(void)text_copy(reply->code, sizeof(reply->code), buf_text(&clean));
	buf_clear(&clean);
	if (rest)
		text_clean(&clean, rest, strlen(rest), sizeof(reply->message) - 1);
	(void)text_copy(reply->message, sizeof(reply->message), buf_text(&clean));
}

static void check_remedy(enum cause cause, const struct remedy *remedy)
{
	CHECK(cause < CAUSE_COUNT);
	CHECK((cause == CAUSE_OK) == (*remedy->text == '\0'));
	check_text(remedy->text);
	check_text(remedy->url);
	check_text(remedy->command);
}

static void find(const struct evidence *evidence)
{
	struct finding *finding = calloc(1, sizeof(*finding));

	CHECK(finding);
	cause_find(evidence, finding);
	check_remedy(finding->cause, &finding->remedy);
	CHECK((finding->verdict == FINDING_ALLOWED) ==
	      (finding->cause == CAUSE_OK || finding->cause == CAUSE_MOVED));
	for (size_t i = 0; i < finding->next_count; i++) {
		check_remedy(finding->next[i].cause, &finding->next[i].remedy);
		CHECK(finding->next[i].cause != finding->cause);
	}
	free(finding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	char *whoami = text;
	char *line = strsep(&whoami, "\n");
	bool write = strchr(line, 'w') != NULL;
	struct repo repo = {.type = REPO_MODEL, .namespace = "acme", .name = "m1"};
	struct repo_facts facts = {.is_private = strchr(line, 'p') ? YES : UNKNOWN,
				   .hidden = strchr(line, 'h') != NULL,
				   .gate = strchr(line, 'g') ? GATE_AUTO : GATE_UNKNOWN};
	struct token token = {.name = "work",
			      .id = "1",
			      .endpoint = ENDPOINT_HUB,
			      .account = "",
			      .store = "file",
			      .masked = "",
			      .identity = whoami ? whoami : "",
			      .expires = TIME_UNKNOWN,
			      .extra = ""};
	AUTOIDENTITY struct identity identity = {0};
	AUTOGRANTS struct grants grants = {0};
	struct reply reply = {0};

	if (*token.identity &&
	    !identity_parse(token.identity, strlen(token.identity), NULL, &identity, NULL))
		identity_apply(&identity, &token);
	if (grants_from_token(&token, &grants, NULL))
		return 0;
	take(&reply, line);
	find(&(struct evidence) {.repo = &repo,
				 .write = write,
				 .revision = "main",
				 .file = "a",
				 .endpoint = ENDPOINT_HUB,
				 .facts = &facts,
				 .token = &token,
				 .display_name = identity.display_name,
				 .grants = &grants,
				 .reply = &reply,
				 .now = 1});
	return 0;
}
