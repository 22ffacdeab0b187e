/* SPDX-License-Identifier: Apache-2.0 */
/* Taking an entry out of stored_tokens: the others stay, in their order, and are what they were. */
#include "tests/fuzz/fuzz.h"

#include "base/text.h"
#include "core/hf_stored_cut.h"

struct choice {
	uint8_t mask; /* which entries go, by the first byte of their token */
};

static bool goes(void *user, const struct hf_entry *entry)
{
	const struct choice *choice = user;

	return *entry->token && (choice->mask >> ((unsigned char)*entry->token % 8) & 1);
}

static bool parse(const struct secret *text, struct secret *cut, struct hf_stored *stored)
{
	CHECK(secret_set(cut, secret_text(text), text->size) == 0);
	return hf_stored_parse(cut, stored, NULL) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hf_stored before;
	static struct hf_stored after;
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret rest = {0};
	AUTOSECRET struct secret cut = {0};
	AUTOSECRET struct secret cut_rest = {0};
	struct choice choice = {.mask = size ? data[0] : 0};
	size_t count = 0;
	size_t kept = 0;

	if (size > HF_STORED_MAX / 16)
		return 0;
	CHECK(secret_set(&text, (const char *)data, size) == 0);
	if (hf_stored_cut(&text, goes, &choice, &rest, &count, NULL))
		return 0;
	CHECK(parse(&text, &cut, &before) && parse(&rest, &cut_rest, &after));
	CHECK(before.count == after.count + count && rest.size <= text.size);
	for (size_t i = 0; i < before.count; i++) {
		if (goes(&choice, &before.entries[i]))
			continue;
		CHECK(kept < after.count);
		CHECK(strcmp(before.entries[i].name, after.entries[kept].name) == 0);
		CHECK(strcmp(before.entries[i].token, after.entries[kept].token) == 0);
		kept++;
	}
	CHECK(kept == after.count);
	return 0;
}
