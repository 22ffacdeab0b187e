/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "core/cache.h"
#include "core/settings.h"

#define HUB    ENDPOINT_HUB
#define FOLDER ".config/hftoken"
#define FILE   FOLDER "/settings"

static struct buf warnings;

static void on_warning(const char *where, const char *what)
{
	const char *name = strrchr(where, '/');

	assert_int_equal(where[0], '/');
	buf_printf(&warnings, "%s %s\n", name + 1, what);
}

static int enter(void **state)
{
	buf_release(&warnings);
	return enter_home(state) || mkdir(".config", 0700) || mkdir(FOLDER, 0700);
}

static int leave(void **state)
{
	buf_release(&warnings);
	return leave_home(state);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static struct settings loaded(const char *text)
{
	struct settings settings = {0};
	struct err err = {0};

	buf_clear(&warnings);
	if (text)
		write_text(FILE, text, 0644);
	if (settings_load(&settings, on_warning, &err))
		fail_msg("%s", err.message);
	return settings;
}

static void assert_value(const char *key, const char *value)
{
	const struct settings settings = loaded(NULL);
	AUTOFREE char *found = NULL;

	assert_int_equal(settings_get(&settings, key, &found, NULL), 0);
	assert_string_equal(found, value);
}

static void without_a_file_all_is_as_usual(void **state UNUSED)
{
	static const struct {
		const char *key, *value;
	} usual[] = {
		{"store", "auto"},   {"environment", "default"}, {"cache", "900"},
		{"git.adopt", "on"}, {"hf.follow", "off"},       {"endpoint", HUB},
	};

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		assert_string_equal(settings_keys[i], usual[i].key);
		assert_value(usual[i].key, usual[i].value);
	}
	assert_null(settings_keys[ARRAY_SIZE(usual)]);
	assert_int_equal(rmdir(FOLDER), 0);
	assert_value("store", "auto");
}

