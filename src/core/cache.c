/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cache.h"

#include <stdio.h>
#include <string.h>

#include "base/kernel_keys.h"
#include "base/log.h"
#include "core/store.h"

#define PREFIX    "hftoken:"
#define NAME_SIZE (sizeof(PREFIX) + RECORD_ID_SIZE)

/* hftoken:<id>:<revision> */
static void entry_name(const char *record_id, char ret[NAME_SIZE])
{
	char *dot;

	(void)snprintf(ret, NAME_SIZE, PREFIX "%s", record_id);
	dot = strchr(ret, '.');
	if (dot)
		*dot = ':';
}

bool cache_get(const char *record_id, struct secret *ret_record)
{
	char name[NAME_SIZE];

	entry_name(record_id, name);
	return kernel_key_get(name, ret_record) == 0;
}

static bool is_refresh_token(const char *line, size_t size)
{
	static const char key[] = "refresh_token=";

	return size >= sizeof(key) - 1 && memcmp(line, key, sizeof(key) - 1) == 0;
}

/* What only its one owner may use stays in the store. */
static int without_refresh_token(const struct secret *record, struct secret *ret)
{
	const char *line = secret_text(record);
	const char *end = line + record->size;
	int error = 0;

	while (line < end && !error) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t size = stop ? (size_t)(stop - line) + 1 : (size_t)(end - line);

		if (!is_refresh_token(line, size))
			error = secret_add(ret, line, size);
		line += size;
	}
	return error;
}

void cache_put(const char *record_id, const struct secret *record, unsigned seconds)
{
	AUTOSECRET struct secret kept = {0};
	char name[NAME_SIZE];

	entry_name(record_id, name);
	if (without_refresh_token(record, &kept))
		return;
	(void)kernel_keys_drop(PREFIX, CACHE_ENTRIES - 1);
	if (kernel_key_put(name, &kept, seconds))
		trace("cache: not to be had here");
}

void cache_drop(const char *record_id)
{
	char name[NAME_SIZE];

	entry_name(record_id, name);
	kernel_key_drop(name);
}

size_t cache_clear(void)
{
	return kernel_keys_drop(PREFIX, 0);
}
