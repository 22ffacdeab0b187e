/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store.h"

#include <string.h>

#include "base/text.h"

bool store_is_id(const char *text)
{
	size_t hex = strspn(text, "0123456789abcdef");
	uint64_t revision;

	return hex == 32 && text[32] == '.' &&
	       text_to_number(text + 33, UINT32_MAX, &revision) && text[33] != '0';
}

bool store_is_name(const char *text)
{
	if (*text < 'a' || *text > 'z' || strlen(text) > STORE_NAME_MAX)
		return false;
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}
