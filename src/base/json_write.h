/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON into a buffer, one value after the other:
 *
 *	json_begin(&out, NULL, '{');
 *	json_put_text(&out, "name", token->name);
 *	json_end(&out, '}');
 *
 * `name` is the member's name within an object, NULL within an array or at the top. Text that is
 * NULL becomes null; bytes that are not UTF-8 become `?`. Running out of memory is remembered by
 * the buffer.
 */
#pragma once

#include "base/buf.h"

struct json_out {
	struct buf *buf;
	bool comma; /* a value stands before, in this array or object */
};

void json_begin(struct json_out *out, const char *name, char bracket);
void json_end(struct json_out *out, char bracket);
void json_put_text(struct json_out *out, const char *name, const char *text);
void json_put_bool(struct json_out *out, const char *name, bool value);
void json_put_tristate(struct json_out *out, const char *name, enum tristate value);
void json_put_int(struct json_out *out, const char *name, int64_t value);
void json_put_null(struct json_out *out, const char *name);

/* RFC 3339; null for TIME_UNKNOWN. */
void json_put_time(struct json_out *out, const char *name, int64_t seconds);