static void values_are_checked(void **state UNUSED)
{
	static const struct {
		const char *key, *value;
		const char *shown; /* what `get` gives; NULL: refused */
	} cases[] = {
		{"store", "file", "file"},
		{"store", "secret-service", "secret-service"},
		{"store", "auto", "auto"},
		{"store", "", NULL},
		{"store", "File", NULL},
		{"store", "../evil", NULL},
		{"store", "a/b", NULL},
		{"store", "abcdefghijklmnopqrstuvwxyzabcdef", NULL},
		{"environment", "default", "default"},
		{"environment", "first", "first"},
		{"environment", "ignore", "ignore"},
		{"environment", "FIRST", NULL},
		{"environment", "", NULL},
		{"cache", "1", "1"},
		{"cache", "86400", "86400"},
		{"cache", "off", "off"},
		{"cache", "0", "off"},
		{"cache", "86401", NULL},
		{"cache", "-1", NULL},
		{"cache", "on", NULL},
		{"cache", "", NULL},
		{"cache.work", "60", "60"},
		{"cache.a.b-c_d", "off", "off"},
		{"cache.work", "soon", NULL},
		{"git.adopt", "off", "off"},
		{"git.adopt", "yes", NULL},
		{"hf.follow", "on", "on"},
		{"hf.follow", "off", "off"},
		{"hf.follow", "ON", NULL},
		{"hf.follow", "", NULL},
		{"hf.follow", "true", NULL},
		{"endpoint", "https://mirror.example/hub", "https://mirror.example/hub"},
		{"endpoint", "http://localhost:8080", "http://localhost:8080"},
		{"endpoint", "http://mirror.example", NULL},
		{"endpoint", "mirror.example", NULL},
		{"endpoint", "https://u:p@mirror.example", NULL},
		{"endpoint", "", NULL},
		/* one line, whatever the key */
		{"store", "file\nendpoint = https://evil.example", NULL},
		{"endpoint", "https://mirror.example/\nstore = evil", NULL},
		{"endpoint", "https://mirror.example/\r", NULL},
		/* no such key */
		{"Store", "file", NULL},
		{"", "file", NULL},
		{"store ", "file", NULL},
		{"cache.", "900", NULL},
		{"cache.a b", "900", NULL},
		{"cache.hf_work", "900", NULL},
		{"# store", "file", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = {0};
		int error;

		write_text(FILE, "", 0600);
		error = settings_set(cases[i].key, cases[i].value, &err);
		if (error != (cases[i].shown ? 0 : ERR_USAGE))
			fail_msg("%s = '%s': %d", cases[i].key, cases[i].value, error);
		if (cases[i].shown)
			assert_value(cases[i].key, cases[i].shown);
		else
			assert_file_text(FILE, "");
		assert_int_equal(warnings.size, 0);
	}
}

static void lines_are_read_as_people_write_them(void **state UNUSED)
{
	static const struct {
		const char *text, *store;
	} cases[] = {
		{"store = file\n", "file"},
		{"store=file\n", "file"},
		{"  store\t=\tfile  \n", "file"},
		{"store = file", "file"},
		{"store = file\r\nenvironment=first\r\n", "file"},
		{"\n\n# x\n\nstore=file\n", "file"},
		{"# store = file\n", "auto"},
		{"  # store = file\n", "auto"},
		{"#store=file\n", "auto"},
		{"", "auto"},
		{"store = x\nstore = y\n", "y"}, /* the last one counts */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct settings settings = loaded(cases[i].text);

		assert_string_equal(settings.store, cases[i].store);
		assert_string_equal(buf_text(&warnings), "");
	}
}

/* What makes no sense is told with its place, and all else counts. */
static void nonsense_is_warned_about_and_left_out(void **state UNUSED)
{
	static const struct {
		const char *text, *warning;
	} cases[] = {
		{"colour = blue\nstore = file\n", "settings:1 colour is not a setting\n"},
		{"store = file\n\nendpoint = nowhere\n",
		 "settings:3 endpoint must be a URL such as https://huggingface.co\n"},
		{"store = file\nenvironment = sometimes\n",
		 "settings:2 environment must be default, first or ignore\n"},
		{"store = file\n= x\n", "settings:2  is not a setting\n"},
		{"a = 1\nb = 2\nstore = file\n",
		 "settings:1 a is not a setting\nsettings:2 b is not a setting\n"},
		{"store = file\nstore = ../evil\n",
		 "settings:2 store must be auto or the name of a store\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct settings settings = loaded(cases[i].text);

		assert_string_equal(settings.store, "file");
		assert_string_equal(settings.endpoint, "");
		assert_string_equal(buf_text(&warnings), cases[i].warning);
	}
}

/* The usual 15 minutes are not what somebody meant who wrote one of these. */
static void a_cache_setting_that_makes_no_sense_is_off(void **state UNUSED)
{
	static const struct {
		const char *text;
		unsigned work, other;
	} cases[] = {
		{"", CACHE_SECONDS, CACHE_SECONDS},
		{"cache = OFF\n", 0, 0},
		{"cache = none\n", 0, 0},
		{"cache =\n", 0, 0},
		{"cache = 60\ncache = never\n", 0, 0},
		{"cache = never\ncache = 60\n", 60, 60},
		{"cache = never\ncache.work = 60\n", 60, 0},
		{"cache.work = Off\n", 0, CACHE_SECONDS},
		{"cache.work = 60\ncache.work = 1h\n", 0, CACHE_SECONDS},
	};

	(void)unsetenv("HFTOKEN_CACHE");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct settings settings = loaded(cases[i].text);

		if (settings_cache_seconds(&settings, "work") != cases[i].work ||
		    settings_cache_seconds(&settings, "other") != cases[i].other)
			fail_msg("%s", cases[i].text);
		assert_int_equal(warnings.size > 0, i > 0);
	}
}

static void tokens_behind_too_many_cache_settings_are_not_kept(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};
	struct settings settings;

	for (int i = 0; i < SETTINGS_CACHES; i++)
		buf_printf(&text, "cache.t%d = 60\n", i);
	settings = loaded(buf_text(&text));
	assert_int_equal(settings_cache_seconds(&settings, "work"), CACHE_SECONDS);
	buf_add_text(&text, "cache.work = off\n");
	settings = loaded(buf_text(&text));
	assert_int_equal(settings_cache_seconds(&settings, "work"), 0);
	assert_int_equal(settings_cache_seconds(&settings, "t31"), 60);
	assert_non_null(strstr(buf_text(&warnings), "too many"));
}

