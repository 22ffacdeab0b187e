/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's config.json: a file that could be read can be read after each change, a change done twice
 * is done once, and undone leaves what was there, byte for byte.
 */
#include "tests/fuzz/fuzz.h"

#include "base/json_scan.h"
#include "cli/docker_config.h"

#define PAIRS 64

/* Without a member `credHelpers`, and with another. */
static bool is_plain(const struct secret *text)
{
	static struct json_pair pairs[PAIRS];
	struct json_scan scan = {.pairs = pairs, .capacity = PAIRS};

	return json_scan(&scan, secret_text(text), text->size, NULL) == 0 && scan.count > 0 &&
	       json_scan_find(&scan, "credHelpers").kind == JSON_KIND_NONE;
}

static void check_wired(const struct secret *text, const struct secret *wired)
{
	AUTOSECRET struct secret twice = {0};
	AUTOSECRET struct secret undone = {0};
	AUTOSECRET struct secret again = {0};
	bool before[DOCKER_REGISTRIES];

	CHECK(docker_config_wire(wired, false, &twice, before, NULL) == 0);
	for (size_t i = 0; i < DOCKER_REGISTRIES; i++)
		CHECK(before[i]);
	CHECK(secret_equal(&twice, wired));
	CHECK(docker_config_unwire(wired, &undone, before, NULL) == 0);
	for (size_t i = 0; i < DOCKER_REGISTRIES; i++)
		CHECK(before[i]);
	if (is_plain(text))
		CHECK(secret_equal(&undone, text));
	CHECK(docker_config_unwire(&undone, &again, before, NULL) == 0);
	CHECK(secret_equal(&again, &undone));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret wired = {0};
	bool before[DOCKER_REGISTRIES];
	int error;

	if (secret_set(&text, (const char *)data, size))
		return 0;
	error = docker_config_wire(&text, false, &wired, before, NULL);
	CHECK(!error || !wired.size);
	if (error == ERR_FAILED)
		error = docker_config_wire(&text, true, &wired, before, NULL);
	if (!error)
		check_wired(&text, &wired);
	return 0;
}
