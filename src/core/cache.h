/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recently used secret records, in the kernel's keyring (base/kernel_keys.h): what makes a second
 * use as fast as a small program, and spares a desktop's keyring the question. Never on disk.
 *
 * An entry is named after the record's id, whose revision changes with the secret: one that is out
 * of date is never found. Where the kernel's keyring may not be used, nothing is ever found, and
 * nobody is told.
 */
#pragma once

#include "base/secret.h"

#define CACHE_SECONDS     900
#define CACHE_SECONDS_MAX 86400
#define CACHE_ENTRIES     32

bool cache_get(const char *record_id, struct secret *ret_record);

/* Keeps the record, without its refresh token. */
void cache_put(const char *record_id, const struct secret *record, unsigned seconds);

void cache_drop(const char *record_id);

/* Drops all entries; how many there were. */
size_t cache_clear(void);
