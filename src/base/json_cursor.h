/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads JSON piece by piece, without a library and without copying: what json_scan.h is made of, and
 * the readers of shapes that are several levels deep. As strict as json.h: `\u0000`, half surrogate
 * pairs, raw control bytes and nesting over JSON_DEPTH_MAX are refused. That the text is valid UTF-8
 * the caller has seen to.
 */
#pragma once

#include "base/base.h"

#define JSON_DEPTH_MAX 32

enum json_kind {
	JSON_KIND_NONE, /* no such member */
	JSON_KIND_TEXT,
	JSON_KIND_NUMBER,
	JSON_KIND_BOOL,
	JSON_KIND_NULL,
	JSON_KIND_OBJECT,
	JSON_KIND_ARRAY,
};

/* A value as it is written, quotes and brackets included; within the text that is read. */
struct json_span {
	enum json_kind kind;
	const char *at;
	size_t size;
};

/* What is read next; after something that is no JSON, about where that was. */
struct json_cursor {
	const char *at;
	const char *end;
	int depth; /* of the values around it that count */
};

void json_cursor_space(struct json_cursor *cursor);

/* Passes over white space and that character; false if another one stands there. */
bool json_cursor_take(struct json_cursor *cursor, char wanted) MUST_CHECK;

/* The text that stands there; false if what does is none. */
bool json_cursor_text(struct json_cursor *cursor, struct json_span *ret) MUST_CHECK;

/* The value of any kind; false if there is none. */
bool json_cursor_value(struct json_cursor *cursor, struct json_span *ret) MUST_CHECK;

/*
 * The decoded text, with a NUL. False if the span is no text or does not fit; it never gets longer
 * than `span->size`, and may be put where the span itself begins.
 */
bool json_span_decode(const struct json_span *span, char *ret, size_t capacity) MUST_CHECK;

/* Whether it is that very text. */
bool json_span_equal(const struct json_span *span, const char *text);

/* Whether two texts are the same, however they are written. */
bool json_span_same(const struct json_span *one, const struct json_span *other);
