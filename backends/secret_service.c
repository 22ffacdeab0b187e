/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keyring of the desktop, through the Secret Service protocol: one item for each record, so
 * that people see it in their keyring application and can remove it there.
 *
 * Items are found by `hftoken-id` alone. Everything else about an item can be changed by people
 * and services, and a search for it would then miss the item.
 */
#include <string.h>

#include "backends/backend.h"
#include "backends/secret_service_items.h"
#include "backends/secret_service_session.h"

#define IN_FLIGHT    64 /* questions about attributes sent ahead */
#define SEARCHES_MAX 3  /* when an item vanishes between search and use */

static struct bus bus;

/* ---- what an empty search means ---- */

/*
 * A search that found nothing proves something only if nothing was hidden from it: a keyring that
 * is locked, or a service that has no keyring open.
 */
static int nothing_found(struct err *err)
{
	AUTOKEYRING struct keyring keyring = {0};
	bool hidden = false;
	int error = keyring_default(&bus, &keyring, err);

	if (!error)
		error = keyrings_hide_items(&bus, &hidden, err);
	if (error)
		return error;
	if (hidden)
		return keyring_locked(err);
	return err_set(err, ERR_NOT_FOUND, "the keyring holds no such record");
}

/* The path of the keyring that an item is in: all but the last part. */
static char *keyring_of(const char *item)
{
	const char *slash = strrchr(item, '/');

	return slash && slash != item ? g_strndup(item, (gsize)(slash - item)) : g_strdup(item);
}

/*
 * An item can be closed to us in an open keyring: KeePassXC lets the user confirm what each
 * program reads, and takes each run of ours for another program.
 */
static int item_is_locked(const char *item, struct err *err)
{
	AUTOGFREE char *path = keyring_of(item);
	bool is_locked = true;

	if (!keyring_is_locked(&bus, path, &is_locked, NULL) && !is_locked) {
		err_set(err, ERR_DENIED,
			"the keyring is open, but wants to confirm each access");
		return err_hint(err,
				"in KeePassXC: Settings, Secret Service Integration, switch "
				"off 'Confirm when passwords are retrieved by clients'");
	}
	if (bus.late)
		return err_set(err, ERR_TIMED_OUT, "the keyring did not answer in time");
	return keyring_locked(err);
}

/* ---- operations, between bus_begin() and bus_end() ---- */

static int read_found(const struct found *found, struct secret *ret, struct err *err)
{
	if (found->unlocked[0])
		return item_read(&bus, found->unlocked[0], ret, err);
	if (found->locked[0])
		return item_is_locked(found->locked[0], err);
	return nothing_found(err);
}

static int get(const char *id, struct secret *ret, struct err *err)
{
	int error;

	session_start(&bus); /* both sides compute its key while the next questions go on */
	error = search_is_quiet(&bus, err);
	for (int i = 0; i < SEARCHES_MAX && !error; i++) {
		AUTOFOUND struct found found = {0};

		error = search(&bus, ATTRIBUTE_ID, id, &found, err);
		if (!error)
			error = read_found(&found, ret, err);
		if (!error || !bus.vanished || i + 1 == SEARCHES_MAX)
			break;
		bus.vanished = false;
		error = 0; /* what vanished is looked for again, and then not found */
	}
	return error;
}

static int unlock_default(struct keyring *keyring, struct err *err)
{
	const char *const paths[] = {keyring->path, NULL};

	if (!keyring->locked)
		return 0;
	if (!bus.interactive)
		return keyring_locked(err);
	return keyrings_unlock(&bus, paths, err);
}

/* Under the writers' lock, since the service would take two items of one id. */
static int put(const char *id, const struct secret *record, const struct store_label *label,
	       struct err *err)
{
	AUTOFOUND struct found found = {0};
	AUTOKEYRING struct keyring keyring = {0};
	int error;

	session_start(&bus);
	error = keyring_default(&bus, &keyring, err);
	if (!error)
		error = unlock_default(&keyring, err);
	if (!error)
		error = search(&bus, ATTRIBUTE_ID, id, &found, err);
	if (error)
		return error;
	if (found.unlocked[0] || found.locked[0])
		return err_set(err, ERR_FAILED,
			       "the keyring holds a record of that id already");
	return item_create(&bus, keyring.path, id, record, label, err);
}

/* Other programs may use whatever attributes they like; what is not ours is not touched. */
static int delete_ours(const char *item, const char *id, struct err *err)
{
	AUTOVARIANT GVariant *attributes = NULL;
	int error = attributes_receive(&bus, attributes_send(&bus, item), &attributes, err);

	if (error)
		return error;
	if (strcmp(attribute_of(attributes, ATTRIBUTE_APPLICATION), APPLICATION) != 0 ||
	    strcmp(attribute_of(attributes, ATTRIBUTE_ID), id) != 0)
		return err_set(err, ERR_DENIED,
			       "the item in the keyring is of another program, and was left");
	return item_delete(&bus, item, err);
}

/* All of them, should a person have made copies: a `get` behind it must not find one. */
static int delete_found(const struct found *found, const char *id, struct err *err)
{
	int error = 0;

	if (found->locked[0])
		return item_is_locked(found->locked[0], err);
	if (!found->unlocked[0])
		return nothing_found(err);
	for (char **item = found->unlocked; *item && !error; item++)
		error = delete_ours(*item, id, err);
	return error;
}

