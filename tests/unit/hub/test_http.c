/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hub/server.h"

#include "hub/http.h"

#define TOKEN "hf_not_a_real_token"
#define OK    "HTTP/1.1 200 OK\r\n"
#define SOON  20000

static void make_token(struct secret *token)
{
	assert_int_equal(secret_add_text(token, TOKEN), 0);
}

/* Performs one call, whose error is in it. */
static void perform(struct http_call *call, int milliseconds)
{
	struct err err = {0};

	if (http_perform(call, 1, deadline_in(milliseconds), NULL, &err))
		fail_msg("%s", err.message);
}

static void an_answer_is_taken_as_it_is(void **state UNUSED)
{
	AUTOSERVER struct server server = {
		.answer = "HTTP/1.1 418 Teapot\r\nX-Error-Code: Teapot\r\n"
			  "x-error-message:  short and stout \r\nRETRY-AFTER: 7\r\n"
			  "RateLimit: \"api\";r=0;t=142\r\nRateLimit-Policy: other\r\n"
			  "Location: /elsewhere\r\nX-Request-Id: Root=1-2\r\n"
			  "X-Error-Messages: other\r\nContent-Length: 4\r\n\r\nbody"};
	CLEANUP(http_call_release) struct http_call call = {0};

	server_start(&server);
	call.url = url_of(&server, "/path?query");
	perform(&call, SOON);
	assert_int_equal(call.error, 0);
	assert_int_equal(call.status, 418);
	assert_string_equal(secret_text(&call.answer), "body");
	assert_string_equal(call.error_code, "Teapot");
	assert_begins(call.error_message, "short and stout");
	assert_string_equal(call.retry_after, "7");
	assert_string_equal(call.rate_limit, "\"api\";r=0;t=142");
	assert_string_equal(call.location, "/elsewhere");
	assert_string_equal(call.request_id, "Root=1-2");
}

static void a_question_with_a_token_is_a_get(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = OK "Content-Length: 0\r\n\r\n"};
	AUTOSECRET struct secret token = {0};
	CLEANUP(http_call_release) struct http_call call = {.token = &token};
	AUTOFREE char *request = NULL;

	make_token(&token);
	server_start(&server);
	call.url = url_of(&server, "/a/../b%2fc");
	perform(&call, SOON);
	assert_int_equal(call.error, 0);
	request = requests_of(&server);
	assert_begins(request, "CONNECTED\nGET /a/../b%2fc HTTP/1.1\r\n");
	assert_non_null(strstr(request, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(request, "\r\nUser-Agent: hftoken/"));
	assert_non_null(strstr(request, "\r\nAccept: application/json\r\n"));
	assert_null(strcasestr(request, "Cookie"));
	assert_null(strcasestr(request, "Content-"));
	assert_null(strstr(strstr(request, TOKEN) + 1, TOKEN));
}

static void a_question_with_a_body_is_a_post(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = OK "Content-Length: 0\r\n\r\n"};
	AUTOSECRET struct secret body = {0};
	CLEANUP(http_call_release) struct http_call call = {.body = &body};
	AUTOFREE char *request = NULL;
	size_t size = 20000; /* more than curl sends without "100 Continue" */

	assert_int_equal(secret_add_text(&body, "{"), 0);
	while (body.size < size)
		assert_int_equal(secret_add(&body, "x", 1), 0);
	server_start(&server);
	call.url = url_of(&server, "/p");
	perform(&call, SOON);
	assert_int_equal(call.error, 0);
	request = requests_of(&server);
	assert_begins(request, "CONNECTED\nPOST /p HTTP/1.1\r\n");
	assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(request, "\r\nContent-Length: 20000\r\n"));
	assert_null(strcasestr(request, "\r\nExpect:"));
	assert_null(strcasestr(request, "\r\nAuthorization:"));
	assert_memory_equal(strstr(request, "\r\n\r\n") + 4, secret_text(&body), size);
}

