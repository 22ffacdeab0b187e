/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/url.h"

#define HUB ENDPOINT_HUB

struct spelling {
	const char *url;
	const char *endpoint; /* NULL: refused */
};

static void check(const struct spelling *spelling)
{
	char endpoint[ENDPOINT_SIZE] = "untouched";
	struct err err = {0};
	int error = endpoint_of_url(spelling->url, endpoint, &err);

	if (!spelling->endpoint) {
		if (error != ERR_USAGE)
			fail_msg("'%s' is taken for '%s'", spelling->url, endpoint);
		assert_string_equal(endpoint, "untouched");
		assert_int_equal(err.code, ERR_USAGE);
		assert_true(*err.message && *err.hint);
		return;
	}
	if (error)
		fail_msg("'%s' is refused: %s", spelling->url, err.message);
	assert_string_equal(endpoint, spelling->endpoint);
}

static void each_origin_has_one_spelling(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"https://huggingface.co", HUB},
		{"https://huggingface.co/", HUB},
		{"HTTPS://HuggingFace.CO", HUB},
		{"https://huggingface.co:443", HUB},
		{"https://huggingface.co:443/acme/m1.git", HUB},
		{"https://huggingface.co/a?b=c#d", HUB},
		{"https://huggingface.co?b", HUB},
		{"https://huggingface.co#d", HUB},
		{"https://huggingface.co/https://evil.example", HUB},
		{"https://huggingface.co/@evil.example", HUB},
		{"https://huggingface.co:8443", "https://huggingface.co:8443"},
		{"https://huggingface.co:80", "https://huggingface.co:80"},
		{"https://huggingface.co:65535", "https://huggingface.co:65535"},
		{"https://hub-ci.huggingface.co", "https://hub-ci.huggingface.co"},
		{"https://mirror.example:8443/hub", "https://mirror.example:8443"},
		{"https://a_b-c.example", "https://a_b-c.example"},
		{"https://10.0.0.1", "https://10.0.0.1"},
		{"https://[2001:db8::1]", "https://[2001:db8::1]"},
		{"https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443"},
		{"https://[::1]", "https://[::1]"},
		{"https://localhost", "https://localhost"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

static void two_names_of_the_hub_are_its_own(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"https://hf.co", HUB},
		{"https://HF.co:443/acme/m1", HUB},
		{"https://www.huggingface.co", HUB},
		/* other ports are other servers */
		{"https://hf.co:8443", "https://hf.co:8443"},
		{"https://www.huggingface.co:444", "https://www.huggingface.co:444"},
		/* and so are other names, however alike */
		{"https://www.hf.co", "https://www.hf.co"},
		{"https://cdn.hf.co", "https://cdn.hf.co"},
		{"https://cdn-lfs.huggingface.co", "https://cdn-lfs.huggingface.co"},
		{"https://evilhuggingface.co", "https://evilhuggingface.co"},
		{"https://huggingface.co.evil.example", "https://huggingface.co.evil.example"},
		{"https://huggingface.com", "https://huggingface.com"},
		{"https://hf.space", "https://hf.space"},
		{"https://xn--huggingface-abc.co", "https://xn--huggingface-abc.co"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

/* Whatever a URL parser could read as another host than we do. */
static void what_could_be_read_in_two_ways_is_refused(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		/* user info */
		{"https://user@huggingface.co", NULL},
		{"https://user:hf_x@huggingface.co", NULL},
		{"https://huggingface.co@evil.example", NULL},
		{"https://huggingface.co:443@evil.example", NULL},
		{"https://@huggingface.co", NULL},
		/* a backslash: a slash for browsers, a part of the user's name for curl */
		{"https://huggingface.co\\@evil.example", NULL},
		{"https://huggingface.co\\.evil.example", NULL},
		{"https://huggingface.co\\", NULL},
		{"https:\\\\huggingface.co", NULL},
		{"https://\\huggingface.co", NULL},
		/* other spellings of letters */
		{"https://%68uggingface.co", NULL},
		{"https://huggingface%2eco", NULL},
		{"https://huggingface.co%00.evil.example", NULL},
		{"https://huggingface.co%2f.evil.example", NULL},
		{"https://hugging\xc6\x92"
		 "ace.co",
		 NULL},
		{"https://huggingface\xe3\x80\x82"
		 "co",
		 NULL},                                      /* an ideographic full stop */
		{"https://\xef\xbd\x88uggingface.co", NULL}, /* a full-width letter */
		{"https://hugg\xc2\xad"
		 "ingface.co",
		 NULL}, /* a soft hyphen */
		/* dots */
		{"https://huggingface.co.", NULL},
		{"https://.huggingface.co", NULL},
		{"https://huggingface..co", NULL},
		{"https://.", NULL},
		/* white space and control bytes */
		{" https://huggingface.co", NULL},
		{"https://huggingface.co ", NULL},
		{"https:// huggingface.co", NULL},
		{"https://huggingface.co\n", NULL},
		{"https://huggingface.co\r\n.evil.example", NULL},
		{"https://hugging\tface.co", NULL},
		{"ht\ntps://huggingface.co", NULL},
		/* no host at all */
		{"https://", NULL},
		{"https:///huggingface.co", NULL},
		{"https://:443", NULL},
		{"https://?huggingface.co", NULL},
		{"https:huggingface.co", NULL},
		{"huggingface.co", NULL},
		{"//huggingface.co", NULL},
		{"://huggingface.co", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

static void ports_are_numbers(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"https://huggingface.co:", NULL},
		{"https://huggingface.co:0", NULL},
		{"https://huggingface.co:65536", NULL},
		{"https://huggingface.co:443x", NULL},
		{"https://huggingface.co:-1", NULL},
		{"https://huggingface.co:+443", NULL},
		{"https://huggingface.co: 443", NULL},
		{"https://huggingface.co:443:444", NULL},
		{"https://huggingface.co:0x1bb", NULL},
		{"https://huggingface.co:18446744073709552059", NULL}, /* 2^64 + 443 */
		{"https://huggingface.co:4294967739", NULL},           /* 2^32 + 443 */
		{"https://huggingface.co:0443", HUB},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

static void addresses_in_brackets_are_addresses(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"https://[]", NULL},
		{"https://[:]", NULL},
		{"https://[::1", NULL},
		{"https://::1", NULL},
		{"https://[::1]x", NULL},
		{"https://[::1].evil.example", NULL},
		{"https://[::1]:x", NULL},
		{"https://[::1]]", NULL},
		{"https://[[::1]]", NULL},
		{"https://[huggingface.co]", NULL},
		{"https://[::1%25eth0]", NULL},
		{"https://[fe80::1%eth0]", NULL},
		{"https://[::g]", NULL},
		{"https://[1:2:3:4:5:6:7:8:9]", NULL},
		{"https://evil.example:80]", NULL},
		{"https://x[::1]", NULL},
		{"https://[::ffff:10.0.0.1]", "https://[::ffff:10.0.0.1]"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

static void other_protocols_are_refused(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"ftp://huggingface.co", NULL},
		{"file:///etc/passwd", NULL},
		{"httpss://huggingface.co", NULL},
		{"hf://acme/m1", NULL},
		{"ssh://git@hf.co", NULL},
		{"javascript://huggingface.co", NULL},
		{"https https://huggingface.co", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

/* Only where nobody on the network can listen. */
static void plain_http_is_for_loopback(void **state UNUSED)
{
	static const struct spelling spellings[] = {
		{"http://localhost", "http://localhost"},
		{"http://LOCALHOST:8080/x", "http://localhost:8080"},
		{"http://localhost:80", "http://localhost"},
		{"http://localhost:443", "http://localhost:443"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"http://127.255.255.254", "http://127.255.255.254"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"http://huggingface.co", NULL},
		{"http://hf.co", NULL},
		{"http://huggingface.co:443", NULL},
		{"http://10.0.0.1", NULL},
		{"http://128.0.0.1", NULL},
		{"http://126.255.255.255", NULL},
		{"http://0.0.0.0", NULL},
		{"http://[::]", NULL},
		{"http://[::2]", NULL},
		{"http://[2001:db8::1]", NULL},
		/* spellings of 127.0.0.1 that not everybody reads so */
		{"http://127.1", NULL},
		{"http://127", NULL},
		{"http://2130706433", NULL},
		{"http://0x7f.0.0.1", NULL},
		{"http://0x7f000001", NULL},
		{"http://0177.0.0.1", NULL},
		{"http://127.0.0.1.", NULL},
		{"http://127.0.0.256", NULL},
		/* names that only look like it */
		{"http://127.0.0.1.evil.example", NULL},
		{"http://localhost.evil.example", NULL},
		{"http://localhost.", NULL},
		{"http://evil-localhost", NULL},
		{"http://a.localhost", NULL},
		{"http://127.0.0.1@evil.example", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		check(&spellings[i]);
}

static void lengths_have_limits(void **state UNUSED)
{
	char url[ENDPOINT_URL_MAX + 100] = "https://";
	char endpoint[ENDPOINT_SIZE];

	memset(url + 8, 'a', sizeof(url) - 9);
	for (size_t host = 1; host < 600; host++) {
		int error;

		url[8 + host] = '\0';
		error = endpoint_of_url(url, endpoint, NULL);
		if (host <= 253)
			assert_int_equal(error, 0);
		if (host > 255)
			assert_int_not_equal(error, 0);
		url[8 + host] = 'a';
	}
	url[8 + 253] = ':';
	memcpy(url + 8 + 254, "65535/", 6);
	url[ENDPOINT_URL_MAX] = '\0';
	assert_int_equal(endpoint_of_url(url, endpoint, NULL), 0);
	assert_int_equal(strlen(endpoint), 8 + 253 + 6);
	url[ENDPOINT_URL_MAX] = 'a';
	url[ENDPOINT_URL_MAX + 1] = '\0';
	assert_int_not_equal(endpoint_of_url(url, endpoint, NULL), 0);
}

/* An endpoint is the endpoint of itself. */
static void endpoints_are_fixed_points(void **state UNUSED)
{
	static const char *const urls[] = {
		"https://hf.co",   "HTTPS://WWW.huggingface.co:443", "https://hf.co:8443",
		"http://[::1]:80", "https://[2001:DB8::1]:443",      "http://LocalHost:0080/x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		char once[ENDPOINT_SIZE];
		char twice[ENDPOINT_SIZE];

		assert_int_equal(endpoint_of_url(urls[i], once, NULL), 0);
		assert_int_equal(endpoint_of_url(once, twice, NULL), 0);
		assert_string_equal(once, twice);
	}
}

static void messages_repeat_nothing_of_the_url(void **state UNUSED)
{
	char endpoint[ENDPOINT_SIZE];
	struct err err = {0};

	assert_int_not_equal(
		endpoint_of_url("https://u:hf_secretsecret@huggingface.co", endpoint, &err), 0);
	assert_null(strstr(err.message, "secret"));
	assert_null(strstr(err.hint, "secret"));
}

/* What git sends: a host with or without a port, and nothing else. */
static void gits_attributes_are_an_endpoint(void **state UNUSED)
{
	static const struct {
		const char *protocol, *host, *endpoint;
	} cases[] = {
		{"https", "huggingface.co", HUB},
		{"HTTPS", "hf.co:443", HUB},
		{"https", "hf.co:8443", "https://hf.co:8443"},
		{"http", "localhost:8080", "http://localhost:8080"},
		{"http", "huggingface.co", NULL},
		{"https", "", NULL},
		{"", "huggingface.co", NULL},
		{"cert", "", NULL},
		{"ssh", "hf.co", NULL},
		{"https", "huggingface.co/acme", NULL},
		{"https", "huggingface.co?", NULL},
		{"https", "user@huggingface.co", NULL},
		{"https", "huggingface.co\\", NULL},
		{"https", "huggingface.co\r", NULL},
		{"https", "huggingface.co:", NULL},
		{"https", "huggingface.co.", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char endpoint[ENDPOINT_SIZE] = "untouched";
		int error = endpoint_of_host(cases[i].protocol, cases[i].host, endpoint, NULL);

		assert_int_equal(error == 0, cases[i].endpoint != NULL);
		assert_string_equal(endpoint,
				    cases[i].endpoint ? cases[i].endpoint : "untouched");
	}
}

static void endpoints_tell_what_they_are(void **state UNUSED)
{
	static const struct {
		const char *endpoint, *host;
		bool hub, loopback;
	} cases[] = {
		{HUB, "huggingface.co", true, false},
		{"https://hub-ci.huggingface.co", "hub-ci.huggingface.co", true, false},
		{"https://huggingface.co:8443", "huggingface.co:8443", false, false},
		{"https://evilhuggingface.co", "evilhuggingface.co", false, false},
		{"http://localhost:80", "localhost:80", false, true},
		{"https://localhost", "localhost", false, true},
		{"http://127.0.0.2:8080", "127.0.0.2:8080", false, true},
		{"https://[::1]:8443", "[::1]:8443", false, true},
		{"https://127.1", "127.1", false, false},
		{"https://127.0.0.1.evil.example", "127.0.0.1.evil.example", false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(endpoint_host(cases[i].endpoint), cases[i].host);
		assert_int_equal(endpoint_is_hub(cases[i].endpoint), cases[i].hub);
		assert_int_equal(endpoint_is_loopback(cases[i].endpoint), cases[i].loopback);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_origin_has_one_spelling),
		cmocka_unit_test(two_names_of_the_hub_are_its_own),
		cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
		cmocka_unit_test(ports_are_numbers),
		cmocka_unit_test(addresses_in_brackets_are_addresses),
		cmocka_unit_test(other_protocols_are_refused),
		cmocka_unit_test(plain_http_is_for_loopback),
		cmocka_unit_test(lengths_have_limits),
		cmocka_unit_test(endpoints_are_fixed_points),
		cmocka_unit_test(messages_repeat_nothing_of_the_url),
		cmocka_unit_test(gits_attributes_are_an_endpoint),
		cmocka_unit_test(endpoints_tell_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