static int delete_id(const char *id, struct err *err)
{
	int error = search_is_quiet(&bus, err);

	for (int i = 0; i < SEARCHES_MAX && !error; i++) {
		AUTOFOUND struct found found = {0};

		error = search(&bus, ATTRIBUTE_ID, id, &found, err);
		if (!error)
			error = delete_found(&found, id, err);
		if (!error || !bus.vanished || i + 1 == SEARCHES_MAX)
			break;
		bus.vanished = false;
		error = 0; /* what vanished is looked for again, and then not found */
	}
	return error;
}

/* ---- list ---- */

/* An item that was removed meanwhile is not listed; one without an id of ours is not ours. */
static int list_item(struct pending *pending, GHashTable *seen, struct buf *ret,
		     struct err *err)
{
	AUTOVARIANT GVariant *attributes = NULL;
	int error = attributes_receive(&bus, pending, &attributes, err);
	const char *id;

	if (error && bus.vanished) {
		bus.vanished = false;
		return 0;
	}
	if (error)
		return error;
	id = attribute_of(attributes, ATTRIBUTE_ID);
	if (!store_is_id(id) || !g_hash_table_add(seen, g_strdup(id)))
		return 0;
	buf_add_text(ret, id);
	buf_add_char(ret, '\n');
	return buf_failed(ret) ? err_no_memory(err) : 0;
}

/* A window of questions moves over the items, so that neither side waits for the other. */
static int list_items(char **items, struct buf *ret, struct err *err)
{
	struct pending *window[IN_FLIGHT] = {NULL};
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t count = g_strv_length(items);
	int error = 0;

	for (size_t i = 0; i < count + IN_FLIGHT && !error; i++) {
		struct pending **slot = &window[i % IN_FLIGHT];

		if (*slot)
			error = list_item(g_steal_pointer(slot), seen, ret, err);
		if (i < count)
			*slot = attributes_send(&bus, items[i]);
	}
	for (size_t i = 0; i < IN_FLIGHT; i++)
		pending_drop(window[i]);
	g_hash_table_unref(seen);
	return error;
}

static int list(struct buf *ret, struct err *err)
{
	AUTOFOUND struct found found = {0};
	int error = search_is_quiet(&bus, err);

	if (!error)
		error = search(&bus, ATTRIBUTE_APPLICATION, APPLICATION, &found, err);
	if (error)
		return error;
	/* The attributes of a locked item cannot be read, and a list without it would be a lie. */
	if (found.locked[0])
		return item_is_locked(found.locked[0], err);
	if (!found.unlocked[0]) {
		error = nothing_found(err);
		return error == ERR_NOT_FOUND ? 0 : error;
	}
	return list_items(found.unlocked, ret, err);
}

/* ---- the store ---- */

static int secret_service_probe(const struct store_call *call, struct store_report *ret,
				struct err *err)
{
	AUTOKEYRING struct keyring keyring = {0};
	int error;

	ret->protects =
		"encrypted with the password of your keyring (as a rule that of your login) "
		"while it is locked; while it is unlocked, programs running as you can "
		"read it";
	error = bus_begin(&bus, call, err);
	if (!error)
		error = keyring_default(&bus, &keyring, err);
	if (!error && keyring.locked)
		error = keyring_locked(err);
	if (!error)
		error = session_open(&bus, err);
	bus_end(&bus, error);
	return error;
}

static int secret_service_get(const struct store_call *call, const char *id, struct secret *ret,
			      struct err *err)
{
	int error = bus_begin(&bus, call, err);

	if (!error)
		error = get(id, ret, err);
	bus_end(&bus, error);
	return error;
}

static int secret_service_put(const struct store_call *call, const char *id,
			      const struct secret *record, const struct store_label *label,
			      struct err *err)
{
	int error = bus_begin(&bus, call, err);

	if (!error)
		error = bus_lock(&bus, err);
	if (!error)
		error = put(id, record, label, err);
	bus_unlock(&bus);
	bus_end(&bus, error);
	/* KeePassXC lets the connection that made an item read it, and may deny it to all others:
	 * whoever reads back what was put shall see what everybody will see. */
	bus_disconnect(&bus);
	return error;
}

static int secret_service_del(const struct store_call *call, const char *id, struct err *err)
{
	int error = bus_begin(&bus, call, err);

	if (!error)
		error = delete_id(id, err);
	bus_end(&bus, error);
	return error;
}

static int secret_service_list(const struct store_call *call, struct buf *ret, struct err *err)
{
	int error = bus_begin(&bus, call, err);

	if (!error)
		error = list(ret, err);
	bus_end(&bus, error);
	return error;
}

static int secret_service_unlock(const struct store_call *call,
				 const struct secret *passphrase UNUSED, struct err *err)
{
	AUTOKEYRING struct keyring keyring = {0};
	/* Also one that is left alone for a while: whoever asks for this wants to know now. */
	const struct store_call awake = {.deadline = call->deadline, .interactive = true};
	int error = bus_begin(&bus, &awake, err);

	bus.interactive = call->interactive;
	if (!error)
		error = keyring_default(&bus, &keyring, err);
	if (!error)
		error = unlock_default(&keyring, err);
	bus_end(&bus, error);
	return error;
}

/* `lock` is missing: other programs use the keyring too, and hftoken keeps no key of it. */
const struct store_backend store_backend = {
	.name = "secret-service",
	.capabilities = STORE_WRITES | STORE_ENCRYPTS | STORE_PROMPTS,
	.probe = secret_service_probe,
	.get = secret_service_get,
	.put = secret_service_put,
	.del = secret_service_del,
	.list = secret_service_list,
	.unlock = secret_service_unlock,
};
