/* SPDX-License-Identifier: Apache-2.0 */
/* A program's requests: what is taken is bounded, and its id can be given back as it is. */
#include "tests/fuzz/fuzz.h"

#include "base/json_scan.h"
#include "protocol/serve_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct serve_request request;
	struct json_pair pair;
	struct json_scan scan = {.pairs = &pair, .capacity = 1};
	AUTOFREE char *line = copy_input(data, size);
	struct err err = {0};
	char answer[SERVE_ID_SIZE + 16];
	enum serve_error error = serve_request_parse(line, size, &request, &err);

	CHECK(error < SERVE_ERROR_COUNT && !error == !*err.message);
	(void)snprintf(answer, sizeof(answer), "{\"id\":%s}", request.id);
	CHECK(json_scan(&scan, answer, strlen(answer), NULL) == 0);
	if (error)
		return 0;
	CHECK(strcmp(request.id, "null") != 0);
	CHECK(!*request.url || (!*request.repo_text && !*request.endpoint));
	CHECK(request.kind == SERVE_GET || *request.token);
	return 0;
}
