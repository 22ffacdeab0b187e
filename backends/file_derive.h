/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a passphrase to the key of a slot, by the helper program derive-key (derive_key.h).
 */
#pragma once

#include "backends/file_slot.h"
#include "base/io.h"

/*
 * The key of this passphrase under the parameters of a slot, which were checked.
 *
 * ERR_UNAVAILABLE if the helper is not installed (hftoken was built without OpenSSL) or does not
 * work, ERR_TIMED_OUT if it had to be killed, ERR_NO_MEMORY if scrypt did not get its memory.
 */
int derive_slot_key(const struct slot_scrypt *scrypt, const struct secret *passphrase,
		    deadline_ms deadline, struct secret *ret, struct err *err) MUST_CHECK;
