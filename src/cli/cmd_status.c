/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/status.h"
#include "cli/summary.h"
#include "cli/ui.h"

static const struct {
	enum status_tool tool;
	const char *name;
} tools[] = {
	{TOOL_HFTOKEN, "hftoken"}, {TOOL_HF, "hf"},     {TOOL_GIT, "git"},
	{TOOL_HFRS, "hfrs"},       {TOOL_CURL, "curl"}, {TOOL_DOCKER, "docker"},
	{TOOL_DOTENV, "dotenv"},
};
#define ASKED 3 /* the first ones: what they would use is said */

/* ---- JSON ------------------------------------------------------------------------------------- */

static void put_place_json(struct json_out *out, const struct place *place)
{
	json_begin(out, NULL, '{');
	json_put_text(out, "source", place->source);
	json_put_text(out, "location", place->location);
	json_put_text(out, "masked", *place->masked ? place->masked : NULL);
	json_put_text(out, "token", *place->token ? place->token : NULL);
	json_begin(out, "used_by", '[');
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		if (place->tools & (unsigned)tools[i].tool)
			json_put_text(out, NULL, tools[i].name);
	}
	json_end(out, ']');
	json_begin(out, "in_use_by", '[');
	for (size_t i = 0; i < ASKED; i++) {
		if (place->in_use & (unsigned)tools[i].tool)
			json_put_text(out, NULL, tools[i].name);
	}
	json_end(out, ']');
	json_put_text(out, "problem", *place->problem ? place->problem : NULL);
	json_end(out, '}');
}

static void put_json(struct cli *cli, const struct status *status)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_put_text(&out, "endpoint", status->endpoint);
	json_begin(&out, "effective", '{');
	for (size_t i = 0; i < ASKED; i++)
		json_put_text(&out, tools[i].name,
			      place_value(status_used(status, tools[i].tool)));
	json_end(&out, '}');
	json_begin(&out, "sources", '[');
	for (size_t i = 0; i < status->count; i++)
		put_place_json(&out, &status->places[i]);
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* ---- for people ------------------------------------------------------------------------------- */

#define PLACE_COLUMNS ((size_t)56) /* in a sentence, where nothing breaks a path */

/* A place as it is short to read: `~` for the home directory, cut if it is long all the same. */
static void put_location(struct buf *ret, const char *location, size_t columns)
{
	const char *home = path_home();
	AUTOBUF struct buf text = {0};
	const char *found = home && home[0] == '/' && home[1] ? strstr(location, home) : NULL;
	size_t size;

	if (found && found[strlen(home)] == '/') {
		buf_add(&text, location, (size_t)(found - location));
		buf_add_char(&text, '~');
		location = found + strlen(home);
	}
	buf_add_text(&text, location);
	size = text_fitting(buf_text(&text), columns);
	buf_add(ret, buf_text(&text), size);
	if (size < text.size)
		buf_add_text(ret, "...");
}

static void list_tools(const struct place *place, struct buf *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		if (!(place->tools & (unsigned)tools[i].tool))
			continue;
		buf_printf(ret, "%s%s%s", ret->size ? " " : "", tools[i].name,
			   place->in_use & (unsigned)tools[i].tool ? "*" : "");
	}
}

static void put_places(struct cli *cli, const struct status *status)
{
	AUTOTABLE struct ui_table table = {.columns = 4, .fit = true};
	static const char *const heads[] = {"SOURCE", "PLACE", "TOKEN", "READ BY (*: USES IT)"};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < status->count; i++) {
		const struct place *place = &status->places[i];
		const char *value = place_value(place);
		AUTOBUF struct buf location = {0};
		AUTOBUF struct buf names = {0};

		list_tools(place, &names);
		put_location(&location, place->location, LOCATION_SIZE);
		ui_table_add(&table, UI_PLAIN, place->source);
		ui_table_add(&table, UI_PLAIN, buf_text(&location));
		ui_table_add(&table, place->in_use ? UI_BOLD : UI_PLAIN, value ? value : "-");
		ui_table_add(&table, UI_PLAIN, buf_text(&names));
	}
	ui_table_print(&table, &cli->out);
}

