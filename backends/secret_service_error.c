/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong on a bus, in our words. Names of errors are those of the specification and of
 * the bus; their texts are the service's, and are only shown where nothing better is known.
 */
#include <string.h>

#include "backends/secret_service_bus.h"
#include "base/text.h"

int bus_late(struct bus *bus, struct err *err)
{
	int tenths = (bus->wait_ms + 50) / 100;

	bus->silent = true;
	err_set(err, ERR_TIMED_OUT, "the keyring did not answer in %d.%d s", tenths / 10,
		tenths % 10);
	return err_hint(err, "if it stays silent, restart your keyring service, "
			     "or log out of the desktop and in again");
}

int keyring_locked(struct err *err)
{
	err_set(err, ERR_LOCKED, "the keyring is locked");
	return err_hint(err, "unlock it in your keyring application, or on a terminal: "
			     "hftoken store unlock secret-service");
}

int bus_nonsense(struct err *err)
{
	return err_set(err, ERR_UNAVAILABLE,
		       "the keyring service does not follow the Secret Service protocol");
}

int bus_service_gone(struct err *err)
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
		return bus_service_gone(err);
	case ERR_TIMED_OUT:
		return bus_late(bus, err);
	default:
		return err_set(err, ERR_FAILED, "the keyring refused: %s", error->message);
	}
}

static int local_error(struct bus *bus, const GError *error, struct err *err)
{
	if (bus->late || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
		return bus_late(bus, err);
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
		return bus_late(bus, err);
	name = remote_name(error);
	if (name && !bus->late)
		code = remote_error(bus, error, name, err);
	else
		code = local_error(bus, error, err);
	g_error_free(error);
	return code;
}
