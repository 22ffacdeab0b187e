/* SPDX-License-Identifier: Apache-2.0 */
/* git's requests: what is taken holds no control byte, and names one endpoint at most. */
#include "tests/fuzz/fuzz.h"

#include "base/url.h"
#include "protocol/git.h"

static void check_field(const char *text)
{
	for (; text && *text; text++)
		CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	struct git_request request;
	char endpoint[ENDPOINT_SIZE];

	if (secret_set(&text, (const char *)data, size) ||
	    git_request_parse(&text, &request, NULL))
		return 0;
	check_field(request.protocol);
	check_field(request.host);
	check_field(request.path);
	check_field(request.username);
	check_field(request.password);
	check_field(request.url);
	CHECK(!request.url || (!request.protocol && !request.host && !request.path &&
			       !request.username && !request.password));
	if (request.protocol && request.host)
		(void)(endpoint_of_host(request.protocol, request.host, endpoint, NULL) == 0);
	return 0;
}
