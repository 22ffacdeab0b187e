/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <sys/resource.h>
#include <utime.h>

#include "base/program.h"
#include "base/text.h"
#include "core/mounts.h"
#include "core/sources.h"

#define HUB   "https://huggingface.co"
#define FIRST "hf_first_token_of_these_tests"
#define OTHER "hf_other_token_of_these_tests"
#define OAUTH "hf_oauth_token_of_these_tests"

static void sources_release(struct sources **sources)
{
	sources_free(*sources);
}
#define AUTOSOURCES CLEANUP(sources_release)

static struct sources *search(void)
{
	struct sources *sources = NULL;

	assert_int_equal(sources_new(HUB, &sources, NULL), 0);
	assert_int_equal(sources_search(sources, NULL), 0);
	return sources;
}

/* "name=value" of each, in their order; the active one has a star. */
static void assert_found(const struct sources *sources, const char *wanted)
{
	AUTOBUF struct buf found = {0};

	for (size_t i = 0; i < sources->count; i++) {
		const struct token *token = &sources->tokens[i];
		AUTOSECRET struct secret secret = {0};

		assert_int_equal(sources_secret(sources, token, &secret, NULL), 0);
		buf_printf(&found, "%s%s=%s%s", i ? " " : "", token->name, secret_text(&secret),
			   token == sources->active ? "*" : "");
		assert_ptr_equal(sources_find(sources, token->name), token);
		assert_string_equal(token->id, "");
		assert_string_equal(token->endpoint, HUB);
		assert_true(token->name[strlen(token->store)] == ':');
	}
	assert_string_equal(buf_text(&found), wanted);
}

/* A file that nobody is writing. */
static void put(const char *path, const char *text, mode_t mode)
{
	write_text(path, text, mode);
	assert_int_equal(utime(path, &(struct utimbuf) {.actime = 1000, .modtime = 1000}), 0);
}

static int enter(void **state)
{
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)unsetenv("HFTOKEN_SECRETS");
	return enter_home(state) || setenv("HF_HOME", home, 1);
}
#define test(function) cmocka_unit_test_setup_teardown(function, enter, leave_home)

/* ---- names ------------------------------------------------------------------------------------ */

static void names_of_sources_are_no_names_of_tokens(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool is;
	} cases[] = {
		{"env", true},        {"hf:alice", true},
		{"hf:", true},        {"mount:hf-token", true},
		{"environ", false},   {"hf", false},
		{"hf-x", false},      {"mount", false},
		{"file:work", false}, {"", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(source_is_name(cases[i].name), cases[i].is);
		if (cases[i].is)
			assert_int_equal(token_name_check(cases[i].name, NULL), ERR_USAGE);
	}
}

/* ---- mounts ----------------------------------------------------------------------------------- */

static void use_mount(const char *folder)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", home, folder);
	assert_int_equal(setenv("HFTOKEN_SECRETS", path, 1), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void mounted_files_have_known_names(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;

	use_mount("m");
	put("m/hf_token", FIRST "\n", 0444);
	put("m/HF_TOKEN", OTHER, 0440);
	put("m/hftoken.work", FIRST, 0400);
	put("m/hftoken.alt", OTHER, 0600);
	put("m/hftoken.", OTHER, 0600);
	put("m/hftoken.a b", OTHER, 0600);
	put("m/token", OTHER, 0600);
	put("m/hf-token.bak", OTHER, 0600);
	sources = search();
	assert_found(sources, "mount:hf_token=" FIRST " mount:HF_TOKEN=" OTHER
			      " mount:hftoken.alt=" OTHER " mount:hftoken.work=" FIRST);
	assert_string_equal(sources_mounted(sources)->name, "mount:hf_token");
	assert_string_equal(buf_text(&sources->problems), "");
}

static void an_earlier_folder_hides_a_name(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;
	char list[512];
	char credentials[256];

	use_mount("one");
	assert_int_equal(mkdir("two", 0700), 0);
	assert_int_equal(mkdir("credentials", 0700), 0);
	(void)snprintf(credentials, sizeof(credentials), "%s/credentials", home);
	(void)snprintf(list, sizeof(list), "%s/one::relative:/missing:%s/two", home, home);
	(void)setenv("HFTOKEN_SECRETS", list, 1);
	(void)setenv("CREDENTIALS_DIRECTORY", credentials, 1);
	put("two/hf-token", OTHER, 0600);
	put("two/hf_token", OTHER, 0600);
	put("one/hf_token", FIRST, 0600);
	put("credentials/huggingface_token", FIRST, 0600);
	sources = search();
	assert_found(sources, "mount:huggingface_token=" FIRST " mount:hf_token=" FIRST
			      " mount:hf-token=" OTHER);
	assert_non_null(strstr(buf_text(&sources->problems), "'relative'"));
}

static void one_line_break_is_cut_and_the_rest_is_a_token_or_nothing(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{FIRST, true},
		{FIRST "\n", true},
		{FIRST "\n\n", false},
		{FIRST "\r\n", false},
		{" " FIRST, false},
		{FIRST " ", false},
		{"", false},
		{"\n", false},
		{"HF_TOKEN=" FIRST, false},
		{"not one", false},
		{"\"" FIRST "\"", false},
		{FIRST "\n" OTHER, false},
	};

	use_mount("m");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSOURCES struct sources *sources = NULL;

		put("m/hf-token", cases[i].text, 0600);
		sources = search();
		assert_found(sources, cases[i].good ? "mount:hf-token=" FIRST : "");
		assert_int_equal(sources->problems.size == 0, cases[i].good);
		assert_null(strstr(buf_text(&sources->problems), FIRST));
	}
}

