/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/rule_place.h"
#include "core/rules.h"

#define HOME   "/home/alice"
#define FOLDER ".config/hftoken"
#define FILE   FOLDER "/rules"

static struct repo repo_of(const char *text)
{
	struct repo repo;

	if (repo_parse(text, &repo, NULL))
		fail_msg("'%s' is no repository", text);
	return repo;
}

static enum operation operation_of(const char *word)
{
	if (!word)
		return OPERATION_UNKNOWN;
	return strcmp(word, "write") == 0 ? OPERATION_WRITE : OPERATION_READ;
}

/* ---- patterns --------------------------------------------------------------------------------- */

static void patterns_fit_what_they_say(void **state UNUSED)
{
	static const struct {
		const char *pattern, *repo;
		bool fits;
	} cases[] = {
		/* a namespace, of every type */
		{"acme", "acme/m1", true},
		{"acme", "datasets/acme/d1", true},
		{"ACME", "acme/m1", true},
		{"acme", "Acme/M1", true},
		{"acme", "acme2/m1", false},
		{"acme", "bob/acme", false},
		{"acme", "ac/me", false},
		/* an id, of every type or of one */
		{"acme/m1", "acme/m1", true},
		{"acme/m1", "spaces/acme/m1", true},
		{"acme/m1", "acme/m10", false},
		{"models/acme/m1", "acme/m1", true},
		{"models/acme/m1", "datasets/acme/m1", false},
		{"datasets/acme/d1", "datasets/acme/D1", true},
		{"kernels/acme/k", "kernels/acme/k", true},
		{"buckets/acme/b", "buckets/acme/b", true},
		{"Datasets/acme", "datasets/acme/d1", true},
		/* names of one segment need their type */
		{"gpt2", "gpt2", false},
		{"models/gpt2", "gpt2", true},
		{"models/gpt2", "models/gpt2", true},
		{"models/gpt2", "datasets/gpt2", false},
		{"datasets/squad", "datasets/squad", true},
		{"datasets/squad", "datasets/squad/v2", true},
		{"gpt2", "gpt2/other", true},
		/* stars, within a segment */
		{"acme/*", "acme/m1", true},
		{"acme/*", "acme2/m1", false},
		{"acme/prod-*", "acme/prod-1", true},
		{"acme/prod-*", "acme/prod", false},
		{"acme/*-v*", "acme/a-b-v2", true},
		{"acme/*-v*", "acme/a-b-w2", false},
		{"acme/**a**", "acme/bab", true},
		{"*/m1", "acme/m1", true},
		{"*/m1", "acme/m2", false},
		{"a*e", "acme/m1", true},
		{"*me", "acme/m1", true},
		{"*", "acme/m1", true},
		{"*", "gpt2", true},
		{"datasets/*", "datasets/acme/d1", true},
		{"datasets/*", "datasets/squad", true},
		{"datasets/*", "acme/m1", false},
		{"datasets/acme/*", "datasets/acme/d1", true},
		{"*/*", "acme/m1", true},
		{"*/*", "gpt2", false},
		{"models/*/*", "gpt2", false},
		/* nothing is known of the repository */
		{"*", NULL, true},
		{"*/*", NULL, false},
		{"acme", NULL, false},
		{"models/*", NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct repo repo = repo_of(cases[i].repo ? cases[i].repo : "x/y");
		const struct repo *asked = cases[i].repo ? &repo : NULL;
		char line[300];
		struct rule rule;

		(void)snprintf(line, sizeof(line), "  %s\twork", cases[i].pattern);
		rule_parse(line, strlen(line), &rule);
		if (rule.problem)
			fail_msg("%s: %s", cases[i].pattern, rule.problem);
		if (rule_matches(&rule, &(struct rule_request) {.repo = asked}) !=
			    cases[i].fits ||
		    rule_may_match(line, strlen(line), asked) != cases[i].fits)
			fail_msg("%s for %s", cases[i].pattern, cases[i].repo);
	}
}

static void lines_that_make_no_sense_have_a_problem(void **state UNUSED)
{
	static const struct {
		const char *line;
		bool good;
	} cases[] = {
		{"acme work", true},
		{"acme\twork\r", true},
		{"acme work read", true},
		{"acme work write in /src", true},
		{"acme work in ~", true},
		{"acme work in ~/src/a folder", true},
		{"acme work in /", true},
		{"acme work in /src/", true},
		{"acme work # of old", true},
		{"acme work read # of old", true},
		{"* env", true},
		{"acme hf:personal", true},
		{"acme mount:hf-token", true},
		{"acme", false},
		{"acme # work", false},
		{"acme/ work", false},
		{"/acme work", false},
		{"acme//m1 work", false},
		{"a/b/c work", false},
		{"datasets/a/b/c work", false},
		{"acme/m1@main work", false},
		{"acme/\xc3\xa9 work", false},
		{"acme bad:name", false},
		{"acme hf:", false},
		{"acme -name", false},
		{"acme hf_abcdefghijklmnopqrstuvwxyzabcdefgh", false},
		{"hf_abcdefghijklmnopqrstuvwxyzabcdefgh work", false},
		{"acme work sometimes", false},
		{"acme work read write", false},
		{"acme work in", false},
		{"acme work in src", false},
		{"acme work in ~bob/src", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rule rule;

		assert_false(rule_is_blank(cases[i].line, strlen(cases[i].line)));
		rule_parse(cases[i].line, strlen(cases[i].line), &rule);
		if (!rule.problem != cases[i].good)
			fail_msg("'%s': %s", cases[i].line,
				 rule.problem ? rule.problem : "good");
		assert_int_equal(!*rule.pattern, !cases[i].good);
	}
	assert_true(rule_is_blank(" \t# acme work", 13));
	assert_true(rule_is_blank("", 0));
}

static void long_words_are_refused(void **state UNUSED)
{
	static const size_t sizes[] = {REPO_PART_MAX, REPO_PART_MAX + 1, 300, 5000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char line[6000];
		struct rule rule;

		memset(line, 'a', sizes[i]);
		(void)snprintf(line + sizes[i], sizeof(line) - sizes[i], " work");
		rule_parse(line, strlen(line), &rule);
		assert_int_equal(!rule.problem, sizes[i] <= REPO_PART_MAX);
	}
}

/* ---- which one counts ------------------------------------------------------------------------- */

struct question {
	const char *user, *machine; /* the files */
	const char *repo, *operation, *directory;
	const char *token; /* NULL: no rule */
};

static const struct question questions[] = {
	{"", "", "acme/m1", "read", "/", NULL},
	{"acme work\n", "", "acme/m1", "read", "/", "work"},
	{"acme work\n", "", "bob/m1", "read", "/", NULL},
	{"acme work\n", "", NULL, "read", "/", NULL},
	{"* work\n", "", NULL, "read", "/", "work"},
	{"* work", "", NULL, NULL, NULL, "work"},
	{"# acme work\n\n  \n", "", "acme/m1", "read", "/", NULL},
	/* an exact id */
	{"acme/* a\nacme/m1 b\n", "", "acme/m1", "read", "/", "b"},
	{"acme/m1 b\nmodels/acme/m* a\n", "", "acme/m1", "read", "/", "b"},
	{"acme/m1 b\nmodels/acme/m1 a\n", "", "acme/m1", "read", "/", "a"},
	{"acme/m1 b\nacme a in /src\n", "", "acme/m1", "read", "/src/x", "b"},
	{"models/gpt2 a\nmodels/* b in /\n", "", "gpt2", "read", "/", "a"},
	/* a directory, the deeper one */
	{"acme/prod-* a\n* b in /src\n", "", "acme/prod-1", "read", "/src", "b"},
	{"acme/prod-* a\n* b in /src\n", "", "acme/prod-1", "read", "/srcs", "a"},
	{"acme/prod-* a\n* b in /src\n", "", "acme/prod-1", "read", "/", "a"},
	{"acme/prod-* a\n* b in /src\n", "", "acme/prod-1", "read", NULL, "a"},
	{"* a in /src/acme\nacme b in /src\n", "", "acme/m1", "read", "/src/acme/x", "a"},
	{"* a in /\n* b\n", "", "acme/m1", "read", "/anywhere", "a"},
	{"* a in ~/src\n* b\n", "", "acme/m1", "read", HOME "/src/x", "a"},
	{"* a in ~/src\n* b\n", "", "acme/m1", "read", HOME "/source", "b"},
	{"* a in ~\n* b\n", "", "acme/m1", "read", HOME, "a"},
	{"* a in ~\n* b\n", "", "acme/m1", "read", HOME "2", "b"},
	{"* a in /a b/c\n* b\n", "", "acme/m1", "read", "/a b/c/d", "a"},
	/* however it is written: ~ is as long as the home */
	{"* a in ~/src/acme\n* b in " HOME "/src\n", "", NULL, "read", HOME "/src/acme", "a"},
	{"* a in ~/src\n* b in " HOME "/src/acme\n", "", NULL, "read", HOME "/src/acme/x", "b"},
	{"* a in ~\n* b in /home\n", "", NULL, "read", HOME "/x", "a"},
	{"* a in ~/src\nacme b in " HOME "/src\n", "", "acme/m1", "read", HOME "/src", "b"},
	{"acme a in ~/src\n* b in " HOME "/src\n", "", "acme/m1", "read", HOME "/src", "a"},
	/* the longest literal text */
	{"acme/* a\nacme/p* b\n", "", "acme/prod", "read", "/", "b"},
	{"acme/*d a\nacme/pr* b\n", "", "acme/prod", "read", "/", "b"},
	{"acme a\n* b\n", "", "acme/prod", "read", "/", "a"},
	{"acme a\ndatasets/acme b\n", "", "datasets/acme/d1", "read", "/", "b"},
	/* an operation */
	{"acme a\nacme b write\n", "", "acme/m1", "write", "/", "b"},
	{"acme a\nacme b write\n", "", "acme/m1", "read", "/", "a"},
	{"acme a read\nacme b write\n", "", "acme/m1", "read", "/", "a"},
	{"acme b write\n", "", "acme/m1", "read", "/", NULL},
	{"acme/* b\nacme a write\n", "", "acme/m1", "write", "/", "b"},
	{"acme a\nacme b write\n", "", "acme/m1", NULL, "/", "a"},
	{"acme a read\nacme b write\n", "", "acme/m1", NULL, "/", "b"},
	/* the same length: by the text, not by the place */
	{"acme/*a a\nacme/a* b\n", "", "acme/aa", "read", "/", "a"},
	/* the user's before the machine's */
	{"* mine\n", "acme/m1 team\n", "acme/m1", "read", "/", "mine"},
	{"", "acme/m1 team\n", "acme/m1", "read", "/", "team"},
	{"bob mine\n", "acme/m1 team\n", "acme/m1", "read", "/", "team"},
	{"acme mine\n", "acme team\n", "acme/m1", "read", "/", "mine"},
	/* doubles are left out, unless they say the same */
	{"acme a\nACME b\n* c\n", "", "acme/m1", "read", "/", "c"},
	{"acme a\nacme b\n", "", "acme/m1", "read", "/", NULL},
	{"acme a\nacme a\n", "", "acme/m1", "read", "/", "a"},
	{"acme a in /src\nacme b in /src/\n* c\n", "", "acme/m1", "read", "/src", "c"},
	{"acme a\nacme b write\n", "", "acme/m1", "write", "/", "b"},
	{"acme a\nacme b\n", "acme team\n", "acme/m1", "read", "/", "team"},
	/* what makes no sense is no rule */
	{"acme/m1 two words here\nacme a\n", "", "acme/m1", "read", "/", "a"},
};

static void set_text(struct buf *buf, const char *text)
{
	buf_clear(buf);
	buf_add_text(buf, text);
}

static void ask(const struct rules *rules, const struct question *question, const char *what)
{
	AUTORULELIST struct rule_list list = {0};
	struct repo repo = repo_of(question->repo ? question->repo : "x/y");
	const struct rule_request request = {.repo = question->repo ? &repo : NULL,
					     .operation = operation_of(question->operation),
					     .directories = {question->directory},
					     .homes = {NULL, HOME}};
	const char *token = NULL;

	assert_int_equal(rules_find(rules, &request, &list, NULL), 0);
	for (size_t i = 0; i < list.count && !token; i++)
		token = list.rules[i].problem ? NULL : list.rules[i].token;
	if (strcmp(token ? token : "none", question->token ? question->token : "none") != 0)
		fail_msg("%s: %s for %s: %s, not %s", what, question->user, question->repo,
			 token ? token : "none", question->token ? question->token : "none");
}

static void the_most_specific_rule_counts(void **state UNUSED)
{
	AUTORULES struct rules rules = {0};

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		set_text(&rules.texts[RULES_OF_USER], questions[i].user);
		set_text(&rules.texts[RULES_OF_SYSTEM], questions[i].machine);
		ask(&rules, &questions[i], "as written");
	}
}

/* A shell that came through a link has another name for the same folder. */
static void the_deeper_directory_counts_by_either_name(void **state UNUSED)
{
	static const char *const texts[] = {
		"* a in /mnt/home/alice/src\n* b in ~/src/acme\n",
		"* b in ~/src/acme\n* a in /home/alice/src\n",
		"* a in ~/src\n* b in /mnt/home/alice/src/acme\n",
	};
	const struct rule_request request = {
		.directories = {"/mnt/home/alice/src/acme/x", HOME "/src/acme/x"},
		.homes = {HOME, "/mnt/home/alice"}};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTORULES struct rules rules = {0};
		AUTORULELIST struct rule_list list = {0};

		set_text(&rules.texts[RULES_OF_USER], texts[i]);
		assert_int_equal(rules_find(&rules, &request, &list, NULL), 0);
		assert_int_equal(list.count, 2);
		assert_string_equal(list.rules[0].token, "b");
	}
}

