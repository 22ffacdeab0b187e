/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts: windows in which the service asks the user. They are objects of the service; one is
 * shown when it is told to, and says by a signal how it ended.
 */
#include "backends/secret_service_bus.h"

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

	while (!completion->done && !*dead && !pending_is_done(asked) && !bus->late)
		g_main_context_iteration(bus->context, TRUE);
	if (!pending_is_done(
		    asked)) { /* some services answer the call when the prompt is over */
		pending_drop(asked);
	} else {
		error = bus_receive(bus, asked, &answer, err);
		if (error && !bus->late)
			return error;
	}
	while (!completion->done && !*dead && !bus->late)
		g_main_context_iteration(bus->context, TRUE);
	bus->silent = false; /* it is a person who did not answer */
	return *dead && !completion->done ? bus_service_gone(err) : 0;
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
		bus->owner, G_DBUS_SIGNAL_FLAGS_NONE, bus_on_signal, &dead, NULL);
	struct pending *asked = send_to_prompt(bus, path, "Prompt", g_variant_new("(s)", ""));
	int error = wait_for_prompt(bus, asked, &completion, &dead, err);

	g_dbus_connection_signal_unsubscribe(bus->connection, completed);
	g_dbus_connection_signal_unsubscribe(bus->connection, left);
	return error ? error : prompt_result(bus, &completion, path, err);
}