static void a_line_without_an_equals_sign_is_warned_about(void **state UNUSED)
{
	const struct settings settings = loaded("nonsense\nstore = file\n");

	assert_string_equal(settings.store, "file");
	assert_begins(buf_text(&warnings), "settings:1 ");
	assert_non_null(strstr(buf_text(&warnings), "key = value"));
	assert_null(strstr(buf_text(&warnings), "(null)"));
}

static void nobody_has_to_be_warned(void **state UNUSED)
{
	struct settings settings;

	write_text(FILE, "nonsense\ncolour = blue\nstore = file\n", 0600);
	assert_int_equal(settings_load(&settings, NULL, NULL), 0);
	assert_string_equal(settings.store, "file");
}

static void a_file_that_others_can_change_is_unsafe(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		int error;
	} cases[] = {{0600, 0}, {0644, 0}, {0444, 0}, {0664, ERR_UNSAFE}, {0646, ERR_UNSAFE}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct settings settings;
		struct err err = {0};

		(void)unlink(FILE);
		write_text(FILE, "store = file\n", cases[i].mode);
		assert_int_equal(settings_load(&settings, NULL, &err), cases[i].error);
		assert_int_equal(settings_set("environment", "first", &err), cases[i].error);
	}
}

static void what_is_no_file_does_not_hang(void **state UNUSED)
{
	struct settings settings;

	assert_int_equal(mkfifo(FILE, 0600), 0);
	assert_int_equal(settings_load(&settings, NULL, NULL), ERR_UNSAFE);
}

/* Else all that stands behind it would be lost with the next change. */
static void a_file_with_a_nul_is_damaged_and_left_alone(void **state UNUSED)
{
	static const char text[] = "store = file\n\0\nendpoint = https://a.example\n";
	struct settings settings;
	size_t size;
	char *after;

	write_bytes(FILE, text, sizeof(text) - 1, 0600);
	assert_int_equal(settings_load(&settings, NULL, NULL), ERR_DAMAGED);
	assert_int_equal(settings_set("store", "x", NULL), ERR_DAMAGED);
	assert_int_equal(settings_unset("store", NULL), ERR_DAMAGED);
	after = read_bytes(FILE, &size);
	assert_int_equal(size, sizeof(text) - 1);
	assert_memory_equal(after, text, size);
	free(after);
}

