/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret_service_items.h"

#include <string.h>

#include "backends/secret_service_session.h"
#include "base/text.h"

#define SCHEMA_ATTRIBUTE "xdg:schema" /* how libsecret writes the name of a schema */
#define SCHEMA           "org.hftoken.Token"
#define KEYRINGS_MAX     64
#define LABEL_MAX        256
#define DEFAULT_ALIAS    "/org/freedesktop/secrets/aliases/default"
#define KEEPASSXC_NAME   "org.keepassxc.KeePassXC.MainWindow"

/* ---- searching ---- */

void found_release(struct found *found)
{
	g_strfreev(found->unlocked);
	g_strfreev(found->locked);
	*found = (struct found) {0};
}

int search(struct bus *bus, const char *attribute, const char *value, struct found *ret,
	   struct err *err)
{
	static const struct method method = {SERVICE_PATH, SERVICE_IFACE, "SearchItems",
					     "(aoao)"};
	AUTOVARIANT GVariant *answer = NULL;
	GVariantBuilder attributes;
	int error;

	/* Without the schema's name: a keyring that has not been unlocked since its service was
	 * started does not find items by it. */
	g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
	g_variant_builder_add(&attributes, "{ss}", attribute, value);
	error = bus_call(bus, &method, g_variant_new("(a{ss})", &attributes), &answer, err);
	if (!error)
		g_variant_get(answer, "(^ao^ao)", &ret->unlocked, &ret->locked);
	return error;
}

/* ---- keyrings ---- */

void keyring_release(struct keyring *keyring)
{
	g_clear_pointer(&keyring->path, g_free);
}

int keyring_is_locked(struct bus *bus, const char *path, bool *ret, struct err *err)
{
	AUTOVARIANT GVariant *locked = NULL;
	int error = bus_get(bus, path, COLLECTION_IFACE, "Locked", "b", &locked, err);

	if (!error)
		*ret = g_variant_get_boolean(locked);
	return error;
}

static bool is_keepassxc(struct bus *bus)
{
	return bus_owner_has_name(bus, KEEPASSXC_NAME);
}

static int keyring_alias(struct bus *bus, char **ret_path, struct err *err)
{
	static const struct method method = {SERVICE_PATH, SERVICE_IFACE, "ReadAlias", "(o)"};
	AUTOVARIANT GVariant *answer = NULL;
	int error = bus_call(bus, &method, g_variant_new("(s)", "default"), &answer, err);

	g_free(*ret_path);
	*ret_path = NULL;
	if (!error)
		g_variant_get(answer, "(o)", ret_path);
	return error;
}

/*
 * gnome-keyring, asked by many at once, may have no default keyring for a moment. KeePassXC has none
 * as long as no database is open, and says so at once.
 */
static int keyring_path(struct bus *bus, char **ret_path, struct err *err)
{
	static const unsigned pauses_ms[] = {20, 60, 180};
	int error = keyring_alias(bus, ret_path, err);

	for (size_t i = 0; i < ARRAY_SIZE(pauses_ms); i++) {
		if (error || strcmp(*ret_path, NO_OBJECT) != 0 || is_keepassxc(bus))
			break;
		g_usleep((gulong)pauses_ms[i] * 1000);
		error = keyring_alias(bus, ret_path, err);
	}
	return error;
}

int keyring_default(struct bus *bus, struct keyring *ret, struct err *err)
{
	AUTOKEYRING struct keyring keyring = {0};
	int error = keyring_path(bus, &keyring.path, err);

	if (error)
		return error;
	if (strcmp(keyring.path, NO_OBJECT) == 0) {
		err_set(err, ERR_UNAVAILABLE, "the keyring service has no default keyring");
		return err_hint(err, "open a keyring (in KeePassXC: a database with an exposed "
				     "group), or make one, in your keyring application");
	}
	error = keyring_is_locked(bus, keyring.path, &keyring.locked, err);
	if (error)
		return error;
	ret->locked = keyring.locked;
	ret->path = g_steal_pointer(&keyring.path);
	return 0;
}

