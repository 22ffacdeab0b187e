/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "protocol/docker.h"

/* ---- which registries ------------------------------------------------------------------------- */

static void three_registries_are_ours(void **state UNUSED)
{
	static const char *const keys[] = {
		"registry.hf.space",
		"hf.co",
		"huggingface.co",
		"www.huggingface.co",
		"HuggingFace.co",
		"https://registry.hf.space",
		"https://registry.hf.space/",
		"https://hf.co/v2/acme/m1",
		"huggingface.co/acme/m1:latest",
		"hf.co:443",
		"https://registry.hf.space:443/v2/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!docker_is_ours(keys[i]))
			fail_msg("'%s' is not served", keys[i]);
	}
}

static void no_other_registry_is_ours(void **state UNUSED)
{
	static const char *const keys[] = {
		"",
		"docker.io",
		"https://index.docker.io/v1/",
		"ghcr.io",
		"hub-ci.huggingface.co",
		"router.huggingface.co",
		"datasets-server.huggingface.co",
		"cdn-lfs.huggingface.co",
		"cdn-lfs-us-1.hf.co",
		"s3.hf.co",
		"cas-server.xethub.hf.co",
		"evilhuggingface.co",
		"huggingface.co.evil.example",
		"hf.space",
		"alice-space.hf.space",
		"registry.hf.space.",
		"registry.hf.space:80",
		"registry.hf.space:5000",
		"http://registry.hf.space",
		"http://huggingface.co",
		"ftp://hf.co",
		"alice@hf.co",
		"https://hf.co@evil.example/",
		"https://evil.example/https://hf.co",
		"hf.co\\@evil.example",
		"hf.co evil.example",
		"hf.co\tx",
		"://hf.co",
		"127.0.0.1",
		"http://127.0.0.1:5000",
		"localhost",
	};
	AUTOBUF struct buf large = {0};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (docker_is_ours(keys[i]))
			fail_msg("'%s' is served", keys[i]);
	}
	buf_add_text(&large, "hf.co/");
	while (large.size < 5000)
		buf_add_char(&large, 'x');
	assert_false(docker_is_ours(buf_text(&large)));
}

static void keys_are_trimmed(void **state UNUSED)
{
	static const char *const keys[][2] = {
		{"hf.co", "hf.co"},
		{" hf.co\n", "hf.co"},
		{"\r\n\thf.co \r\n", "hf.co"},
		{"hf\n.co\n", "hf.co"},
		{"hf .co\n\n", "hf .co"},
		{"\n", ""},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTOSECRET struct secret key = {0};

		assert_int_equal(secret_set(&key, keys[i][0], strlen(keys[i][0])), 0);
		docker_key_trim(&key);
		assert_string_equal(secret_text(&key), keys[i][1]);
		assert_int_equal(key.size, strlen(keys[i][1]));
	}
}

/* ---- what `store` is told --------------------------------------------------------------------- */

static int parse(const char *data, size_t size, struct docker_login *ret, struct err *err)
{
	AUTOSECRET struct secret text = {0};

	assert_int_equal(secret_set(&text, data, size), 0);
	return docker_login_parse(&text, ret, err);
}

static void logins_are_read(void **state UNUSED)
{
	static const struct {
		const char *text, *server, *username, *secret;
	} logins[] = {
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"alice\",\"Secret\":\"hf_x\"}",
		 "hf.co", "alice", "hf_x"},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\",\"Secret\":\"\"}\n", "hf.co", "a",
		 ""},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\"}", "hf.co", "a", ""},
		{"{\"Future\":{\"a\":[1]},\"Username\":\"\\u003ctoken\\u003e\",\"ServerURL\":\"x\","
		 "\"Secret\":\"\\\"\\\\\\n\"}",
		 "x", "<token>", "\"\\\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(logins); i++) {
		CLEANUP(docker_login_release) struct docker_login login = {.secret = {0}};
		struct err err = {0};

		if (parse(logins[i].text, strlen(logins[i].text), &login, &err))
			fail_msg("'%s': %s", logins[i].text, err.message);
		assert_string_equal(login.server, logins[i].server);
		assert_string_equal(login.username, logins[i].username);
		assert_string_equal(secret_text(&login.secret), logins[i].secret);
	}
}

