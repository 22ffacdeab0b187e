/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/git_hints.h"

#define HUB  ENDPOINT_HUB
#define BASE "https://huggingface.co/"

static const char *text_of(bool found, const struct repo *repo, char ret[REPO_ID_SIZE])
{
	(void)snprintf(ret, REPO_ID_SIZE, "none");
	if (found)
		repo_text(repo, ret);
	return ret;
}

/* ---- command lines ---------------------------------------------------------------------------- */

/* Words separated by a bar. */
static size_t words_of(const char *text, char *ret)
{
	size_t size = strlen(text) + 1;

	for (size_t i = 0; i < size; i++)
		ret[i] = text[i] == '|' ? '\0' : text[i];
	return size;
}

static void commands_tell_operation_and_repository(void **state UNUSED)
{
	static const struct {
		const char *words;
		enum operation operation;
		const char *repo;
	} cases[] = {
		{"git|clone|" BASE "acme/m1", OPERATION_READ, "none"},
		{"/usr/bin/git|fetch", OPERATION_READ, "none"},
		{"git|pull|--rebase", OPERATION_READ, "none"},
		{"git|ls-remote|origin", OPERATION_READ, "none"},
		{"git|push|origin|main", OPERATION_WRITE, "none"},
		{"git|-C|/src|-c|a=b|--no-pager|push", OPERATION_WRITE, "none"},
		{"git|--git-dir|/x|fetch", OPERATION_READ, "none"},
		{"git|--git-dir=/x|fetch", OPERATION_READ, "none"},
		{"git|--work-tree|push|clone", OPERATION_READ, "none"},
		{"git-push", OPERATION_WRITE, "none"},
		{"git|submodule|update", OPERATION_UNKNOWN, "none"},
		{"git|remote|push", OPERATION_UNKNOWN, "none"},
		{"git|-C", OPERATION_UNKNOWN, "none"},
		{"git|", OPERATION_UNKNOWN, "none"},
		{"git", OPERATION_UNKNOWN, "none"},
		{"", OPERATION_UNKNOWN, "none"},
		{"bash|-c|git push", OPERATION_UNKNOWN, "none"},
		{"gitk|push", OPERATION_UNKNOWN, "none"},
		{"/usr/lib/git-core/git-remote-https|origin|" BASE "acme/m1", OPERATION_UNKNOWN,
		 "acme/m1"},
		{"git|remote-https|origin|" BASE "datasets/acme/d1.git", OPERATION_UNKNOWN,
		 "datasets/acme/d1"},
		{"git-remote-https|origin|https://alice:pw@hf.co/acme/m1", OPERATION_UNKNOWN,
		 "acme/m1"},
		{"git-remote-https|" BASE "acme/m1", OPERATION_UNKNOWN, "acme/m1"},
		{"git-remote-https|origin|https://github.com/acme/m1", OPERATION_UNKNOWN,
		 "none"},
		{"git-remote-http|origin|http://huggingface.co/acme/m1", OPERATION_UNKNOWN,
		 "none"},
		{"git-remote-https|origin|nonsense", OPERATION_UNKNOWN, "none"},
		{"git-remote-https", OPERATION_UNKNOWN, "none"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct git_hints hints = {0};
		char words[512];
		char repo[REPO_ID_SIZE];
		size_t size = words_of(cases[i].words, words);

		git_hints_of_command(words, size, HUB, &hints);
		if (hints.operation != cases[i].operation ||
		    strcmp(text_of(hints.has_repo, &hints.repo, repo), cases[i].repo) != 0)
			fail_msg("%s: %d, %s", cases[i].words, hints.operation, repo);
	}
}

static void a_word_that_is_cut_off_is_none(void **state UNUSED)
{
	static const char words[] = "git\0clone";
	struct git_hints hints = {0};

	git_hints_of_command(words, sizeof(words) - 1, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_UNKNOWN);
}

/* ---- processes -------------------------------------------------------------------------------- */

static void add_process(int pid, int parent, const char *name, const char *words)
{
	char path[64];
	char text[512];
	size_t size;

	(void)snprintf(path, sizeof(path), "proc/%d", pid);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "proc/%d/stat", pid);
	(void)snprintf(text, sizeof(text), "%d (%s) S %d 1 1 0 -1 4194304\n", pid, name,
		       parent);
	write_text(path, text, 0600);
	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	size = words_of(words, text);
	write_bytes(path, text, size, 0600);
}

