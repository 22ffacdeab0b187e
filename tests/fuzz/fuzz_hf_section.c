/* SPDX-License-Identifier: Apache-2.0 */
/* huggingface_hub's stored_tokens: a value that no line has is in no section, and names are clean. */
#include "tests/fuzz/fuzz.h"

#include "core/hf_section.h"

#define TOKEN "hf_not_a_real_token"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret value = {0};
	char name[HF_SECTION_MAX + 1];
	bool refreshed;
	bool there;

	if (size > 65536 || secret_set(&text, (const char *)data, size) ||
	    secret_add_text(&value, TOKEN))
		return 0;
	there = memmem(data, size, TOKEN, strlen(TOKEN)) != NULL;
	hf_section_scan(&text, &value, name, &refreshed);
	CHECK(there || (!*name && !refreshed));
	CHECK(strlen(name) <= HF_SECTION_MAX && !strpbrk(name, "\n\r\x1b\x07"));
	return 0;
}
