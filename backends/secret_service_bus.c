/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret_service_bus.h"

#include <string.h>

#include "base/text.h"

#define DBUS_NAME      "org.freedesktop.DBus"
#define DBUS_PATH      "/org/freedesktop/DBus"
#define DBUS_PROPERTY  "org.freedesktop.DBus.Properties"
#define LOCK_NAME      "io.github.hftoken.Writer"
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

/* Until something that a callback sets; false when the deadline came first. */
static bool wait_for(struct bus *bus, const bool *done)
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

/* ---- errors ---- */

static int late(struct bus *bus, struct err *err)
{
	bus->silent = true;
	err_set(err, ERR_TIMED_OUT, "the keyring did not answer in %d.%d s",
		bus->wait_ms / 1000, bus->wait_ms % 1000 / 100);
	return err_hint(err, "if it stays silent, restart your keyring service, "
			     "or log out of the desktop and in again");
}

int keyring_locked(struct err *err)
{
	err_set(err, ERR_LOCKED, "the keyring is locked");
	return err_hint(err, "unlock it in your keyring application");
}

int bus_nonsense(struct err *err)
{
	return err_set(err, ERR_UNAVAILABLE,
		       "the keyring service does not follow the Secret Service protocol");
}

static int gone(struct err *err)
{
	err_set(err, ERR_UNAVAILABLE, "the keyring service is not running");
	return err_hint(err, "start gnome-keyring, KeePassXC (with its Secret Service "
			     "integration) or another one");
}

/* What services and buses answer, by name. Whatever is not here has no meaning for us. */
static const struct {
	const char *name;
	enum err_code code;
} remote_errors[] = {
	{"org.freedesktop.Secret.Error.IsLocked", ERR_LOCKED},
	{"org.freedesktop.Secret.Error.NoSuchObject", ERR_NOT_FOUND},
	{"org.freedesktop.DBus.Error.UnknownObject", ERR_NOT_FOUND},
	{"org.freedesktop.DBus.Error.UnknownInterface", ERR_NOT_FOUND},
	{"org.freedesktop.DBus.Error.UnknownMethod", ERR_NOT_FOUND},
	{"org.freedesktop.DBus.Error.AccessDenied", ERR_DENIED},
	{"org.freedesktop.DBus.Error.AuthFailed", ERR_DENIED},
	{"org.freedesktop.Secret.Error.NoSession", ERR_UNAVAILABLE},
	{"org.freedesktop.DBus.Error.ServiceUnknown", ERR_UNAVAILABLE},
	{"org.freedesktop.DBus.Error.NameHasNoOwner", ERR_UNAVAILABLE},
	{"org.freedesktop.DBus.Error.NoReply", ERR_UNAVAILABLE},
	{"org.freedesktop.DBus.Error.Disconnected", ERR_UNAVAILABLE},
	{"org.freedesktop.DBus.Error.Timeout", ERR_TIMED_OUT},
	{"org.freedesktop.DBus.Error.TimedOut", ERR_TIMED_OUT},
};

static enum err_code remote_code(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(remote_errors); i++) {
		if (strcmp(name, remote_errors[i].name) == 0)
			return remote_errors[i].code;
	}
	return text_starts_with(name, "org.freedesktop.DBus.Error.Spawn.") ? ERR_UNAVAILABLE
									   : ERR_FAILED;
}

static int remote_error(struct bus *bus, const GError *error, const char *name, struct err *err)
{
	switch (remote_code(name)) {
	case ERR_LOCKED:
		return keyring_locked(err);
	case ERR_NOT_FOUND:
		bus->vanished = true;
		return bus_nonsense(err);
	case ERR_DENIED:
		return err_set(err, ERR_DENIED,
			       "the session bus does not let us ask the keyring");
	case ERR_UNAVAILABLE:
		return gone(err);
	case ERR_TIMED_OUT:
		return late(bus, err);
	default:
		return err_set(err, ERR_FAILED, "the keyring refused: %s", error->message);
	}
}

