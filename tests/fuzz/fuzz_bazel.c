/* SPDX-License-Identifier: Apache-2.0 */
/* Bazel's requests, and where a URI's token may go: only where the URI's host says so. */
#include "tests/fuzz/fuzz.h"

#include "protocol/bazel.h"
#include "protocol/pick.h"

static bool is_service(const char *origin)
{
	static const char *const origins[] = {"https://router.huggingface.co",
					      "https://datasets-server.huggingface.co",
					      "https://api-inference.huggingface.co",
					      "https://api.endpoints.huggingface.cloud"};

	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		if (strcmp(origins[i], origin) == 0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	AUTOFREE char *uri = NULL;
	char endpoint[ENDPOINT_SIZE];
	char origin[ENDPOINT_SIZE];
	struct repo repo;

	if (bazel_request_parse(text, size, &uri, NULL))
		return 0;
	CHECK(uri && strlen(uri) < size);
	if (!pick_endpoint(uri, PICK_API, endpoint))
		return 0;
	CHECK(endpoint_of_url(uri, origin, NULL) == 0);
	CHECK(strcmp(origin, endpoint) == 0 ||
	      (strcmp(endpoint, ENDPOINT_HUB) == 0 && is_service(origin)));
	if (pick_repo(uri, &repo))
		CHECK(strcmp(repo.endpoint, endpoint) == 0);
	return 0;
}
