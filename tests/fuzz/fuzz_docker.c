/* SPDX-License-Identifier: Apache-2.0 */
/* docker's requests: what is taken names a registry and a user, and only three hosts are ours. */
#include "tests/fuzz/fuzz.h"

#include "protocol/docker.h"

static bool is_listed(const char *host, size_t size)
{
	static const char *const hosts[] = {"registry.hf.space", "hf.co", "huggingface.co",
					    "www.huggingface.co"};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (strlen(hosts[i]) == size && strncasecmp(hosts[i], host, size) == 0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(docker_login_release) struct docker_login login = {.secret = {0}};
	AUTOSECRET struct secret text = {0};
	const char *host;

	if (size > DOCKER_INPUT_MAX || secret_set(&text, (const char *)data, size))
		return 0;
	if (docker_login_parse(&text, &login, NULL) == 0)
		CHECK(*login.server && *login.username &&
		      strlen(secret_text(&login.secret)) == login.secret.size);
	docker_key_trim(&text);
	CHECK(!memchr(secret_text(&text), '\n', text.size));
	if (!docker_is_ours(secret_text(&text)))
		return 0;
	host = strstr(secret_text(&text), "://");
	host = host ? host + 3 : secret_text(&text);
	CHECK(is_listed(host, strcspn(host, ":/?#")));
	return 0;
}