/*
 * gnome-keyring shows the items of a locked keyring, and finds them by their attributes; one that
 * is locked and looks empty is indeed not hiding much, but KeePassXC's look like that always.
 */
static int keyring_hides_items(struct bus *bus, const char *path, bool *ret, struct err *err)
{
	AUTOVARIANT GVariant *items = NULL;
	bool is_locked = false;
	int error = keyring_is_locked(bus, path, &is_locked, err);

	if (error || !is_locked)
		return error;
	error = bus_get(bus, path, COLLECTION_IFACE, "Items", "ao", &items, err);
	if (!error && g_variant_n_children(items) == 0)
		*ret = true;
	return error;
}

/* Asks `look` about each keyring until one sets the answer. */
static int any_keyring(struct bus *bus,
		       int (*look)(struct bus *bus, const char *path, bool *ret,
				   struct err *err),
		       bool *ret, struct err *err)
{
	AUTOVARIANT GVariant *paths = NULL;
	int error = bus_get(bus, SERVICE_PATH, SERVICE_IFACE, "Collections", "ao", &paths, err);
	bool found = false;

	if (error)
		return error;
	for (gsize i = 0; i < g_variant_n_children(paths) && i < KEYRINGS_MAX && !found; i++) {
		const char *path;

		g_variant_get_child(paths, i, "&o", &path);
		error = look(bus, path, &found, err);
		if (error)
			return error;
	}
	*ret = found;
	return 0;
}

int keyrings_hide_items(struct bus *bus, bool *ret, struct err *err)
{
	return any_keyring(bus, keyring_hides_items, ret, err);
}

static int keyring_is_open(struct bus *bus, const char *path, bool *ret, struct err *err)
{
	bool is_locked = true;
	int error = keyring_is_locked(bus, path, &is_locked, err);

	if (!error)
		*ret = !is_locked;
	return error;
}

/* The first question is the only one while the default keyring is open, as it mostly is. */
int search_is_quiet(struct bus *bus, struct err *err)
{
	AUTOKEYRING struct keyring keyring = {0};
	bool is_open = false;
	int error = keyring_is_open(bus, DEFAULT_ALIAS, &is_open, err);

	if (error && !bus->vanished)
		return error;
	bus->vanished = false; /* a service need not give the alias a path */
	if (is_open || !is_keepassxc(bus))
		return 0;
	error = any_keyring(bus, keyring_is_open, &is_open, err);
	if (error || is_open)
		return error;
	error = keyring_default(bus, &keyring, err); /* or there is none at all */
	return error ? error : keyring_locked(err);
}

/*
 * KeePassXC does all its writing in prompts, which show nothing while the database is open (unless
 * the user wants to confirm deletions). Elsewhere, a prompt is a window.
 */
static bool prompts_are_silent(struct bus *bus)
{
	return is_keepassxc(bus);
}

/* What a call left to do: nothing, or a prompt. */
static int finish_prompt(struct bus *bus, const char *prompt, bool may_run, struct err *err)
{
	if (strcmp(prompt, NO_OBJECT) == 0)
		return 0;
	if (bus->interactive || may_run)
		return bus_prompt(bus, prompt, err);
	bus_dismiss(bus, prompt);
	err_set(err, ERR_LOCKED, "the keyring wants to ask you first");
	return err_hint(err, "do it from a terminal, and look for the keyring's window");
}

int keyrings_unlock(struct bus *bus, const char *const *paths, struct err *err)
{
	static const struct method method = {SERVICE_PATH, SERVICE_IFACE, "Unlock", "(aoo)"};
	AUTOVARIANT GVariant *answer = NULL;
	AUTOGFREE char *prompt = NULL;
	int error = bus_call(bus, &method, g_variant_new("(^ao)", paths), &answer, err);

	if (error)
		return error;
	g_variant_get(answer, "(aoo)", NULL, &prompt);
	return finish_prompt(bus, prompt, false, err);
}

/* ---- items ---- */

