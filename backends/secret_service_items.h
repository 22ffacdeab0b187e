/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of the Secret Service specification that we need, one function each.
 *
 * Errors as in secret_service_bus.h.
 */
#pragma once

#include "backends/secret_service_bus.h"

#define ATTRIBUTE_ID          "hftoken-id"
#define ATTRIBUTE_APPLICATION "application"
#define APPLICATION           "hftoken"

/* Items with one attribute of this value, told apart by whether they can be read now. */
struct found {
	char **unlocked;
	char **locked;
};

void found_release(struct found *found);
#define AUTOFOUND CLEANUP(found_release)

/*
 * Whether a search would disturb nobody: KeePassXC answers it with a window that asks for the
 * password, if none of its databases is open. Then ERR_LOCKED. Goes before every search.
 */
int search_is_quiet(struct bus *bus, struct err *err) MUST_CHECK;

int search(struct bus *bus, const char *attribute, const char *value, struct found *ret,
	   struct err *err) MUST_CHECK;

/* A collection of items: what people call a keyring. */
struct keyring {
	char *path;
	bool locked;
};

void keyring_release(struct keyring *keyring);
#define AUTOKEYRING CLEANUP(keyring_release)

/* The one that new items go to. ERR_UNAVAILABLE if there is none. */
int keyring_default(struct bus *bus, struct keyring *ret, struct err *err) MUST_CHECK;

int keyring_is_locked(struct bus *bus, const char *path, bool *ret, struct err *err) MUST_CHECK;

/* Whether some keyring is locked so that a search did not see what is in it. */
int keyrings_hide_items(struct bus *bus, bool *ret, struct err *err) MUST_CHECK;

/* Unlocks keyrings; asks the user where that is needed and the call is interactive. */
int keyrings_unlock(struct bus *bus, const char *const *paths, struct err *err) MUST_CHECK;

/* The attributes of an item, of type a{ss}. */
struct pending *attributes_send(struct bus *bus, const char *item);
int attributes_receive(struct bus *bus, struct pending *pending, GVariant **ret,
		       struct err *err) MUST_CHECK;
const char *attribute_of(GVariant *attributes, const char *name); /* "" if it is not there */

/* Appends a record's text. ERR_DAMAGED if it cannot be one. */
int item_read(struct bus *bus, const char *item, struct secret *ret,
	      struct err *err) MUST_CHECK;

/* A new item; never one in place of another. */
int item_create(struct bus *bus, const char *keyring, const char *id,
		const struct secret *record, const struct store_label *label,
		struct err *err) MUST_CHECK;

int item_delete(struct bus *bus, const char *item, struct err *err) MUST_CHECK;
