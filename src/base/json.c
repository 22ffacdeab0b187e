/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

static const cJSON *inner(const struct json *value)
{
	return (const cJSON *)(const void *)value;
}

static const struct json *outer(const cJSON *value)
{
	return (const struct json *)(const void *)value;
}

static void use_wiping_allocator(void)
{
	static bool done;
	cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = secret_wipe_free};

	if (!done)
		cJSON_InitHooks(&hooks);
	done = true;
}

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_FORMAT, "JSON is not acceptable: %s", why);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * A `\u` that is no four hex digits, which cJSON reads as NUL, or that is NUL. A backslash outside
 * of a string is an error that the parser finds.
 */
static bool has_bad_escape(const char *text, size_t size)
{
	const char *end = text + size;

	for (;;) {
		text = memchr(text, '\\', (size_t)(end - text));
		if (!text || end - text < 2)
			return false;
		if (text[1] == 'u' &&
		    (end - text < 6 || !is_hex(text[2]) || !is_hex(text[3]) ||
		     !is_hex(text[4]) || !is_hex(text[5]) || memcmp(text + 2, "0000", 4) == 0))
			return true;
		text += 2; /* "\\\\u0000" is a backslash and five letters */
	}
}

static bool has_doubles(const cJSON *object)
{
	size_t count = 0;

	for (const cJSON *one = object->child; one; one = one->next) {
		if (++count > JSON_MEMBERS_MAX)
			return true;
		for (const cJSON *other = object->child; other != one; other = other->next) {
			if (strcmp(one->string, other->string) == 0)
				return true;
		}
	}
	return false;
}

static int check_value(const cJSON *value, int depth, struct err *err)
{
	if (depth > JSON_DEPTH_MAX)
		return refuse(err, "nested too deeply");
	if (cJSON_IsObject(value) && has_doubles(value))
		return refuse(err, "an object has a member twice, or too many of them");
	for (const cJSON *child = value->child; child; child = child->next) {
		int error = check_value(child, depth + 1, err);

		if (error)
			return error;
	}
	return 0;
}

static bool is_only_space(const char *text, const char *end)
{
	while (text < end && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r'))
		text++;
	return text == end;
}

int json_parse(const char *text, size_t size, struct json **ret, struct err *err)
{
	const char *end = NULL;
	cJSON *document;
	int error;

	use_wiping_allocator();
	if (size == 0)
		return refuse(err, "there is nothing");
	if (memchr(text, '\0', size) || has_bad_escape(text, size))
		return refuse(err, "it holds a NUL, or an escape that is none");
	if (!utf8_is_valid(text, size))
		return refuse(err, "it is not UTF-8");
	document = cJSON_ParseWithLengthOpts(text, size, &end, false);
	if (!document)
		return refuse(err, "it does not follow the syntax");
	if (!is_only_space(end, text + size))
		error = refuse(err, "something stands behind it");
	else
		error = check_value(document, 1, err);
	if (error) {
		cJSON_Delete(document);
		return error;
	}
	*ret = (struct json *)(void *)document;
	return 0;
}

void json_free(struct json *document)
{
	cJSON_Delete((cJSON *)(void *)document);
}

const struct json *json_member(const struct json *object, const char *name)
{
	if (!json_is_object(object))
		return NULL;
	return outer(cJSON_GetObjectItemCaseSensitive(inner(object), name));
}

const char *json_text(const struct json *value)
{
	return cJSON_IsString(inner(value)) ? inner(value)->valuestring : NULL;
}

const char *json_member_text(const struct json *object, const char *name)
{
	return json_text(json_member(object, name));
}

enum tristate json_bool(const struct json *value)
{
	if (!cJSON_IsBool(inner(value)))
		return UNKNOWN;
	return cJSON_IsTrue(inner(value)) ? YES : NO;
}

bool json_is_object(const struct json *value)
{
	return cJSON_IsObject(inner(value));
}

const struct json *json_first(const struct json *array)
{
	return array ? outer(inner(array)->child) : NULL;
}

const struct json *json_next(const struct json *element)
{
	return outer(inner(element)->next);
}

int json_print(const struct json *value, struct buf *ret, struct err *err)
{
	char *text;

	use_wiping_allocator();
	text = cJSON_PrintUnformatted(inner(value));
	if (!text)
		return err_no_memory(err);
	buf_add_text(ret, text);
	secret_wipe_free(text);
	return buf_failed(ret) ? err_no_memory(err) : 0;
}
