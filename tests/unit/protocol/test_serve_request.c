/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "protocol/serve_request.h"

static enum serve_error parse(const char *line, struct serve_request *ret)
{
	struct err err = {0};
	enum serve_error error = serve_request_parse(line, strlen(line), ret, &err);

	assert_true(!error == !*err.message);
	assert_null(strstr(err.message, "secret"));
	return error;
}

static void requests_are_read(void **state UNUSED)
{
	struct serve_request request;

	assert_int_equal(parse("{\"v\":1,\"id\":7,\"kind\":\"get\"}", &request), SERVE_OK);
	assert_string_equal(request.id, "7");
	assert_int_equal(request.kind, SERVE_GET);
	assert_string_equal(request.url, "");
	assert_string_equal(request.repo_text, "");
	assert_string_equal(request.name, "");
	assert_int_equal(request.operation, OPERATION_UNKNOWN);

	assert_int_equal(
		parse("{\"kind\":\"get\",\"future\":[{}],\"operation\":\"write\",\"v\":1,"
		      "\"id\":\"\\u00e4\\\"\",\"repo\":\"acme/m1\",\"name\":\"work\","
		      "\"account\":\"alice\",\"url\":null,\"endpoint\":\"https://hf.co\"}",
		      &request),
		SERVE_OK);
	assert_string_equal(request.id, "\"\\u00e4\\\"\"");
	assert_string_equal(request.repo_text, "acme/m1");
	assert_string_equal(request.endpoint, "https://hf.co");
	assert_string_equal(request.name, "work");
	assert_string_equal(request.account, "alice");
	assert_int_equal(request.operation, OPERATION_WRITE);

	assert_int_equal(parse("{\"v\":1,\"id\":9007199254740992,\"kind\":\"report\","
			       "\"url\":\"https://hf.co/x\",\"token\":\"work\",\"outcome\":"
			       "\"refused\",\"status\":403,\"operation\":\"read\"}",
			       &request),
			 SERVE_OK);
	assert_int_equal(request.kind, SERVE_REPORT);
	assert_string_equal(request.token, "work");
	assert_false(request.worked);
	assert_int_equal(request.status, 403);
}

static void bad_requests_are_told_apart(void **state UNUSED)
{
#define GET    "\"v\":1,\"id\":7,\"kind\":\"get\""
#define REPORT "\"v\":1,\"id\":7,\"kind\":\"report\""
	static const struct {
		const char *line;
		enum serve_error error;
		const char *id;
	} lines[] = {
		{"", SERVE_BAD_REQUEST, "null"},
		{"nonsense", SERVE_BAD_REQUEST, "null"},
		{"[]", SERVE_BAD_REQUEST, "null"},
		{"{}", SERVE_BAD_REQUEST, "null"},
		{"{" GET, SERVE_BAD_REQUEST, "null"},
		{"{" GET "} {}", SERVE_BAD_REQUEST, "null"},
		{"{" GET ",\"id\":8}", SERVE_BAD_REQUEST, "null"},
		{"{" GET ",\"x\":\"\\u0000\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"id\":7,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "7"},
		{"{\"v\":\"1\",\"id\":7,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "7"},
		{"{\"v\":2,\"id\":7,\"kind\":\"get\"}", SERVE_VERSION_UNKNOWN, "7"},
		{"{\"v\":0,\"id\":\"a\",\"kind\":1}", SERVE_VERSION_UNKNOWN, "\"a\""},
		{"{\"v\":1,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"v\":1,\"id\":null,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"v\":1,\"id\":-1,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"v\":1,\"id\":1.0,\"kind\":\"get\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"v\":1,\"id\":9007199254740993,\"kind\":\"get\"}", SERVE_BAD_REQUEST,
		 "null"},
		{"{\"v\":1,\"id\":[7],\"kind\":\"get\"}", SERVE_BAD_REQUEST, "null"},
		{"{\"v\":1,\"id\":7}", SERVE_UNSUPPORTED, "7"},
		{"{\"v\":1,\"id\":7,\"kind\":\"login\"}", SERVE_UNSUPPORTED, "7"},
		{"{\"v\":1,\"id\":7,\"kind\":\"Get\"}", SERVE_UNSUPPORTED, "7"},
		{"{" GET ",\"url\":1}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"url\":\"\"}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"url\":\"x\",\"repo\":\"acme/m1\"}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"url\":\"x\",\"endpoint\":\"https://hf.co\"}", SERVE_BAD_REQUEST,
		 "7"},
		{"{" GET ",\"repo\":{}}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"endpoint\":true}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"operation\":\"delete\"}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"operation\":7}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"name\":7}", SERVE_BAD_REQUEST, "7"},
		{"{" GET ",\"account\":[\"secret\"]}", SERVE_BAD_REQUEST, "7"},
		{"{" REPORT "}", SERVE_BAD_REQUEST, "7"},
		{"{" REPORT ",\"outcome\":\"worked\"}", SERVE_BAD_REQUEST, "7"},
		{"{" REPORT ",\"token\":\"work\"}", SERVE_BAD_REQUEST, "7"},
		{"{" REPORT ",\"token\":\"work\",\"outcome\":\"maybe\"}", SERVE_BAD_REQUEST,
		 "7"},
		{"{" REPORT ",\"token\":\"work\",\"outcome\":\"worked\",\"status\":99}",
		 SERVE_BAD_REQUEST, "7"},
		{"{" REPORT ",\"token\":\"work\",\"outcome\":\"worked\",\"status\":600}",
		 SERVE_BAD_REQUEST, "7"},
		{"{" REPORT ",\"token\":\"work\",\"outcome\":\"worked\",\"status\":\"200\"}",
		 SERVE_BAD_REQUEST, "7"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct serve_request request;
		enum serve_error error = parse(lines[i].line, &request);

		if (error != lines[i].error || strcmp(request.id, lines[i].id) != 0)
			fail_msg("'%s': %s, id %s", lines[i].line, serve_error_names[error],
				 request.id);
	}
}

/* Each text as long as it may be, and one byte longer. */
static void texts_have_limits(void **state UNUSED)
{
	static const struct {
		const char *member;
		size_t max;
	} texts[] = {{"url", 2048}, {"endpoint", 2048}, {"repo", 4096},
		     {"name", 64},  {"account", 96},    {"id", 64}};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (size_t size = texts[i].max; size <= texts[i].max + 1; size++) {
			AUTOBUF struct buf line = {0};
			struct serve_request request;
			bool is_id = strcmp(texts[i].member, "id") == 0;

			buf_printf(&line, "{\"v\":1,%s\"kind\":\"get\",\"%s\":\"",
				   is_id ? "" : "\"id\":7,", texts[i].member);
			for (size_t n = 0; n < size; n++)
				buf_add_char(&line, 'x');
			buf_add_text(&line, "\"}");
			if (parse(buf_text(&line), &request) !=
			    (size == texts[i].max ? SERVE_OK : SERVE_BAD_REQUEST))
				fail_msg("%zu bytes in '%s'", size, texts[i].member);
		}
	}
}

static void every_error_has_a_name(void **state UNUSED)
{
	for (int i = 0; i < SERVE_ERROR_COUNT; i++)
		assert_non_null(serve_error_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(bad_requests_are_told_apart),
		cmocka_unit_test(texts_have_limits),
		cmocka_unit_test(every_error_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
