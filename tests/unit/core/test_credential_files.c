/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/credential_files.h"

#include <stdio.h>
#include <string.h>

#define HUB "https://huggingface.co"

/* What was found, a line each. */
static void note(void *user, const struct credential *credential)
{
	char *found = user;
	size_t size = strlen(found);

	(void)snprintf(found + size, 512 - size, "%s%s%s %s\n",
		       credential->scheme ? credential->scheme : "",
		       credential->scheme ? "://" : "",
		       credential->name   ? credential->name
		       : credential->host ? credential->host
					  : "*",
		       credential->password);
}

static void check(void (*parse)(struct secret *, credential_found, void *), const char *input,
		  const char *expected)
{
	AUTOSECRET struct secret text = {0};
	char found[512] = "";

	assert_int_equal(secret_set(&text, input, strlen(input)), 0);
	parse(&text, note, found);
	if (strcmp(found, expected) != 0)
		fail_msg("%s\nfound: %s", input, found);
}

static void netrc_is_read(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"machine huggingface.co login a password hf_x\n", "huggingface.co hf_x\n"},
		{"machine huggingface.co\n\tlogin a\n\tpassword hf_x", "huggingface.co hf_x\n"},
		{"machine a password x machine b login y password z", "a x\nb z\n"},
		{"default login a password hf_x", "* hf_x\n"},
		{"# machine a password b\nmachine c password d", "c d\n"},
		{"machine a password \"x y\\\"z\"", "a x y\"z\n"},
		{"machine a login password password x", "a x\n"},
		{"machine a login l\nmachine b password p", "b p\n"},
		{"macdef init\nmachine a password b\n\nmachine c password d", "c d\n"},
		{"macdef init\nmachine a password b\n", ""},
		{"machine", ""},
		{"machine a password", ""},
		{"password x", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(credentials_of_netrc, cases[i][0], cases[i][1]);
}

static void git_credentials_are_read(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"https://a:hf_x@huggingface.co\n", "https://huggingface.co hf_x\n"},
		{"https://a:hf%5fx%40@huggingface.co:443/acme/m1\n",
		 "https://huggingface.co:443 hf_x@\n"},
		{"https://a@huggingface.co\n", ""},
		{"https://huggingface.co\n", ""},
		{"https://a:@huggingface.co\n", ""},
		{"nonsense\nhttp://u:p@h\r\n", "http://h p\n"},
		{"https://a:b%zz@h", "https://h b%zz\n"},
		{"https://a:b%4", ""},
		/* git writes the colon before a port so */
		{"http://a:b@127.0.0.1%3a80\n", "http://127.0.0.1:80 b\n"},
		{"https://a:b@evil%40h\n", "https://evil@h b\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(credentials_of_git, cases[i][0], cases[i][1]);
}

static void dotenv_is_read(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"HF_TOKEN=hf_x\n", "HF_TOKEN hf_x\n"},
		{"export HF_TOKEN = \"hf_x\" # mine\n", "HF_TOKEN hf_x\n"},
		{"  HUGGING_FACE_HUB_TOKEN='hf_x'", "HUGGING_FACE_HUB_TOKEN hf_x\n"},
		{"HF_TOKEN=hf_x # comment", "HF_TOKEN hf_x\n"},
		{"#HF_TOKEN=hf_x\nMY_HF_TOKEN=x\nHF_TOKEN_PATH=x\nHF_TOKEN=\n", ""},
		{"export ", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(credentials_of_dotenv, cases[i][0], cases[i][1]);
}

static void docker_auth_is_decoded(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"YTpoZl94", "hf_x"}, {"YTpoZl94eQ==", "hf_xy"},
		{"YTpi", "b"},        {"YTo=", NULL},
		{"YQ==", NULL},       {"", NULL},
		{"!!!!", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret found = {0};
		bool good = credential_of_auth(cases[i][0], &found);

		assert_int_equal(good, cases[i][1] != NULL);
		if (good)
			assert_string_equal(found.data, cases[i][1]);
	}
}

static void a_credential_is_for_one_hub(void **state UNUSED)
{
	static const struct {
		const char *scheme;
		const char *host;
		const char *endpoint;
		bool is_for;
	} cases[] = {
		{NULL, "huggingface.co", HUB, true},
		{NULL, "HuggingFace.co", HUB, true},
		{NULL, "hf.co", HUB, true},
		{NULL, "huggingface.co.evil.example", HUB, false},
		{NULL, "evil.example", HUB, false},
		{NULL, NULL, HUB, true},
		{NULL, "127.0.0.1", "http://127.0.0.1:8080", true},
		{NULL, "127.0.0.2", "http://127.0.0.1:8080", false},
		{"https", "huggingface.co", HUB, true},
		{"https", "huggingface.co:443", HUB, true},
		{"https", "huggingface.co:444", HUB, false},
		{"http", "huggingface.co", HUB, false},
		{"http", "127.0.0.1:8080", "http://127.0.0.1:8080", true},
		{"http", "127.0.0.1:8081", "http://127.0.0.1:8080", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct credential credential = {
			.scheme = cases[i].scheme, .host = cases[i].host, .password = "x"};

		if (credential_is_for(&credential, cases[i].endpoint) != cases[i].is_for)
			fail_msg("%s %s", cases[i].host, cases[i].endpoint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(netrc_is_read),
		cmocka_unit_test(git_credentials_are_read),
		cmocka_unit_test(dotenv_is_read),
		cmocka_unit_test(docker_auth_is_decoded),
		cmocka_unit_test(a_credential_is_for_one_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