static void ancestors_are_looked_at_from_the_nearest_on(void **state UNUSED)
{
	struct git_hints hints = {0};
	char repo[REPO_ID_SIZE];

	assert_int_equal(mkdir("proc", 0700), 0);
	add_process(50, 40, "sh", "/bin/sh|-c|hftoken git get");
	add_process(40, 30, "git-remote-https", "git-remote-https|o|" BASE "acme/m1");
	add_process(30, 20, "git) S 99 (", "git|remote-https|o|" BASE "acme/other");
	add_process(20, 10, "git", "git|fetch");
	add_process(10, 5, "git", "git|push");
	git_hints_of_process("proc", 50, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_READ);
	assert_string_equal(text_of(hints.has_repo, &hints.repo, repo), "acme/m1");
	hints = (struct git_hints) {0};
	git_hints_of_process("proc", 10, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_WRITE);
	assert_false(hints.has_repo);
}

/* A chain that leads to itself, one that is longer than we look, files that are none. */
static void odd_processes_end_the_search(void **state UNUSED)
{
	struct git_hints hints = {0};

	assert_int_equal(mkdir("proc", 0700), 0);
	add_process(50, 51, "sh", "sh");
	add_process(51, 50, "sh", "sh");
	git_hints_of_process("proc", 50, HUB, &hints);
	add_process(100, 1, "git", "git|push");
	for (int pid = 101; pid <= 100 + GIT_ANCESTORS_MAX; pid++)
		add_process(pid, pid - 1, "git-lfs", "git-lfs|filter-process");
	add_process(200, 201, "sh", "sh");
	add_process(201, 100, "sh", "sh");
	git_hints_of_process("proc", 200, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_UNKNOWN);
	git_hints_of_process("proc", 100 + GIT_ANCESTORS_MAX, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_UNKNOWN);
	assert_int_equal(mkdir("proc/7", 0700), 0);
	assert_int_equal(mkfifo("proc/7/stat", 0600), 0);
	assert_int_equal(mkfifo("proc/7/cmdline", 0600), 0);
	git_hints_of_process("proc", 7, HUB, &hints);
	git_hints_of_process("proc", 8, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_UNKNOWN);
	git_hints_of_process("proc", 100 + GIT_ANCESTORS_MAX - 1, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_WRITE);
	hints = (struct git_hints) {0};
	git_hints_of_process("proc", 201, HUB, &hints);
	assert_int_equal(hints.operation, OPERATION_WRITE);
}

/* ---- configuration ---------------------------------------------------------------------------- */