/* The lines of a text in the opposite order. */
static void reverse(const char *text, struct buf *ret)
{
	const char *end = text + strlen(text);

	buf_clear(ret);
	while (end > text) {
		const char *start = end - 1;

		while (start > text && start[-1] != '\n')
			start--;
		buf_add(ret, start, (size_t)(end - start));
		if (end[-1] != '\n')
			buf_add_char(ret, '\n');
		end = start;
	}
}

static void the_order_of_lines_never_matters(void **state UNUSED)
{
	AUTORULES struct rules rules = {0};

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		reverse(questions[i].user, &rules.texts[RULES_OF_USER]);
		reverse(questions[i].machine, &rules.texts[RULES_OF_SYSTEM]);
		ask(&rules, &questions[i], "turned round");
	}
}

static void lists_keep_the_order_of_the_file(void **state UNUSED)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list list = {0};
	static const unsigned lines[] = {2, 3, 5, 6, 1};
	static const bool bad[] = {true, false, true, true, false};

	set_text(&rules.texts[RULES_OF_USER], "# rules\nz a\nb c\n\nZ b\nwhat?\n");
	set_text(&rules.texts[RULES_OF_SYSTEM], "z team");
	assert_int_equal(rules_list(&rules, &list, NULL), 0);
	assert_int_equal(list.count, ARRAY_SIZE(lines));
	for (size_t i = 0; i < list.count; i++) {
		assert_int_equal(list.rules[i].line, lines[i]);
		assert_int_equal(list.rules[i].problem != NULL, bad[i]);
		assert_int_equal(list.rules[i].file, i == 4);
	}
}

