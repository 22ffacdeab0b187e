/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/checkup.h"

#define NOW ((int64_t)1790000000)
#define DAY ((int64_t)86400)

static void tokens_in_variables(void **state UNUSED)
{
	static const struct {
		const char *value, *problem; /* a part of it */
	} rows[] = {
		{"hf_abc", NULL},
		{"", NULL},
		{"\"hf_abc\"", "quotes"},
		{"'hf_abc", "quotes"},
		{"hf_abc\"", "quotes"},
		{"Bearer hf_abc", "Bearer"},
		{"bearer\thf_abc", "white space"},
		{"hf_abc hf_def", "white space"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTOSECRET struct secret value = {0};
		const char *found;

		assert_int_equal(secret_set(&value, rows[i].value, strlen(rows[i].value)), 0);
		found = checkup_token(&value);
		if (!rows[i].problem != !found || (found && !strstr(found, rows[i].problem)))
			fail_msg("'%s': %s", rows[i].value, found ? found : "nothing");
	}
}

static void proxies(void **state UNUSED)
{
	static const struct {
		const char *value, *shown, *problem;
	} rows[] = {
		{"http://proxy:3128", "http://proxy:3128", NULL},
		{"http://proxy:3128/", "http://proxy:3128", NULL},
		{"proxy.example", "proxy.example", NULL},
		{"SOCKS5H://[::1]:1080", "SOCKS5H://[::1]:1080", NULL},
		{"http://a:b@proxy:1", "http://****@proxy:1", NULL},
		{"http://a:b@c@proxy:1", "http://****@proxy:1", NULL},
		{"a:b@proxy", "****@proxy", NULL},
		{"http://a:b@proxy/x@y", "http://****@y", "last @"},
		{"http://user:se/cret@proxy:3128", "http://****@proxy:3128", "last @"},
		{"user:se?cret@proxy:3128/", "****@proxy:3128", "last @"},
		{"user:a://b@proxy:1", "****@proxy:1", "last @"},
		{"http://proxy:port", "http://proxy:port", "port"},
		{"http://proxy:0", "http://proxy:0", "port"},
		{"http://proxy:65536", "http://proxy:65536", "port"},
		{"http://proxy:", "http://proxy:", "port"},
		{"http://", "http://", "no host"},
		{"http://a:b@", "http://****@", "no host"},
		{"http://:3128", "http://:3128", "no host"},
		{"ftp://proxy:3128", "ftp://proxy:3128", "scheme"},
		{"http://pro xy:3128", "http://pro xy:3128", "character"},
		{"http://[::1:3128", "http://[::1:3128", "bracket"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char shown[PROXY_SHOWN_SIZE];
		const char *found = checkup_proxy(rows[i].value, shown);

		if (!rows[i].problem != !found || (found && !strstr(found, rows[i].problem)))
			fail_msg("'%s': %s", rows[i].value, found ? found : "nothing");
		assert_string_equal(shown, rows[i].shown);
	}
}

/* However long it is, what stands before the host is not shown. */
static void long_proxies(void **state UNUSED)
{
	char value[2048] = "http://geheim:";
	char shown[PROXY_SHOWN_SIZE];

	memset(value + strlen(value), 'x', 1500);
	assert_non_null(checkup_proxy(value, shown));
	assert_true(strlen(shown) < sizeof(shown));
	memcpy(value + strlen(value), "@proxy:1", sizeof("@proxy:1"));
	assert_null(checkup_proxy(value, shown));
	assert_string_equal(shown, "http://****@proxy:1");
}

static void versions(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool known;
		unsigned version[3];
	} rows[] = {
		{"git version 2.39.5\n", true, {2, 39, 5}},
		{"git version 2.26.GIT", true, {2, 26, 0}},
		{"git version 2.44.0.windows.1", true, {2, 44, 0}},
		{"hftoken 0.1.0", true, {0, 1, 0}},
		{"3", true, {3, 0, 0}},
		{"git", false, {0}},
		{"", false, {0}},
		{"99999999999999999999", false, {0}},
	};
	const unsigned version[3] = {2, 26, 2};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned found[3];

		assert_int_equal(checkup_version(rows[i].text, found), rows[i].known);
		if (rows[i].known)
			assert_memory_equal(found, rows[i].version, sizeof(found));
	}
	assert_true(checkup_is_version(version, 2, 26, 2));
	assert_true(checkup_is_version(version, 1, 99, 99));
	assert_true(checkup_is_version(version, 2, 9, 9));
	assert_false(checkup_is_version(version, 2, 26, 3));
	assert_false(checkup_is_version(version, 2, 27, 0));
	assert_false(checkup_is_version(version, 3, 0, 0));
}

