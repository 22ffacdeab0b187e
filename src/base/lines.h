/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line codec: `key=value` lines, ended by an empty line or the end of the input. It is the wire
 * format of git's credential protocol (gitcredentials(7)) and of our store protocol.
 *
 *	struct lines lines;
 *	struct line line;
 *
 *	lines_init(&lines, text.data, text.size);
 *	while ((found = lines_next(&lines, &line, err)) > 0)
 *		... line.key, line.value ...
 *
 * The first `=` splits; one CR before the newline belongs to the line's end. Nothing is copied:
 * the text is cut in place, so keys and values live as long as it does (and if it is a secret, so
 * are they).
 */
#pragma once

#include "base/secret.h"

#define LINE_MAX_SIZE ((size_t)65536) /* with its newline; git documents 65535 as the limit */

struct lines {
	char *next;
	char *end;
	size_t number;   /* of the line returned last, from 1 */
	bool ended;      /* the empty line was reached */
	bool terminated; /* the line returned last ended in a newline: it was not cut off */
};

struct line {
	const char *key; /* NUL-terminated, never empty */
	const char *value;
	size_t value_size;
};

void lines_init(struct lines *lines, char *text, size_t size);

/*
 * 1 with a line, 0 at the empty line or the end, ERR_FORMAT for a line without `=` or without a
 * key, one that holds a NUL, or one over LINE_MAX_SIZE; the message names the line by number.
 */
int lines_next(struct lines *lines, struct line *ret, struct err *err) MUST_CHECK;

/* Appends `key=value\n`. ERR_FORMAT if the value holds a newline, CR or NUL: never escaped away. */
int lines_add(struct secret *text, const char *key, const char *value, size_t size,
	      struct err *err) MUST_CHECK;
int lines_add_text(struct secret *text, const char *key, const char *value,
		   struct err *err) MUST_CHECK;
