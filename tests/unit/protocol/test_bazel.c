/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "protocol/bazel.h"

static void requests_are_read(void **state UNUSED)
{
	static const char *const texts[][2] = {
		{"{\"uri\":\"https://huggingface.co/acme/m1\"}",
		 "https://huggingface.co/acme/m1"},
		{" {\n\"uri\" : \"x\" }\n", "x"},
		{"{\"uri\":\"\"}", ""},
		{"{\"future\":{\"uri\":\"no\"},\"uri\":\"https:\\/\\/hf.co\\u002fx\",\"n\":[1,null]}",
		 "https://hf.co/x"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTOFREE char *uri = NULL;
		struct err err = {0};

		if (bazel_request_parse(texts[i][0], strlen(texts[i][0]), &uri, &err))
			fail_msg("'%s': %s", texts[i][0], err.message);
		assert_string_equal(uri, texts[i][1]);
	}
}

static void bad_requests_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{}",
		"https://huggingface.co",
		"{\"uri\":null}",
		"{\"uri\":1}",
		"{\"uri\":[\"https://huggingface.co\"]}",
		"{\"URI\":\"https://huggingface.co\"}",
		"{\"uri\":\"https://huggingface.co\"",
		"{\"uri\":\"https://huggingface.co\"}{}",
		"{\"uri\":\"https://huggingface.co\",\"uri\":\"https://evil.example\"}",
		"{\"uri\":\"https://huggingface.co\\u0000.evil.example/\"}",
		"{\"uri\":\"https://huggingface.co\n\"}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *uri = NULL;

		if (bazel_request_parse(texts[i], strlen(texts[i]), &uri, NULL) != ERR_FORMAT)
			fail_msg("'%s' is taken", texts[i]);
		assert_null(uri);
	}
}

/* ---- without a token -------------------------------------------------------------------------- */

struct call {
	const char *command;
	const char *input;
	const char *output;
	int error;
};

static int serve(void *user)
{
	const struct call *call = user;
	struct err err = {0};
	int in = open("in", O_RDONLY);
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		return 1;
	return bazel_serve(call->command, NULL, &err) == call->error ? 0 : 2;
}

static void what_is_not_ours_needs_no_headers(void **state UNUSED)
{
	static const char *const uris[] = {
		"https://huggingface.co/acme/m1", /* ours, but there is no token */
		"https://github.com/x",
		"https://cdn-lfs.huggingface.co/x?Signature=y",
		"https://cas-bridge.xethub.hf.co/x",
		"https://us.aws.cdn.hf.co/x",
		"https://s3.hf.co/acme",
		"https://registry.hf.space/v2/",
		"https://alice-space.hf.space/x",
		"https://evilhuggingface.co/",
		"https://huggingface.co.evil.example/",
		"https://huggingface.co@evil.example/",
		"https://evil.example/https://huggingface.co/",
		"https://huggingface.co\\\\@evil.example/",
		"http://huggingface.co/acme/m1",
		"grpcs://huggingface.co",
		"huggingface.co/acme/m1",
		"file:///etc/passwd",
		"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		struct call call = {"get", "", "{\"headers\":{}}\n", 0};
		AUTOBUF struct buf text = {0};

		buf_printf(&text, "{\"uri\":\"%s\"}", uris[i]);
		write_text("in", buf_text(&text), 0600);
		if (in_child(serve, &call) != 0)
			fail_msg("'%s' fails", uris[i]);
		assert_file_text("out", call.output);
	}
}

static void failures_say_nothing(void **state UNUSED)
{
	static const struct call calls[] = {
		{"get", "", "", ERR_FORMAT},
		{"get", "{}", "", ERR_FORMAT},
		{"get", "nonsense", "", ERR_FORMAT},
		{"store", "{\"uri\":\"https://huggingface.co\"}", "", ERR_USAGE},
		{"GET", "{\"uri\":\"https://huggingface.co\"}", "", ERR_USAGE},
		{"", "", "", ERR_USAGE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct call call = calls[i];

		write_text("in", call.input, 0600);
		assert_int_equal(in_child(serve, &call), 0);
		assert_file_text("out", "");
	}
}

static void too_long_a_request_is_refused(void **state UNUSED)
{
	struct call call = {"get", "", "", ERR_FORMAT};
	AUTOBUF struct buf text = {0};

	buf_add_text(&text, "{\"uri\":\"https://huggingface.co/");
	while (text.size <= BAZEL_INPUT_MAX)
		buf_add_text(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	buf_add_text(&text, "\"}");
	write_bytes("in", text.data, text.size, 0600);
	assert_int_equal(in_child(serve, &call), 0);
	assert_file_text("out", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(what_is_not_ours_needs_no_headers),
		in_a_home(failures_say_nothing),
		in_a_home(too_long_a_request_is_refused),
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
