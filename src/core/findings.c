/* SPDX-License-Identifier: Apache-2.0 */
#include "core/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"

#define TEXT_MAX ((size_t)1024)

const char *const finding_level_names[FINDING_LEVELS] = {"ok", "warning", "error"};

void findings_release(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->list[i].text);
		free(findings->list[i].fix);
	}
	free(findings->list);
	*findings = (struct findings) {.list = NULL};
}

void findings_begin(struct findings *findings, const char *check)
{
	findings->check = check;
	findings->of_check = 0;
	findings->dropped = true; /* there is none to mend yet */
}

static char *clean(const char *text)
{
	AUTOBUF struct buf fresh = {0};

	text_clean(&fresh, text, strlen(text), TEXT_MAX);
	if (fresh.data)
		mask_tokens(fresh.data);
	return fresh.data ? buf_steal(&fresh) : strdup("");
}

static struct finding *make_room(struct findings *findings)
{
	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? 2 * findings->capacity : 32;
		struct finding *list = reallocarray(findings->list, capacity, sizeof(*list));

		if (!list)
			return NULL;
		findings->list = list;
		findings->capacity = capacity;
	}
	return &findings->list[findings->count];
}

/* Takes out the last of this check that is OK; false if none is. */
static bool drop_one_ok(struct findings *findings)
{
	size_t first = findings->count - findings->of_check;

	for (size_t i = findings->count; i > first; i--) {
		struct finding *finding = &findings->list[i - 1];

		if (finding->level != FINDING_OK)
			continue;
		free(finding->text);
		free(finding->fix);
		memmove(finding, finding + 1, (findings->count - i) * sizeof(*finding));
		findings->count--;
		findings->of_check--;
		return true;
	}
	return false;
}

/* Whether there is room for one more, made if need be. */
static bool has_room(struct findings *findings, enum finding_level level)
{
	if (findings->of_check < FINDINGS_EACH)
		return true;
	findings->left_out++;
	if (level != FINDING_OK && drop_one_ok(findings))
		return true;
	if (level > findings->left_out_worst)
		findings->left_out_worst = level;
	return false;
}

static void add(struct findings *findings, enum finding_level level, const char *text)
{
	struct finding *finding;

	findings->dropped = !has_room(findings, level);
	if (findings->dropped)
		return;
	finding = make_room(findings);
	if (finding)
		*finding = (struct finding) {
			.check = findings->check, .level = level, .text = clean(text)};
	if (!finding || !finding->text) {
		findings->failed = findings->dropped = true;
		return;
	}
	findings->count++;
	findings->of_check++;
}

static char *print(const char *format, va_list args) PRINTF(1, 0);

static char *print(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void findings_add(struct findings *findings, enum finding_level level, const char *format, ...)
{
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = print(format, args);
	va_end(args);
	if (text)
		add(findings, level, text);
	else
		findings->failed = findings->dropped = true;
}

/* Whether it would be shown as it is. */
static bool is_plain(const char *command)
{
	AUTOFREE char *copy = strdup(command);

	if (!copy)
		return false;
	text_disarm(copy);
	mask_tokens(copy);
	return strcmp(copy, command) == 0;
}

static void set_fix(struct findings *findings, char *text, bool command)
{
	struct finding *last;

	findings->failed |= !text;
	if (!text || findings->dropped || !findings->count) {
		free(text);
		return;
	}
	last = &findings->list[findings->count - 1];
	free(last->fix);
	last->command = command && is_plain(text);
	last->fix = last->command ? text
		    : command     ? strdup("its name cannot be shown as it is: mend it by hand")
				  : clean(text);
	findings->failed |= !last->fix;
	if (!last->command)
		free(text);
}

void findings_command(struct findings *findings, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_fix(findings, print(format, args), true);
	va_end(args);
}

void findings_advice(struct findings *findings, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_fix(findings, print(format, args), false);
	va_end(args);
}

void findings_add_err(struct findings *findings, enum finding_level level,
		      const struct err *err)
{
	findings_add(findings, level, "%s", err->message);
	if (*err->hint)
		findings_advice(findings, "%s", err->hint);
}

enum finding_level findings_worst(const struct findings *findings, size_t from)
{
	enum finding_level worst = FINDING_OK;

	for (size_t i = from; i < findings->count; i++) {
		if (findings->list[i].level > worst)
			worst = findings->list[i].level;
	}
	return worst;
}