/* Somebody's dotfiles: read, but not replaced by a file. */
static void settings_may_be_a_link(void **state UNUSED)
{
	struct stat status;

	write_text("dotfile", "store = file\n", 0600);
	assert_int_equal(symlink("../../dotfile", FILE), 0);
	assert_value("store", "file");
	assert_int_equal(settings_set("store", "x", NULL) < 0, 1);
	assert_int_equal(lstat(FILE, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_file_text("dotfile", "store = file\n");
}

/* ---- changing --------------------------------------------------------------------------------- */

static void setting_changes_one_line_and_keeps_the_rest(void **state UNUSED)
{
	static const struct {
		const char *before, *key, *value, *after;
	} cases[] = {
		{"", "store", "file", "store = file\n"},
		{"# mine\n\nendpoint = https://a.example\n", "store", "file",
		 "# mine\n\nendpoint = https://a.example\nstore = file\n"},
		{"# mine\nstore = x\n# more\nendpoint = https://a.example\n", "store", "file",
		 "# mine\nstore = file\n# more\nendpoint = https://a.example\n"},
		{"  store=x  \n", "store", "file", "store = file\n"},
		{"# store = x\n", "store", "file", "# store = x\nstore = file\n"},
		{"store = x\nstore = y\n", "store", "file", "store = file\n"},
		{"nonsense\ncolour = blue\n", "store", "file",
		 "nonsense\ncolour = blue\nstore = file\n"},
		{"endpoint = https://a.example", "store", "file",
		 "endpoint = https://a.example\nstore = file\n"},
		{"storex = 1\n", "store", "file", "storex = 1\nstore = file\n"},
		/* leaving out */
		{"# mine\nstore = x\n# more\n", "store", NULL, "# mine\n# more\n"},
		{"store = x\nstore = y\n", "store", NULL, ""},
		{"endpoint = https://a.example\n", "store", NULL,
		 "endpoint = https://a.example\n"},
		{"# store = x\n", "store", NULL, "# store = x\n"},
		{"", "store", NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_text(FILE, cases[i].before, 0600);
		if (cases[i].value)
			assert_int_equal(settings_set(cases[i].key, cases[i].value, NULL), 0);
		else
			assert_int_equal(settings_unset(cases[i].key, NULL), 0);
		assert_file_text(FILE, cases[i].after);
	}
}

static void the_first_setting_makes_the_file(void **state UNUSED)
{
	struct stat status;

	assert_int_equal(rmdir(FOLDER), 0);
	assert_int_equal(rmdir(".config"), 0);
	assert_int_equal(settings_set("store", "x", NULL), 0);
	assert_file_text(FILE, "store = x\n");
	assert_int_equal(stat(FILE, &status), 0);
	assert_int_equal(status.st_mode & 077, 0);
}

static void unknown_keys_are_not_repeated(void **state UNUSED)
{
	const struct settings settings = loaded(NULL);
	struct err err = {0};
	char *value = NULL;

	assert_int_equal(settings_set("hf_secretsecret", "x", &err), ERR_USAGE);
	assert_null(strstr(err.message, "secret"));
	assert_int_equal(settings_unset("hf_secretsecret", &err), ERR_USAGE);
	assert_null(strstr(err.message, "secret"));
	assert_int_equal(settings_get(&settings, "hf_secretsecret", &value, &err), ERR_USAGE);
	assert_null(strstr(err.message, "secret"));
	assert_null(value);
}

/* ---- the Hub in force ------------------------------------------------------------------------- */

static void the_hub_in_force(void **state UNUSED)
{
	static const struct {
		const char *option, *variable, *staging, *setting;
		const char *origin, *url;
		int from;
	} cases[] = {
		{NULL, NULL, NULL, NULL, HUB, HUB, ENDPOINT_USUAL},
		{NULL, NULL, NULL, "https://s.example", "https://s.example",
		 "https://s.example", ENDPOINT_BY_SETTING},
		{NULL, NULL, "1", "https://s.example", "https://hub-ci.huggingface.co",
		 "https://hub-ci.huggingface.co", ENDPOINT_BY_VARIABLE},
		{NULL, NULL, "0", "https://s.example", "https://s.example", "https://s.example",
		 ENDPOINT_BY_SETTING},
		{NULL, "https://v.example", "1", "https://s.example", "https://v.example",
		 "https://v.example", ENDPOINT_BY_VARIABLE},
		{"https://o.example", "https://v.example", "1", "https://s.example",
		 "https://o.example", "https://o.example", ENDPOINT_BY_OPTION},
		{NULL, "", NULL, NULL, HUB, HUB, ENDPOINT_USUAL},
		/* the path is kept, and does not matter for what tokens are bound to */
		{NULL, "https://Mirror.example:443/api/hf/", NULL, NULL,
		 "https://mirror.example", "https://mirror.example/api/hf",
		 ENDPOINT_BY_VARIABLE},
		{NULL, "https://mirror.example///", NULL, NULL, "https://mirror.example",
		 "https://mirror.example", ENDPOINT_BY_VARIABLE},
		/* the Hub's other names are not asked themselves */
		{NULL, "https://hf.co/", NULL, NULL, HUB, HUB, ENDPOINT_BY_VARIABLE},
		{NULL, "HTTPS://WWW.HuggingFace.co", NULL, NULL, HUB, HUB,
		 ENDPOINT_BY_VARIABLE},
		{NULL, "http://127.0.0.1:8080/", NULL, NULL, "http://127.0.0.1:8080",
		 "http://127.0.0.1:8080", ENDPOINT_BY_VARIABLE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct settings settings = loaded("");
		struct hub_endpoint endpoint;

		(void)unsetenv("HF_ENDPOINT");
		(void)unsetenv("HUGGINGFACE_CO_STAGING");
		if (cases[i].variable)
			(void)setenv("HF_ENDPOINT", cases[i].variable, 1);
		if (cases[i].staging)
			(void)setenv("HUGGINGFACE_CO_STAGING", cases[i].staging, 1);
		if (cases[i].setting)
			(void)snprintf(settings.endpoint, sizeof(settings.endpoint), "%s",
				       cases[i].setting);
		assert_int_equal(settings_endpoint(&settings, cases[i].option, &endpoint, NULL),
				 0);
		assert_string_equal(endpoint.origin, cases[i].origin);
		assert_string_equal(endpoint.url, cases[i].url);
		assert_int_equal(endpoint.from, cases[i].from);
	}
}

/* A wrong variable is an error, not a reason to take another Hub. */
static void a_wrong_hub_is_an_error(void **state UNUSED)
{
	static const char *const urls[] = {"huggingface.co",
					   "http://mirror.example",
					   "https://u@mirror.example",
					   "nonsense",
					   " ",
					   "https://mirror.example\\@evil.example",
					   "https://mirror.example/a b",
					   "https://mirror.example/a?b=c",
					   "https://mirror.example?b=/c",
					   "https://mirror.example/#d",
					   "https://mirror.example/a\r\nX-Evil: 1"};
	const struct settings settings = loaded("endpoint = https://s.example\n");

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct hub_endpoint endpoint = {.origin = "untouched"};
		struct err err = {0};

		(void)unsetenv("HF_ENDPOINT");
		if (settings_endpoint(&settings, urls[i], &endpoint, &err) != ERR_USAGE)
			fail_msg("'%s' is taken for '%s'", urls[i], endpoint.origin);
		assert_null(strstr(err.message, "HF_ENDPOINT"));
		(void)setenv("HF_ENDPOINT", urls[i], 1);
		assert_int_equal(settings_endpoint(&settings, NULL, &endpoint, &err),
				 ERR_USAGE);
		assert_non_null(strstr(err.message, "HF_ENDPOINT"));
		assert_string_equal(endpoint.origin, "untouched");
	}
}

/* A link to itself, as one that fails to open for whatever reason. */
static void a_folder_that_fails_to_open_is_not_an_empty_one(void **state UNUSED)
{
	struct settings settings = {.store = "untouched"};

	assert_int_equal(rmdir(FOLDER), 0);
	assert_int_equal(symlink("hftoken", FOLDER), 0);
	assert_true(settings_load(&settings, NULL, NULL) < 0);
	assert_string_equal(settings.store, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_folder(a_folder_that_fails_to_open_is_not_an_empty_one),
		in_a_folder(without_a_file_all_is_as_usual),
		in_a_folder(values_are_checked),
		in_a_folder(lines_are_read_as_people_write_them),
		in_a_folder(nonsense_is_warned_about_and_left_out),
		in_a_folder(a_line_without_an_equals_sign_is_warned_about),
		in_a_folder(a_cache_setting_that_makes_no_sense_is_off),
		in_a_folder(tokens_behind_too_many_cache_settings_are_not_kept),
		in_a_folder(nobody_has_to_be_warned),
		in_a_folder(a_file_that_others_can_change_is_unsafe),
		in_a_folder(what_is_no_file_does_not_hang),
		in_a_folder(settings_may_be_a_link),
		in_a_folder(a_file_with_a_nul_is_damaged_and_left_alone),
		in_a_folder(setting_changes_one_line_and_keeps_the_rest),
		in_a_folder(the_first_setting_makes_the_file),
		in_a_folder(unknown_keys_are_not_repeated),
		in_a_folder(the_hub_in_force),
		in_a_folder(a_wrong_hub_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
