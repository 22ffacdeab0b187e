/* SPDX-License-Identifier: Apache-2.0 */
/* huggingface_hub's stored_tokens: an error without tokens, or tokens; a name that is used can be shown. */
#include "tests/fuzz/fuzz.h"

#include "core/hf_stored.h"

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
	}
	return 0;
}