struct pending *attributes_send(struct bus *bus, const char *item)
{
	return bus_send_get(bus, item, ITEM_IFACE, "Attributes");
}

int attributes_receive(struct bus *bus, struct pending *pending, GVariant **ret,
		       struct err *err)
{
	return bus_receive_get(bus, pending, "a{ss}", ret, err);
}

const char *attribute_of(GVariant *attributes, const char *name)
{
	const char *value;

	return g_variant_lookup(attributes, name, "&s", &value) ? value : "";
}

int item_read(struct bus *bus, const char *item, struct secret *ret, struct err *err)
{
	const struct method method = {item, ITEM_IFACE, "GetSecret", "((oayays))"};
	AUTOVARIANT GVariant *answer = NULL;
	AUTOVARIANT GVariant *sealed = NULL;
	int error = session_open(bus, err);

	if (!error)
		error = bus_call(bus, &method, g_variant_new("(o)", session_path()), &answer,
				 err);
	if (error)
		return error;
	sealed = g_variant_get_child_value(answer, 0);
	return session_unseal(sealed, ret, err);
}

/* People and other programs read these: no control characters, valid UTF-8, not endless. */
static void add_attribute(GVariantBuilder *attributes, const char *name, const char *value)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, value, strlen(value), LABEL_MAX);
	if (clean.size)
		g_variant_builder_add(attributes, "{ss}", name, buf_text(&clean));
}

static GVariant *item_attributes(const char *id, const struct store_label *label)
{
	GVariantBuilder attributes;

	g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
	add_attribute(&attributes, SCHEMA_ATTRIBUTE, SCHEMA);
	add_attribute(&attributes, ATTRIBUTE_APPLICATION, APPLICATION);
	add_attribute(&attributes, ATTRIBUTE_ID, id);
	add_attribute(&attributes, "service", label->service);
	add_attribute(&attributes, "username", label->username);
	return g_variant_builder_end(&attributes);
}

static GVariant *item_properties(const char *id, const struct store_label *label)
{
	AUTOBUF struct buf clean = {0};
	GVariantBuilder properties;

	text_clean(&clean, label->label, strlen(label->label), LABEL_MAX);
	if (!clean.size)
		buf_add_text(&clean, "Hugging Face token");
	g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
	g_variant_builder_add(&properties, "{sv}", ITEM_IFACE ".Label",
			      g_variant_new_string(buf_text(&clean)));
	g_variant_builder_add(&properties, "{sv}", ITEM_IFACE ".Attributes",
			      item_attributes(id, label));
	return g_variant_builder_end(&properties);
}

int item_create(struct bus *bus, const char *keyring, const char *id,
		const struct secret *record, const struct store_label *label, struct err *err)
{
	const struct method method = {keyring, COLLECTION_IFACE, "CreateItem", "(oo)"};
	AUTOVARIANT GVariant *answer = NULL;
	AUTOGFREE char *item = NULL;
	AUTOGFREE char *prompt = NULL;
	GVariant *sealed;
	int error = session_open(bus, err);

	if (!error)
		error = session_seal(record, &sealed, err);
	if (!error)
		error = bus_call(bus, &method,
				 g_variant_new("(@a{sv}@(oayays)b)", item_properties(id, label),
					       sealed, FALSE),
				 &answer, err);
	if (error)
		return error;
	g_variant_get(answer, "(oo)", &item, &prompt);
	if (strcmp(item, NO_OBJECT) == 0 && strcmp(prompt, NO_OBJECT) == 0)
		return bus_nonsense(err);
	return finish_prompt(bus, prompt, prompts_are_silent(bus), err);
}

int item_delete(struct bus *bus, const char *item, struct err *err)
{
	const struct method method = {item, ITEM_IFACE, "Delete", "(o)"};
	AUTOVARIANT GVariant *answer = NULL;
	AUTOGFREE char *prompt = NULL;
	int error = bus_call(bus, &method, NULL, &answer, err);

	if (error)
		return error;
	g_variant_get(answer, "(o)", &prompt);
	return finish_prompt(bus, prompt, prompts_are_silent(bus), err);
}
