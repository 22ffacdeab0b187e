/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing string, always ended by a NUL. Never for secrets: it leaves copies behind as it grows.
 *
 * Running out of memory (or passing BUF_MAX) is remembered, so that a text can be built without a
 * check in every line: add what is needed, then ask buf_failed() once.
 */
#pragma once

#include <string.h>

#include "base/base.h"

#define BUF_MAX ((size_t)64 << 20)

struct buf {
	char *data; /* NULL until something is added; see buf_text() */
	size_t size;
	size_t capacity;
	bool failed;
};

void buf_release(struct buf *buf);
#define AUTOBUF CLEANUP(buf_release)

void buf_add(struct buf *buf, const void *data, size_t size);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char character);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* Makes room for `size` more bytes; false (and failed) if there is none. */
bool buf_reserve(struct buf *buf, size_t size);

/* Empty, but ready to be used again. */
void buf_clear(struct buf *buf);

static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}

/*
 * Whether any buffer of this process has failed. Pieces of what is said are built in
 * buffers of their own, many of them, and one that is missing would be missing without a word.
 */
bool buf_ever_failed(void);

/* The text so far, never NULL; valid until the next change. */
static inline const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

/* The text for the caller to free(); NULL if it could not be built. The buffer is empty after. */
char *buf_steal(struct buf *buf);
