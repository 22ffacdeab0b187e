/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's keyring of this user: a place in the kernel's memory that is never written to disk
 * or swap, shared by all sessions of the user, gone after a time-out and at a restart.
 *
 * Sources: keyctl(2), keyrings(7), user-keyring(7).
 *
 * Many places forbid it (seccomp filters of containers), limit it (quotas), or share it with others
 * (root inside a container would use the host's). All of that is ERR_UNAVAILABLE: there is no
 * message, since to work without it is always right.
 */
#pragma once

#include "base/secret.h"

#define KERNEL_KEY_NAME_MAX    ((size_t)120)
#define KERNEL_KEY_PAYLOAD_MAX ((size_t)32 << 10) /* the kernel's own limit is 32,767 */

/* ERR_NOT_FOUND if there is none of that name, or if its time is over. */
int kernel_key_get(const char *name, struct secret *ret) MUST_CHECK;

/* Keeps a payload under that name for so many seconds, in place of what was there. */
int kernel_key_put(const char *name, const struct secret *payload, unsigned seconds) MUST_CHECK;

/* Whether it is another's: root of a container would use that of the machine's root. */
bool kernel_keys_are_anothers(void);

/* Forgets at once; nothing happens if there is none. */
void kernel_key_drop(const char *name);

/* The same for all whose names begin with `prefix`, but for `keep` of them. Returns how many went. */
size_t kernel_keys_drop(const char *prefix, size_t keep);
