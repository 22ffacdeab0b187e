/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

static bool ever_failed;

void buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf) {0};
}

bool buf_ever_failed(void)
{
	return ever_failed;
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

bool buf_reserve(struct buf *buf, size_t size)
{
	size_t capacity = buf->capacity ? buf->capacity : 128;
	char *data;

	if (buf->failed || size >= BUF_MAX - buf->size) {
		buf->failed = true;
		ever_failed = true;
		return false;
	}
	if (buf->size + size + 1 <= buf->capacity)
		return true;
	while (capacity < buf->size + size + 1)
		capacity *= 2;
	data = realloc(buf->data, capacity);
	if (!data) {
		buf->failed = true;
		ever_failed = true;
		return false;
	}
	buf->data = data;
	buf->data[buf->size] = '\0';
	buf->capacity = capacity;
	return true;
}

void buf_add(struct buf *buf, const void *data, size_t size)
{
	if (!buf_reserve(buf, size))
		return;
	if (size)
		memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char character)
{
	buf_add(buf, &character, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0 || !buf_reserve(buf, (size_t)size)) {
		buf->failed = true;
		return;
	}
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->size, (size_t)size + 1, format, args);
	va_end(args);
	buf->size += (size_t)size;
}

char *buf_steal(struct buf *buf)
{
	char *data;

	buf_add(buf, "", 0); /* an empty text is a text, not NULL */
	data = buf->failed ? NULL : buf->data;
	if (!data)
		free(buf->data);
	*buf = (struct buf) {0};
	return data;
}