/* The token must reach nobody but the server that was asked. */
static void redirects_are_reported_and_not_followed(void **state UNUSED)
{
	static const int statuses[] = {301, 302, 303, 307, 308};
	AUTOSERVER struct server other = {.answer = OK "\r\n", .log = "other"};

	server_start(&other);
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		AUTOSERVER struct server server = {0};
		AUTOSECRET struct secret token = {0};
		CLEANUP(http_call_release) struct http_call call = {.token = &token};
		char answer[512];

		(void)snprintf(answer, sizeof(answer),
			       "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
			       statuses[i], url_of(&other, "/stolen"));
		make_token(&token);
		server.answer = answer;
		server_start(&server);
		call.url = url_of(&server, "/");
		perform(&call, SOON);
		assert_int_equal(call.error, 0);
		assert_int_equal(call.status, statuses[i]);
		assert_string_equal(call.location, url_of(&other, "/stolen"));
		assert_int_equal(connections_of(&server), 1);
	}
	assert_int_equal(connections_of(&other), 0);
}

static void loopback_goes_through_no_proxy(void **state UNUSED)
{
	static const char *const variables[] = {"http_proxy", "HTTP_PROXY", "https_proxy",
						"all_proxy", "ALL_PROXY"};
	AUTOSERVER struct server proxy = {.answer = OK "\r\n", .log = "proxy"};
	AUTOSERVER struct server server = {.answer = OK "Content-Length: 2\r\n\r\nme"};
	CLEANUP(http_call_release) struct http_call call = {0};

	server_start(&proxy);
	server_start(&server);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		assert_int_equal(setenv(variables[i], url_of(&proxy, ""), 1), 0);
	call.url = url_of(&server, "/");
	perform(&call, SOON);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		assert_int_equal(unsetenv(variables[i]), 0);
	assert_string_equal(secret_text(&call.answer), "me");
	assert_int_equal(connections_of(&proxy), 0);
}

static void other_credentials_are_not_used(void **state UNUSED)
{
	AUTOSERVER struct server server = {
		.answer = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
			  "Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"};
	AUTOFREE char *request = NULL;

	write_text(".netrc", "machine 127.0.0.1 login netrc password netrc\n", 0600);
	write_text(".curlrc", "user = curlrc:curlrc\n", 0600);
	server_start(&server);
	for (int i = 0; i < 2; i++) {
		CLEANUP(http_call_release) struct http_call call = {0};

		call.url = url_of(&server, "/");
		perform(&call, SOON);
		assert_int_equal(call.status, 401);
	}
	assert_int_equal(connections_of(&server), 2);
	request = requests_of(&server);
	assert_null(strcasestr(request, "\r\nAuthorization:"));
	assert_null(strcasestr(request, "\r\nCookie:"));
}

/* Nobody is asked at all. */
static void urls_that_are_no_hubs_are_refused(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = OK "\r\n"};
	AUTOSERVER struct server other = {.answer = OK "\r\n", .log = "other"};
	char two_hosts[128];
	char user[128];
	const char *const urls[] = {
		"http://192.0.2.1/",
		"ftp://127.0.0.1/",
		"file:///etc/passwd",
		"nonsense",
		"",
		two_hosts,
		user,
	};

	server_start(&server);
	server_start(&other);
	(void)snprintf(two_hosts, sizeof(two_hosts), "http://127.0.0.1:%d\\@127.0.0.1:%d/",
		       server.port, other.port);
	(void)snprintf(user, sizeof(user), "http://u:p@127.0.0.1:%d/", server.port);
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		AUTOSECRET struct secret token = {0};
		CLEANUP(http_call_release) struct http_call call = {.token = &token};

		make_token(&token);
		call.url = urls[i];
		perform(&call, 2000);
		if (!call.error)
			fail_msg("'%s' was asked", urls[i]);
		assert_int_equal(call.err.code, call.error);
		assert_int_equal(call.status, 0);
	}
	assert_int_equal(connections_of(&server), 0);
	assert_int_equal(connections_of(&other), 0);
}

