/* SPDX-License-Identifier: Apache-2.0 */
#include "base/kernel_keys.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

#define KEY_TYPE      "user"
#define USUAL_KEYS    ((size_t)64)
#define KEYS_MAX      ((size_t)1 << 20) /* of the user that are looked at */
#define LIST_TRIES    4
#define USUAL_PAYLOAD ((size_t)1024)
#define DESCRIPTION   (KERNEL_KEY_NAME_MAX + 64)
#define FIRST_PID_NS  "pid:[4026531836]" /* PROC_PID_INIT_INO of the kernel's proc_ns.h */

typedef int32_t key_serial;

static long keyctl(int operation, unsigned long one, unsigned long two, unsigned long three,
		   unsigned long four)
{
	return syscall(SYS_keyctl, operation, one, two, three, four);
}

/* Root of a container has the keyring of the host's root. */
bool kernel_keys_are_anothers(void)
{
	char space[64];
	ssize_t size;

	if (getuid() != 0)
		return false;
	size = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
	if (size < 0)
		return true;
	space[size] = '\0';
	return strcmp(space, FIRST_PID_NS) != 0;
}

/*
 * A key may be read by who possesses it, which is not the same as having made it: whoever has a
 * keyring of its own that leads there. Only linking the user's keyring into the process's makes
 * that sure; a session's keyring need not lead to it.
 */
static bool possess(void)
{
	return !kernel_keys_are_anothers() &&
	       keyctl(KEYCTL_LINK, (unsigned long)KEY_SPEC_USER_KEYRING,
		      (unsigned long)KEY_SPEC_PROCESS_KEYRING, 0, 0) == 0;
}

static key_serial find(const char *name)
{
	return (key_serial)keyctl(KEYCTL_SEARCH, (unsigned long)KEY_SPEC_USER_KEYRING,
				  (unsigned long)KEY_TYPE, (unsigned long)name, 0);
}

/* The payload's whole size, of which no more than `room` is read; negative on failure. */
static long read_payload(key_serial key, struct secret *payload, size_t room)
{
	if (secret_reserve(payload, room))
		return -1;
	return keyctl(KEYCTL_READ, (unsigned long)key, (unsigned long)payload->data, room, 0);
}

int kernel_key_get(const char *name, struct secret *ret)
{
	AUTOSECRET struct secret payload = {0};
	key_serial key;
	long size;

	if (!possess())
		return ERR_UNAVAILABLE;
	key = find(name);
	if (key < 0)
		return errno == ENOKEY || errno == EKEYEXPIRED || errno == EKEYREVOKED
			       ? ERR_NOT_FOUND
			       : ERR_UNAVAILABLE;
	size = read_payload(key, &payload, USUAL_PAYLOAD);
	if (size > (long)USUAL_PAYLOAD)
		size = read_payload(key, &payload, KERNEL_KEY_PAYLOAD_MAX);
	if (size <= 0 || (size_t)size > KERNEL_KEY_PAYLOAD_MAX)
		return ERR_NOT_FOUND; /* its time was over just now */
	secret_grew(&payload, (size_t)size);
	secret_move(ret, &payload);
	return 0;
}

/* The key is gone from sight at once; the kernel takes it out of its keyring a little later. */
static void forget(key_serial key)
{
	(void)keyctl(KEYCTL_INVALIDATE, (unsigned long)key, 0, 0, 0);
	(void)keyctl(KEYCTL_UNLINK, (unsigned long)key, (unsigned long)KEY_SPEC_USER_KEYRING, 0,
		     0);
}

/*
 * A key is put where others find it only once it has its time-out: whoever is killed before that
 * takes it along. What the user's keyring had under that name gives way.
 */
static int publish(key_serial key, unsigned seconds)
{
	if (keyctl(KEYCTL_SET_TIMEOUT, (unsigned long)key, seconds, 0, 0) < 0 ||
	    keyctl(KEYCTL_LINK, (unsigned long)key, (unsigned long)KEY_SPEC_USER_KEYRING, 0,
		   0) < 0)
		return ERR_UNAVAILABLE;
	(void)keyctl(KEYCTL_UNLINK, (unsigned long)key, (unsigned long)KEY_SPEC_PROCESS_KEYRING,
		     0, 0);
	return 0;
}

int kernel_key_put(const char *name, const struct secret *payload, unsigned seconds)
{
	long key;

	if (!payload->size || payload->size >= KERNEL_KEY_PAYLOAD_MAX ||
	    strlen(name) > KERNEL_KEY_NAME_MAX || !seconds || !possess())
		return ERR_UNAVAILABLE;
	key = syscall(SYS_add_key, KEY_TYPE, name, payload->data, payload->size,
		      KEY_SPEC_PROCESS_KEYRING);
	if (key < 0)
		return ERR_UNAVAILABLE;
	if (publish((key_serial)key, seconds) == 0)
		return 0;
	forget((key_serial)key);
	return ERR_UNAVAILABLE;
}

void kernel_key_drop(const char *name)
{
	key_serial key;

	if (!possess())
		return;
	key = find(name);
	if (key >= 0)
		forget(key);
}

/* "user;1000;1000;3f010000;NAME": the name is what stands behind the fourth semicolon. */
static bool has_prefix(key_serial key, const char *prefix)
{
	char description[DESCRIPTION];
	const char *name = description;
	long size = keyctl(KEYCTL_DESCRIBE, (unsigned long)key, (unsigned long)description,
			   sizeof(description), 0);

	if (size <= 0 || (size_t)size > sizeof(description) ||
	    !text_starts_with(description, KEY_TYPE ";"))
		return false;
	for (int field = 0; field < 4; field++) {
		name = strchr(name, ';');
		if (!name)
			return false;
		name++;
	}
	return text_starts_with(name, prefix);
}

/* The keys of the user's keyring, for the caller to free(); NULL if they cannot be read. */
static key_serial *list_keys(size_t *ret_count)
{
	size_t room = USUAL_KEYS;

	for (int tries = 0; tries < LIST_TRIES && room <= KEYS_MAX; tries++) {
		key_serial *keys = calloc(room, sizeof(*keys));
		long size = keys ? keyctl(KEYCTL_READ, (unsigned long)KEY_SPEC_USER_KEYRING,
					  (unsigned long)keys, room * sizeof(*keys), 0)
				 : -1;

		if (size >= 0 && (size_t)size <= room * sizeof(*keys)) {
			*ret_count = (size_t)size / sizeof(*keys);
			return keys;
		}
		free(keys);
		if (size < 0)
			break;
		room = (size_t)size / sizeof(*keys) + USUAL_KEYS; /* others go on adding */
	}
	return NULL;
}

size_t kernel_keys_drop(const char *prefix, size_t keep)
{
	AUTOFREE key_serial *keys = NULL;
	size_t count = 0;
	size_t dropped = 0;

	if (possess())
		keys = list_keys(&count);
	for (size_t i = 0; keys && i < count; i++) {
		if (!has_prefix(keys[i], prefix))
			continue;
		if (keep) {
			keep--;
			continue;
		}
		forget(keys[i]);
		dropped++;
	}
	return dropped;
}