static void dates(void **state UNUSED)
{
	static const char *const wrong[] = {
		"",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
		"Sun, 06 Now 1994 08:49:37 GMT",
		"Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 06 ovD 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 0x Nov 1994 08:49:37 GMT",
	};
	int64_t seconds = 0;

	assert_true(checkup_http_date("Sun, 06 Nov 1994 08:49:37 GMT", &seconds));
	assert_int_equal(seconds, 784111777);
	assert_true(checkup_http_date("Thu, 01 Jan 1970 00:00:00 GMT", &seconds));
	assert_int_equal(seconds, 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (checkup_http_date(wrong[i], &seconds))
			fail_msg("'%s' is taken for a date", wrong[i]);
	}
}

static void lives(void **state UNUSED)
{
	static const struct {
		int64_t expires;
		enum checkup_life life;
		int64_t days;
	} rows[] = {
		{TIME_UNKNOWN, LIFE_LONG, 0},
		{NOW, LIFE_OVER, 0},
		{NOW - 1, LIFE_OVER, 0},
		{NOW + 1, LIFE_ENDS_SOON, 0},
		{NOW + 14 * DAY, LIFE_ENDS_SOON, 14},
		{NOW + 14 * DAY + 1, LIFE_LONG, 14},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t days = -1;

		assert_int_equal(checkup_life(rows[i].expires, NOW, &days), rows[i].life);
		assert_int_equal(days, rows[i].days);
	}
}

static void files(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		uid_t owner;
		enum checkup_kind kind;
		enum checkup_fault fault;
	} rows[] = {
		{S_IFREG | 0600, 7, CHECKUP_FILE, FAULT_NONE},
		{S_IFREG | 0400, 7, CHECKUP_FILE, FAULT_NONE},
		{S_IFREG | 0640, 7, CHECKUP_FILE, FAULT_READ},
		{S_IFREG | 0602, 7, CHECKUP_FILE, FAULT_WRITE},
		{S_IFREG | 0600, 8, CHECKUP_FILE, FAULT_OWNER},
		{S_IFREG | 0600, 0, CHECKUP_FILE, FAULT_OWNER},
		{S_IFLNK | 0777, 7, CHECKUP_FILE, FAULT_KIND},
		{S_IFIFO | 0600, 7, CHECKUP_FILE, FAULT_KIND},
		{S_IFDIR | 0700, 7, CHECKUP_FILE, FAULT_KIND},
		{S_IFREG | 0644, 7, CHECKUP_PUBLIC_FILE, FAULT_NONE},
		{S_IFREG | 0644, 0, CHECKUP_PUBLIC_FILE, FAULT_NONE},
		{S_IFREG | 0644, 8, CHECKUP_PUBLIC_FILE, FAULT_OWNER},
		{S_IFREG | 0664, 7, CHECKUP_PUBLIC_FILE, FAULT_WRITE},
		{S_IFDIR | 0700, 7, CHECKUP_FOLDER, FAULT_NONE},
		{S_IFDIR | 0711, 7, CHECKUP_FOLDER, FAULT_READ},
		{S_IFDIR | 0770, 7, CHECKUP_FOLDER, FAULT_WRITE},
		{S_IFDIR | 0700, 0, CHECKUP_FOLDER, FAULT_OWNER},
		{S_IFREG | 0700, 7, CHECKUP_FOLDER, FAULT_KIND},
		{S_IFDIR | 0755, 7, CHECKUP_PUBLIC_FOLDER, FAULT_NONE},
		{S_IFDIR | 0775, 7, CHECKUP_PUBLIC_FOLDER, FAULT_WRITE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct stat status = {.st_mode = rows[i].mode, .st_uid = rows[i].owner};

		if (checkup_file(&status, rows[i].kind, 7) != rows[i].fault)
			fail_msg("row %zu", i);
	}
}

