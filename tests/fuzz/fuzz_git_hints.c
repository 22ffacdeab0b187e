/* SPDX-License-Identifier: Apache-2.0 */
/* A repository's configuration, and a command line: whatever they hold, a hint is on the endpoint. */
#include "tests/fuzz/fuzz.h"

#include "core/git_hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct git_hints hints = {0};
	struct repo repo;
	char *text = copy_input(data, size);

	if (git_hints_of_config(text, size, ENDPOINT_HUB, &repo))
		CHECK(strcmp(repo.endpoint, ENDPOINT_HUB) == 0 && *repo.name);
	git_hints_of_command(text, size, ENDPOINT_HUB, &hints);
	if (hints.has_repo)
		CHECK(strcmp(hints.repo.endpoint, ENDPOINT_HUB) == 0 && *hints.repo.name);
	CHECK(hints.operation < OPERATION_COUNT);
	free(text);
	return 0;
}
