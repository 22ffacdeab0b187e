/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store.h"

#include <string.h>

#include "base/text.h"

const struct store_capability_name store_capability_names[STORE_CAPABILITIES] = {
	{STORE_WRITES, "writes"},     {STORE_LISTS_LOCKED, "lists-locked"},
	{STORE_ENCRYPTS, "encrypts"}, {STORE_PROMPTS, "prompts"},
	{STORE_REMOTE, "remote"},     {STORE_PASSPHRASE, "passphrase"},
};

int store_check_passphrase(const struct secret *passphrase, struct err *err)
{
	if (!passphrase->size)
		return err_set(err, ERR_USAGE, "the passphrase is empty");
	if (passphrase->size > PASSPHRASE_MAX)
		return err_set(err, ERR_USAGE, "the passphrase is longer than %zu bytes",
			       PASSPHRASE_MAX);
	if (memchr(passphrase->data, '\n', passphrase->size) ||
	    memchr(passphrase->data, '\r', passphrase->size) ||
	    memchr(passphrase->data, '\0', passphrase->size))
		return err_set(err, ERR_USAGE, "a passphrase cannot hold a line break or NUL");
	return 0;
}

/* strspn() makes a table of its set each time, and a catalogue has a thousand ids. */
static size_t count_hex(const char *text)
{
	static const bool is_hex[256] = {
		['0' ... '9'] = true,
		['a' ... 'f'] = true,
	};
	size_t size = 0;

	while (is_hex[(unsigned char)text[size]])
		size++;
	return size;
}

bool store_is_id_part(const char *text)
{
	return count_hex(text) == 32 && !text[32];
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
	return size <= STORE_NAME_MAX && !text[size];
}
