/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hub/server.h"

#include "base/text.h"
#include "hub/access_parts.h"

#define OK "HTTP/1.1 200 OK\r\n"

/* One token and a visitor's look at acme/m1, at a server that says the same to all. */
struct inquiry {
	struct server server;
	struct secret secret;
	struct access_token token;
	struct access access;
	char url[128];
};

static void inquiry_release(struct inquiry *inquiry)
{
	access_release(&inquiry->access);
	secret_release(&inquiry->secret);
	server_stop(&inquiry->server);
}

static void ask(struct inquiry *inquiry, const char *answer, const char *file)
{
	struct err err = {0};

	*inquiry = (struct inquiry) {.server = {.answer = answer}};
	assert_int_equal(secret_add_text(&inquiry->secret, "hf_not_a_real_token"), 0);
	server_start(&inquiry->server);
	(void)text_copy(inquiry->url, sizeof(inquiry->url), url_of(&inquiry->server, ""));
	inquiry->token = (struct access_token) {.secret = &inquiry->secret,
						.whoami.status = HUB_UNREACHABLE};
	inquiry->access = (struct access) {
		.url = inquiry->url,
		.origin = inquiry->url,
		.repo = {.type = REPO_MODEL, .namespace = "acme", .name = "m1"},
		.revision = "",
		.file = file,
		.tokens = &inquiry->token,
		.count = 1};
	if (access_begin(&inquiry->access, &err))
		fail_msg("%s", err.message);
	inquiry->token.wants_whoami = true;
	if (access_finish(&inquiry->access, &err))
		fail_msg("%s", err.message);
	assert_true(inquiry->token.requests <= ACCESS_PER_TOKEN);
	assert_true(inquiry->access.besides <= ACCESS_BESIDES);
}

static const struct {
	const char *answer, *file;
	bool works;
	long status;
	bool has_trouble; /* it makes no sense, and words say why */
} answers[] = {
	{OK "Content-Length: 2\r\n\r\nOK", "", true, 200, false},
	{OK "Content-Length: 3\r\n\r\nok\n", "", true, 200, false},
	{OK "Content-Length: 0\r\n\r\n", "", false, 200, true},
	{OK "Content-Length: 6\r\n\r\n<html>", "", false, 200, true},
	{OK "Content-Length: 4\r\n\r\n\"OK\"", "", false, 200, true},
	{OK "Content-Length: 2\r\n\r\nOK", "a.txt", false, 200, true},
	{OK "Content-Length: 2\r\nX-Repo-Commit: 1\r\n\r\nOK", "a.txt", true, 200, false},
	{"HTTP/1.1 302 F\r\nX-Repo-Commit: 1\r\nLocation: https://cdn.example/x\r\n"
	 "Content-Length: 0\r\n\r\n",
	 "a.txt", true, 302, false},
	{"HTTP/1.1 302 F\r\nLocation: https://portal.example/\r\nContent-Length: 0\r\n\r\n",
	 "a.txt", false, 302, true},
	{"HTTP/1.1 307 F\r\nLocation: //evil.example/acme/m2\r\nContent-Length: 0\r\n\r\n", "",
	 false, 307, true},
	{"HTTP/1.1 307 F\r\nLocation: /api/datasets/acme/m2/auth-check\r\n"
	 "Content-Length: 0\r\n\r\n",
	 "", false, 307, true},
	{"HTTP/1.1 307 F\r\nLocation: /api/models/acme/m2/auth-check\r\n"
	 "Content-Length: 0\r\n\r\n",
	 "", false, 307, true},
	{"HTTP/1.1 403 F\r\nX-Error-Message: No.\r\nContent-Length: 0\r\n\r\n", "", false, 403,
	 false},
	{"HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n", "", false, 403, true},
	{"HTTP/1.1 503 F\r\nContent-Length: 0\r\n\r\n", "", false, 503, true},
	{"nonsense\r\n\r\n", "", false, 0, true},
};

static void answers_are_understood(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		CLEANUP(inquiry_release) struct inquiry inquiry;
		const struct reply *reply = &inquiry.token.reply;

		ask(&inquiry, answers[i].answer, answers[i].file);
		if (reply->works != answers[i].works || reply->status != answers[i].status ||
		    (*reply->trouble != '\0') != answers[i].has_trouble)
			fail_msg("answer %zu: works %d, status %ld, \"%s\"", i, reply->works,
				 reply->status, reply->trouble);
	}
}

static void facts_are_taken_as_they_are(void **state UNUSED)
{
	static const char body[] = OK
		"Content-Length: 62\r\n\r\n"
		"{\"id\":\"acme/m1\",\"private\":false,\"gated\":\"auto\",\"disabled\":[1]}";
	CLEANUP(inquiry_release) struct inquiry inquiry;

	ask(&inquiry, body, "");
	assert_int_equal(inquiry.access.facts.is_private, NO);
	assert_int_equal(inquiry.access.facts.gate, GATE_AUTO);
	assert_int_equal(inquiry.access.facts.disabled, UNKNOWN);
	assert_false(inquiry.access.facts.hidden);
	assert_false(inquiry.token.reply.works);
}