static void temporary_names(void **state UNUSED)
{
	static const char *const yes[] = {"vault.new",
					  "vault.key.new",
					  "catalogue.new",
					  "outcomes.new",
					  "last.new",
					  "vault-0123abcd.key.new",
					  "secret-service.silent.new",
					  ".rules.hftoken-0123456789abcdef",
					  ".a.hftoken-b.hftoken-0123456789abcdef"};
	static const char *const no[] = {"vault",
					 "catalogue.prev",
					 ".new",
					 "settings.new",
					 "notes.new",
					 "my-vault.new",
					 "vault-0123abc.key.new",
					 "vault-0123abcd.key",
					 "new",
					 "vault.new.bak",
					 ".rules.hftoken-0123456789abcde",
					 ".rules.hftoken-0123456789abcdef0",
					 ".rules.hftoken-0123456789abcdeF",
					 "rules.hftoken-0123456789abcdef",
					 ".x"};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(checkup_is_temporary(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (checkup_is_temporary(no[i]))
			fail_msg("'%s'", no[i]);
	}
}

static void room(void **state UNUSED)
{
	const uint64_t mebi = (uint64_t)1 << 20;

	assert_int_equal(checkup_space(1000 * mebi, 1000, 900), FINDING_OK);
	assert_int_equal(checkup_space(1000 * mebi, 0, 0), FINDING_OK);
	assert_int_equal(checkup_space(10 * mebi, 1000, 900), FINDING_WARNING);
	assert_int_equal(checkup_space(1000 * mebi, 1000, 10), FINDING_WARNING);
	assert_int_equal(checkup_space(0, 1000, 900), FINDING_ERROR);
	assert_int_equal(checkup_space(1000 * mebi, 1000, 0), FINDING_ERROR);
}

/* ---- records ---------------------------------------------------------------------------------- */

#define ID(letter) letter letter letter letter letter letter letter letter
#define A          ID("aaaa")
#define B          ID("bbbb")
#define C          ID("cccc")

struct told {
	char text[1024];
};

static void tell(void *user, enum checkup_record what, const char *id,
		 const struct token *token)
{
	static const char *const words[] = {"orphan", "shadow", "later", "missing"};
	struct told *told = user;
	size_t size = strlen(told->text);

	(void)snprintf(told->text + size, sizeof(told->text) - size, "%s %.1s%s %s\n",
		       words[what], id, id + 32, token ? token->name : "-");
}

static void records(void **state UNUSED)
{
	struct token tokens[] = {
		{.name = "work", .id = A, .revision = 2, .store = "file"},
		{.name = "desk", .id = B, .revision = 1, .store = "secret-service"},
	};
	const struct catalogue catalogue = {.tokens = tokens, .count = 2};
	static const struct {
		const char *store, *ids, *told;
	} rows[] = {
		{"file", A ".2\n", ""},
		{"file", A ".2", ""},
		{"file", "", "missing a.2 work\n"},
		{"file", A ".2\n" A ".1\n", "shadow a.1 work\n"},
		{"file", A ".1\n", "shadow a.1 work\nmissing a.2 work\n"},
		{"file", A ".20\n", "later a.20 work\nmissing a.2 work\n"},
		{"file", C ".1\n" A ".2\n", "orphan c.1 -\n"},
		{"file", B ".1\n" A ".2\n", "later b.1 desk\n"},
		{"file", "nonsense\n\n" A ".2\n", ""},
		{"secret-service", B ".1\n", ""},
		{"secret-service", "", "missing b.1 desk\n"},
		{"other", "", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct told told = {""};

		assert_int_equal(
			checkup_records(rows[i].store, rows[i].ids, &catalogue, tell, &told),
			0);
		assert_string_equal(told.text, rows[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_in_variables),
		cmocka_unit_test(proxies),
		cmocka_unit_test(long_proxies),
		cmocka_unit_test(versions),
		cmocka_unit_test(dates),
		cmocka_unit_test(lives),
		cmocka_unit_test(files),
		cmocka_unit_test(temporary_names),
		cmocka_unit_test(room),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
