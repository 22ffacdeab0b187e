/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from a catalogue that is damaged or missing: the version before it.
 */
#pragma once

#include "base/restore.h"
#include "core/catalogue.h"
#include "core/store.h"

/*
 * Looks whether the catalogue needs its previous version, says what that holds, and with `apply`
 * puts it in place, keeping what was there aside.
 *
 * ERR_NOT_FOUND: there is nothing to recover, the catalogue is whole or was never written.
 * ERR_DAMAGED: neither version can be read. With `apply` the folder is locked as by a writer.
 */
int catalogue_recover(bool apply, struct store_backup *ret, struct err *err) MUST_CHECK;

/*
 * Whether the catalogue may have gone back to an earlier version, so that what was stored last is not
 * in it: a damaged one still lies beside it, or the version before it is not one before it.
 */
bool catalogue_may_lack(const struct catalogue *current);