static void what_is_hidden_is_looked_for_elsewhere(void **state UNUSED)
{
	CLEANUP(inquiry_release) struct inquiry inquiry;

	ask(&inquiry,
	    "HTTP/1.1 404 N\r\nX-Error-Code: RepoNotFound\r\nX-Error-Message: Repository not "
	    "found\r\nContent-Length: 0\r\n\r\n",
	    "");
	assert_true(inquiry.access.facts.hidden);
	assert_int_equal(inquiry.access.besides, 3); /* the facts, and two other types */
	assert_string_equal(inquiry.access.facts.other_type.name, "");
}

static void a_limit_says_how_long(void **state UNUSED)
{
	CLEANUP(inquiry_release) struct inquiry inquiry;

	ask(&inquiry,
	    "HTTP/1.1 429 T\r\nRateLimit: \"api\";r=0;t=142\r\nContent-Length: 0\r\n\r\n", "");
	assert_int_equal(inquiry.token.reply.wait, 142);
	assert_string_equal(inquiry.token.reply.trouble, "");
}

static void offline_nobody_is_asked(void **state UNUSED)
{
	CLEANUP(inquiry_release) struct inquiry inquiry;

	assert_int_equal(setenv("HF_HUB_OFFLINE", "1", 1), 0);
	ask(&inquiry, OK "Content-Length: 2\r\n\r\nOK", "");
	assert_int_equal(unsetenv("HF_HUB_OFFLINE"), 0);
	assert_int_equal(inquiry.token.reply.silence, SILENCE_OFFLINE);
	assert_int_equal(connections_of(&inquiry.server), 0);
}

static void what_stands_in_front_of_the_gate_is_known(void **state UNUSED)
{
	assert_true(access_is_exempt("README.md"));
	assert_true(access_is_exempt("LICENSE.txt"));
	assert_false(access_is_exempt("sub/README.md"));
	assert_false(access_is_exempt("readme.md"));
	assert_false(access_is_exempt(""));
}

static void every_silence_has_its_kind(void **state UNUSED)
{
	static const struct {
		enum http_silence why;
		enum silence kind;
	} rows[] = {
		{HTTP_NO_HOST, SILENCE_DNS},    {HTTP_NO_CONNECTION, SILENCE_CONNECT},
		{HTTP_NO_TRUST, SILENCE_TLS},   {HTTP_TIME_OUT, SILENCE_TIME_OUT},
		{HTTP_NO_PROXY, SILENCE_PROXY}, {HTTP_NO_SENSE, SILENCE_NONE},
		{HTTP_ANSWERED, SILENCE_OTHER},
	};
	const struct access access = {.file = ""};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_call call = {.silence = rows[i].why, .error = ERR_NETWORK};
		struct reply reply;

		err_set(&call.err, ERR_NETWORK, "it said\033[1m nothing to hf_abcdefghijkl");
		err_hint(&call.err, "look there");
		access_understand(&access, &call, &reply);
		assert_true(reply.asked && !reply.works);
		assert_int_equal(reply.silence, rows[i].kind);
		assert_string_equal(reply.trouble, "it said [1m nothing to hf_************");
		assert_string_equal(reply.hint, "look there");
	}
}

/* Every answer about a file names the commit; a proxy's own does not. */
static void what_a_look_at_a_file_proves(void **state UNUSED)
{
	static const struct {
		long status;
		const char *file;
		const char *code;
		const char *commit;
		bool works;
	} rows[] = {
		{200, "a", "", "c0ffee", true},
		{302, "a", "", "c0ffee", true},
		{200, "a", "", "", false},
		{404, "", "EntryNotFound", "c0ffee", true}, /* the revision is there */
		{404, "a", "EntryNotFound", "c0ffee", false},
		{404, "", "RevisionNotFound", "c0ffee", false},
		{403, "", "GatedRepo", "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct access access = {.file = rows[i].file};
		struct http_call call = {.url = "https://huggingface.co/x",
					 .head = true,
					 .status = rows[i].status};
		struct reply reply;

		(void)text_copy(call.error_code, sizeof(call.error_code), rows[i].code);
		(void)text_copy(call.commit, sizeof(call.commit), rows[i].commit);
		access_understand(&access, &call, &reply);
		assert_int_equal(reply.works, rows[i].works);
		assert_int_equal(reply.status, rows[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(answers_are_understood),
		in_a_home(facts_are_taken_as_they_are),
		in_a_home(what_is_hidden_is_looked_for_elsewhere),
		in_a_home(a_limit_says_how_long),
		in_a_home(offline_nobody_is_asked),
		in_a_home(what_stands_in_front_of_the_gate_is_known),
		cmocka_unit_test(every_silence_has_its_kind),
		cmocka_unit_test(what_a_look_at_a_file_proves),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
