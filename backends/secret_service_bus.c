/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret_service_bus.h"

#include <string.h>

#define WAIT_MAX_MS    120000 /* where the caller says nothing: as long as a prompt may take */
#define CANCEL_WAIT_MS 100
#define SILENCE_MIN_MS 1000 /* a caller in a hurry proves nothing about the bus */

/* ---- waiting ---- */

struct pending {
	GAsyncResult *result;
	bool dropped;
};

struct pending *pending_new(void)
{
	return g_new0(struct pending, 1);
}

void pending_done(GObject *source UNUSED, GAsyncResult *result, gpointer data)
{
	struct pending *pending = (struct pending *)data;

	if (pending->dropped)
		g_free(pending);
	else
		pending->result = g_object_ref(result);
}

void pending_drop(struct pending *pending)
{
	if (!pending)
		return;
	if (pending->result) {
		g_object_unref(pending->result);
		g_free(pending);
	} else {
		pending->dropped = true; /* pending_done() will free it */
	}
}

GAsyncResult *pending_wait(struct bus *bus, struct pending *pending)
{
	GAsyncResult *result;

	while (!pending->result && !bus->gave_up)
		g_main_context_iteration(bus->context, TRUE);
	result = pending->result ? g_object_ref(pending->result) : NULL;
	pending_drop(pending);
	return result;
}

bool pending_is_done(const struct pending *pending)
{
	return pending->result != NULL;
}

void bus_on_signal(GDBusConnection *connection UNUSED, const gchar *sender UNUSED,
		   const gchar *path UNUSED, const gchar *interface UNUSED,
		   const gchar *signal UNUSED, GVariant *parameters UNUSED, gpointer data)
{
	*(bool *)data = true;
}

bool bus_wait_for(struct bus *bus, const bool *done)
{
	while (!*done && !bus->late)
		g_main_context_iteration(bus->context, TRUE);
	return *done;
}

static gboolean on_deadline(gpointer data)
{
	struct bus *bus = (struct bus *)data;

	bus->late = true;
	g_cancellable_cancel(bus->cancellable);
	return G_SOURCE_REMOVE;
}

/* What was cancelled should have ended long ago. */
static gboolean on_last_deadline(gpointer data)
{
	struct bus *bus = (struct bus *)data;

	bus->gave_up = true;
	return G_SOURCE_REMOVE;
}

static GSource *start_timer(struct bus *bus, int milliseconds, GSourceFunc function)
{
	GSource *timer = g_timeout_source_new((guint)milliseconds);

	g_source_set_callback(timer, function, bus, NULL);
	g_source_attach(timer, bus->context);
	return timer;
}

static void start_timers(struct bus *bus, deadline_ms deadline)
{
	int left = deadline_left(deadline);

	if (left < 0 || left > WAIT_MAX_MS)
		left = WAIT_MAX_MS;
	bus->wait_ms = left;
	bus->late = bus->gave_up = bus->silent = bus->vanished = false;
	bus->cancellable = g_cancellable_new();
	bus->timers[0] = start_timer(bus, left, on_deadline);
	bus->timers[1] = start_timer(bus, left + CANCEL_WAIT_MS, on_last_deadline);
}

static void stop_timers(struct bus *bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(bus->timers); i++) {
		if (!bus->timers[i])
			continue;
		g_source_destroy(bus->timers[i]);
		g_source_unref(bus->timers[i]);
		bus->timers[i] = NULL;
	}
	g_clear_object(&bus->cancellable);
}

/* ---- calls ---- */

static struct pending *send_to(struct bus *bus, const char *destination,
			       const struct method *method, GVariant *parameters)
{
	struct pending *pending = pending_new();

	/* G_MAXINT: the time is kept by our own timer, for all calls of a question together. */
	g_dbus_connection_call(bus->connection, destination, method->path, method->interface,
			       method->name, parameters, G_VARIANT_TYPE(method->reply),
			       G_DBUS_CALL_FLAGS_NONE, G_MAXINT, bus->cancellable, pending_done,
			       pending);
	return pending;
}

struct pending *bus_send(struct bus *bus, const struct method *method, GVariant *parameters)
{
	return send_to(bus, bus->owner, method, parameters);
}

int bus_receive(struct bus *bus, struct pending *pending, GVariant **ret, struct err *err)
{
	GAsyncResult *result = pending_wait(bus, pending);
	GError *error = NULL;
	GVariant *answer = NULL;

	if (result) {
		answer = g_dbus_connection_call_finish(bus->connection, result, &error);
		g_object_unref(result);
	}
	if (!answer)
		return bus_error(bus, error, err);
	*ret = answer;
	return 0;
}

int bus_call(struct bus *bus, const struct method *method, GVariant *parameters, GVariant **ret,
	     struct err *err)
{
	return bus_receive(bus, bus_send(bus, method, parameters), ret, err);
}

struct pending *bus_send_get(struct bus *bus, const char *path, const char *interface,
			     const char *property)
{
	const struct method get = {path, DBUS_PROPERTY, "Get", "(v)"};

	return bus_send(bus, &get, g_variant_new("(ss)", interface, property));
}

