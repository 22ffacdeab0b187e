/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/store.h"
#include "cli/store_reunite.h"
#include "cli/ui.h"
#include "core/catalogue_recover.h"
#include "core/ladder.h"

#define CATALOGUE "catalogue"

/* One thing that may need its previous version. */
struct part {
	const char *name;
	const char *holds; /* tokens, secrets */
	bool damaged;      /* and the version before is whole */
	struct store_backup backup;
	struct err err; /* why nothing can be done about it; code 0 if there is nothing to do */
};

struct recovery {
	struct cli *cli;
	struct store_client store;
	struct part parts[2]; /* the catalogue first: the store does not need it */
	struct reunion reunion;
};

static void recovery_release(struct recovery *recovery)
{
	store_release(&recovery->store);
	reunion_release(&recovery->reunion);
}

static int recover(struct recovery *recovery, size_t position, bool apply, struct err *err)
{
	struct store_backup *backup = &recovery->parts[position].backup;

	return position == 0 ? catalogue_recover(apply, backup, err)
			     : store_recover(&recovery->store, apply, backup, err);
}

/* Each by itself: where one is beyond help, the other may not be. */
static void look(struct recovery *recovery)
{
	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		struct part *part = &recovery->parts[i];
		int error = recover(recovery, i, false, &part->err);

		part->damaged = !error;
		if (error == ERR_NOT_FOUND)
			part->err.code = ERR_OK;
	}
}

static void describe(const struct part *part)
{
	char when[TIME_TEXT_SIZE] = "at an unknown time";

	if (part->backup.written != TIME_UNKNOWN)
		time_to_text(part->backup.written, when);
	ui_say("%s: damaged or missing; the version before it is whole (%s: %" PRIu64
	       ", written: %s); what was changed later is not in it",
	       part->name, part->holds, part->backup.count, when);
}

static int confirm(const struct recovery *recovery, struct err *err)
{
	bool yes = false;
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		if (recovery->parts[i].damaged)
			describe(&recovery->parts[i]);
	}
	if (cli_has(recovery->cli, OPT_YES))
		return 0;
	if (!prompt_possible()) {
		err_set(err, ERR_USAGE, "not done without being asked to");
		return err_hint(err, "hftoken store recover --yes puts it in place");
	}
	error = prompt_yes("Put it in place? What is there now is kept aside.", false, &yes,
			   err);
	return !error && !yes ? err_set(err, ERR_CANCELLED, "nothing was changed") : error;
}

/* The recovery stands, whatever comes of this. */
static void reunite_all(struct recovery *recovery)
{
	struct err err = {0};
	int error = 0;

	if (recovery->parts[0].err.code == ERR_OK)
		error = reunite_secrets(&recovery->reunion, &err);
	if (error)
		ui_error(&err);
	else
		error = reunion_error(&recovery->reunion);
	if (error)
		recovery->cli->exit_status = exit_status((enum err_code)error);
}

static void put_part_json(struct json_out *out, const struct part *part)
{
	json_begin(out, NULL, '{');
	json_put_text(out, "name", part->name);
	json_put_int(out, "count", (int64_t)part->backup.count);
	json_put_time(out, "written_at", part->backup.written);
	json_put_text(out, "aside", *part->backup.aside ? part->backup.aside : NULL);
	json_end(out, '}');
}

static void put_json(struct recovery *recovery)
{
	struct json_out out = {.buf = &recovery->cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "recovered", '[');
	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		if (recovery->parts[i].damaged)
			put_part_json(&out, &recovery->parts[i]);
	}
	json_end(&out, ']');
	put_reunion_json(&out, &recovery->reunion);
	json_end(&out, '}');
	buf_add_char(&recovery->cli->out, '\n');
}

static void put_words(struct recovery *recovery)
{
	struct cli *cli = recovery->cli;

	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		const struct part *part = &recovery->parts[i];

		if (!part->damaged)
			continue;
		if (cli_has(cli, OPT_QUIET)) {
			buf_printf(&cli->out, "%s\n", part->name);
			continue;
		}
		buf_printf(&cli->out, "%s %s: recovered (%s: %" PRIu64 ")\n", ui_mark(UI_YES),
			   part->name, part->holds, part->backup.count);
		if (*part->backup.aside)
			buf_printf(&cli->out, "    the damaged one is kept: %s\n",
				   part->backup.aside);
	}
	cli_flush(cli);
	tell_reunion(cli, &recovery->reunion);
}

/* What somebody else has recovered meanwhile needs nothing any more. */
static void apply(struct recovery *recovery)
{
	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		struct part *part = &recovery->parts[i];
		int error = part->damaged ? recover(recovery, i, true, &part->err) : 0;

		if (error)
			part->damaged = false;
		if (error == ERR_NOT_FOUND)
			part->err.code = ERR_OK;
	}
}

/* The first thing that went wrong is the command's error, if nothing was done at all. */
static int result(struct recovery *recovery, bool done, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(recovery->parts); i++) {
		const struct part *part = &recovery->parts[i];

		if (part->err.code == ERR_OK)
			continue;
		if (!done) {
			*err = part->err;
			return err->code;
		}
		ui_error(&part->err);
		recovery->cli->exit_status = exit_status(part->err.code);
	}
	return 0;
}

static bool any_damaged(const struct recovery *recovery)
{
	return recovery->parts[0].damaged || recovery->parts[1].damaged;
}

int store_do_recover(struct cli *cli, struct err *err)
{
	const char *name = cli->operand_count ? cli->operands[0] : STORE_FILE;
	CLEANUP(recovery_release)
	struct recovery recovery = {.cli = cli,
				    .parts = {{.name = CATALOGUE, .holds = "tokens"},
					      {.name = name, .holds = "secrets"}}};
	int error = store_init(&recovery.store, name, err);

	if (error)
		return error;
	look(&recovery);
	if (any_damaged(&recovery)) {
		error = confirm(&recovery, err);
		if (!error)
			apply(&recovery);
	} else {
		error = result(&recovery, false, err);
	}
	if (error)
		return error;
	reunite_all(&recovery);
	if (!cli_has(cli, OPT_JSON) && !any_damaged(&recovery) &&
	    reunion_is_idle(&recovery.reunion))
		ui_say("there is nothing to recover");
	if (cli_has(cli, OPT_JSON))
		put_json(&recovery);
	else
		put_words(&recovery);
	return result(&recovery, any_damaged(&recovery), err);
}
