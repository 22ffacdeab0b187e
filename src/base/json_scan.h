/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into one JSON object without a library, for programs that link none (base/json.h needs
 * cJSON): which members it has, and where in the text they stand. Nothing is copied or changed, so
 * that it serves a protocol's request, which may hold a secret, and a file that is edited in place.
 *
 * The whole text is checked as strictly as by json.h. Refused: bytes that are not UTF-8, `\u0000`,
 * half surrogate pairs, raw control bytes, nesting over JSON_DEPTH_MAX, anything behind the
 * object, and two members of one name. In objects within it names are not compared: look into
 * those that matter by a scan of their own.
 */
#pragma once

#include "base/err.h"
#include "base/json_cursor.h"

struct json_pair {
	struct json_span name;
	struct json_span value;
};

struct json_scan {
	struct json_pair *pairs; /* the caller's array */
	size_t capacity;
	size_t count;
	struct json_span whole; /* the object */
};

/*
 * Scans the object that is all of the text. ERR_FORMAT says what is wrong and never repeats the
 * text; more than `scan->capacity` members are wrong too. A byte must be readable behind the text
 * (the NUL that secrets and buffers have).
 */
int json_scan(struct json_scan *scan, const char *text, size_t size,
	      struct err *err) MUST_CHECK;

/* The member of that name, compared as decoded; one of kind JSON_KIND_NONE if there is none. */
struct json_span json_scan_find(const struct json_scan *scan, const char *name);
