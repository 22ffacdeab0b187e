/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that hold a token: built in a struct secret, because a token is nowhere else, and written
 * whole or not at all.
 */
#pragma once

#include "base/io.h"

/*
 * Appends a text as JSON, with its quotes. ERR_FORMAT for one that is not UTF-8 or holds a NUL:
 * JSON cannot carry it.
 */
int reply_add_json(struct secret *reply, const char *text, size_t size,
		   struct err *err) MUST_CHECK;

/* Appends plain text. */
int reply_add(struct secret *reply, const char *text, struct err *err) MUST_CHECK;

/* Writes all of it to stdout by the deadline. ERR_FAILED if that is not possible. */
int reply_send(const struct secret *reply, deadline_ms deadline, struct err *err) MUST_CHECK;
