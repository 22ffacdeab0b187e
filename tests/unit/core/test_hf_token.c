/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/hf_token.h"

#define TOKEN "hf_not_a_real_token"

static void open_session(struct session *session)
{
	assert_int_equal(session_open(session,
				      &(struct session_options) {.parts = CATALOGUE_INDEX},
				      NULL),
			 0);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & 07777;
}

/* Without any token in a store. */
static void what_lies_in_the_file_is_told(void **state UNUSED)
{
	static const struct {
		const char *text; /* NULL: no file */
		enum hf_content content;
		const char *masked;
	} cases[] = {
		{NULL, HF_NOTHING, ""},
		{"", HF_NOTHING, ""},
		{" \n\n", HF_NOTHING, ""},
		{TOKEN, HF_FOREIGN, "hf_****oken"},
		{" " TOKEN "\r\n", HF_FOREIGN, "hf_****oken"},
		{"short", HF_FOREIGN, "****"},
		{"two words", HF_FOREIGN, ""},
		{TOKEN "\n" TOKEN "\n", HF_FOREIGN, ""},
		{"\x01", HF_FOREIGN, ""},
		{"hf_session_of_somebody", HF_SESSION, "hf_****body"},
	};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};

	open_session(&session);
	(void)setenv("HF_TOKEN_PATH", "token", 1);
	write_text("stored_tokens", "[s]\nhf_token = hf_session_of_somebody\n", 0600);
	/* beside a path without a folder there is none */
	(void)setenv("HF_TOKEN_PATH", "./token", 1);
	write_text("stored_tokens",
		   "[s]\nhf_token = hf_session_of_somebody\nrefresh_token = x\n", 0600);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;

		(void)unlink("token");
		if (cases[i].text)
			write_text("token", cases[i].text, i % 2 ? 0644 : 0600);
		assert_int_equal(hf_token_look(&file, &session, NULL), 0);
		if (file.content != cases[i].content)
			fail_msg("%zu: %d", i, (int)file.content);
		assert_string_equal(file.masked, cases[i].masked);
		assert_int_equal(file.exposed, cases[i].text && i % 2);
	}
}

static void only_a_regular_file_is_looked_at(void **state UNUSED)
{
	static const char *const names[] = {"link", "dangling", "fifo", "folder", "/dev/null"};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};

	open_session(&session);
	write_text("real", TOKEN, 0600);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
		struct err err = {0};

		(void)setenv("HF_TOKEN_PATH", names[i], 1);
		assert_int_equal(hf_token_look(&file, &session, &err), ERR_UNSAFE);
		assert_non_null(strstr(err.hint, "HF_TOKEN_PATH"));
	}
}

static void a_file_is_replaced_and_removed_as_a_whole(void **state UNUSED)
{
	static const char *const paths[] = {"token", "./t", "a/b/c/token", NULL};
	AUTOSECRET struct secret value = {0};

	(void)umask(0);
	assert_int_equal(secret_add_text(&value, TOKEN), 0);
	for (size_t i = 0; paths[i]; i++) {
		char path[64];
		const struct hf_token file = {.path = path, .value = value};

		(void)snprintf(path, sizeof(path), "%s", paths[i]);
		assert_int_equal(hf_token_put(&file, &value, NULL), 0);
		assert_file_text(path, TOKEN);
		assert_int_equal(mode_of(path), 0600);
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(hf_token_put(&file, &value, NULL), 0);
		assert_int_equal(mode_of(path), 0600);
		assert_int_equal(hf_token_remove(&file, NULL), 0);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(hf_token_remove(&file, NULL), 0);
	}
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
}

/* Between the look and the removal, stores are asked; huggingface_hub takes no lock. */
static void what_was_written_meanwhile_stays(void **state UNUSED)
{
	static const struct {
		const char *now;
		int error;
	} cases[] = {
		{TOKEN "\n", 0}, /* the same once more */
		{"hf_not_a_real_t0ken", ERR_BUSY},
		{"hf_another", ERR_BUSY},
		{"", ERR_BUSY}, /* its writer has only begun */
	};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};

	open_session(&session);
	(void)setenv("HF_TOKEN_PATH", "./token", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
		struct err err = {0};

		write_text("token", TOKEN, 0600);
		assert_int_equal(hf_token_look(&file, &session, NULL), 0);
		write_text("token", cases[i].now, 0600);
		if (hf_token_remove(&file, &err) != cases[i].error)
			fail_msg("%zu: %d %s", i, (int)err.code, err.message);
		if (!cases[i].error) {
			assert_int_equal(access("token", F_OK), -1);
			continue;
		}
		assert_non_null(strstr(err.message, "meanwhile"));
		assert_file_text("token", cases[i].now);
	}
}

/* Nothing is complained of where nothing has failed. */
static void a_file_that_is_gone_is_no_error(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
	AUTOHFTOKEN struct hf_token none = HF_TOKEN_NONE;
	struct err err = {0};

	open_session(&session);
	(void)setenv("HF_TOKEN_PATH", "./token", 1);
	write_text("token", TOKEN, 0600);
	assert_int_equal(hf_token_look(&file, &session, &err), 0);
	assert_int_equal(unlink("token"), 0);
	assert_int_equal(hf_token_remove(&file, &err), 0);
	assert_int_equal(hf_token_look(&none, &session, &err), 0);
	assert_int_equal(err.code, ERR_OK);
	assert_int_equal(symlink("elsewhere", "token"), 0);
	assert_int_equal(hf_token_remove(&file, &err), ERR_UNSAFE);
	assert_int_equal(unlink("token"), 0); /* the link is still there */
}

/* Caches are shared; a file of mode 0600 in one is nobody else's all the same. */
static void a_shared_folder_stays_as_it_is(void **state UNUSED)
{
	AUTOSECRET struct secret value = {0};
	char path[] = "shared/token";
	const struct hf_token file = {.path = path};

	assert_int_equal(mkdir("shared", 0700), 0);
	assert_int_equal(chmod("shared", 0775), 0);
	assert_int_equal(secret_add_text(&value, TOKEN), 0);
	assert_int_equal(hf_token_put(&file, &value, NULL), 0);
	assert_int_equal(mode_of("shared"), 0775);
	assert_int_equal(mode_of(path), 0600);
}

static void what_is_in_the_way_is_an_error(void **state UNUSED)
{
	AUTOSECRET struct secret value = {0};
	char below_a_file[] = "file/token";
	char nowhere[] = "/proc/nothing/token";
	struct err err = {0};

	write_text("file", "mine", 0600);
	assert_int_equal(secret_add_text(&value, TOKEN), 0);
	assert_true(hf_token_put(&(struct hf_token) {.path = below_a_file}, &value, &err) < 0);
	assert_true(hf_token_put(&(struct hf_token) {.path = nowhere}, &value, &err) < 0);
	assert_true(*err.message);
	assert_file_text("file", "mine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(what_lies_in_the_file_is_told),
		in_a_home(only_a_regular_file_is_looked_at),
		in_a_home(a_file_is_replaced_and_removed_as_a_whole),
		in_a_home(what_was_written_meanwhile_stays),
		in_a_home(a_file_that_is_gone_is_no_error),
		in_a_home(a_shared_folder_stays_as_it_is),
		in_a_home(what_is_in_the_way_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
