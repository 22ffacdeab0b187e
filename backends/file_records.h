/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records inside a vault: what is sealed. A count, then id and text one after the other, in the
 * order in which they were put. README.md has the layout.
 */
#pragma once

#include "core/store.h"

/* Points into the records it was read from; not NUL-terminated. */
struct record {
	const char *id;
	size_t id_size;
	const char *text;
	size_t text_size;
};

/* No records yet. */
int records_init(struct secret *records, struct err *err) MUST_CHECK;

/* Once after opening: all of it must be well-formed. The functions below rely on it. */
int records_check(const struct secret *records, struct err *err) MUST_CHECK;

size_t records_count(const struct secret *records);

/* The record at `position`, which moves behind it; 0 is the first. False at the end. */
bool records_next(const struct secret *records, size_t *position, struct record *ret);

/* False if there is none with that id. */
bool records_find(const struct secret *records, const char *id, struct record *ret);

/* ERR_NO_SPACE when STORE_RECORDS_MAX are there. The caller knows that the id is not. */
int records_add(struct secret *records, const char *id, const struct secret *text,
		struct err *err) MUST_CHECK;

/* Takes out a record that was found in these records. */
void records_remove(struct secret *records, const struct record *record);
