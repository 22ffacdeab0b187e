/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "protocol/git.h"

/* What a request is understood as; NULL fields are not in it. */
struct reading {
	const char *text;
	const char *protocol, *host, *path, *username, *password, *url;
	bool cut_off;
};

#define NONE NULL

static int parse(struct secret *text, const char *data, size_t size, struct git_request *ret,
		 struct err *err)
{
	assert_int_equal(secret_set(text, data, size), 0);
	return git_request_parse(text, ret, err);
}

static void assert_field(const char *text, const char *found, const char *wanted)
{
	if ((found == NULL) != (wanted == NULL) || (found && strcmp(found, wanted) != 0))
		fail_msg("'%s': found '%s', not '%s'", text, found ? found : "(none)",
			 wanted ? wanted : "(none)");
}

static void requests_are_read(void **state UNUSED)
{
	static const struct reading readings[] = {
		{"", NONE, NONE, NONE, NONE, NONE, NONE, false},
		{"\n", NONE, NONE, NONE, NONE, NONE, NONE, false},
		{"protocol=https\nhost=huggingface.co\n", "https", "huggingface.co", NONE, NONE,
		 NONE, NONE, false},
		{"protocol=https\nhost=huggingface.co\n\n", "https", "huggingface.co", NONE,
		 NONE, NONE, NONE, false},
		/* as git sends it */
		{"capability[]=authtype\ncapability[]=state\nprotocol=https\n"
		 "host=huggingface.co\nwwwauth[]=Basic realm=\"x\", charset=\"UTF-8\"\n",
		 "https", "huggingface.co", NONE, NONE, NONE, NONE, false},
		{"protocol=https\nhost=hf.co:8443\npath=acme/m1.git\nusername=alice\n"
		 "password=hf_x=y\n",
		 "https", "hf.co:8443", "acme/m1.git", "alice", "hf_x=y", NONE, false},
		{"url=https://alice@hf.co/acme/m1\n", NONE, NONE, NONE, NONE, NONE,
		 "https://alice@hf.co/acme/m1", false},
		/* CR belongs to the line's end */
		{"protocol=https\r\nhost=hf.co\r\n\r\n", "https", "hf.co", NONE, NONE, NONE,
		 NONE, false},
		/* empty is not missing */
		{"protocol=\nhost=\nusername=\n", "", "", NONE, "", NONE, NONE, false},
		/* what nobody here knows, repeated as it likes */
		{"host=hf.co\nfuture=1\nfuture=2\nstate[]=a\nstate[]=\nHost=evil.example\n",
		 NONE, "hf.co", NONE, NONE, NONE, NONE, false},
		/* behind the empty line nothing counts */
		{"host=hf.co\n\nhost=evil.example\nnonsense", NONE, "hf.co", NONE, NONE, NONE,
		 NONE, false},
		/* cut off */
		{"protocol=https\nhost=huggingface.c", "https", "huggingface.c", NONE, NONE,
		 NONE, NONE, true},
		{"protocol=https\nhost=hf.co\npath=", "https", "hf.co", "", NONE, NONE, NONE,
		 true},
		{"host=hf.co\nfuture=1", NONE, "hf.co", NONE, NONE, NONE, NONE, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		const struct reading *wanted = &readings[i];
		AUTOSECRET struct secret text = {0};
		struct git_request request = {0};
		struct err err = {0};

		if (parse(&text, wanted->text, strlen(wanted->text), &request, &err))
			fail_msg("'%s': %s", wanted->text, err.message);
		assert_field(wanted->text, request.protocol, wanted->protocol);
		assert_field(wanted->text, request.host, wanted->host);
		assert_field(wanted->text, request.path, wanted->path);
		assert_field(wanted->text, request.username, wanted->username);
		assert_field(wanted->text, request.password, wanted->password);
		assert_field(wanted->text, request.url, wanted->url);
		assert_int_equal(request.complete, !wanted->cut_off);
	}
}

static const char *const fields[] = {"protocol", "host", "path", "username", "password", "url"};

static void assert_refused(const char *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	struct git_request request = {.host = "untouched"};
	struct err err = {0};

	if (parse(&text, data, size, &request, &err) != ERR_FORMAT)
		fail_msg("'%s' is taken", data);
	assert_string_equal(request.host, "untouched");
	assert_int_equal(err.code, ERR_FORMAT);
	assert_null(strstr(err.message, "secret"));
}

static void a_field_that_is_repeated_is_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		AUTOBUF struct buf same = {0};
		AUTOBUF struct buf empty = {0};

		buf_printf(&same, "%s=hf_secretsecret\nx=y\n%s=hf_secretsecret\n", fields[i],
			   fields[i]);
		assert_refused(same.data, same.size);
		buf_printf(&empty, "%s=a\n%s=\n", fields[i], fields[i]);
		assert_refused(empty.data, empty.size);
	}
}

static void a_url_stands_alone(void **state UNUSED)
{
	for (size_t i = 0; i + 1 < ARRAY_SIZE(fields); i++) {
		AUTOBUF struct buf before = {0};
		AUTOBUF struct buf behind = {0};

		buf_printf(&before, "%s=x\nurl=https://hf.co\n", fields[i]);
		assert_refused(before.data, before.size);
		buf_printf(&behind, "url=https://hf.co\n%s=\n", fields[i]);
		assert_refused(behind.data, behind.size);
	}
}

