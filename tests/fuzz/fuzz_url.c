/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints: one spelling, a plain host, and http for loopback only. */
#include "tests/fuzz/fuzz.h"

#include "base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *url = copy_input(data, size);
	char endpoint[ENDPOINT_SIZE];
	char again[ENDPOINT_SIZE];
	const char *authority;

	if (endpoint_of_url(url, endpoint, NULL))
		return 0;
	CHECK(endpoint_of_url(endpoint, again, NULL) == 0);
	CHECK(strcmp(endpoint, again) == 0);
	CHECK(strncmp(endpoint, "https://", 8) == 0 || endpoint_is_loopback(endpoint));
	CHECK(endpoint_host(endpoint)[strspn(endpoint_host(endpoint),
					     "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")] ==
	      '\0');
	authority = strstr(url, "://") + 3;
	CHECK(strcspn(authority, "@\\") >= strcspn(authority, "/?#"));
	return 0;
}