/* A token is one word in one header, whatever is in it. */
static void a_token_cannot_add_headers(void **state UNUSED)
{
	static const char *const tokens[] = {"hf_x\r\nX-Evil: 1", "hf_x\nX-Evil: 1",
					     "hf_x\r\n\r\nGET /evil HTTP/1.1\r\nX-Evil: 1"};
	AUTOSERVER struct server server = {.answer = OK "Content-Length: 0\r\n\r\n"};
	bool injected;
	char *request;

	server_start(&server);
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		AUTOSECRET struct secret token = {0};
		CLEANUP(http_call_release) struct http_call call = {.token = &token};

		assert_int_equal(secret_add_text(&token, tokens[i]), 0);
		call.url = url_of(&server, "/");
		perform(&call, SOON);
	}
	request = requests_of(&server);
	injected = strstr(request, "\nX-Evil:") != NULL;
	free(request);
	assert_false(injected);
}

static void what_is_no_answer_is_a_network_error(void **state UNUSED)
{
	static const struct {
		const char *answer;
		size_t size;
	} cases[] = {
		{"\n", 0},
		{"garbage\r\n\r\n", 0},
		{"{\"name\":\"alice\"}", 0},
		{"SSH-2.0-OpenSSH_9.2\r\n", 0},
		{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut", 0},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 0},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 0},
		{"HTTP/1.1 2", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSERVER struct server server = {.answer = cases[i].answer,
						   .size = cases[i].size};
		CLEANUP(http_call_release) struct http_call call = {0};

		server_start(&server);
		call.url = url_of(&server, "/");
		perform(&call, SOON);
		if (call.error != ERR_NETWORK)
			fail_msg("case %zu: %d, status %ld, '%s'", i, call.error, call.status,
				 secret_text(&call.answer));
		assert_non_null(strstr(call.err.message, "127.0.0.1"));
	}
}

static void an_answer_has_a_limit(void **state UNUSED)
{
	for (size_t over = 0; over <= 1; over++) {
		AUTOBUF struct buf answer = {0};
		AUTOSERVER struct server server = {0};
		CLEANUP(http_call_release) struct http_call call = {0};

		buf_add_text(&answer, OK "\r\n"); /* it ends with the connection */
		for (size_t i = 0; i < HTTP_BODY_MAX + over; i++)
			buf_add_char(&answer, 'x');
		server.answer = answer.data;
		server.size = answer.size;
		server_start(&server);
		call.url = url_of(&server, "/");
		perform(&call, SOON);
		assert_int_equal(call.error, over ? ERR_NETWORK : 0);
		if (over)
			assert_non_null(strstr(call.err.message, "longer"));
		else
			assert_int_equal(call.answer.size, HTTP_BODY_MAX);
	}
}

static void long_headers_are_cut(void **state UNUSED)
{
	AUTOBUF struct buf answer = {0};
	AUTOSERVER struct server server = {0};
	CLEANUP(http_call_release) struct http_call call = {0};

	buf_add_text(&answer, OK);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {"X-Error-Code", "X-Error-Message",
						    "Location"};

		buf_printf(&answer, "%s: %05000d\r\n", names[i], 7);
	}
	buf_add_text(&answer, "Content-Length: 0\r\n\r\n");
	server.answer = buf_text(&answer);
	server_start(&server);
	call.url = url_of(&server, "/");
	perform(&call, SOON);
	assert_int_equal(call.error, 0);
	assert_int_equal(strlen(call.error_code), sizeof(call.error_code) - 1);
	assert_int_equal(strlen(call.error_message), sizeof(call.error_message) - 1);
	assert_int_equal(strlen(call.location), sizeof(call.location) - 1);
}

static void nobody_there_is_a_network_error(void **state UNUSED)
{
	struct server server = {.answer = ""};
	CLEANUP(http_call_release) struct http_call call = {0};

	server_start(&server);
	call.url = url_of(&server, "/");
	server_stop(&server);
	perform(&call, SOON);
	assert_int_equal(call.error, ERR_NETWORK);
	assert_non_null(strstr(call.err.message, "cannot connect"));
	assert_true(*call.err.hint);
}

static unsigned ticks;

static void on_tick(void)
{
	ticks++;
}

static void silence_ends_with_the_deadline(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = "", .silent = true};
	CLEANUP(http_call_release) struct http_call call = {0};
	deadline_ms started = deadline_in(0);

	server_start(&server);
	call.url = url_of(&server, "/");
	ticks = 0;
	assert_int_equal(http_perform(&call, 1, deadline_in(400), on_tick, NULL), 0);
	assert_int_equal(call.error, ERR_NETWORK);
	assert_non_null(strstr(call.err.message, "in time"));
	assert_true(deadline_in(0) - started < SOON);
	assert_true(ticks > 0);
}

