/* SPDX-License-Identifier: Apache-2.0 */
/* The settings file: any text but one with a NUL loads, and after `set` the value is in force. */
#include "tests/fuzz/folder.h"

#include "core/settings.h"

static void on_warning(const char *where, const char *what)
{
	CHECK(*where && *what);
}

static void assert_store(const char *value)
{
	struct settings settings;
	char *found;

	CHECK(settings_load(&settings, on_warning, NULL) == 0);
	CHECK(settings_get(&settings, "store", &found, NULL) == 0);
	CHECK(strcmp(found, value) == 0);
	free(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings settings;

	if (size > 4096)
		return 0;
	folder_make();
	folder_write("settings", data, size);
	if (memchr(data, '\0', size)) {
		CHECK(settings_load(&settings, on_warning, NULL) != 0);
		return 0;
	}
	CHECK(settings_load(&settings, on_warning, NULL) == 0);
	CHECK(settings_set("store", "fuzzed", NULL) == 0);
	assert_store("fuzzed");
	CHECK(settings_unset("store", NULL) == 0);
	assert_store("auto");
	return 0;
}
