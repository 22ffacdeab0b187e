/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session bus and the keyring's service on it: connecting, calling, waiting, each no longer
 * than the deadline of the question that is being answered.
 *
 *	error = bus_begin(bus, call, err);
 *	...bus_call()...
 *	bus_end(bus, error);
 *
 * GLib does its work in a context of our own, asynchronously; nothing here blocks in a call of
 * which we do not know when it ends. The connection stays for the next question, unless one failed
 * in a way that leaves doubts about it.
 *
 * What comes from the service is checked against the type that the call expects. Errors:
 * ERR_UNAVAILABLE (no bus, no service, it died, or it does not speak the protocol), ERR_TIMED_OUT,
 * ERR_LOCKED, ERR_DENIED, ERR_FAILED. Never ERR_NOT_FOUND: what that means for a record is not
 * known here. An object that is not there is ERR_UNAVAILABLE, and bus->vanished is set.
 */
#pragma once

#include <gio/gio.h>

#include "backends/secret_service_place.h"
#include "core/store.h"

/* Names of the bus, and of the Secret Service specification. */
#define DBUS_NAME        "org.freedesktop.DBus"
#define DBUS_PATH        "/org/freedesktop/DBus"
#define DBUS_PROPERTY    "org.freedesktop.DBus.Properties"
#define SECRETS_NAME     "org.freedesktop.secrets"
#define SERVICE_PATH     "/org/freedesktop/secrets"
#define SERVICE_IFACE    "org.freedesktop.Secret.Service"
#define COLLECTION_IFACE "org.freedesktop.Secret.Collection"
#define ITEM_IFACE       "org.freedesktop.Secret.Item"
#define PROMPT_IFACE     "org.freedesktop.Secret.Prompt"
#define NO_OBJECT        "/" /* in place of a path: there is none */

struct bus {
	struct place place;
	GMainContext *context;
	GDBusConnection *connection;
	char *owner; /* the service's name on the bus: this one process, not a successor */

	/* of the question being answered */
	GCancellable *cancellable;
	GSource *timers[2];
	int wait_ms;
	bool interactive;
	bool late;     /* the deadline has passed */
	bool gave_up;  /* and what was cancelled does not end */
	bool silent;   /* and it was the bus or the service that we waited for */
	bool vanished; /* an object was called that is not there, or no longer */
};

/* Connects and finds the service, starting it if the bus knows how. */
int bus_begin(struct bus *bus, const struct store_call *call, struct err *err) MUST_CHECK;

/* Whether the service is still there is seen by `error`, the result of the whole question. */
void bus_end(struct bus *bus, int error);

/* The next question comes from a connection of its own. */
void bus_disconnect(struct bus *bus);

struct method {
	const char *path;
	const char *interface;
	const char *name;
	const char *reply; /* type of the answer, a tuple */
};

/* Consumes `parameters` if they are floating. The answer is the caller's, to g_variant_unref(). */
int bus_call(struct bus *bus, const struct method *method, GVariant *parameters, GVariant **ret,
	     struct err *err) MUST_CHECK;

/* The same of the bus itself. */
int bus_ask(struct bus *bus, const char *name, const char *reply, GVariant *parameters,
	    GVariant **ret, struct err *err) MUST_CHECK;

/* A property of an object, unpacked and of the given type. */
int bus_get(struct bus *bus, const char *path, const char *interface, const char *property,
	    const char *type, GVariant **ret, struct err *err) MUST_CHECK;

/*
 * Runs a prompt of the service to its end. ERR_DENIED if it was dismissed, ERR_TIMED_OUT (and the
 * prompt is taken back) if nobody answered.
 */
int bus_prompt(struct bus *bus, const char *path, struct err *err) MUST_CHECK;

/* Whether the service's process has this other name, too. */
bool bus_owner_has_name(struct bus *bus, const char *name);

/* Takes back a prompt that will not be shown. */
void bus_dismiss(struct bus *bus, const char *path);

/*
 * The writers' lock: a name on the bus, which has one owner, a queue, and an end when its owner
 * dies. ERR_BUSY.
 */
int bus_lock(struct bus *bus, struct err *err) MUST_CHECK;
void bus_unlock(struct bus *bus);

/* ---- several at once ---- */

/* An operation that has been started. */
struct pending;

struct pending *bus_send(struct bus *bus, const struct method *method, GVariant *parameters);
struct pending *bus_send_get(struct bus *bus, const char *path, const char *interface,
			     const char *property);

/* Each pending operation ends in one of these (or in pending_drop). */
int bus_receive(struct bus *bus, struct pending *pending, GVariant **ret,
		struct err *err) MUST_CHECK;
int bus_receive_get(struct bus *bus, struct pending *pending, const char *type, GVariant **ret,
		    struct err *err) MUST_CHECK;

/* For other operations of GLib: as callback pending_done() with the pending operation as data. */
struct pending *pending_new(void);
void pending_done(GObject *source, GAsyncResult *result, gpointer data);
void pending_drop(struct pending *pending); /* its result is not wanted any more */

/* The result, for the caller to g_object_unref(); NULL if it did not come. */
GAsyncResult *pending_wait(struct bus *bus, struct pending *pending);

bool pending_is_done(const struct pending *pending);

/* For signals: a handler that sets the bool that is its data, and a wait for that, which is false
 * when the deadline came first. */
void bus_on_signal(GDBusConnection *connection, const gchar *sender, const gchar *path,
		   const gchar *interface, const gchar *signal, GVariant *parameters,
		   gpointer data);
bool bus_wait_for(struct bus *bus, const bool *done);

/* ---- errors ---- */

/* Tells what a GError means, and frees it. */
int bus_error(struct bus *bus, GError *error, struct err *err);

/* The deadline has passed; whether somebody is to blame is for bus->silent to say. */
int bus_late(struct bus *bus, struct err *err);

int bus_service_gone(struct err *err);

/* The words for a keyring that wants its password. */
int keyring_locked(struct err *err);

/* It is there, but makes no sense. */
int bus_nonsense(struct err *err);

static inline void cleanup_variant(GVariant **variant)
{
	if (*variant)
		g_variant_unref(*variant);
}
#define AUTOVARIANT CLEANUP(cleanup_variant)

static inline void cleanup_gfree(void *pointer)
{
	g_free(*(void **)pointer);
}
#define AUTOGFREE CLEANUP(cleanup_gfree)
