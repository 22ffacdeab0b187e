/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON door: the only file that knows cJSON.
 *
 * It is stricter than cJSON, because what comes in is hostile: `\u0000` (cJSON would end the text
 * there, and read "https://huggingface.co\u0000.evil" as a Hub), members that appear twice, bytes
 * behind the value, invalid UTF-8, and nesting over JSON_DEPTH_MAX are refused. Names are compared
 * by case. Freed memory is wiped.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX   32
#define JSON_MEMBERS_MAX 1000 /* of one object */

struct json; /* a value within a document */

/* ERR_FORMAT says what is wrong. The document is the caller's, to json_free(). */
int json_parse(const char *text, size_t size, struct json **ret, struct err *err) MUST_CHECK;
void json_free(struct json *document);

static inline void cleanup_json(struct json **document)
{
	json_free(*document);
}
#define AUTOJSON CLEANUP(cleanup_json)

/* All of these accept NULL and a value of another kind, and then answer "nothing". */
const struct json *json_member(const struct json *object, const char *name);
const char *json_text(const struct json *value); /* NULL */
const char *json_member_text(const struct json *object, const char *name);
enum tristate json_bool(const struct json *value); /* UNKNOWN */
bool json_is_object(const struct json *value);

/* Elements of an array (or members of an object), in order. */
const struct json *json_first(const struct json *array);
const struct json *json_next(const struct json *element);
/* NOLINTBEGIN(bugprone-macro-parentheses): the name of a variable cannot stand in parentheses */
#define json_each(element, array)                                     \
	for (const struct json *element = json_first(array); element; \
	     element = json_next(element))
/* NOLINTEND(bugprone-macro-parentheses) */

/* Compact text of a value, in one line. */
int json_print(const struct json *value, struct buf *ret, struct err *err) MUST_CHECK;
