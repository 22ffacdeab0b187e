/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "core/plain.h"

#define TOKEN "hf_not_a_real_token"

static void the_path_follows_the_variables_of_huggingface_hub(void **state UNUSED)
{
	static const struct {
		const char *token_path, *hf_home, *cache;
		const char *path; /* relative ones are under the home */
	} cases[] = {
		{NULL, NULL, NULL, ".cache/huggingface/token"},
		{NULL, NULL, "/c", "/c/huggingface/token"},
		{NULL, "/h", "/c", "/h/token"},
		{"/t/x", "/h", "/c", "/t/x"},
		{"", "", "", ".cache/huggingface/token"},
		{NULL, "", "/c", "/c/huggingface/token"},
		/* as Python's os.path.expanduser() and expandvars() */
		{"~/t", NULL, NULL, "t"},
		{NULL, "~", NULL, "token"},
		{"$A/t", NULL, NULL, "/value of a/t"},
		{"/x${A}y", NULL, NULL, "/x/value of ay"},
		{NULL, "/$A_B/$A$A", NULL, "/$A_B//value of a/value of a/token"},
		{"/$/${A/${}/$1/$", NULL, NULL, "/$/${A/${}/$1/$"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *path = NULL;
		char wanted[256];

		(void)setenv("A", "/value of a", 1);
		(void)unsetenv("HF_TOKEN_PATH");
		(void)unsetenv("HF_HOME");
		(void)unsetenv("XDG_CACHE_HOME");
		if (cases[i].token_path)
			(void)setenv("HF_TOKEN_PATH", cases[i].token_path, 1);
		if (cases[i].hf_home)
			(void)setenv("HF_HOME", cases[i].hf_home, 1);
		if (cases[i].cache)
			(void)setenv("XDG_CACHE_HOME", cases[i].cache, 1);
		path = plain_hf_path();
		if (cases[i].path[0] == '/')
			(void)snprintf(wanted, sizeof(wanted), "%s", cases[i].path);
		else
			(void)snprintf(wanted, sizeof(wanted), "%s/%s", home, cases[i].path);
		assert_string_equal(path, wanted);
	}
}

static void the_staging_hub_has_a_file_of_its_own(void **state UNUSED)
{
	AUTOFREE char *path = NULL;
	char wanted[256];

	(void)setenv("HF_TOKEN_PATH", "/t/x", 1);
	(void)setenv("HUGGINGFACE_CO_STAGING", "yes", 1);
	path = plain_hf_path();
	(void)snprintf(wanted, sizeof(wanted), "%s/.cache/huggingface_staging/token", home);
	assert_string_equal(path, wanted);
}

static void the_token_is_the_files_only_word(void **state UNUSED)
{
	static const struct {
		const char *text, *token;
	} cases[] = {
		{TOKEN, TOKEN}, {TOKEN "\n", TOKEN}, {" " TOKEN " \r\n\n", TOKEN},
		{"", ""},       {" \n", ""},         {TOKEN "\nmore\n", ""},
	};

	(void)setenv("HF_TOKEN_PATH", "token", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret token = {0};

		write_text("token", cases[i].text, 0600);
		assert_int_equal(plain_hf_token(&token, NULL), 0);
		assert_string_equal(secret_text(&token), cases[i].token);
	}
}

static void what_is_no_file_holds_no_token(void **state UNUSED)
{
	static const char *const names[] = {"missing", "fifo", "folder", "huge", "/dev/zero"};
	CLOSED int huge = open("huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(huge, (off_t)1 << 40), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOSECRET struct secret token = {0};

		(void)setenv("HF_TOKEN_PATH", names[i], 1);
		assert_int_equal(plain_hf_token(&token, NULL), 0);
		assert_int_equal(token.size, 0);
	}
}

static void on_found(const char *path, void *user)
{
	buf_printf(user, "%s\n", path + (strncmp(path, home, strlen(home)) ? 0 : strlen(home)));
}

static void every_file_with_the_secret_is_found(void **state UNUSED)
{
	static const struct {
		const char *path, *text;
		bool holds;
	} files[] = {
		{".cache/huggingface/token", TOKEN "\n", true},
		{".cache/huggingface/stored_tokens", "[a]\nhf_token = " TOKEN "\n", true},
		{".git-credentials", "https://u:" TOKEN "@huggingface.co\n", true},
		{".config/git/credentials", "https://u:hf_other@huggingface.co\n", false},
		{".netrc", "machine huggingface.co\nlogin u\npassword " TOKEN "\n", true},
	};
	AUTOSECRET struct secret token = {0};
	AUTOSECRET struct secret none = {0};
	AUTOBUF struct buf found = {0};
	AUTOBUF struct buf wanted = {0};

	assert_int_equal(secret_add_text(&token, TOKEN), 0);
	plain_search(&token, on_found, &found);
	assert_string_equal(buf_text(&found), "");
	assert_int_equal(mkdir(".cache", 0700), 0);
	assert_int_equal(mkdir(".cache/huggingface", 0700), 0);
	assert_int_equal(mkdir(".config", 0700), 0);
	assert_int_equal(mkdir(".config/git", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_text(files[i].path, files[i].text, 0600);
		if (files[i].holds)
			buf_printf(&wanted, "/%s\n", files[i].path);
	}
	plain_search(&token, on_found, &found);
	assert_string_equal(buf_text(&found), buf_text(&wanted));
	/* and what a killed writer of ours has left beside the first */
	write_text(".cache/huggingface/.token.hftoken-0123456789abcdef", TOKEN, 0600);
	write_text(".cache/huggingface/.token.hftoken-mine", TOKEN, 0600);
	buf_clear(&found);
	plain_search(&token, on_found, &found);
	assert_non_null(strstr(buf_text(&found),
			       "/.cache/huggingface/.token.hftoken-0123456789abcdef\n"));
	assert_null(strstr(buf_text(&found), "mine"));
	buf_clear(&found);
	plain_search(&none, on_found, &found); /* an empty secret is nowhere */
	assert_string_equal(buf_text(&found), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(the_path_follows_the_variables_of_huggingface_hub),
		in_a_home(the_staging_hub_has_a_file_of_its_own),
		in_a_home(the_token_is_the_files_only_word),
		in_a_home(what_is_no_file_holds_no_token),
		in_a_home(every_file_with_the_secret_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
