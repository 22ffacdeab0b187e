/* SPDX-License-Identifier: Apache-2.0 */
/* git-credential-store's file: lines go as a whole, and all others stay byte for byte. */
#include "tests/fuzz/fuzz.h"

#include "core/git_store.h"

static bool stays(void *user, const struct credential *credential)
{
	CHECK(*credential->password && credential->user && credential->host);
	CHECK(!strchr(credential->password, '\n'));
	++*(size_t *)user;
	return false;
}

static bool goes(void *user, const struct credential *credential UNUSED)
{
	++*(size_t *)user;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret same = {0};
	AUTOSECRET struct secret rest = {0};
	AUTOSECRET struct secret again = {0};
	size_t seen = 0;
	size_t gone = 0;
	size_t count = 1;

	if (size > GIT_STORE_MAX / 16)
		return 0;
	CHECK(secret_set(&text, (const char *)data, size) == 0);
	CHECK(git_store_filter(&text, stays, &seen, &same, &count, NULL) == 0);
	CHECK(count == 0 && secret_equal(&same, &text));
	CHECK(git_store_filter(&text, goes, &gone, &rest, &count, NULL) == 0);
	CHECK(count == gone && gone == seen && rest.size <= text.size);
	gone = 0;
	CHECK(git_store_filter(&rest, goes, &gone, &again, &count, NULL) == 0);
	CHECK(gone == 0 && secret_equal(&again, &rest));
	return 0;
}
