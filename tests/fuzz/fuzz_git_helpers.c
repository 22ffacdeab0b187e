/* SPDX-License-Identifier: Apache-2.0 */
/* `git config --list -z`: helpers lie within the list, each with a value, and those cut off are gone. */
#include "tests/fuzz/fuzz.h"

#include "cli/git_config.h"

static void check(const struct git_helpers *helpers)
{
	const char *start = helpers->text.data;
	const char *end = start + helpers->text.size;

	CHECK(helpers->count <= GIT_HELPERS_MAX);
	for (size_t i = 0; i < helpers->count; i++) {
		const struct git_helper *helper = &helpers->list[i];

		CHECK(*helper->value && helper->value > start && helper->value <= end);
		CHECK(helper->scope >= start && helper->origin > helper->scope);
		CHECK(helper->value > helper->origin);
		(void)git_helper_is_ours(helper->value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const endpoints[] = {ENDPOINT_HUB, "http://127.0.0.1:8080",
						"http://[::1]"};

	for (size_t i = 0; size && i < ARRAY_SIZE(endpoints); i++) {
		AUTOHELPERS struct git_helpers helpers = {.count = 0};

		buf_add(&helpers.text, data, size);
		if (git_helpers_read(&helpers, endpoints[i], NULL) == 0)
			check(&helpers);
	}
	return 0;
}
