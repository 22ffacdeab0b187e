/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of any words: what is found is a repository with a name that reads back. */
#include "tests/fuzz/fuzz.h"

#include "core/run_guess.h"

#define WORDS_MAX 64

static bool exists(const char *path)
{
	return path[0] == 'x';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run_guess guess;
	char *text = strndup((const char *)data, size);
	char *words[WORDS_MAX + 1] = {NULL};
	char *next = text;
	size_t count = 0;

	while (next && count < WORDS_MAX)
		words[count++] = strsep(&next, "\n");
	run_guess(words, count, ENDPOINT_HUB, exists, &guess);
	CHECK(guess.count <= RUN_REPOS_MAX && (!guess.writes || guess.count));
	for (size_t i = 0; i < guess.count; i++) {
		struct repo again;
		char id[REPO_ID_SIZE];

		repo_text(&guess.repos[i], id);
		CHECK(repo_parse(id, &again, NULL) == 0 && repo_equal(&again, &guess.repos[i]));
		CHECK(!*guess.repos[i].endpoint ||
		      strcmp(guess.repos[i].endpoint, ENDPOINT_HUB) == 0);
	}
	free(text);
	return 0;
}