/* ---- changes ---------------------------------------------------------------------------------- */

static int enter(void **state)
{
	return enter_home(state) || mkdir(".config", 0700) || mkdir(FOLDER, 0700);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, enter, leave_home)

static struct rule rule_of(const char *line)
{
	struct rule rule;

	rule_parse(line, strlen(line), &rule);
	assert_null(rule.problem);
	return rule;
}

static void adding_keeps_every_other_line(void **state UNUSED)
{
	static const struct {
		const char *before, *rule, *after;
	} cases[] = {
		{"", "acme work", "acme work\n"},
		{"# mine\n\nacme  old # why\nbob b", "acme work",
		 "# mine\n\nacme work\nbob b\n"},
		{"ACME old\n", "acme work", "acme work\n"},
		{"acme old\nnonsense\nacme older\n", "acme work", "acme work\nnonsense\n"},
		{"acme old\n", "acme ci write", "acme old\nacme ci write\n"},
		{"acme old in /src\n", "acme work in /src/", "acme work in /src\n"},
		{"acme old in /src\n", "acme work in /srcs",
		 "acme old in /src\nacme work in /srcs\n"},
		{"acme old\r\n", "bob work read in ~/a b",
		 "acme old\r\nbob work read in ~/a b\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rule rule = rule_of(cases[i].rule);
		struct err err = {0};

		write_text(FILE, cases[i].before, 0644);
		if (rules_add(&rule, &err))
			fail_msg("%s", err.message);
		assert_file_text(FILE, cases[i].after);
	}
}

static void what_is_no_rule_is_not_written(void **state UNUSED)
{
	struct rule rule = rule_of("acme work");

	write_text(FILE, "bob b\n", 0644);
	(void)snprintf(rule.pattern, sizeof(rule.pattern), "ac me");
	assert_int_equal(rules_add(&rule, NULL), ERR_USAGE);
	rule = rule_of("acme work");
	rule.directory = "/a\nb";
	rule.directory_size = 4;
	assert_int_equal(rules_add(&rule, NULL), ERR_USAGE);
	rule = rule_of("acme work");
	rule.directory = "/x/d ";
	rule.directory_size = 5;
	assert_int_equal(rules_add(&rule, NULL), ERR_USAGE);
	rule = rule_of("acme work");
	(void)snprintf(rule.pattern, sizeof(rule.pattern), "#acme");
	assert_int_equal(rules_add(&rule, NULL), ERR_USAGE);
	assert_file_text(FILE, "bob b\n");
	rule.directory = "/x/";
	rule.directory_size = 3;
	(void)snprintf(rule.pattern, sizeof(rule.pattern), "acme");
	assert_int_equal(rules_add(&rule, NULL), 0);
	assert_file_text(FILE, "bob b\nacme work in /x\n");
}

static void a_link_is_left_alone(void **state UNUSED)
{
	struct rule rule = rule_of("acme work");
	struct rules rules;

	write_text("elsewhere", "bob b\n", 0644);
	assert_int_equal(symlink("../../elsewhere", FILE), 0);
	assert_int_equal(rules_add(&rule, NULL), ERR_FAILED);
	assert_file_text("elsewhere", "bob b\n");
	assert_int_equal(rules_load(&rules, NULL), 0);
	assert_string_equal(buf_text(&rules.texts[RULES_OF_USER]), "bob b\n");
	rules_release(&rules);
}

static bool is_of_acme(const struct rule *rule, const void *user UNUSED)
{
	return strcmp(rule->pattern, "acme") == 0;
}

static void removing_keeps_every_other_line(void **state UNUSED)
{
	size_t count = 9;

	assert_int_equal(rules_remove(is_of_acme, NULL, &count, NULL), 0);
	assert_int_equal(count, 0);
	assert_int_equal(access(FILE, F_OK), -1);
	write_text(FILE, "# mine\nacme a\nbob b\nacme c write\n", 0644);
	assert_int_equal(rules_remove(is_of_acme, NULL, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_file_text(FILE, "# mine\nbob b\n");
}

static void rename_token(bool finish)
{
	AUTORULESRENAME struct rules_rename rename = RULES_RENAME_NONE;

	assert_int_equal(rules_rename_begin(&rename, "work", "job", NULL), 0);
	if (finish)
		assert_int_equal(rules_rename_finish(&rename, NULL), 0);
}

static void rules_follow_a_new_name(void **state UNUSED)
{
	rename_token(true);
	assert_int_equal(access(FILE, F_OK), -1);
	write_text(FILE,
		   "# work\n  work\t\twork   read # the work\nbob worker\nx work in /work\n",
		   0644);
	rename_token(false);
	assert_file_text(FILE, "# work\n  work\t\twork   read # the work\nbob worker\n"
			       "x work in /work\n");
	rename_token(true);
	assert_file_text(FILE, "# work\n  work\t\tjob   read # the work\nbob worker\n"
			       "x job in /work\n");
}

static void bad_files_are_errors(void **state UNUSED)
{
	struct rules rules;
	struct err err = {0};

	write_bytes(FILE, "a b\0c\n", 6, 0644);
	assert_int_equal(rules_load(&rules, &err), ERR_DAMAGED);
	write_text(FILE, "a b\n", 0666);
	assert_int_equal(rules_load(&rules, &err), ERR_UNSAFE);
	assert_int_equal(unlink(FILE), 0);
	assert_int_equal(mkfifo(FILE, 0600), 0);
	assert_int_equal(rules_load(&rules, &err), ERR_UNSAFE);
}

static void places_have_both_names(void **state UNUSED)
{
	struct rule_place place;
	struct rule_request request = {0};
	char link[160];
	AUTOFREE char *found = NULL;

	(void)snprintf(link, sizeof(link), "%s/link", home);
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(chdir("link"), 0);
	assert_int_equal(setenv("PWD", link, 1), 0);
	rule_place_find(&place);
	rule_place_apply(&place, &request);
	assert_non_null(strstr(request.directories[0], "/real"));
	assert_string_equal(request.directories[1], link);
	assert_string_equal(request.homes[0], home);
	rule_place_release(&place);
	assert_int_equal(setenv("PWD", "/", 1), 0);
	rule_place_find(&place);
	assert_null(place.directories[1]);
	rule_place_release(&place);
	assert_int_equal(rule_place_directory(".", &found, NULL), 0);
	assert_string_equal(found, "~/real");
}

/* A link to itself, as one that fails to open for whatever reason. */
static void a_folder_that_fails_to_open_is_not_an_empty_one(void **state UNUSED)
{
	AUTORULES struct rules rules = {0};

	assert_int_equal(rmdir(FOLDER), 0);
	assert_int_equal(symlink("hftoken", FOLDER), 0);
	assert_true(rules_load(&rules, NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_fit_what_they_say),
		cmocka_unit_test(lines_that_make_no_sense_have_a_problem),
		cmocka_unit_test(long_words_are_refused),
		cmocka_unit_test(the_most_specific_rule_counts),
		cmocka_unit_test(the_deeper_directory_counts_by_either_name),
		cmocka_unit_test(the_order_of_lines_never_matters),
		cmocka_unit_test(lists_keep_the_order_of_the_file),
		in_a_folder(adding_keeps_every_other_line),
		in_a_folder(what_is_no_rule_is_not_written),
		in_a_folder(a_link_is_left_alone),
		in_a_folder(removing_keeps_every_other_line),
		in_a_folder(rules_follow_a_new_name),
		in_a_folder(bad_files_are_errors),
		in_a_folder(a_folder_that_fails_to_open_is_not_an_empty_one),
		in_a_folder(places_have_both_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