static void only_safe_files_are_read(void **state UNUSED)
{
	static const mode_t bad[] = {0620, 0602, 0666, 0664};
	AUTOSOURCES struct sources *sources = NULL;
	CLOSED int huge = -1;

	use_mount("m");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTOSOURCES struct sources *none = NULL;

		put("m/hf-token", FIRST, bad[i]);
		none = search();
		assert_found(none, "");
		assert_non_null(strstr(buf_text(&none->problems), "other users may write it"));
	}
	assert_int_equal(unlink("m/hf-token"), 0);
	assert_int_equal(mkfifo("m/hf-token", 0600), 0);
	assert_int_equal(mkdir("m/hf_token", 0700), 0);
	huge = open("m/HF_TOKEN", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(huge, (off_t)1 << 40), 0);
	put("outside", FIRST, 0600);
	assert_int_equal(symlink("../outside", "m/huggingface_token"), 0);
	assert_int_equal(symlink("nowhere", "m/HUGGING_FACE_HUB_TOKEN"), 0);
	assert_int_equal(symlink("/dev/zero", "m/hftoken.zero"), 0);
	sources = search();
	assert_found(sources, "");
	assert_non_null(strstr(buf_text(&sources->problems), "a link leads out of its folder"));
	assert_non_null(strstr(buf_text(&sources->problems), "a link that leads nowhere"));
	assert_non_null(strstr(buf_text(&sources->problems), "it is larger than"));
	assert_non_null(strstr(buf_text(&sources->problems), "it is no regular file"));
}

static void files_of_strangers_are_left_out(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;

	use_mount("m");
	put("m/hf-token", FIRST, 0644);
	if (geteuid() != 0)
		skip(); /* only root can give files away */
	assert_int_equal(chown("m/hf-token", 12345, 12345), 0);
	sources = search();
	assert_found(sources, "");
	assert_non_null(strstr(buf_text(&sources->problems), "belongs to user 12345"));
}

static void a_farm_of_links_is_followed(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;

	use_mount("m");
	assert_int_equal(chmod("m", 01777), 0);
	assert_int_equal(mkdir("m/..2026_11_23", 0755), 0);
	put("m/..2026_11_23/hf-token", FIRST, 0644);
	assert_int_equal(symlink("..2026_11_23", "m/..data"), 0);
	assert_int_equal(symlink("..data/hf-token", "m/hf-token"), 0);
	sources = search();
	assert_found(sources, "mount:hf-token=" FIRST);
}

