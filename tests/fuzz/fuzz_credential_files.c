/* SPDX-License-Identifier: Apache-2.0 */
/* netrc, .git-credentials, .env and docker's auth: whatever is found lies in the text. */
#include "tests/fuzz/fuzz.h"

#include "core/credential_files.h"

static void check(void *user, const struct credential *credential)
{
	const struct secret *text = user;
	const char *end = text->data + text->size;

	CHECK(credential->password >= text->data && credential->password <= end);
	CHECK(strlen(credential->password) <= (size_t)(end - credential->password));
	CHECK(!credential->host || strlen(credential->host) <= text->size);
	(void)credential_is_for(credential, ENDPOINT_HUB);
	(void)credential_is_for(credential, "http://127.0.0.1:8080");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(struct secret *, credential_found, void *) = {
		credentials_of_netrc, credentials_of_git, credentials_of_dotenv};

	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		AUTOSECRET struct secret text = {0};

		CHECK(secret_set(&text, (const char *)data, size) == 0);
		if (text.data)
			parsers[i](&text, check, &text);
	}
	AUTOSECRET struct secret auth = {0};
	AUTOSECRET struct secret password = {0};

	CHECK(secret_set(&auth, (const char *)data, size) == 0);
	if (auth.data && credential_of_auth(auth.data, &password))
		CHECK(password.size > 0 && password.size <= auth.size);
	return 0;
}
