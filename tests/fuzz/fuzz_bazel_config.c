/* SPDX-License-Identifier: Apache-2.0 */
/* .bazelrc: a change done twice is done once, and undone leaves what others wrote. */
#include "tests/fuzz/fuzz.h"

#include "cli/bazel_config.h"

#define HOST "huggingface.co"

static void copy(const struct secret *from, struct secret *to)
{
	CHECK(secret_set(to, secret_text(from), from->size) == 0);
}

/* Whether nothing in it is ours, and its last line has an end. */
static bool is_plain(const struct secret *text)
{
	return !memmem(secret_text(text), text->size, "hftoken", 7) &&
	       (!text->size || text->data[text->size - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret wired = {0};
	AUTOSECRET struct secret twice = {0};
	bool force = size % 2;
	bool before;
	size_t count;

	if (secret_set(&text, (const char *)data, size))
		return 0;
	copy(&text, &wired);
	if (bazel_config_wire(&wired, HOST, "/opt/bin/" BAZEL_HELPER, force, &before, NULL)) {
		CHECK(!force && secret_equal(&wired, &text));
		return 0;
	}
	CHECK(before == secret_equal(&wired, &text));
	copy(&wired, &twice);
	CHECK(bazel_config_wire(&twice, HOST, "/opt/bin/" BAZEL_HELPER, false, &before, NULL) ==
		      0 ||
	      force);
	if (!force)
		CHECK(before && secret_equal(&twice, &wired));
	CHECK(bazel_config_unwire(&wired, &count, NULL) == 0 && count > 0);
	if (is_plain(&text))
		CHECK(secret_equal(&wired, &text));
	CHECK(bazel_config_unwire(&wired, &count, NULL) == 0 && count == 0);
	return 0;
}
