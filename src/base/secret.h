/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place a secret may be: memory that is locked where the system allows it, left out of
 * core dumps, not there for a child that has not called exec, and wiped when it is given back. Growing takes a new
 * block, copies, and wipes the old one; realloc() would leave the old copy behind.
 *
 * The content is bytes with a NUL after them. A zeroed struct is an empty secret.
 */
#pragma once

#include "base/err.h"

#define SECRET_MAX ((size_t)2 << 20)

struct secret {
	char *data; /* NULL while empty and never written */
	size_t size;
	size_t mapped;
};

void secret_release(struct secret *secret);
#define AUTOSECRET CLEANUP(secret_release)

/* Replaces or extends the content. ERR_NO_MEMORY also when SECRET_MAX would be passed. */
int secret_set(struct secret *secret, const char *data, size_t size) MUST_CHECK;
int secret_add(struct secret *secret, const char *data, size_t size) MUST_CHECK;
int secret_add_text(struct secret *secret, const char *text) MUST_CHECK;

/* Room for `size` more bytes behind the content, for read(2); secret_grew() then counts them. */
int secret_reserve(struct secret *secret, size_t size) MUST_CHECK;
void secret_grew(struct secret *secret, size_t size);

/* Bytes that can be added without growing. */
static inline size_t secret_room(const struct secret *secret)
{
	return secret->mapped ? secret->mapped - secret->size - 1 : 0;
}

/* Shortens the content and wipes what is cut off. */
void secret_truncate(struct secret *secret, size_t size);

/* Removes white space (also CR and LF) at both ends. */
void secret_trim(struct secret *secret);

/* Hands the content over; `from` is empty after. What `to` held is wiped. */
void secret_move(struct secret *to, struct secret *from);

/* Constant time for equal lengths. */
bool secret_equal(const struct secret *one, const struct secret *other);

/* free() for the allocators of libraries that hold copies of secrets: wipes the block first. */
void secret_wipe_free(void *pointer);

/* Never NULL. */
static inline const char *secret_text(const struct secret *secret)
{
	return secret->data ? secret->data : "";
}
