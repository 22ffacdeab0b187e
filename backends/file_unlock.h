/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of the encrypted file that open and close it; core/store.h has the contract.
 */
#pragma once

#include "core/store.h"

/*
 * ERR_DENIED if the passphrase is wrong; 0 also for a vault that has none. Where the vault is damaged
 * or missing, the version before it is unlocked: that stays ERR_DAMAGED, with a hint that says what is
 * in that version, and file_recover() can put it in place.
 */
int unlock_vault(const struct store_call *call, const struct secret *passphrase,
		 struct err *err) MUST_CHECK;

int lock_vault(const struct store_call *call, struct err *err) MUST_CHECK;
