/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store.h"

#include <string.h>

#include "base/text.h"

/* strspn() makes a table of its set each time, and a catalogue has a thousand ids. */
static size_t count_hex(const char *text)
{
	size_t size = 0;

	while ((text[size] >= '0' && text[size] <= '9') ||
	       (text[size] >= 'a' && text[size] <= 'f'))
		size++;
	return size;
}

bool store_is_id(const char *text)
{
	uint64_t revision;

	return count_hex(text) == 32 && text[32] == '.' &&
	       text_to_number(text + 33, UINT32_MAX, &revision) && text[33] != '0';
}

bool store_is_name(const char *text)
{
	size_t size = 0;

	if (*text < 'a' || *text > 'z')
		return false;
	while ((text[size] >= 'a' && text[size] <= 'z') ||
	       (text[size] >= '0' && text[size] <= '9') || text[size] == '-')
		size++;
	return text[size] == '\0' && size <= STORE_NAME_MAX;
}
