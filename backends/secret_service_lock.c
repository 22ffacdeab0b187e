/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writers' lock: a name on the bus. The bus gives it to one owner at a time, keeps the queue,
 * and takes it back from whoever dies; it reaches as far as the keyring does.
 */
#include "backends/secret_service_bus.h"

#define LOCK_NAME "io.github.hftoken.Writer"

enum { NAME_OWNED = 1, NAME_QUEUED = 2, NAME_OWNED_ALREADY = 4 };

static int request_name(struct bus *bus, guint32 *ret, struct err *err)
{
	AUTOVARIANT GVariant *answer = NULL;
	int error = bus_ask(bus, "RequestName", "(u)",
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
		G_DBUS_SIGNAL_FLAGS_NONE, bus_on_signal, &acquired, NULL);
	int error = request_name(bus, &state, err);

	if (!error && state == NAME_QUEUED && !bus_wait_for(bus, &acquired)) {
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
