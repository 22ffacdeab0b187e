/* SPDX-License-Identifier: Apache-2.0 */
/* Names of repositories: plain parts, one text for each, and no way out of the repository. */
#include "tests/fuzz/fuzz.h"

#include "core/repo.h"

static void check_part(const char *part)
{
	CHECK(part[strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"._-")] == '\0');
	CHECK(!strstr(part, "..") && *part != '-' && *part != '.');
}

static void check_plain(const char *text)
{
	for (; *text; text++)
		CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *input = copy_input(data, size);
	struct repo repo;
	struct repo again;
	char text[REPO_ID_SIZE];
	char endpoint[ENDPOINT_SIZE];

	if (repo_parse(input, &repo, NULL))
		return 0;
	check_part(repo.namespace);
	check_part(repo.name);
	CHECK(*repo.name);
	check_plain(repo.revision);
	check_plain(repo.path);
	CHECK(strncmp(repo.path, "../", 3) != 0 && !strstr(repo.path, "/../"));
	repo_text(&repo, text);
	CHECK(repo_parse(text, &again, NULL) == 0);
	CHECK(repo_equal(&repo, &again));
	CHECK(!*again.endpoint && !*again.revision && !*again.path);
	if (*repo.endpoint) {
		CHECK(endpoint_of_url(repo.endpoint, endpoint, NULL) == 0);
		CHECK(strcmp(endpoint, repo.endpoint) == 0);
	}
	return 0;
}