int bus_receive_get(struct bus *bus, struct pending *pending, const char *type, GVariant **ret,
		    struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	AUTOVARIANT GVariant *value = NULL;
	int error = bus_receive(bus, pending, &answer, err);

	if (error)
		return error;
	g_variant_get(answer, "(v)", &value);
	if (!g_variant_is_of_type(value, G_VARIANT_TYPE(type)))
		return bus_nonsense(err);
	*ret = g_steal_pointer(&value);
	return 0;
}

int bus_get(struct bus *bus, const char *path, const char *interface, const char *property,
	    const char *type, GVariant **ret, struct err *err)
{
	return bus_receive_get(bus, bus_send_get(bus, path, interface, property), type, ret,
			       err);
}

int bus_ask(struct bus *bus, const char *name, const char *reply, GVariant *parameters,
	    GVariant **ret, struct err *err)
{
	const struct method method = {DBUS_PATH, DBUS_NAME, name, reply};

	return bus_receive(bus, send_to(bus, DBUS_NAME, &method, parameters), ret, err);
}

/* ---- connecting ---- */

static GLogWriterOutput ignore_log(GLogLevelFlags level UNUSED, const GLogField *fields UNUSED,
				   gsize count UNUSED, gpointer data UNUSED)
{
	return G_LOG_WRITER_HANDLED;
}

/* Once, before all else: stderr belongs to hftoken, and complaints reach us as errors. */
static void prepare_glib(struct bus *bus)
{
	if (bus->context)
		return;
	g_log_set_writer_func(ignore_log, NULL, NULL);
	bus->context = g_main_context_new();
	g_main_context_push_thread_default(bus->context);
}

static int connect_bus(struct bus *bus, struct err *err)
{
	struct pending *pending = pending_new();
	GAsyncResult *result;
	GError *error = NULL;

	g_dbus_connection_new_for_address(
		bus->place.address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, bus->cancellable, pending_done, pending);
	result = pending_wait(bus, pending);
	if (result) {
		bus->connection = g_dbus_connection_new_for_address_finish(result, &error);
		g_object_unref(result);
	}
	return bus->connection ? 0 : bus_error(bus, error, err);
}

void bus_disconnect(struct bus *bus)
{
	g_clear_pointer(&bus->owner, g_free);
	g_clear_object(&bus->connection);
}

static int start_service(struct bus *bus, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;

	return bus_ask(bus, "StartServiceByName", "(u)",
		       g_variant_new("(su)", SECRETS_NAME, (guint32)0), &answer, err);
}

static int find_owner(struct bus *bus, const char *name, char **ret, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	int error = bus_ask(bus, "GetNameOwner", "(s)", g_variant_new("(s)", name), &answer,
			    err);

	if (!error)
		g_variant_get(answer, "(s)", ret);
	return error;
}

/* A service that has been started anew since the last question is another one. */
static int find_service(struct bus *bus, struct err *err)
{
	char *owner = NULL;
	int error = find_owner(bus, SECRETS_NAME, &owner, err);

	if (error == ERR_UNAVAILABLE && !g_dbus_connection_is_closed(bus->connection)) {
		error = start_service(bus, err);
		if (!error)
			error = find_owner(bus, SECRETS_NAME, &owner, err);
	}
	if (error)
		return error;
	if (!g_dbus_is_unique_name(owner)) {
		g_free(owner);
		return bus_nonsense(err);
	}
	g_free(bus->owner);
	bus->owner = owner;
	return 0;
}

bool bus_owner_has_name(struct bus *bus, const char *name)
{
	AUTOGFREE char *owner = NULL;

	return !find_owner(bus, name, &owner, NULL) && strcmp(owner, bus->owner) == 0;
}

int bus_begin(struct bus *bus, const struct store_call *call, struct err *err)
{
	int error = place_find(&bus->place, err);

	if (error)
		return error;
	if (!call->interactive && silence_is_known(&bus->place)) {
		err_set(err, ERR_UNAVAILABLE,
			"the keyring did not answer a moment ago, and is left alone for a minute");
		return err_hint(err, "restart your keyring service, or log out of the desktop "
				     "and in again");
	}
	prepare_glib(bus);
	bus->interactive = call->interactive;
	start_timers(bus, call->deadline);
	if (bus->connection && g_dbus_connection_is_closed(bus->connection))
		bus_disconnect(bus);
	if (!bus->connection)
		error = connect_bus(bus, err);
	return error ? error : find_service(bus, err);
}

void bus_end(struct bus *bus, int error)
{
	if (!bus->cancellable)
		return; /* there is no bus, or it was not asked */
	if (bus->silent && bus->wait_ms >= SILENCE_MIN_MS)
		silence_remember(&bus->place);
	else if (!bus->silent && bus->owner)
		silence_forget(&bus->place);
	if (bus->late || error == ERR_UNAVAILABLE)
		bus_disconnect(bus);
	stop_timers(bus);
}
