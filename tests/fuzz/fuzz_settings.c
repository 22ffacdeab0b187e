/* SPDX-License-Identifier: Apache-2.0 */
/* The settings file: any text but one with a NUL loads, and after `set` the value is in force. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/settings.h"

static char path[64] = "/tmp/hftoken-fuzz-XXXXXX";

static int folder = -1;

static void clean_up(void)
{
	(void)unlinkat(folder, "settings", 0);
	(void)unlinkat(folder, "settings.lock", 0);
	(void)unlinkat(folder, "../hftoken", AT_REMOVEDIR);
	(void)rmdir(path);
}

/* A folder of its own for as long as the program runs. */
static void make_folder(void)
{
	char inner[sizeof(path) + 8];

	CHECK(mkdtemp(path) && setenv("XDG_CONFIG_HOME", path, 1) == 0);
	(void)snprintf(inner, sizeof(inner), "%s/hftoken", path);
	CHECK(mkdir(inner, 0700) == 0);
	folder = open(inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0);
	(void)atexit(clean_up);
}

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
	int fd;

	if (size > 4096)
		return 0;
	if (folder < 0)
		make_folder();
	fd = openat(folder, "settings", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
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
