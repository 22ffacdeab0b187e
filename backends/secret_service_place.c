/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret_service_place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

#define SILENCE_FILE "secret-service.silent"
#define SILENCE_MAX  ((size_t)8192)

/* ---- the address ---- */

static int no_bus(struct err *err, const char *why)
{
	err_set(err, ERR_UNAVAILABLE, "there is no keyring here: %s", why);
	return err_hint(err, "a keyring belongs to a desktop session; elsewhere, "
			     "use the encrypted file");
}

/* A path as the value of an address: all but a few characters are written as %XX. */
static void add_escaped(struct buf *address, const char *path)
{
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;

		if (isalnum(byte) || strchr("-_/.\\*", byte))
			buf_add_char(address, (char)byte);
		else
			buf_printf(address, "%%%02x", byte);
	}
}

/* Of a list of addresses, those of Unix sockets: others reach machines or start programs. */
static void add_unix_addresses(struct buf *address, const char *list)
{
	while (*list) {
		size_t size = strcspn(list, ";");

		if (text_starts_with(list, "unix:")) {
			if (address->size)
				buf_add_char(address, ';');
			buf_add(address, list, size);
		}
		list += size + (list[size] == ';');
	}
}

/* The bus of the user's session, where systemd puts it. */
static int find_in_runtime(struct buf *address, const char *runtime, struct err *err)
{
	AUTOFREE char *path = NULL;
	struct stat status;

	if (!runtime)
		return no_bus(err, "no session bus");
	path = path_join(runtime, "bus");
	if (!path)
		return err_no_memory(err);
	if (stat(path, &status) < 0 || !S_ISSOCK(status.st_mode) || status.st_uid != geteuid())
		return no_bus(err, "no session bus");
	buf_add_text(address, "unix:path=");
	add_escaped(address, path);
	return 0;
}

static int find_address(struct buf *address, const char *runtime, struct err *err)
{
	const char *list = getenv("DBUS_SESSION_BUS_ADDRESS");

	if (!list || !list[0])
		return find_in_runtime(address, runtime, err);
	add_unix_addresses(address, list);
	if (!address->size)
		return no_bus(err, "DBUS_SESSION_BUS_ADDRESS names no Unix socket");
	return 0;
}

int place_find(struct place *place, struct err *err)
{
	AUTOBUF struct buf address = {0};
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *folder = NULL;
	int error;

	if (place->address)
		return 0;
	if (runtime && runtime[0] != '/')
		runtime = NULL;
	error = find_address(&address, runtime, err);
	if (error)
		return error;
	if (runtime)
		folder = path_join(runtime, "hftoken");
	place->address = buf_steal(&address);
	if (!place->address || (runtime && !folder)) {
		free(folder);
		cleanup_free(&place->address);
		return err_no_memory(err);
	}
	place->runtime = folder;
	(void)clearenv();
	return 0;
}

/* ---- silence ---- */

/* Seconds since the machine was started: the clock on the wall may be set at any time. */
static uint64_t uptime(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_BOOTTIME, &now) < 0 ? 0 : (uint64_t)now.tv_sec;
}

/* "SECONDS ADDRESS", in one line. */
static bool is_recent(const char *text, const char *address)
{
	const char *space = strchr(text, ' ');
	char number[24];
	uint64_t since;
	uint64_t now = uptime();

	if (!space || (size_t)(space - text) >= sizeof(number))
		return false;
	memcpy(number, text, (size_t)(space - text));
	number[space - text] = '\0';
	return text_to_number(number, UINT64_MAX, &since) && since <= now &&
	       now - since < SILENCE_SECONDS && strcmp(space + 1, address) == 0;
}

bool silence_is_known(const struct place *place)
{
	AUTOBUF struct buf text = {0};
	CLOSED int folder = -1;

	if (!place->runtime || folder_open(place->runtime, FOLDER_READ, &folder, NULL) ||
	    file_read(folder, SILENCE_FILE, FILE_PRIVATE, SILENCE_MAX, &text, NULL))
		return false;
	return is_recent(buf_text(&text), place->address);
}

void silence_remember(const struct place *place)
{
	AUTOBUF struct buf text = {0};
	CLOSED int folder = -1;

	buf_printf(&text, "%llu %s", (unsigned long long)uptime(), place->address);
	if (!place->runtime || buf_failed(&text) || text.size > SILENCE_MAX ||
	    folder_open(place->runtime, FOLDER_CREATE, &folder, NULL))
		return;
	/* Without the note, the next call waits as this one did. */
	(void)!file_replace(folder, SILENCE_FILE, text.data, text.size, REPLACE_ONLY, NULL);
}

void silence_forget(const struct place *place)
{
	CLOSED int folder = -1;

	if (!place->runtime || folder_open(place->runtime, FOLDER_READ, &folder, NULL))
		return;
	(void)unlinkat(folder, SILENCE_FILE, 0);
}
