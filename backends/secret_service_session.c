/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of libsecret, the session is all we use. Its calls that look for items hang as long as the
 * service does, load what nobody asked for, and report a locked keyring as an empty one.
 */
#include "backends/secret_service_session.h"

#include <string.h>

/* The functions below have been the same since 2012, but are not promised to stay. */
#define SECRET_API_SUBJECT_TO_CHANGE 1
#include <libsecret/secret.h>

#include "base/text.h"

/* With whom the session is: one process on one connection. */
static struct {
	SecretService *service;
	struct pending *opening;
	GDBusConnection *connection;
	char *owner;
} session;

static bool is_ours(const struct bus *bus)
{
	return session.connection == bus->connection && session.owner &&
	       strcmp(session.owner, bus->owner) == 0;
}

static void session_forget(void)
{
	pending_drop(session.opening);
	session.opening = NULL;
	g_clear_object(&session.service);
	g_clear_object(&session.connection);
	g_clear_pointer(&session.owner, g_free);
}

/*
 * A SecretService that is what we say. libsecret's own insists on the session bus that GLib finds,
 * on a name that a variable can change, and on reading all properties; but it lets a subclass say
 * otherwise while the object is being made.
 */
static GObject *construct(GType type, guint count, GObjectConstructParam *parameters)
{
	GObjectClass *parent = (GObjectClass *)g_type_class_peek(SECRET_TYPE_SERVICE);
	GObject *object = parent->constructor(type, count, parameters);

	g_object_set(object, "g-bus-type", G_BUS_TYPE_NONE, "g-connection", session.connection,
		     "g-name", session.owner, "g-object-path", SERVICE_PATH, "g-interface-name",
		     SERVICE_IFACE, "g-flags",
		     G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
			     G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS |
			     G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
		     NULL);
	return object;
}

static void init_class(gpointer class, gpointer data UNUSED)
{
	((GObjectClass *)class)->constructor = construct;
}

static GType service_type(void)
{
	static GType type;

	if (!type)
		type = g_type_register_static_simple(
			SECRET_TYPE_SERVICE, "HftokenService", sizeof(SecretServiceClass),
			(GClassInitFunc)init_class, sizeof(SecretService), NULL, 0);
	return type;
}

void session_start(struct bus *bus)
{
	if (is_ours(bus))
		return;
	session_forget();
	session.connection = g_object_ref(bus->connection);
	session.owner = g_strdup(bus->owner);
	session.opening = pending_new();
	g_async_initable_new_async(service_type(), G_PRIORITY_DEFAULT, bus->cancellable,
				   pending_done, session.opening, "flags",
				   SECRET_SERVICE_OPEN_SESSION, NULL);
}

/* libsecret falls back to sending secrets as they are; copies of them would be all over GLib. */
static int check_algorithm(struct err *err)
{
	const char *algorithm = secret_service_get_session_algorithms(session.service);

	if (algorithm && text_starts_with(algorithm, "dh-"))
		return 0;
	err_set(err, ERR_UNAVAILABLE,
		"the keyring service cannot send secrets encrypted, and we want no others");
	return err_hint(err, "use the encrypted file");
}

static int finish_opening(struct bus *bus, struct err *err)
{
	GAsyncResult *result = pending_wait(bus, g_steal_pointer(&session.opening));
	GError *error = NULL;
	GObject *source;

	if (result) {
		source = g_async_result_get_source_object(result);
		session.service = (SecretService *)g_async_initable_new_finish(
			(GAsyncInitable *)source, result, &error);
		g_clear_object(&source);
		g_object_unref(result);
	}
	if (!session.service && g_error_matches(error, SECRET_ERROR, SECRET_ERROR_PROTOCOL)) {
		g_error_free(error);
		return bus_nonsense(err);
	}
	if (!session.service)
		return bus_error(bus, error, err);
	return check_algorithm(err);
}

int session_open(struct bus *bus, struct err *err)
{
	int error = 0;

	session_start(bus);
	if (session.opening)
		error = finish_opening(bus, err);
	if (error)
		session_forget();
	return error;
}

const char *session_path(void)
{
	return secret_service_get_session_dbus_path(session.service);
}

/*
 * KeePassXC keeps what is called text where people see it as a password, and cuts from it what is
 * not text; anything else becomes an attachment.
 */
static const char *content_type(const struct secret *record)
{
	for (size_t i = 0; i < record->size; i++) {
		unsigned char byte = (unsigned char)record->data[i];

		if ((byte < ' ' && byte != '\n') || byte == 0x7f)
			return "application/octet-stream";
	}
	return utf8_is_valid(record->data, record->size) ? "text/plain"
							 : "application/octet-stream";
}

int session_seal(const struct secret *record, GVariant **ret, struct err *err)
{
	SecretValue *value = secret_value_new(record->data, (gssize)record->size,
					      content_type(record));
	GVariant *sealed = secret_service_encode_dbus_secret(session.service, value);

	secret_value_unref(value);
	if (!sealed)
		return err_set(err, ERR_FAILED, "cannot encrypt the record for its way");
	*ret = sealed;
	return 0;
}

static int take_record(const char *text, size_t size, struct secret *ret, struct err *err)
{
	if (!size || size > RECORD_MAX || memchr(text, '\0', size) ||
	    memchr(text, '\r', size)) {
		err_set(err, ERR_DAMAGED, "what the keyring holds is not what was put there");
		return err_hint(err, "if you edited it, remove the token and log in again");
	}
	return secret_set(ret, text, size) ? err_no_memory(err) : 0;
}

int session_unseal(GVariant *sealed, struct secret *ret, struct err *err)
{
	SecretValue *value = secret_service_decode_dbus_secret(session.service, sealed);
	const char *text;
	gsize size = 0;
	int error;

	if (!value)
		return bus_nonsense(err);
	text = secret_value_get(value, &size);
	error = take_record(text, size, ret, err);
	/* libsecret wipes it too, unless it had to fall back to ordinary memory. */
	explicit_bzero((char *)(uintptr_t)text, size);
	secret_value_unref(value);
	return error;
}