static void bad_logins_are_refused(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *message; /* NULL: any */
	} logins[] = {
		{"{}", DOCKER_NO_SERVER},
		{"{\"ServerURL\":\"\",\"Username\":\"a\",\"Secret\":\"hf_secret\"}",
		 DOCKER_NO_SERVER},
		{"{\"ServerURL\":\"hf.co\"}", DOCKER_NO_USERNAME},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"\",\"Secret\":\"hf_secret\"}",
		 DOCKER_NO_USERNAME},
		{"", NULL},
		{"hf.co", NULL},
		{"null", NULL},
		{"[]", NULL},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\",\"Secret\":\"hf_secret\"", NULL},
		{"{\"ServerURL\":1,\"Username\":\"a\",\"Secret\":\"hf_secret\"}", NULL},
		{"{\"ServerURL\":\"hf.co\",\"Username\":[],\"Secret\":\"hf_secret\"}", NULL},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\",\"Secret\":7}", NULL},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\",\"Secret\":null}", NULL},
		{"{\"ServerURL\":\"hf.co\",\"ServerURL\":\"x\",\"Username\":\"a\"}", NULL},
		{"{\"ServerURL\":\"hf.co\\u0000.evil\",\"Username\":\"a\"}", NULL},
		{"{\"ServerURL\":\"hf.co\",\"Username\":\"a\",\"Secret\":\"hf_secret\"} x",
		 NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(logins); i++) {
		CLEANUP(docker_login_release) struct docker_login login = {.secret = {0}};
		struct err err = {0};

		if (parse(logins[i].text, strlen(logins[i].text), &login, &err) != ERR_FORMAT)
			fail_msg("'%s' is taken", logins[i].text);
		if (logins[i].message)
			assert_string_equal(err.message, logins[i].message);
		assert_null(strstr(err.message, "secret"));
	}
}

static void long_logins_are_refused(void **state UNUSED)
{
	static const char *const members[] = {"ServerURL", "Username"};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		CLEANUP(docker_login_release) struct docker_login login = {.secret = {0}};
		AUTOBUF struct buf text = {0};

		buf_printf(&text, "{\"%s\":\"a\",\"%s\":\"", members[1 - i], members[i]);
		for (int n = 0; n < 3000; n++)
			buf_add_char(&text, 'x');
		buf_add_text(&text, "\"}");
		assert_int_equal(parse(text.data, text.size, &login, NULL), ERR_FORMAT);
	}
}

/* ---- actions without a token ------------------------------------------------------------------ */

struct call {
	const char *action;
	const char *input;
	const char *output;  /* of a success */
	const char *message; /* of a failure, its beginning; NULL: there is none */
};

static int serve(void *user)
{
	const struct call *call = user;
	AUTOBUF struct buf note = {0};
	struct err err = {0};
	int in = open("in", O_RDONLY);
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int error;

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		return 1;
	error = docker_serve(call->action, NULL, &note, &err);
	if (note.size)
		return 4; /* without a token there is nothing to say */
	if (!error != !call->message)
		return 2;
	return error && strncmp(err.message, call->message, strlen(call->message)) != 0 ? 3 : 0;
}

static void actions_without_tokens(void **state UNUSED)
{
#define LOGIN(server) "{\"ServerURL\":\"" server "\",\"Username\":\"a\",\"Secret\":\"hf_x\"}"
	static const struct call calls[] = {
		{"get", "hf.co", "", DOCKER_NOT_FOUND},
		{"get", "registry.hf.space\n", "", DOCKER_NOT_FOUND},
		{"get", "ghcr.io", "", DOCKER_NOT_FOUND},
		{"get", "", "", DOCKER_NO_SERVER},
		{"get", " \n", "", DOCKER_NO_SERVER},
		{"list", "unused", "{}\n", NULL},
		{"list", "", "{}\n", NULL},
		{"erase", "hf.co", "", NULL},
		{"erase", "ghcr.io", "", NULL},
		{"erase", "", "", DOCKER_NO_SERVER},
		{"store", LOGIN("hf.co"), "", "this token is not stored"},
		{"store", LOGIN("ghcr.io"), "", "hftoken keeps Hugging Face tokens only"},
		{"store", "{}", "", DOCKER_NO_SERVER},
		{"store", "nonsense", "", "docker's request"},
		{"version", "", "docker-credential-hftoken " HFTOKEN_VERSION "\n", NULL},
		{"Get", "hf.co", "", "docker-credential-hftoken: unknown action: Get"},
		{"", "", "", "docker-credential-hftoken: unknown action: "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct call call = calls[i];
		int status;

		write_text("in", call.input, 0600);
		status = in_child(serve, &call);
		if (status != 0)
			fail_msg("%s '%s': %d", call.action, call.input, status);
		assert_file_text("out", call.output);
	}
	assert_int_equal(access(".local", F_OK), -1); /* and nothing is written anywhere */
}

static void too_long_a_request_is_refused(void **state UNUSED)
{
	struct call call = {"get", "", "", "docker's request"};
	AUTOBUF struct buf text = {0};

	while (text.size <= DOCKER_INPUT_MAX)
		buf_add_text(&text, "hf.co\n");
	write_bytes("in", text.data, text.size, 0600);
	assert_int_equal(in_child(serve, &call), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(actions_without_tokens),
		in_a_home(too_long_a_request_is_refused),
		cmocka_unit_test(three_registries_are_ours),
		cmocka_unit_test(no_other_registry_is_ours),
		cmocka_unit_test(keys_are_trimmed),
		cmocka_unit_test(logins_are_read),
		cmocka_unit_test(bad_logins_are_refused),
		cmocka_unit_test(long_logins_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
