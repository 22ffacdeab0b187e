/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/pages.h"

static void only_hubs_have_pages(void **state UNUSED)
{
	assert_true(pages_exist(ENDPOINT_HUB));
	assert_true(pages_exist("https://hub-ci.huggingface.co"));
	assert_true(pages_exist("http://127.0.0.1:8080"));
	assert_false(pages_exist("https://hf-mirror.com"));
}

static void the_form_is_filled_in(void **state UNUSED)
{
	AUTOBUF struct buf url = {0};

	page_new_token(ENDPOINT_HUB, NULL, false, &url);
	assert_string_equal(buf_text(&url),
			    ENDPOINT_HUB "/settings/tokens/new?tokenType=fineGrained"
					 "&canReadGatedRepos=true"
					 "&ownUserPermissions=repo.content.read");
	buf_clear(&url);
	page_new_token(ENDPOINT_HUB, "a&b c", true, &url);
	assert_string_equal(buf_text(&url),
			    ENDPOINT_HUB "/settings/tokens/new?tokenType=fineGrained"
					 "&canReadGatedRepos=true"
					 "&ownUserPermissions=repo.content.read"
					 "&ownUserPermissions=repo.write&orgs=a%26b%20c"
					 "&orgPermissions=repo.content.read"
					 "&orgPermissions=repo.write");
}

static void each_repository_has_its_page(void **state UNUSED)
{
	static const struct {
		struct repo repo;
		const char *page;
	} cases[] = {
		{{.type = REPO_MODEL, .namespace = "acme", .name = "m1"}, "/acme/m1"},
		{{.type = REPO_MODEL, .name = "gpt2"}, "/gpt2"},
		{{.type = REPO_DATASET, .namespace = "acme", .name = "d"}, "/datasets/acme/d"},
		{{.type = REPO_SPACE, .namespace = "acme", .name = "s"}, "/spaces/acme/s"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf url = {0};

		page_of_repo("", &cases[i].repo, &url);
		assert_string_equal(buf_text(&url), cases[i].page);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_hubs_have_pages),
		cmocka_unit_test(the_form_is_filled_in),
		cmocka_unit_test(each_repository_has_its_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
