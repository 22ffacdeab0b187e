/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "protocol/header.h"

static int add(struct secret *ret, enum header_format format, const char *host,
	       const char *username, const char *token)
{
	AUTOSECRET struct secret secret = {0};
	struct err err = {0};
	int error;

	assert_int_equal(secret_set(&secret, token, strlen(token)), 0);
	error = header_add(ret, format, host, username, &secret, &err);
	if (error && *token)
		assert_null(strstr(err.message, token));
	return error;
}

static void lines_are_written(void **state UNUSED)
{
	static const struct {
		enum header_format format;
		const char *host, *username, *token, *line;
	} lines[] = {
		{HEADER_PLAIN, "hf.co", "alice", "hf_x", "Authorization: Bearer hf_x\n"},
		{HEADER_PLAIN, "hf.co", "", "a\"b\\c d", "Authorization: Bearer a\"b\\c d\n"},
		{HEADER_CURL, "hf.co", "alice", "hf_x",
		 "header = \"Authorization: Bearer hf_x\"\n"},
		{HEADER_CURL, "hf.co", "", "a\"b\\c",
		 "header = \"Authorization: Bearer a\\\"b\\\\c\"\n"},
		{HEADER_NETRC, "hf.co", "alice", "hf_x",
		 "machine hf.co login alice password hf_x\n"},
		{HEADER_NETRC, "127.0.0.1:8080", "", "hf_x",
		 "machine 127.0.0.1 login hf_user password hf_x\n"},
		{HEADER_NETRC, "[::1]:8080", "al ice", "hf_x",
		 "machine ::1 login hf_user password hf_x\n"},
		{HEADER_NETRC, "hf.co", "a\nmachine evil", "hf_x",
		 "machine hf.co login hf_user password hf_x\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTOSECRET struct secret line = {0};

		assert_int_equal(add(&line, lines[i].format, lines[i].host, lines[i].username,
				     lines[i].token),
				 0);
		assert_string_equal(line.data, lines[i].line);
	}
}

static void what_does_not_fit_is_refused(void **state UNUSED)
{
	static const struct {
		const char *token;
		bool in_netrc_only;
	} tokens[] = {
		{"", false},     {"a\nX: y", false}, {"a\rb", false},
		{"a\tb", false}, {"\x7f", false},    {"a b", true},
		{"a\"b", true},  {"a\\b", true},     {"#secrethf", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		for (int format = 0; format < HEADER_FORMAT_COUNT; format++) {
			bool refused = !tokens[i].in_netrc_only || format == HEADER_NETRC;
			AUTOSECRET struct secret line = {0};
			int error = add(&line, (enum header_format)format, "hf.co", "a",
					tokens[i].token);

			if (error != (refused ? ERR_FORMAT : 0))
				fail_msg("'%s' as %s: %d", tokens[i].token,
					 header_format_names[format], error);
			assert_true(!refused || line.size == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_written),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
