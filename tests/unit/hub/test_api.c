/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hub/server.h"

#include "base/text.h"
#include "hub/api.h"

#define TOKEN "hf_not_a_real_token"

/* An answer with a body of the right length. */
static void put_answer(struct buf *ret, const char *head, const char *body)
{
	buf_clear(ret);
	buf_printf(ret, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body),
		   body);
}

static void ask(const struct server *server, const char *path, struct hub_whoami *ret)
{
	AUTOSECRET struct secret token = {0};
	struct err err = {0};

	assert_int_equal(secret_add_text(&token, TOKEN), 0);
	*ret = (struct hub_whoami) {.url = url_of(server, path), .token = &token};
	if (hub_whoami(ret, 1, NULL, &err))
		fail_msg("%s", err.message);
	ret->token = NULL;
}

#define ALICE                                                                        \
	"{\"type\":\"user\",\"name\":\"alice\",\"auth\":{\"type\":\"access_token\"," \
	"\"accessToken\":{\"displayName\":\"laptop\",\"role\":\"read\"}}}"

static void whoami_tells_the_identity(void **state UNUSED)
{
	AUTOSERVER struct server server = {0};
	AUTOBUF struct buf answer = {0};
	CLEANUP(hub_whoami_release) struct hub_whoami whoami;
	AUTOFREE char *request = NULL;

	put_answer(&answer, "200 OK\r\nContent-Type: application/json", ALICE);
	server.answer = buf_text(&answer);
	server_start(&server);
	ask(&server, "/hub", &whoami);
	assert_int_equal(whoami.error, 0);
	assert_int_equal(whoami.status, HUB_OK);
	assert_string_equal(whoami.identity.account, "alice");
	assert_int_equal(whoami.identity.kind, KIND_READ);
	request = requests_of(&server);
	assert_begins(request, "CONNECTED\nGET /hub/api/whoami-v2 HTTP/1.1\r\n");
	assert_non_null(strstr(request, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
}

/* What each answer says about the token, and what people are told. */
static void answers_are_understood(void **state UNUSED)
{
	static const struct {
		const char *head, *body;
		enum hub_status status;
		int error;
		const char *message, *hint, *words; /* parts of them; NULL: any */
	} cases[] = {
		/* the Hub's no */
		{"401 Unauthorized\r\nX-Error-Message: Invalid credentials in Authorization header",
		 "", HUB_INVALID, ERR_REFUSED, "does not know", "new one",
		 "Invalid credentials"},
		{"401 Unauthorized", "{\"error\":\"Invalid username or password.\"}",
		 HUB_INVALID, ERR_REFUSED, "does not know", "new one", "Invalid username"},
		{"401 Unauthorized",
		 "{\"error\":\"User Access Token \\\"laptop\\\" is expired\"}", HUB_EXPIRED,
		 ERR_REFUSED, "expired", "new one", "\"laptop\" is expired"},
		{"401 Unauthorized\r\nX-Error-Message: User Access Token \"a\" is EXPIRED", "x",
		 HUB_EXPIRED, ERR_REFUSED, "expired", NULL, NULL},
		/* somebody else's no */
		{"401 Unauthorized",
		 "{\"error\":\"Your proxy session has expired. Sign in at http://portal\"}",
		 HUB_UNREACHABLE, ERR_NETWORK, "none that a Hub gives", NULL, "proxy session"},
		{"401 x\r\nX-Error-Message: Unauthorized by gateway", "", HUB_UNREACHABLE,
		 ERR_NETWORK, "none that a Hub gives", NULL, NULL},
		/* the limit */
		{"429 Too Many Requests\r\nRateLimit: \"api\";r=0;t=142\r\nRetry-After: 7", "",
		 HUB_UNREACHABLE, ERR_NETWORK, "too often", "142 s", NULL},
		{"429 x\r\nRateLimit: \"pages\";r=50;t=7, \"api\";r=0;t=142", "",
		 HUB_UNREACHABLE, ERR_NETWORK, "too often", "142 s", NULL},
		{"429 x\r\nRateLimit: \"api\";t=9;r=0, \"pages\";r=0;t=11,", "",
		 HUB_UNREACHABLE, ERR_NETWORK, "too often", "11 s", NULL},
		{"429 x\r\nRateLimit: \"pages\";r=50;t=7\r\nRetry-After: 33", "",
		 HUB_UNREACHABLE, ERR_NETWORK, "too often", "33 s", NULL},
		{"429 x\r\nRateLimit: \"pages\";r=50;t=7", "", HUB_UNREACHABLE, ERR_NETWORK,
		 "too often", "later", NULL},
		{"429 Too Many Requests\r\nRetry-After: 7", "", HUB_UNREACHABLE, ERR_NETWORK,
		 "too often", "7 s", NULL},
		{"429 Too Many Requests", "", HUB_UNREACHABLE, ERR_NETWORK, "too often",
		 "later", NULL},
		{"429 x\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT", "", HUB_UNREACHABLE,
		 ERR_NETWORK, "too often", "later", NULL},
		{"429 x\r\nRetry-After: 99999999999999999999", "", HUB_UNREACHABLE, ERR_NETWORK,
		 "too often", "later", NULL},
		{"429 x\r\nRateLimit: ;t=", "", HUB_UNREACHABLE, ERR_NETWORK, "too often",
		 "later", NULL},
		/* elsewhere */
		{"302 Found\r\nLocation: https://evil.example/", "", HUB_UNREACHABLE,
		 ERR_NETWORK, "elsewhere", "HF_ENDPOINT", NULL},
		{"307 Temporary\r\nLocation: /login", "", HUB_UNREACHABLE, ERR_NETWORK,
		 "elsewhere", NULL, NULL},
		/* broken */
		{"500 Internal", "{\"error\":\"out of cheese\"}", HUB_UNREACHABLE, ERR_NETWORK,
		 "out of cheese", "later", "out of cheese"},
		{"503 Unavailable", "<html>", HUB_UNREACHABLE, ERR_NETWORK, "503", "later", ""},
		/* no Hub */
		{"404 Not Found", "{\"error\":\"Not Found\"}", HUB_UNREACHABLE, ERR_NETWORK,
		 "404", "HF_ENDPOINT", NULL},
		{"200 OK", "<!doctype html><title>Log in</title>", HUB_UNREACHABLE, ERR_NETWORK,
		 "none that a Hub gives", "proxy", NULL},
		{"200 OK", "", HUB_UNREACHABLE, ERR_NETWORK, "none that a Hub gives", NULL,
		 NULL},
		{"200 OK", "{}", HUB_UNREACHABLE, ERR_NETWORK, "none that a Hub gives", NULL,
		 NULL},
		{"200 OK", "{\"name\":\"alice\"}", HUB_UNREACHABLE, ERR_NETWORK, NULL, NULL,
		 NULL},
		{"200 OK", ALICE "x", HUB_UNREACHABLE, ERR_NETWORK, NULL, NULL, NULL},
		{"204 No Content", "", HUB_UNREACHABLE, ERR_NETWORK, "204", NULL, NULL},
		{"201 Created", ALICE, HUB_UNREACHABLE, ERR_NETWORK, "201", NULL, NULL},
		{"407 Proxy", "", HUB_UNREACHABLE, ERR_NETWORK, "407", "proxy", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSERVER struct server server = {0};
		AUTOBUF struct buf answer = {0};
		CLEANUP(hub_whoami_release) struct hub_whoami whoami;

		put_answer(&answer, cases[i].head, cases[i].body);
		server.answer = buf_text(&answer);
		server_start(&server);
		ask(&server, "", &whoami);
		if (whoami.status != cases[i].status || whoami.error != cases[i].error)
			fail_msg("case %zu (%s): status %d, error %d", i, cases[i].head,
				 whoami.status, whoami.error);
		assert_int_equal(whoami.err.code, cases[i].error);
		if (cases[i].message && !strstr(whoami.err.message, cases[i].message))
			fail_msg("case %zu: '%s'", i, whoami.err.message);
		if (cases[i].hint && !strstr(whoami.err.hint, cases[i].hint))
			fail_msg("case %zu: hint '%s'", i, whoami.err.hint);
		if (cases[i].words && !strstr(whoami.message, cases[i].words))
			fail_msg("case %zu: the Hub's words '%s'", i, whoami.message);
		assert_string_equal(whoami.identity.account, "");
	}
}

/*
 * The Hub says 401 of a token that is dead. A 403 comes from whatever stands in between, and must
 * not make `revoke` forget a token that is alive.
 */
static void a_403_says_nothing_about_the_token(void **state UNUSED)
{
	AUTOSERVER struct server server = {0};
	AUTOBUF struct buf answer = {0};
	CLEANUP(hub_whoami_release) struct hub_whoami whoami;

	put_answer(&answer, "403 Forbidden", "<html>blocked by the firewall</html>");
	server.answer = buf_text(&answer);
	server_start(&server);
	ask(&server, "", &whoami);
	assert_int_equal(whoami.status, HUB_UNREACHABLE);
	assert_int_equal(whoami.error, ERR_NETWORK);
}

static void a_cut_or_endless_answer_says_nothing(void **state UNUSED)
{
	AUTOBUF struct buf endless = {0};
	const char *answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" ALICE,
				 "HTTP/1.1 401 Unauthorized\r\nContent-Length: 50\r\n\r\n{", "",
				 NULL};

	buf_add_text(&endless, "HTTP/1.1 401 Unauthorized\r\n\r\n");
	for (int i = 0; i < 1200000; i++)
		buf_add_char(&endless, ' ');
	answers[3] = buf_text(&endless);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		AUTOSERVER struct server server = {.answer = answers[i]};
		CLEANUP(hub_whoami_release) struct hub_whoami whoami;

		server_start(&server);
		ask(&server, "", &whoami);
		assert_int_equal(whoami.status, HUB_UNREACHABLE);
		assert_int_equal(whoami.error, ERR_NETWORK);
	}
}

static void the_hubs_words_are_made_harmless(void **state UNUSED)
{
	static const struct {
		const char *head, *body, *words;
	} cases[] = {
		{"401 x\r\nX-Error-Message: a\x1b[31mb\xe2\x80\xae", "", "a [31mb?"},
		{"401 x", "{\"error\":\"a\\u001b[31mb\\nc\"}", "a [31mb c"},
		{"401 x\r\nX-Error-Message: bad token " TOKEN, "",
		 "bad token hf_****************"},
		{"500 x", "{\"error\":\"got " TOKEN "\"}", "got hf_****************"},
		{"401 x", "{\"error\":{\"message\":\"x\"}}", ""},
		{"401 x", "{\"error\":\"a\\u0000b\"}", ""},
		{"401 x\r\nX-Error-Message: \xff\xfe", "", "??"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSERVER struct server server = {0};
		AUTOBUF struct buf answer = {0};
		CLEANUP(hub_whoami_release) struct hub_whoami whoami;

		put_answer(&answer, cases[i].head, cases[i].body);
		server.answer = buf_text(&answer);
		server_start(&server);
		ask(&server, "", &whoami);
		assert_string_equal(whoami.message, cases[i].words);
		assert_null(strchr(whoami.err.message, '\x1b'));
		assert_null(strstr(whoami.err.message, "real_token"));
	}
}

static void long_words_are_cut_behind_a_character(void **state UNUSED)
{
	AUTOSERVER struct server server = {0};
	AUTOBUF struct buf body = {0};
	AUTOBUF struct buf answer = {0};
	CLEANUP(hub_whoami_release) struct hub_whoami whoami;

	buf_add_text(&body, "{\"error\":\"a");
	for (int i = 0; i < 1000; i++)
		buf_add_text(&body, "\xe2\x82\xac");
	buf_add_text(&body, "\"}");
	put_answer(&answer, "401 x", buf_text(&body));
	server.answer = buf_text(&answer);
	server_start(&server);
	ask(&server, "", &whoami);
	assert_true(strlen(whoami.message) > 200);
	assert_true(utf8_is_valid(whoami.message, strlen(whoami.message)));
}

static void many_are_asked_at_once(void **state UNUSED)
{
	enum { COUNT = 12 };
	AUTOSERVER struct server server = {0};
	static struct hub_whoami asks[COUNT];
	static struct secret tokens[COUNT];

	server_start(&server);
	for (int i = 0; i < COUNT; i++) {
		char token[32];

		(void)snprintf(token, sizeof(token), "hf_account%d", i);
		assert_int_equal(secret_add_text(&tokens[i], token), 0);
		asks[i].token = &tokens[i];
		asks[i].url = url_of(&server, "");
	}
	assert_int_equal(hub_whoami(asks, COUNT, NULL, NULL), 0);
	for (int i = 0; i < COUNT; i++) {
		char account[32];

		(void)snprintf(account, sizeof(account), "account%d", i);
		assert_int_equal(asks[i].status, HUB_OK);
		assert_string_equal(asks[i].identity.account, account);
		hub_whoami_release(&asks[i]);
		secret_release(&tokens[i]);
	}
	assert_int_equal(hub_whoami(NULL, 0, NULL, NULL), 0);
}

static void offline_nobody_is_asked(void **state UNUSED)
{
	static const char *const values[] = {"1", "ON", "yes", "True"};
	AUTOSERVER struct server server = {0};
	AUTOSECRET struct secret token = {0};
	const struct secret *const tokens[] = {&token};

	assert_int_equal(secret_add_text(&token, TOKEN), 0);
	server_start(&server);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CLEANUP(hub_whoami_release) struct hub_whoami whoami;
		struct err err = {0};

		assert_int_equal(setenv("HF_HUB_OFFLINE", values[i], 1), 0);
		ask(&server, "", &whoami);
		assert_int_equal(whoami.status, HUB_UNREACHABLE);
		assert_int_equal(whoami.error, ERR_NETWORK);
		assert_non_null(strstr(whoami.err.message, "HF_HUB_OFFLINE"));
		assert_int_equal(hub_revoke(url_of(&server, ""), tokens, 1, NULL, &err),
				 ERR_NETWORK);
		assert_non_null(strstr(err.message, "HF_HUB_OFFLINE"));
	}
	assert_int_equal(connections_of(&server), 0);
	assert_int_equal(setenv("HF_HUB_OFFLINE", "0", 1), 0);
	{
		CLEANUP(hub_whoami_release) struct hub_whoami whoami;

		ask(&server, "", &whoami);
		assert_int_equal(whoami.status, HUB_OK);
	}
}

/* ---- revoke ----------------------------------------------------------------------------------- */

static int revoke_two(const struct server *server, struct err *err)
{
	AUTOSECRET struct secret one = {0};
	AUTOSECRET struct secret two = {0};
	const struct secret *const tokens[] = {&one, &two};

	assert_int_equal(secret_add_text(&one, TOKEN), 0);
	assert_int_equal(secret_add_text(&two, "hf_two"), 0);
	return hub_revoke(url_of(server, "/hub"), tokens, 2, NULL, err);
}

static void revoking_posts_the_tokens_and_nothing_else(void **state UNUSED)
{
	AUTOSERVER struct server server = {
		.answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"};
	AUTOFREE char *request = NULL;
	struct err err = {0};

	server_start(&server);
	assert_int_equal(revoke_two(&server, &err), 0);
	request = requests_of(&server);
	assert_begins(request, "CONNECTED\nPOST /hub/api/credentials/revoke HTTP/1.1\r\n");
	assert_null(strcasestr(request, "\r\nAuthorization:"));
	assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
	assert_string_equal(strstr(request, "\r\n\r\n") + 4,
			    "{\"credentials\":[\"" TOKEN "\",\"hf_two\"]}");
	assert_int_equal(connections_of(&server), 1);
}

static void whatever_is_not_accepted_is_an_error(void **state UNUSED)
{
	static const char *const heads[] = {
		"400 Bad Request",
		"401 Unauthorized",
		"403 Forbidden",
		"404 Not Found",
		"429 Too Many Requests\r\nRetry-After: 9",
		"302 Found\r\nLocation: https://evil.example/",
		"500 Internal",
		"204 No Content",
	};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		AUTOSERVER struct server server = {0};
		AUTOBUF struct buf answer = {0};
		struct err err = {0};

		put_answer(&answer, heads[i], "{\"error\":\"" TOKEN "\"}");
		server.answer = buf_text(&answer);
		server_start(&server);
		if (revoke_two(&server, &err) != ERR_NETWORK)
			fail_msg("'%s' is taken for a yes", heads[i]);
		assert_int_equal(err.code, ERR_NETWORK);
		assert_null(strstr(err.message, "real_token"));
		assert_int_equal(connections_of(&server), 1);
	}
}

static void a_revocation_that_reaches_nobody_is_an_error(void **state UNUSED)
{
	struct server server = {.answer = ""};
	struct err err = {0};

	server_start(&server);
	assert_int_equal(revoke_two(&server, &err), ERR_NETWORK);
	server_stop(&server);
	assert_int_equal(revoke_two(&server, &err), ERR_NETWORK);
	assert_true(*err.message);
}

static void statuses_have_names(void **state UNUSED)
{
	static const char *const names[] = {"ok", "invalid", "expired", "unreachable"};

	assert_int_equal(HUB_STATUS_COUNT, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(hub_status_names[i], names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(whoami_tells_the_identity),
		in_a_home(answers_are_understood),
		in_a_home(a_403_says_nothing_about_the_token),
		in_a_home(a_cut_or_endless_answer_says_nothing),
		in_a_home(the_hubs_words_are_made_harmless),
		in_a_home(long_words_are_cut_behind_a_character),
		in_a_home(many_are_asked_at_once),
		in_a_home(offline_nobody_is_asked),
		in_a_home(revoking_posts_the_tokens_and_nothing_else),
		in_a_home(whatever_is_not_accepted_is_an_error),
		in_a_home(a_revocation_that_reaches_nobody_is_an_error),
		in_a_home(statuses_have_names),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