static void put_problems(struct cli *cli, const struct status *status)
{
	bool any = false;

	for (size_t i = 0; i < status->count; i++) {
		const struct place *place = &status->places[i];
		AUTOBUF struct buf text = {0};

		if (!*place->problem)
			continue;
		if (!any)
			buf_add_char(&cli->out, '\n');
		any = true;
		buf_printf(&text, "%s ", ui_mark(UI_WARNING));
		put_location(&text, place->location, PLACE_COLUMNS);
		buf_printf(&text, ": %s", place->problem);
		ui_put_folded(&cli->out, 2, buf_text(&text));
	}
	if (status->left_out)
		buf_printf(&cli->out, "%zu more places are left out\n", status->left_out);
}

/* YES if all of them use the same token, NO if two use different ones; else one has none. */
static enum tristate agree(const struct status *status)
{
	const char *first = NULL;
	bool all = true;

	for (size_t i = 0; i < ASKED; i++) {
		const char *value = place_value(status_used(status, tools[i].tool));

		if (value && first && strcmp(first, value) != 0)
			return NO;
		first = first ? first : value;
		all &= value != NULL;
	}
	return all ? YES : UNKNOWN;
}

static void put_verdict(struct cli *cli, const struct status *status)
{
	static const char *const words[] = {"they do not agree:", "they agree:"};
	AUTOBUF struct buf text = {0};
	enum tristate same = agree(status);

	if (same == UNKNOWN)
		buf_add_text(&text, "now");
	else
		buf_printf(&text, "%s %s", ui_mark(same == YES ? UI_YES : UI_WARNING),
			   words[same]);
	for (size_t i = 0; i < ASKED; i++) {
		const struct place *place = status_used(status, tools[i].tool);
		const char *value = place_value(place);

		buf_printf(&text, "%s %s uses %s", i ? "," : "", tools[i].name,
			   value                                              ? value
			   : tools[i].tool == TOOL_GIT && status->git_unknown ? "what its "
										"helper has"
									      : "no token");
		if (value && strcmp(place->source, "store") != 0) {
			buf_add_text(&text, " (");
			put_location(&text, place->location, PLACE_COLUMNS);
			buf_add_char(&text, ')');
		}
	}
	buf_add_char(&cli->out, '\n');
	ui_put_folded(&cli->out, 2, buf_text(&text));
}

/* Plain text that can go; but a file that follows the default token would come back. */
static void say_plain(struct cli *cli, const struct status *status)
{
	for (size_t i = 0; i < status->count; i++) {
		const struct place *place = &status->places[i];
		bool plain = strcmp(place->source, "git-credentials") == 0 ||
			     (strcmp(place->source, "hf") == 0 &&
			      !status->session->settings.hf_follow);

		if (!plain || !*place->masked)
			continue;
		cli_flush(cli);
		ui_hint("hftoken import stores what lies in plain text in hf's and git's files, "
			"and with --remove deletes it there");
		return;
	}
}

/* ---- the command ------------------------------------------------------------------------------ */

/* Two switches keep hf from its variables and its file. */
static void mark_hf(struct status *status)
{
	const char *oidc = getenv("HF_OIDC_RESOURCE");

	if (!(oidc && *oidc) && !text_is_true(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")))
		return;
	for (size_t i = 0; i < status->count; i++)
		status->places[i].in_use &= ~(unsigned)TOOL_HF;
}

static int collect(struct status *status, struct err *err)
{
	int error;

	status_variables(status);
	error = status_stored(status, err);
	if (!error)
		error = status_sources(status, err);
	if (error)
		return error;
	status_git(status);
	status_files(status);
	mark_hf(status);
	/* A place that is left out without a word would be taken for one that is not there. */
	return status->no_memory ? err_no_memory(err) : 0;
}

int cmd_status(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOFREE struct place *places = calloc(PLACES_MAX, sizeof(*places));
	struct status status = {.session = &session, .places = places};
	int error = places ? 0 : err_no_memory(err);

	if (!error)
		error = session_open(&session,
				     &(struct session_options) {.parts = CATALOGUE_INDEX,
								.warn = ui_settings_warning},
				     err);
	status.endpoint = session.endpoint.origin;
	if (!error)
		error = collect(&status, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &status);
		return 0;
	}
	error = summary_put(cli, &session, err);
	if (error)
		return error;
	buf_add_char(&cli->out, '\n');
	put_places(cli, &status);
	put_problems(cli, &status);
	put_verdict(cli, &status);
	say_plain(cli, &status);
	return 0;
}
