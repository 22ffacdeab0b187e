/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/store_reunite.h"

#include <stdio.h>
#include <string.h>

#include "cli/ui.h"

/*
 * What was stored last may not have been in the version before, or be where only a later one knew it
 * to be. Looks first, since there is mostly nothing to write.
 */
int reunite_secrets(struct reunion *ret, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	int error = catalogue_load(&session.catalogue, CATALOGUE_INDEX, err);

	if (error)
		return error;
	reunite(&session, ret);
	if (!ret->found.size)
		return 0;
	catalogue_release(&session.catalogue);
	error = catalogue_begin(&session.catalogue, err);
	if (error)
		return error;
	reunite(&session, ret);
	return catalogue_commit(&session.catalogue, err);
}

bool reunion_is_idle(const struct reunion *reunion)
{
	return !reunion->found.size && !reunion->unknown.size && !reunion->doubtful.size;
}

int reunion_error(const struct reunion *reunion)
{
	for (size_t i = 0; i < SHELVES && reunion->unknown.size; i++) {
		if (reunion->silent[i])
			return reunion->shelves.list[i].cause.code;
	}
	return 0;
}

/* ---- telling ---------------------------------------------------------------------------------- */

static void put_names(struct json_out *out, const char *what, const struct buf *names)
{
	const char *name = buf_text(names);

	json_begin(out, what, '[');
	while (*name) {
		size_t size = strcspn(name, "\n");
		char text[TOKEN_NAME_MAX + 1];

		(void)snprintf(text, sizeof(text), "%.*s", (int)size, name);
		json_put_text(out, NULL, text);
		name += size + 1;
	}
	json_end(out, ']');
}

static void put_shelf(struct json_out *out, const struct shelf *shelf)
{
	json_begin(out, NULL, '{');
	json_put_text(out, "name", shelf->store);
	put_error_json(out, &shelf->cause);
	json_end(out, '}');
}

void put_reunion_json(struct json_out *out, const struct reunion *reunion)
{
	put_names(out, "found", &reunion->found);
	put_names(out, "missing", &reunion->missing);
	put_names(out, "unknown", &reunion->unknown);
	put_names(out, "doubtful", &reunion->doubtful);
	json_begin(out, "silent", '[');
	for (size_t i = 0; i < SHELVES; i++) {
		if (reunion->silent[i])
			put_shelf(out, &reunion->shelves.list[i]);
	}
	json_end(out, ']');
}

static void say_found(const char *name)
{
	ui_say("the secret of token '%s' is found again", name);
}

static void warn_missing(const char *name)
{
	ui_warn("the secret of token '%s' is gone: hftoken login %s", name, name);
}

static void warn_unknown(const char *name)
{
	ui_warn("the secret of token '%s' is in no store that answers", name);
}

static void warn_doubtful(const char *name)
{
	ui_warn("token '%s' has two secrets, and nothing tells which is the later: hftoken "
		"login %s",
		name, name);
}

static void tell_each(const struct buf *names, void (*tell)(const char *name))
{
	const char *name = buf_text(names);

	while (*name) {
		size_t size = strcspn(name, "\n");
		char text[TOKEN_NAME_MAX + 1];

		(void)snprintf(text, sizeof(text), "%.*s", (int)size, name);
		tell(text);
		name += size + 1;
	}
}

static void warn_silent(const struct reunion *reunion)
{
	bool any = false;

	for (size_t i = 0; i < SHELVES; i++) {
		const struct err *cause = &reunion->shelves.list[i].cause;

		if (!reunion->silent[i])
			continue;
		any = true;
		ui_warn("not looked into: %s", cause->message);
		if (*cause->hint)
			ui_hint("%s", cause->hint);
	}
	if (any)
		ui_hint("hftoken store recover again, once it answers");
}

void tell_reunion(struct cli *cli, const struct reunion *reunion)
{
	if (!cli_has(cli, OPT_QUIET))
		tell_each(&reunion->found, say_found);
	tell_each(&reunion->missing, warn_missing);
	tell_each(&reunion->unknown, warn_unknown);
	tell_each(&reunion->doubtful, warn_doubtful);
	warn_silent(reunion);
}