static int local_error(struct bus *bus, const GError *error, struct err *err)
{
	if (bus->late || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
		return late(bus, err);
	/* GDBus says so of an answer of another type, but also of a wrong address. */
	if (bus->connection && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
		return bus_nonsense(err);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
		return err_set(err, ERR_UNAVAILABLE, "the session bus has gone");
	err_set(err, ERR_UNAVAILABLE, "the session bus cannot be used: %s", error->message);
	return err_hint(err, "see whether DBUS_SESSION_BUS_ADDRESS is of this session");
}

/* NULL for an error that arose on our side. libsecret strips the name where the code says it. */
static char *remote_name(const GError *error)
{
	if (g_dbus_error_is_remote_error(error))
		return g_dbus_error_get_remote_error(error);
	return error->domain == G_DBUS_ERROR ? g_dbus_error_encode_gerror(error) : NULL;
}

int bus_error(struct bus *bus, GError *error, struct err *err)
{
	AUTOGFREE char *name = NULL;
	int code;

	if (!error) /* what we waited for did not even end when it was cancelled */
		return late(bus, err);
	name = remote_name(error);
	if (name && !bus->late)
		code = remote_error(bus, error, name, err);
	else
		code = local_error(bus, error, err);
	g_error_free(error);
	return code;
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

/* Asks the bus itself; all such calls of ours begin with a name. */
static int ask_bus(struct bus *bus, const char *name, const char *reply, GVariant *parameters,
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

static void disconnect(struct bus *bus)
{
	g_clear_pointer(&bus->owner, g_free);
	g_clear_object(&bus->connection);
}

static int start_service(struct bus *bus, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;

	return ask_bus(bus, "StartServiceByName", "(u)",
		       g_variant_new("(su)", SECRETS_NAME, (guint32)0), &answer, err);
}

static int find_owner(struct bus *bus, const char *name, char **ret, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	int error = ask_bus(bus, "GetNameOwner", "(s)", g_variant_new("(s)", name), &answer,
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
		disconnect(bus);
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
		disconnect(bus);
	stop_timers(bus);
}

/* ---- prompts ---- */

struct completion {
	bool done;
	bool dismissed;
	bool nonsense;
};

static void on_completed(GDBusConnection *connection UNUSED, const gchar *sender UNUSED,
			 const gchar *path UNUSED, const gchar *interface UNUSED,
			 const gchar *signal UNUSED, GVariant *parameters, gpointer data)
{
	struct completion *completion = (struct completion *)data;
	gboolean dismissed = TRUE;

	if (g_variant_is_of_type(parameters, G_VARIANT_TYPE("(bv)")))
		g_variant_get(parameters, "(bv)", &dismissed, NULL);
	else
		completion->nonsense = true;
	completion->dismissed = dismissed;
	completion->done = true;
}

/* The service has left the bus. */
static void on_gone(GDBusConnection *connection UNUSED, const gchar *sender UNUSED,
		    const gchar *path UNUSED, const gchar *interface UNUSED,
		    const gchar *signal UNUSED, GVariant *parameters UNUSED, gpointer data)
{
	*(bool *)data = true;
}

static struct pending *send_to_prompt(struct bus *bus, const char *path, const char *name,
				      GVariant *parameters)
{
	const struct method method = {path, PROMPT_IFACE, name, "()"};

	return bus_send(bus, &method, parameters);
}

void bus_dismiss(struct bus *bus, const char *path)
{
	struct pending *pending = pending_new();
	GAsyncResult *result;

	/* Not cancelled with the question, since that may be over; waited for, or it is not sent. */
	g_dbus_connection_call(bus->connection, bus->owner, path, PROMPT_IFACE, "Dismiss", NULL,
			       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, pending_done, pending);
	result = pending_wait(bus, pending);
	if (result)
		g_object_unref(result);
}

static int prompt_result(struct bus *bus, const struct completion *completion, const char *path,
			 struct err *err)
{
	if (!completion->done) {
		bus_dismiss(bus, path);
		err_set(err, ERR_TIMED_OUT, "nobody answered the keyring's question");
		return err_hint(err, "look for its window, and try again");
	}
	if (completion->nonsense)
		return bus_nonsense(err);
	if (completion->dismissed)
		return err_set(err, ERR_DENIED, "the keyring's question was dismissed");
	return 0;
}

/* Waits for the signal; an error of the call itself, or the service's death, ends it early. */
static int wait_for_prompt(struct bus *bus, struct pending *asked,
			   struct completion *completion, const bool *dead, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	int error;

	while (!completion->done && !*dead && !asked->result && !bus->late)
		g_main_context_iteration(bus->context, TRUE);
	if (!asked->result) { /* some services answer the call when the prompt is over */
		pending_drop(asked);
	} else {
		error = bus_receive(bus, asked, &answer, err);
		if (error && !bus->late)
			return error;
	}
	while (!completion->done && !*dead && !bus->late)
		g_main_context_iteration(bus->context, TRUE);
	bus->silent = false; /* it is a person who did not answer */
	return *dead && !completion->done ? gone(err) : 0;
}

int bus_prompt(struct bus *bus, const char *path, struct err *err)
{
	struct completion completion = {0};
	bool dead = false;
	guint completed = g_dbus_connection_signal_subscribe(
		bus->connection, bus->owner, PROMPT_IFACE, "Completed", path, NULL,
		G_DBUS_SIGNAL_FLAGS_NONE, on_completed, &completion, NULL);
	guint left = g_dbus_connection_signal_subscribe(
		bus->connection, DBUS_NAME, DBUS_NAME, "NameOwnerChanged", DBUS_PATH,
		bus->owner, G_DBUS_SIGNAL_FLAGS_NONE, on_gone, &dead, NULL);
	struct pending *asked = send_to_prompt(bus, path, "Prompt", g_variant_new("(s)", ""));
	int error = wait_for_prompt(bus, asked, &completion, &dead, err);

	g_dbus_connection_signal_unsubscribe(bus->connection, completed);
	g_dbus_connection_signal_unsubscribe(bus->connection, left);
	return error ? error : prompt_result(bus, &completion, path, err);
}

/* ---- the writers' lock ---- */

enum { NAME_OWNED = 1, NAME_QUEUED = 2, NAME_OWNED_ALREADY = 4 };

static int request_name(struct bus *bus, guint32 *ret, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	int error = ask_bus(bus, "RequestName", "(u)",
			    g_variant_new("(su)", LOCK_NAME, (guint32)0), &answer, err);

	if (!error)
		g_variant_get(answer, "(u)", ret);
	return error;
}

/* Queued: it becomes ours in turn. It may have done so before we began to listen. */
static int wait_for_name(struct bus *bus, struct err *err)
{
	bool acquired = false;
	guint32 state = 0;
	guint subscription = g_dbus_connection_signal_subscribe(
		bus->connection, DBUS_NAME, DBUS_NAME, "NameAcquired", DBUS_PATH, LOCK_NAME,
		G_DBUS_SIGNAL_FLAGS_NONE, on_gone, &acquired, NULL);
	int error = request_name(bus, &state, err);

	if (!error && state == NAME_QUEUED && !wait_for(bus, &acquired)) {
		err_set(err, ERR_BUSY, "another hftoken is writing into the keyring");
		error = err_hint(err, "try again when it has finished");
	}
	g_dbus_connection_signal_unsubscribe(bus->connection, subscription);
	return error;
}

int bus_lock(struct bus *bus, struct err *err)
{
	guint32 state = 0;
	int error = request_name(bus, &state, err);

	if (!error && state == NAME_QUEUED)
		error = wait_for_name(bus, err);
	return error;
}

/* Also takes us out of the queue. */
void bus_unlock(struct bus *bus)
{
	if (!bus->connection)
		return;
	g_dbus_connection_call(bus->connection, DBUS_NAME, DBUS_PATH, DBUS_NAME, "ReleaseName",
			       g_variant_new("(s)", LOCK_NAME), NULL, G_DBUS_CALL_FLAGS_NONE,
			       -1, NULL, NULL, NULL);
}