/* What Kubernetes does when a secret changes, as fast as it goes, until it is killed. */
static int swap_for_ever(void *user UNUSED)
{
	char old[32] = "";
	char file[48];

	for (unsigned number = 0;; number++) {
		char fresh[32];

		(void)snprintf(fresh, sizeof(fresh), "m/..%u", number);
		(void)snprintf(file, sizeof(file), "%s/hf-token", fresh);
		if (mkdir(fresh, 0700))
			return 1;
		put(file, number % 2 ? FIRST : OTHER, 0600);
		if (symlink(fresh + 2, "m/..data_tmp") || rename("m/..data_tmp", "m/..data"))
			return 2;
		if (*old) {
			(void)snprintf(file, sizeof(file), "%s/hf-token", old);
			if (unlink(file) || rmdir(old))
				return 3;
		}
		memcpy(old, fresh, sizeof(old));
	}
}

static void a_farm_that_is_swapped_meanwhile_gives_one_of_its_tokens(void **state UNUSED)
{
	pid_t writer;

	use_mount("m");
	assert_int_equal(symlink("..data/hf-token", "m/hf-token"), 0);
	writer = start_child(swap_for_ever, NULL);
	while (access("m/hf-token", F_OK) != 0)
		;
	for (int i = 0; i < 5000; i++) {
		AUTOSOURCES struct sources *sources = search();
		const struct secret *secret = &sources->details[0].secret;

		assert_string_equal(buf_text(&sources->problems), "");
		assert_int_equal(sources->count, 1);
		if (strcmp(secret_text(secret), FIRST) != 0)
			assert_string_equal(secret_text(secret), OTHER);
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(end_child(writer), KILLED + SIGKILL);
}

static long waits(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_nvcsw;
}

/* A wait of 5 ms is one switch at least: one file may cause 20 of them, and 64 files not 64 times that. */
static void files_that_are_waited_for_share_one_wait(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;
	char name[32];
	long before;

	use_mount("m");
	for (int i = 0; i < MOUNT_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "m/hftoken.a%d", i);
		assert_int_equal(symlink("nowhere", name), 0);
	}
	put("m/hf-token", FIRST, 0600);
	before = waits();
	sources = search();
	assert_in_range(waits() - before, 1, 300);
	assert_found(sources, "mount:hf-token=" FIRST);
	assert_non_null(strstr(buf_text(&sources->problems), "a63: it is a link that leads"));
}

/* ---- huggingface_hub's files ------------------------------------------------------------------ */

static void the_active_token_is_known_by_its_value(void **state UNUSED)
{
	static const char stored[] = "[work]\nhf_token = " FIRST "\n\n[o]\nhf_token = " OAUTH
				     "\nrefresh_token = r\nexpires_at = 2000000000\n\n";
	static const struct {
		const char *stored, *token, *found;
	} cases[] = {
		{NULL, NULL, ""},
		{NULL, FIRST, "hf:token=" FIRST "*"},
		{NULL, FIRST "\n", "hf:token=" FIRST "*"},
		{stored, NULL, "hf:work=" FIRST " hf:o=" OAUTH},
		{stored, FIRST, "hf:work=" FIRST "* hf:o=" OAUTH},
		{stored, OAUTH, "hf:work=" FIRST " hf:o=" OAUTH "*"},
		{stored, OTHER, "hf:work=" FIRST " hf:o=" OAUTH " hf:token=" OTHER "*"},
		/* half of one, an empty one, nonsense */
		{stored, "hf_first_tok", "hf:work=" FIRST " hf:o=" OAUTH},
		{stored, "", "hf:work=" FIRST " hf:o=" OAUTH},
		{stored, "two words", "hf:work=" FIRST " hf:o=" OAUTH},
		{"[token]\nhf_token = " FIRST "\n", OTHER,
		 "hf:token=" FIRST " hf:token-file-2=" OTHER "*"},
		{"{\"tokens\":{\"r\":{\"token\":\"" FIRST "\"}},\"active\":\"r\"}", FIRST,
		 "hf:r=" FIRST "*"},
		/* damaged: nothing of it, but the token */
		{"[work\nhf_token = " FIRST, OTHER, "hf:token=" OTHER "*"},
		{"[work]\nhf_token = not a token\n", NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSOURCES struct sources *sources = NULL;

		(void)unlink("stored_tokens");
		(void)unlink("token");
		if (cases[i].stored)
			put("stored_tokens", cases[i].stored, 0600);
		if (cases[i].token)
			put("token", cases[i].token, 0600);
		sources = search();
		assert_found(sources, cases[i].found);
	}
}

static void sessions_have_a_kind_and_an_end(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;
	const struct token *token;

	put("stored_tokens", "[o]\nhf_token = " OAUTH "\nexpires_at = 2000000000\n", 0600);
	sources = search();
	token = sources_find(sources, "hf:o");
	assert_non_null(token);
	assert_int_equal(token->kind, KIND_OAUTH);
	assert_int_equal(token->expires, 2000000000);
	assert_string_equal(token->masked, "hf_****ests");
	assert_true(strstr(sources_location(sources, token), "/stored_tokens") != NULL);
}

static void what_is_no_file_is_a_problem_and_no_error(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;

	assert_int_equal(mkfifo("token", 0600), 0);
	assert_int_equal(mkdir("stored_tokens", 0700), 0);
	sources = search();
	assert_found(sources, "");
	assert_non_null(strstr(buf_text(&sources->problems), "/token: it is no regular file"));
}

static void many_tokens_come_to_an_end(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;
	AUTOBUF struct buf text = {0};

	use_mount("m");
	for (int i = 0; i < 100; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "m/hftoken.%d", i);
		put(path, FIRST, 0600);
	}
	for (int i = 0; i < 300; i++)
		buf_printf(&text, "[n%d]\nhf_token = " FIRST "\n", i);
	put("stored_tokens", buf_text(&text), 0600);
	sources = search();
	assert_int_equal(sources->count, SOURCES_MAX);
	assert_non_null(strstr(buf_text(&sources->problems), "too many"));
}

