/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of the encrypted file that are about its key; core/store.h has the contract.
 */
#pragma once

#include "core/store.h"

/* ERR_DENIED if the passphrase is wrong; 0 also for a vault that has none. */
int unlock_vault(const struct store_call *call, const struct secret *passphrase,
		 struct err *err) MUST_CHECK;

int lock_vault(const struct store_call *call, struct err *err) MUST_CHECK;

/* With NULL: back to a key file. Makes the vault if there is none to set a passphrase for. */
int set_passphrase(const struct store_call *call, const struct secret *passphrase,
		   struct err *err) MUST_CHECK;