/* More than there are connections, good and bad ones mixed: each gets its own answer. */
static void many_calls_go_at_once(void **state UNUSED)
{
	enum { COUNT = 20 };
	AUTOSERVER struct server server = {0};
	static struct http_call calls[COUNT];
	static struct secret tokens[COUNT];

	server_start(&server);
	for (int i = 0; i < COUNT; i++) {
		char token[32];

		(void)snprintf(token, sizeof(token), "hf_account%d", i);
		assert_int_equal(secret_add_text(&tokens[i], token), 0);
		calls[i].token = &tokens[i];
		calls[i].url = i % 5 == 4 ? "http://192.0.2.1/" : url_of(&server, "/");
	}
	assert_int_equal(http_perform(calls, COUNT, deadline_in(SOON), NULL, NULL), 0);
	for (int i = 0; i < COUNT; i++) {
		char account[64];

		(void)snprintf(account, sizeof(account), "\"account%d\"", i);
		assert_int_equal(calls[i].error != 0, i % 5 == 4);
		if (!calls[i].error)
			assert_non_null(strstr(secret_text(&calls[i].answer), account));
		http_call_release(&calls[i]);
		secret_release(&tokens[i]);
	}
}

static void nothing_to_ask_is_no_error(void **state UNUSED)
{
	assert_int_equal(http_perform(NULL, 0, deadline_in(SOON), NULL, NULL), 0);
}

/* Set before the first call, so that libcurl would see it. */
static void keys_are_not_logged(void **state UNUSED)
{
	assert_null(getenv("SSLKEYLOGFILE"));
}

/* HEAD has the headers of a download and none of its bytes. */
static void a_head_has_no_body(void **state UNUSED)
{
	AUTOSERVER struct server server = {
		.answer = "HTTP/1.1 302 Found\r\nX-Repo-Commit: abc\r\n"
			  "Content-Length: 1000000\r\n\r\n"};
	CLEANUP(http_call_release) struct http_call call = {.head = true};
	AUTOFREE char *request = NULL;

	server_start(&server);
	call.url = url_of(&server, "/file");
	perform(&call, SOON);
	assert_int_equal(call.error, 0);
	assert_int_equal(call.status, 302);
	assert_string_equal(call.commit, "abc");
	assert_int_equal(call.answer.size, 0);
	request = requests_of(&server);
	assert_begins(request, "CONNECTED\nHEAD /file HTTP/1.1\r\n");
}

static void an_answer_has_the_bound_that_was_asked_for(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = OK "Content-Length: 8\r\n\r\n12345678"};
	CLEANUP(http_call_release) struct http_call fits = {.body_max = 8};
	CLEANUP(http_call_release) struct http_call passes = {.body_max = 7};

	server_start(&server);
	fits.url = url_of(&server, "/");
	perform(&fits, SOON);
	assert_int_equal(fits.error, 0);
	assert_int_equal(fits.silence, HTTP_ANSWERED);
	passes.url = fits.url;
	perform(&passes, SOON);
	assert_int_equal(passes.error, ERR_NETWORK);
	assert_int_equal(passes.silence, HTTP_NO_SENSE);
	assert_int_equal(passes.answer.size, 0);
}