/* The others keep their values, and what they are bound to. */
static void one_is_bound_and_one_left_out(void **state UNUSED)
{
	const struct token stored = {.id = "0123456789abcdef", .endpoint = "https://mirror"};
	AUTOSOURCES struct sources *sources = NULL;

	put("stored_tokens", "[a]\nhf_token = " FIRST "\n[b]\nhf_token = " OTHER "\n", 0600);
	put("token", OTHER, 0600);
	sources = search();
	assert_found(sources, "hf:a=" FIRST " hf:b=" OTHER "*");
	sources_bind(sources, &sources->tokens[1], &stored);
	sources_leave_out(sources, &sources->tokens[0]);
	assert_int_equal(sources->count, 1);
	assert_ptr_equal(sources->active, &sources->tokens[0]);
	assert_string_equal(sources->tokens[0].name, "hf:b");
	assert_string_equal(sources->tokens[0].masked, "hf_****ests");
	assert_string_equal(sources->tokens[0].endpoint, stored.endpoint);
	assert_string_equal(sources_twin(sources, &sources->tokens[0]), stored.id);
	assert_null(sources_find(sources, "hf:a"));
	sources_leave_out(sources, &sources->tokens[0]);
	assert_int_equal(sources->count, 0);
	assert_null(sources->active);
}

static void the_environment_is_there_at_once(void **state UNUSED)
{
	AUTOSOURCES struct sources *sources = NULL;
	AUTOSECRET struct secret secret = {0};

	(void)setenv("HF_TOKEN", OAUTH, 1);
	assert_int_equal(program_take_token(NULL), 0);
	assert_int_equal(sources_new(HUB, &sources, NULL), 0);
	assert_string_equal(sources->env.name, "env");
	assert_int_equal(sources->env.kind, KIND_OAUTH);
	assert_ptr_equal(sources_find(sources, "env"), &sources->env);
	assert_int_equal(sources_secret(sources, &sources->env, &secret, NULL), 0);
	assert_string_equal(secret_text(&secret), OAUTH);
	assert_false(sources->searched);
	secret_release(program_token());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(names_of_sources_are_no_names_of_tokens),
		test(mounted_files_have_known_names),
		test(an_earlier_folder_hides_a_name),
		test(one_line_break_is_cut_and_the_rest_is_a_token_or_nothing),
		test(only_safe_files_are_read),
		test(files_of_strangers_are_left_out),
		test(a_farm_of_links_is_followed),
		test(a_farm_that_is_swapped_meanwhile_gives_one_of_its_tokens),
		test(files_that_are_waited_for_share_one_wait),
		test(the_active_token_is_known_by_its_value),
		test(sessions_have_a_kind_and_an_end),
		test(what_is_no_file_is_a_problem_and_no_error),
		test(many_tokens_come_to_an_end),
		test(one_is_bound_and_one_left_out),
		test(the_environment_is_there_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
