/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/run_guess.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 12

static bool exists(const char *path)
{
	return strcmp(path, "here/model") == 0 || strcmp(path, "gpt2") == 0;
}

struct row {
	const char *command; /* words between blanks */
	const char *repos;   /* "" for none */
	bool writes;
};

static void check(const struct row *row)
{
	char text[512];
	char *words[WORDS_MAX] = {NULL};
	char *next = text;
	char *word;
	size_t count = 0;
	struct run_guess *guess = calloc(1, sizeof(*guess));
	char found[512] = "";

	assert_non_null(guess);
	(void)snprintf(text, sizeof(text), "%s", row->command);
	while ((word = strsep(&next, " ")) != NULL && count < WORDS_MAX)
		words[count++] = word;
	run_guess(words, count, "https://huggingface.co", exists, guess);
	for (size_t i = 0; i < guess->count; i++) {
		char id[REPO_ID_SIZE];

		repo_text(&guess->repos[i], id);
		(void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
			       i ? " " : "", id);
	}
	if (strcmp(found, row->repos) != 0 || guess->writes != row->writes)
		fail_msg("%s: '%s', not '%s'; writes %d", row->command, found, row->repos,
			 guess->writes);
	free(guess);
}

static void operands_of_known_programs_are_repositories(void **state UNUSED)
{
	static const struct row rows[] = {
		{"hf download acme/m1", "acme/m1", false},
		{"/opt/venv/bin/hf download acme/m1 config.json", "acme/m1", false},
		{"huggingface-cli download acme/m1 --local-dir x", "acme/m1", false},
		{"huggingface-cli download --repo-type dataset acme/d1", "datasets/acme/d1",
		 false},
		{"hf download acme/d1 --repo-type=dataset", "datasets/acme/d1", false},
		{"hf download acme/s1 --type space", "spaces/acme/s1", false},
		{"hf download bert-base", "models/bert-base", false},
		{"hf --format json download --quiet --revision dev acme/m1", "acme/m1", false},
		{"hf upload acme/m1 .", "acme/m1", true},
		{"hf upload acme/m1 . --commit-message x/y", "acme/m1", true},
		{"vllm serve acme/m1 --port 80", "acme/m1", false},
		{"vllm serve bert-base", "models/bert-base", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void values_of_known_options_are_repositories(void **state UNUSED)
{
	static const struct row rows[] = {
		{"python train.py --model acme/m1", "acme/m1", false},
		{"python train.py --model=acme/m1", "acme/m1", false},
		{"x --model-id acme/m1", "acme/m1", false},
		{"x --repo-id acme/m1", "acme/m1", false},
		{"x --repo-id acme/d1 --repo-type dataset", "datasets/acme/d1", false},
		{"x --dataset acme/d1", "datasets/acme/d1", false},
		{"x --tokenizer acme/t1 --model acme/m1", "acme/t1 acme/m1", false},
		{"x --tokenizer acme/m1 --model ACME/m1", "acme/m1", false},
		{"llama-server -hf acme/m1:Q4_K_M", "acme/m1", false},
		{"llama-server --hf-repo acme/m1", "acme/m1", false},
		{"vllm serve --model acme/m1", "acme/m1", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void urls_of_the_hub_are_repositories(void **state UNUSED)
{
	static const struct row rows[] = {
		{"wget https://huggingface.co/acme/m1/resolve/main/x.bin", "acme/m1", false},
		{"wget https://hf.co/acme/m1/resolve/main/x.bin", "acme/m1", false},
		{"curl --url=https://huggingface.co/datasets/acme/d1", "datasets/acme/d1",
		 false},
		{"duckdb hf://datasets/acme/d1/x.parquet", "datasets/acme/d1", false},
		{"wget https://huggingface.co.evil.example/acme/m1/resolve/main/x", "", false},
		{"wget http://huggingface.co/acme/m1/resolve/main/x", "", false},
		{"wget https://example.com/acme/m1", "", false},
		{"wget https://huggingface.co/docs/hub", "", false},
		{"wget https://huggingface.co/", "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void what_may_be_something_else_is_none(void **state UNUSED)
{
	static const struct row rows[] = {
		{"x", "", false},
		{"hf", "", false},
		{"hf download", "", false},
		{"hf download gpt2", "", false}, /* a path that exists */
		{"hf download --include a/b acme/m1", "", false},
		{"hf download --unknown a/b", "", false},
		{"hf auth whoami", "", false},
		{"hf repo create acme/m1", "", false},
		{"hf upload ./model .", "", false},
		{"vllm bench acme/m1", "", false},
		{"vllm serve ./model", "", false},
		{"vllm serve /srv/model", "", false},
		{"vllm serve --port acme/m1", "", false},
		{"x --model here/model", "", false},
		{"x --model large", "", false},
		{"x --model ./a/b", "", false},
		{"x --model ../b", "", false},
		{"x --model a/b/c", "", false},
		{"x --model a/", "", false},
		{"x --model models/llama", "", false},
		{"x --model weights/llama.gguf", "", false},
		{"x --model weights/LLAMA.GGUF", "", false},
		{"x --model ~/b", "", false},
		{"x --model $A/b", "", false},
		{"x --model", "", false},
		{"x --models acme/m1", "", false},
		{"x --output acme/m1", "", false},
		{"x acme/m1", "", false},
		{"x --model a/b--c/d", "", false},
		{"x -hf large", "", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_of_known_programs_are_repositories),
		cmocka_unit_test(values_of_known_options_are_repositories),
		cmocka_unit_test(urls_of_the_hub_are_repositories),
		cmocka_unit_test(what_may_be_something_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