static void headers_have_a_bound(void **state UNUSED)
{
	AUTOBUF struct buf answer = {0};
	AUTOSERVER struct server server = {0};
	CLEANUP(http_call_release) struct http_call call = {0};

	buf_add_text(&answer, OK);
	while (answer.size <= HTTP_HEADERS_MAX)
		buf_add_text(&answer, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
	buf_add_text(&answer, "Content-Length: 0\r\n\r\n");
	server.answer = buf_text(&answer);
	server_start(&server);
	call.url = url_of(&server, "/");
	perform(&call, SOON);
	assert_int_equal(call.error, ERR_NETWORK);
	assert_int_equal(call.silence, HTTP_NO_SENSE);
}

static void silences_are_told_apart(void **state UNUSED)
{
	AUTOSERVER struct server server = {.silent = true};
	struct http_call late = {0};
	struct http_call nobody = {.url = "http://127.0.0.1:1/"};
	struct http_call nowhere = {.url = "https://no-such-host.invalid/"};

	/* A resolver that nobody answers is not waited for. */
	assert_int_equal(setenv("RES_OPTIONS", "timeout:1 attempts:1", 1), 0);
	server_start(&server);
	late.url = url_of(&server, "/");
	perform(&late, 50);
	perform(&nobody, SOON);
	perform(&nowhere, SOON);
	assert_int_equal(late.silence, HTTP_TIME_OUT);
	assert_int_equal(nobody.silence, HTTP_NO_CONNECTION);
	assert_int_equal(nowhere.silence, HTTP_NO_HOST);
}

/* What keeps us out is the proxy, and it is said which; the Hub was never asked. */
static void a_proxy_that_keeps_us_is_named(void **state UNUSED)
{
	static const struct {
		const char *answer, *message, *hint;
	} cases[] = {
		{"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
		 "(status 407)", "name and password"},
		{"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "(status 403)",
		 "no_proxy"},
		{"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", "(status 503)",
		 "https_proxy"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSERVER struct server proxy = {.answer = cases[i].answer};
		CLEANUP(http_call_release)
		struct http_call call = {.url = "https://hub.example/"};

		server_start(&proxy);
		assert_int_equal(setenv("https_proxy", url_of(&proxy, ""), 1), 0);
		perform(&call, SOON);
		assert_int_equal(unsetenv("https_proxy"), 0);
		assert_int_equal(call.error, ERR_NETWORK);
		assert_int_equal(call.silence, HTTP_NO_PROXY);
		assert_non_null(strstr(call.err.message, cases[i].message));
		assert_begins(call.err.message, "the proxy at 127.0.0.1 ");
		assert_non_null(strstr(call.err.hint, cases[i].hint));
	}
}

static void a_connection_that_breaks_is_none(void **state UNUSED)
{
	AUTOSERVER struct server server = {.answer = ""};
	CLEANUP(http_call_release) struct http_call call = {0};

	server_start(&server);
	call.url = url_of(&server, "/");
	perform(&call, SOON);
	assert_int_equal(call.error, ERR_NETWORK);
	assert_int_equal(call.silence, HTTP_NO_CONNECTION);
	assert_non_null(strstr(call.err.message, "broke"));
	assert_true(*call.err.hint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(an_answer_is_taken_as_it_is),
		in_a_home(a_question_with_a_token_is_a_get),
		in_a_home(a_question_with_a_body_is_a_post),
		in_a_home(redirects_are_reported_and_not_followed),
		in_a_home(loopback_goes_through_no_proxy),
		in_a_home(other_credentials_are_not_used),
		in_a_home(urls_that_are_no_hubs_are_refused),
		in_a_home(a_token_cannot_add_headers),
		in_a_home(what_is_no_answer_is_a_network_error),
		in_a_home(an_answer_has_a_limit),
		in_a_home(long_headers_are_cut),
		in_a_home(nobody_there_is_a_network_error),
		in_a_home(silence_ends_with_the_deadline),
		in_a_home(many_calls_go_at_once),
		in_a_home(nothing_to_ask_is_no_error),
		in_a_home(keys_are_not_logged),
		in_a_home(a_head_has_no_body),
		in_a_home(an_answer_has_the_bound_that_was_asked_for),
		in_a_home(headers_have_a_bound),
		in_a_home(silences_are_told_apart),
		in_a_home(a_proxy_that_keeps_us_is_named),
		in_a_home(a_connection_that_breaks_is_none),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)setenv("SSLKEYLOGFILE", "/tmp/hftoken-unit-keys", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
