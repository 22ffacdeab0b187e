/* SPDX-License-Identifier: Apache-2.0 */
/* git's configuration file: our section, added and taken out again, leaves each byte as it was. */
#include "tests/fuzz/fuzz.h"

#include "cli/git_section.h"

static void count(const char *endpoint, void *user)
{
	CHECK(strcmp(endpoint, ENDPOINT_HUB) == 0);
	++*(size_t *)user;
}

static bool is_same(const struct buf *one, const struct buf *other)
{
	return one->size == other->size &&
	       (!one->size || memcmp(one->data, other->data, one->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf plain = {0};
	AUTOBUF struct buf added = {0};
	AUTOBUF struct buf removed = {0};
	size_t sections = 0;

	buf_add(&text, data, size);
	if (!git_section_remove(&text, ENDPOINT_HUB, &plain, NULL, NULL))
		CHECK(is_same(&plain, &text));
	CHECK(!plain.failed && plain.size <= text.size);
	/* What would go into a value is written, and taken back by `setup` as git does not see it. */
	if (plain.size && strchr("\\\r", plain.data[plain.size - 1]))
		return 0;
	buf_add(&added, buf_text(&plain), plain.size);
	git_section_add(&added, false, ENDPOINT_HUB, "/usr/bin/git-credential-hftoken");
	CHECK(git_section_remove(&added, ENDPOINT_HUB, &removed, count, &sections));
	CHECK(sections == 1);
	CHECK(is_same(&removed, &plain));
	return 0;
}
