/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session: a key that we and the keyring service agree on, so that secrets cross the bus (and
 * GLib's buffers on both sides) encrypted only. libsecret does the cryptography, in memory that is
 * not paged out, and secrets are wiped there as soon as they are in a `struct secret`.
 */
#pragma once

#include "backends/secret_service_bus.h"

/* Begins to open a session with the service of the bus, unless there is one. */
void session_start(struct bus *bus);

/* Waits until it is open, starting it if nobody did. */
int session_open(struct bus *bus, struct err *err) MUST_CHECK;

/* Only after session_open(). */
const char *session_path(void);

/* A secret as it travels, of type (oayays). */
int session_seal(const struct secret *record, GVariant **ret, struct err *err) MUST_CHECK;

/* ERR_DAMAGED if it cannot be a record. */
int session_unseal(GVariant *sealed, struct secret *ret, struct err *err) MUST_CHECK;
