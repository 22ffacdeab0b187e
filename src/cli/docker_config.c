/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_config.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "base/paths.h"
#include "base/text.h"

#define MEMBERS_MAX 1000
#define SECTION     "credHelpers"
#define EMPTY       "{}"
#define HELPER_SIZE 256
#define OURS        "\"" DOCKER_HELPER "\""

const char *const docker_registries[DOCKER_REGISTRIES] = {"registry.hf.space", "hf.co",
							  "huggingface.co"};

/* The text, and what is in its two objects. */
struct config {
	const char *text;
	size_t size;
	struct json_scan root;
	struct json_scan helpers;
	bool has_helpers;
};

static void config_release(struct config *config)
{
	free(config->root.pairs);
	free(config->helpers.pairs);
}
#define AUTOCONFIG CLEANUP(config_release)

static int scan_object(struct json_scan *scan, const char *text, size_t size, struct err *err)
{
	scan->pairs = calloc(MEMBERS_MAX, sizeof(*scan->pairs));
	scan->capacity = MEMBERS_MAX;
	return scan->pairs ? json_scan(scan, text, size, err) : err_no_memory(err);
}

static int config_read(struct config *config, const struct secret *text, struct err *err)
{
	struct json_span section;
	int error;

	config->text = secret_text(text);
	config->size = text->size;
	error = scan_object(&config->root, config->text, config->size, err);
	if (error)
		return error;
	section = json_scan_find(&config->root, SECTION);
	if (section.kind == JSON_KIND_NONE)
		return 0;
	if (section.kind != JSON_KIND_OBJECT)
		return err_set(err, ERR_FORMAT, "its '" SECTION "' is not an object");
	config->has_helpers = true;
	return scan_object(&config->helpers, section.at, section.size, err);
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* The text with `piece` in place of what stands between two of its bytes. */
static int splice(const struct config *config, const char *from, const char *to,
		  const struct buf *piece, struct secret *ret, struct err *err)
{
	const char *end = config->text + config->size;
	AUTOSECRET struct secret fresh = {0};

	if (buf_failed(piece) ||
	    secret_add(&fresh, config->text, (size_t)(from - config->text)) ||
	    secret_add(&fresh, buf_text(piece), piece->size) ||
	    secret_add(&fresh, to, (size_t)(end - to)))
		return err_no_memory(err);
	secret_move(ret, &fresh);
	return 0;
}

/* What stands between an object's bracket and its first member: how the file is laid out. */
static void add_layout(struct buf *ret, const struct json_scan *object)
{
	const char *start = object->whole.at + 1;

	buf_add(ret, start, (size_t)(object->pairs[0].name.at - start));
}

/* The layout of the objects within the root: one step further to the right, if there are lines. */
static void add_inner_layout(struct buf *ret, const struct json_scan *root)
{
	AUTOBUF struct buf outer = {0};
	const char *line;

	add_layout(&outer, root);
	ret->failed |= buf_failed(&outer);
	buf_add_text(ret, buf_text(&outer));
	line = strrchr(buf_text(&outer), '\n');
	if (line)
		buf_add_text(ret, line + 1);
}

/* What stands between a name and its value, spaces and all. */
static void add_colon(struct buf *ret, const struct json_scan *object)
{
	const struct json_span *name = &object->pairs[0].name;
	const char *start = name->at + name->size;

	buf_add(ret, start, (size_t)(object->pairs[0].value.at - start));
}

/* Behind the members that there are, laid out as the first of them. */
static int append(const struct config *config, const struct json_scan *object, const char *name,
		  const char *value, struct secret *ret, struct err *err)
{
	const struct json_span *last = &object->pairs[object->count - 1].value;
	const char *end = last->at + last->size;
	AUTOBUF struct buf piece = {0};

	buf_add_char(&piece, ',');
	add_layout(&piece, object);
	buf_printf(&piece, "\"%s\"", name);
	add_colon(&piece, object);
	buf_add_text(&piece, value);
	return splice(config, end, end, &piece, ret, err);
}

/* The first member of `credHelpers`. */
static int begin_helpers(const struct config *config, const char *name, const char *value,
			 struct secret *ret, struct err *err)
{
	const struct json_span *whole = &config->helpers.whole;
	AUTOBUF struct buf piece = {0};

	buf_add_char(&piece, '{');
	add_inner_layout(&piece, &config->root);
	buf_printf(&piece, "\"%s\"", name);
	add_colon(&piece, &config->root);
	buf_add_text(&piece, value);
	add_layout(&piece, &config->root);
	buf_add_char(&piece, '}');
	return splice(config, whole->at, whole->at + whole->size, &piece, ret, err);
}

/* `credHelpers`, with nothing in it yet; in an empty file laid out as docker does. */
static int add_section(const struct config *config, struct secret *ret, struct err *err)
{
	const struct json_span *whole = &config->root.whole;
	AUTOBUF struct buf piece = {0};

	if (config->root.count)
		return append(config, &config->root, SECTION, EMPTY, ret, err);
	buf_add_text(&piece, "{\n\t\"" SECTION "\": " EMPTY "\n}");
	return splice(config, whole->at, whole->at + whole->size, &piece, ret, err);
}

/* Takes a member out, with the comma that belongs to it. */
static int cut(const struct config *config, const struct json_scan *object, size_t index,
	       struct secret *ret, struct err *err)
{
	const struct json_pair *pair = &object->pairs[index];
	const struct json_span *whole = &object->whole;
	const char *from = pair->name.at;
	const char *to = pair->value.at + pair->value.size;
	AUTOBUF struct buf nothing = {0};

	if (index > 0)
		from = pair[-1].value.at + pair[-1].value.size;
	else if (object->count > 1)
		to = pair[1].name.at;
	else {
		from = whole->at + 1;
		to = whole->at + whole->size - 1;
	}
	return splice(config, from, to, &nothing, ret, err);
}

static bool find(const struct json_scan *object, const char *name, size_t *ret)
{
	for (size_t i = 0; i < object->count; i++) {
		if (json_span_equal(&object->pairs[i].name, name)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* ---- one registry ----------------------------------------------------------------------------- */

static int refuse_rival(const char *registry, const struct json_span *rival, struct err *err)
{
	char name[64] = "?";

	if (json_span_decode(rival, name, sizeof(name)))
		text_disarm(name);
	err_set(err, ERR_FAILED, "docker asks its helper '%s' for %s", name, registry);
	return err_hint(err, "remove it there, or hftoken setup docker --force");
}

static int wire_one(struct secret *text, const char *registry, bool force, bool *ret_before,
		    struct err *err)
{
	AUTOCONFIG struct config config = {0};
	int error = config_read(&config, text, err);
	AUTOBUF struct buf ours = {0};
	const struct json_span *value;
	size_t index;

	*ret_before = false;
	if (error)
		return error;
	buf_add_text(&ours, OURS);
	if (config.helpers.count == 0)
		return begin_helpers(&config, registry, OURS, text, err);
	if (!find(&config.helpers, registry, &index))
		return append(&config, &config.helpers, registry, OURS, text, err);
	value = &config.helpers.pairs[index].value;
	*ret_before = json_span_equal(value, DOCKER_HELPER);
	if (*ret_before)
		return 0;
	if (!force)
		return refuse_rival(registry, value, err);
	return splice(&config, value->at, value->at + value->size, &ours, text, err);
}

static int unwire_one(struct secret *text, const char *registry, bool *ret_before,
		      struct err *err)
{
	AUTOCONFIG struct config config = {0};
	int error = config_read(&config, text, err);
	size_t index;

	*ret_before = false;
	if (error || !find(&config.helpers, registry, &index) ||
	    !json_span_equal(&config.helpers.pairs[index].value, DOCKER_HELPER))
		return error;
	*ret_before = true;
	if (config.helpers.count > 1)
		return cut(&config, &config.helpers, index, text, err);
	(void)find(&config.root, SECTION, &index); /* it was found before */
	return cut(&config, &config.root, index, text, err);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static int copy_text(const struct secret *text, struct secret *ret, struct err *err)
{
	const char *content = secret_text(text);
	size_t size = text->size;

	if (strspn(content, " \t\r\n") == size) {
		content = EMPTY "\n";
		size = sizeof(EMPTY "\n") - 1;
	}
	return secret_set(ret, content, size) ? err_no_memory(err) : 0;
}

static int ensure_section(struct secret *text, struct err *err)
{
	AUTOCONFIG struct config config = {0};
	int error = config_read(&config, text, err);

	return error || config.has_helpers ? error : add_section(&config, text, err);
}

int docker_config_wire(const struct secret *text, bool force, struct secret *ret,
		       bool ret_before[DOCKER_REGISTRIES], struct err *err)
{
	AUTOSECRET struct secret fresh = {0};
	int error = copy_text(text, &fresh, err);

	if (!error)
		error = ensure_section(&fresh, err);
	for (size_t i = 0; i < DOCKER_REGISTRIES && !error; i++)
		error = wire_one(&fresh, docker_registries[i], force, &ret_before[i], err);
	if (error)
		return error;
	secret_move(ret, &fresh);
	return 0;
}

int docker_config_unwire(const struct secret *text, struct secret *ret,
			 bool ret_before[DOCKER_REGISTRIES], struct err *err)
{
	AUTOSECRET struct secret fresh = {0};
	int error = copy_text(text, &fresh, err);

	for (size_t i = 0; i < DOCKER_REGISTRIES && !error; i++)
		error = unwire_one(&fresh, docker_registries[i], &ret_before[i], err);
	if (error)
		return error;
	secret_move(ret, &fresh);
	return 0;
}

/* ---- looking ---------------------------------------------------------------------------------- */

char *docker_config_path(void)
{
	const char *folder = getenv("DOCKER_CONFIG");
	const char *home = path_home();

	if (folder && *folder)
		return path_join(folder, "config.json");
	return home ? path_join(home, ".docker/config.json") : NULL;
}

int docker_config_each(const struct secret *text, docker_helper_found found, void *user,
		       struct err *err)
{
	AUTOCONFIG struct config config = {0};
	char helper[HELPER_SIZE];
	int error = config_read(&config, text, err);

	for (size_t i = 0; i < DOCKER_REGISTRIES && !error && config.has_helpers; i++) {
		struct json_span span = json_scan_find(&config.helpers, docker_registries[i]);

		if (span.kind == JSON_KIND_TEXT &&
		    json_span_decode(&span, helper, sizeof(helper)))
			found(user, docker_registries[i], helper);
	}
	return error;
}
