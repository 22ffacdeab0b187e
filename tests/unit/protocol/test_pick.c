/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/buf.h"
#include "protocol/pick.h"

/* Whose tokens may go there, for endpoints, APIs and registries; NULL: nobody's. */
static void hosts_are_compared_exactly(void **state UNUSED)
{
	static const struct {
		const char *url;
		const char *endpoint[3];
	} urls[] = {
#define HUB ENDPOINT_HUB
		{"https://huggingface.co", {HUB, HUB, HUB}},
		{"https://HuggingFace.co:443/acme/m1?x#y", {HUB, HUB, HUB}},
		{"https://hf.co/acme/m1", {HUB, HUB, HUB}},
		{"https://router.huggingface.co/v1", {NULL, HUB, NULL}},
		{"https://datasets-server.huggingface.co/rows", {NULL, HUB, NULL}},
		{"https://api-inference.huggingface.co/models/x", {NULL, HUB, NULL}},
		{"https://api.endpoints.huggingface.cloud/v2", {NULL, HUB, NULL}},
		{"https://registry.hf.space/v2/", {NULL, NULL, HUB}},
		{"https://hub.example:8443/x",
		 {"https://hub.example:8443", "https://hub.example:8443", NULL}},
		{"http://127.0.0.1:8080/x",
		 {"http://127.0.0.1:8080", "http://127.0.0.1:8080", NULL}},
		{"https://endpoints.huggingface.co",
		 {"https://endpoints.huggingface.co", "https://endpoints.huggingface.co",
		  NULL}},
		{"http://huggingface.co", {NULL, NULL, NULL}},
		{"http://router.huggingface.co", {NULL, NULL, NULL}},
		{"https://router.huggingface.co:8443",
		 {"https://router.huggingface.co:8443", "https://router.huggingface.co:8443",
		  NULL}},
		{"https://alice@huggingface.co", {NULL, NULL, NULL}},
		{"https://huggingface.co.", {NULL, NULL, NULL}},
		{"ftp://huggingface.co", {NULL, NULL, NULL}},
		{"huggingface.co", {NULL, NULL, NULL}},
		{"", {NULL, NULL, NULL}},
	};
	static const enum pick_service services[] = {PICK_HUB, PICK_API, PICK_REGISTRY};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		for (size_t s = 0; s < ARRAY_SIZE(services); s++) {
			char endpoint[ENDPOINT_SIZE] = "untouched";
			const char *wanted = urls[i].endpoint[s];
			bool found = pick_endpoint(urls[i].url, services[s], endpoint);

			if (found != (wanted != NULL) ||
			    strcmp(endpoint, found ? wanted : "untouched") != 0)
				fail_msg("'%s', service %zu: %d %s", urls[i].url, s, found,
					 endpoint);
		}
	}
}

static void repositories_are_read_from_urls(void **state UNUSED)
{
	static const char *const urls[][2] = {
		{"https://huggingface.co/acme/m1/resolve/main/x", "acme/m1"},
		{"https://hf.co/datasets/acme/d1", "datasets/acme/d1"},
		{"http://127.0.0.1:80/api/models/acme/m1", "acme/m1"},
		{"https://huggingface.co/v2/acme/m1/manifests/x", "acme/m1"},
		{"https://huggingface.co", NULL},
		{"https://huggingface.co/api/whoami-v2", NULL},
		{"https://router.huggingface.co/acme/m1", NULL},
		{"https://datasets-server.huggingface.co/acme/d1", NULL},
		{"acme/m1", NULL},
		{"hf://acme/m1", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		char text[REPO_ID_SIZE];
		struct repo repo;

		if (pick_repo(urls[i][0], &repo) != (urls[i][1] != NULL))
			fail_msg("'%s'", urls[i][0]);
		if (!urls[i][1])
			continue;
		repo_text(&repo, text);
		assert_string_equal(text, urls[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_compared_exactly),
		cmocka_unit_test(repositories_are_read_from_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
