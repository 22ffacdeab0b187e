/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation of the encrypted file that changes how it is protected; core/store.h has the contract.
 */
#pragma once

#include "core/store.h"

/* With NULL: back to a key file. Makes the vault if there is none to set a passphrase for. */
int set_passphrase(const struct store_call *call, const struct secret *passphrase,
		   struct err *err) MUST_CHECK;
