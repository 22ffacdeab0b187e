/* SPDX-License-Identifier: Apache-2.0 */
/* huggingface_hub's stored_tokens: an error without tokens, or tokens; a name that is used can be shown. */
#include "tests/fuzz/fuzz.h"

#include "core/hf_section.h"
#include "core/hf_stored.h"

/* The section that a token is found in by its value has a name that can be shown. */
static void check_section(const uint8_t *data, size_t size, const char *token)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret value = {0};
	char name[HF_SECTION_MAX + 1];
	bool refreshed;

	CHECK(secret_set(&text, (const char *)data, size) == 0);
	CHECK(secret_set(&value, token, strlen(token)) == 0);
	hf_section_scan(&text, &value, name, &refreshed);
	CHECK(strlen(name) <= HF_SECTION_MAX);
	check_words(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hf_stored stored;
	AUTOSECRET struct secret text = {0};
	char *copy = copy_input(data, size);

	(void)hf_stored_is_whole(copy, size);
	free(copy);
	CHECK(secret_set(&text, (const char *)data, size) == 0 || size > SECRET_MAX / 2);
	if (hf_stored_parse(&text, &stored, NULL)) {
		CHECK(stored.count == 0);
		return 0;
	}
	for (size_t i = 0; i < stored.count; i++) {
		const struct hf_entry *entry = &stored.entries[i];
		size_t length = strlen(entry->name);

		CHECK(*entry->token);
		if (entry->has_name) {
			CHECK(length > 0 && length <= HF_NAME_MAX);
			CHECK(utf8_is_valid(entry->name, length));
			CHECK(!looks_like_token(entry->name));
		}
		CHECK(entry->name >= text.data && entry->name < text.data + text.size);
		CHECK(entry->token >= text.data && entry->token < text.data + text.size);
		if (i < 2)
			check_section(data, size, entry->token);
	}
	return 0;
}