static void control_bytes_are_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		for (int byte = 0; byte < 256; byte++) {
			bool control = byte < ' ' || byte == 0x7f;
			AUTOSECRET struct secret text = {0};
			AUTOBUF struct buf data = {0};
			struct git_request request;
			int error;

			buf_printf(&data, "%s=a", fields[i]);
			buf_add_char(&data, (char)byte);
			buf_add_text(&data, "b\n");
			if (byte == '\n') /* the rest is a line without a `=` */
				control = true;
			error = parse(&text, data.data, data.size, &request, NULL);
			if (error != (control ? ERR_FORMAT : 0))
				fail_msg("byte %#x in '%s': %d", (unsigned)byte, fields[i],
					 error);
		}
	}
}

static void control_bytes_elsewhere_do_not_matter(void **state UNUSED)
{
	static const char text[] = "wwwauth[]=a\x1b\tb\x7f\nhost=hf.co\n";
	AUTOSECRET struct secret secret = {0};
	struct git_request request;

	assert_int_equal(parse(&secret, text, strlen(text), &request, NULL), 0);
	assert_string_equal(request.host, "hf.co");
}

static void lines_that_are_none_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"nonsense\n",         "host\n", "=hf.co\n", "host=hf.co\nnonsense\n",
		"host=hf.co\n=\n",    " \n",    "\r\r\n",   "host=hf.co\nhf_secretsecret\n",
		"host=hf.co\nnonsen",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
	assert_refused("host=a\0b\n", 9);
	assert_refused("x=a\0b\nhost=hf.co\n", 17);
}

static void a_line_has_a_limit(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};

	buf_add_text(&text, "host=hf.co\nfuture=");
	while (text.size < 2 * LINE_MAX_SIZE)
		buf_add_char(&text, 'x');
	buf_add_char(&text, '\n');
	assert_refused(text.data, text.size);
}

/* Wherever a request is cut, it is never taken for a complete one with other fields. */
static void a_cut_request_shows(void **state UNUSED)
{
	static const char whole[] = "protocol=https\nhost=huggingface.co\npath=acme/m1\n"
				    "username=alice\npassword=hf_x\n";

	for (size_t size = 0; size < sizeof(whole); size++) {
		AUTOSECRET struct secret text = {0};
		struct git_request request;

		if (parse(&text, whole, size, &request, NULL))
			continue;
		assert_int_equal(request.complete, size == 0 || whole[size - 1] == '\n');
		if (request.complete && request.host)
			assert_string_equal(request.host, "huggingface.co");
		if (request.complete && request.password)
			assert_string_equal(request.password, "hf_x");
	}
}

/* ---- operations that need no token ------------------------------------------------------------ */

struct call {
	const char *operation;
	const char *input;
	int error;
};

/* Serves one operation with files as stdin and stdout. */
static int serve(void *user)
{
	const struct call *call = user;
	struct err err = {0};
	int in = open("in", O_RDONLY);
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (setenv("HFTOKEN_NO_INPUT", "1", 1) < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0)
		return 1;
	return git_serve(call->operation, NULL, &err) == call->error ? 0 : 2;
}

static void operations_without_an_answer_say_nothing(void **state UNUSED)
{
#define REQUEST "protocol=https\nhost=huggingface.co\nusername=u\npassword=hf_x\n"
	static const struct call calls[] = {
		{"store", REQUEST, 0},
		{"erase", REQUEST, 0},
		{"erase", "protocol=https\nhost=huggingface.co\n", 0},
		{"store", "", 0},
		{"store", "protocol=https\nhost=huggingfa", 0},
		{"get", "protocol=https\nhost=github.com\n", 0},
		{"get", "protocol=https\nhost=huggingface.co\n", 0}, /* no tokens, no answer */
		{"get", "protocol=cert\nhost=\npath=x\n", 0},
		{"get", "", 0},
		{"get", "url=ssh://git@hf.co/x\n", 0},
		{"future", "nonsense", 0},
		{"GET", REQUEST, 0},
		{"", "", 0},
		{"get", "nonsense\n", ERR_FORMAT},
		{"store", "host=a\nhost=b\n", ERR_FORMAT},
		{"erase", "host=a\rb\n", ERR_FORMAT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct call call = calls[i];
		int status;

		write_text("in", call.input, 0600);
		status = in_child(serve, &call);
		if (status != 0)
			fail_msg("%s '%s': %d", call.operation, call.input, status);
		assert_file_text("out", "");
	}
	assert_int_equal(access(".local", F_OK), -1); /* and nothing is written anywhere */
}

static void capabilities_are_told(void **state UNUSED)
{
	struct call call = {"capability", "", 0};

	write_text("in", "", 0600);
	assert_int_equal(in_child(serve, &call), 0);
	assert_file_text("out", "version 0\n");
}

static void too_long_a_request_is_refused(void **state UNUSED)
{
	struct call call = {"store", "", ERR_FORMAT};
	AUTOBUF struct buf text = {0};

	while (text.size <= GIT_INPUT_MAX)
		buf_add_text(&text,
			     "future=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	write_bytes("in", text.data, text.size, 0600);
	assert_int_equal(in_child(serve, &call), 0);
	assert_file_text("out", "");
}

int main(void)
{
	/* Cases in a child process come first: secrets of this one are not inherited. */
	const struct CMUnitTest tests[] = {
		in_a_home(operations_without_an_answer_say_nothing),
		in_a_home(capabilities_are_told),
		in_a_home(too_long_a_request_is_refused),
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(a_field_that_is_repeated_is_refused),
		cmocka_unit_test(a_url_stands_alone),
		cmocka_unit_test(control_bytes_are_refused),
		cmocka_unit_test(control_bytes_elsewhere_do_not_matter),
		cmocka_unit_test(lines_that_are_none_are_refused),
		cmocka_unit_test(a_line_has_a_limit),
		cmocka_unit_test(a_cut_request_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