static void remotes_are_read_as_git_reads_them(void **state UNUSED)
{
	static const struct {
		const char *text, *repo;
	} cases[] = {
		{"", "none"},
		{"[remote \"origin\"]\n\turl = " BASE "acme/m1\n", "acme/m1"},
		{"[remote \"origin\"]\n\turl=" BASE "acme/m1", "acme/m1"},
		{"[remote \"origin\"] url = " BASE "acme/m1\n", "acme/m1"},
		{"[Remote \"origin\"]\r\n\tURL = " BASE "acme/m1\r\n", "acme/m1"},
		{"[remote \"origin\"]\n\turl = \"" BASE "acme/m1\" ; mine\n", "acme/m1"},
		{"[remote \"origin\"]\n\turl = " BASE "acme/\\\nm1 # mine\n", "acme/m1"},
		{"[remote \"o\"]\n url = " BASE "a/b\n[remote \"origin\"]\n url = " BASE
		 "acme/m1\n",
		 "acme/m1"},
		{"[remote \"a\"]\n url = " BASE "a/b\n[remote \"b\"]\n url = " BASE "c/d\n",
		 "a/b"},
		{"[remote \"origin\"]\n url = https://github.com/x/y\n[remote \"hub\"]\n url = "
		 "git@hf.co:datasets/acme/d1\n",
		 "datasets/acme/d1"},
		{"[remote \"origin\"]\n fetch = x\n pushurl = " BASE "a/b\n", "none"},
		{"[branch \"main\"]\n url = " BASE "a/b\n", "none"},
		{"[remotes \"origin\"]\n url = " BASE "a/b\n", "none"},
		{"[remote]\n url = " BASE "a/b\n", "none"},
		{"[remote \"origin\"]\n[core]\n url = " BASE "a/b\n", "none"},
		{"[remote \"origin\"]\n# url = " BASE "a/b\n", "none"},
		{"[remote \"origin\"]\n url = \"" BASE "a/b\n", "none"},
		{"[remote \"origin\"]\n url = " BASE "a/b\\x\n", "none"},
		{"[remote \"origin\"]\n url\n url = " BASE "a/b\n", "a/b"},
		{"[remote \"origin\n url = " BASE "a/b\n", "none"},
		{"[include]\n path = other\n[remote \"origin\"]\n url = " BASE "gpt2\n",
		 "models/gpt2"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct repo repo;
		char text[REPO_ID_SIZE];
		bool found = git_hints_of_config(cases[i].text, strlen(cases[i].text), HUB,
						 &repo);

		if (strcmp(text_of(found, &repo, text), cases[i].repo) != 0)
			fail_msg("%s: %s", cases[i].text, text);
	}
}

/* ---- folders ---------------------------------------------------------------------------------- */

static void make_repository(const char *git_dir, const char *id)
{
	char path[256];
	char text[256];

	assert_int_equal(mkdir(git_dir, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/objects", git_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/HEAD", git_dir);
	write_text(path, "ref: refs/heads/main\n", 0600);
	(void)snprintf(path, sizeof(path), "%s/config", git_dir);
	(void)snprintf(text, sizeof(text), "[remote \"origin\"]\n\turl = " BASE "%s\n", id);
	write_text(path, text, 0600);
}

static void assert_repo(const char *folder, const char *git_dir, const char *wanted)
{
	char path[256];
	char text[REPO_ID_SIZE];
	struct repo repo;
	bool found;

	(void)snprintf(path, sizeof(path), "%s/%s", home, folder);
	found = git_hints_of_folder(path, git_dir, HUB, &repo);
	if (strcmp(text_of(found, &repo, text), wanted) != 0)
		fail_msg("%s: %s", folder, text);
}

static void repositories_are_found_where_git_finds_them(void **state UNUSED)
{
	assert_int_equal(mkdir("w", 0700) || mkdir("w/a", 0700) || mkdir("w/a/b", 0700), 0);
	assert_repo("w/a", NULL, "none");
	make_repository("w/.git", "acme/m1");
	assert_repo("w", NULL, "acme/m1");
	assert_repo("w/a/b", NULL, "acme/m1");
	assert_repo("w/.git", NULL, "acme/m1");
	make_repository("bare.git", "acme/bare");
	assert_repo("bare.git", NULL, "acme/bare");
	assert_repo("w", "../bare.git", "acme/bare");
	assert_repo("w", "gone", "none");
	/* a submodule */
	make_repository("w/.git/modules", "acme/sub");
	write_text("w/a/.git", "gitdir: ../.git/modules\n", 0600);
	assert_repo("w/a/b", NULL, "acme/sub");
	/* a second working tree */
	assert_int_equal(mkdir("second", 0700) || mkdir("w/.git/worktrees", 0700) ||
				 mkdir("w/.git/worktrees/second", 0700),
			 0);
	write_text("w/.git/worktrees/second/commondir", "../..\n", 0600);
	write_text("w/.git/worktrees/second/HEAD", "ref: refs/heads/x\n", 0600);
	write_text("second/.git", "gitdir: ../w/.git/worktrees/second\n", 0600);
	assert_repo("second", NULL, "acme/m1");
	assert_repo("w/.git/worktrees/second", NULL, "acme/m1");
}

static void what_is_no_file_is_not_read(void **state UNUSED)
{
	assert_int_equal(mkdir("w", 0700) || mkdir("w/.git", 0700), 0);
	assert_int_equal(mkfifo("w/.git/config", 0600), 0);
	assert_repo("w", NULL, "none");
	assert_int_equal(mkfifo("w/.git/commondir", 0600) || mkfifo("w/HEAD", 0600), 0);
	assert_repo("w", NULL, "none");
	assert_int_equal(mkdir("x", 0700) || mkfifo("x/.git", 0600), 0);
	assert_repo("x", NULL, "none");
	assert_int_equal(mkdir("y", 0700) || symlink(".git", "y/.git"), 0);
	assert_repo("y", NULL, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_tell_operation_and_repository),
		cmocka_unit_test(a_word_that_is_cut_off_is_none),
		in_a_home(ancestors_are_looked_at_from_the_nearest_on),
		in_a_home(odd_processes_end_the_search),
		cmocka_unit_test(remotes_are_read_as_git_reads_them),
		in_a_home(repositories_are_found_where_git_finds_them),
		in_a_home(what_is_no_file_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
