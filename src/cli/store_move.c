/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/open_store.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/store.h"
#include "cli/ui.h"
#include "core/ladder.h"
#include "core/move.h"

static const struct session_options reading = {.parts = CATALOGUE_INDEX,
					       .warn = ui_settings_warning};
static const struct session_options writing = {.write = true};

/* What became of one token. */
struct outcome {
	enum move_result result;
	int error;
	struct err err;
};

struct job {
	struct cli *cli;
	struct session session;
	struct selection selection;
	struct store_state target;
	struct move move;
	char closed[STORE_NAME_MAX + 1]; /* a store that cannot be read; "" if none */
	struct outcome *outcomes;        /* as many as are selected */
};

static void job_release(struct job *job)
{
	session_release(&job->session);
	selection_release(&job->selection);
	free(job->outcomes);
}

/* ---- before anything is moved ----------------------------------------------------------------- */

static int need(const char *what, struct err *err)
{
	err_set(err, ERR_USAGE, "%s", what);
	return err_hint(err, "hftoken store move NAME...|--all --to STORE");
}

static int take_words(struct job *job, struct err *err)
{
	struct cli *cli = job->cli;

	job->move.to = cli->values[OPT_TO];
	if (!job->move.to)
		return need("where shall it be moved? --to is missing", err);
	if (!cli->operand_count && !cli_has(cli, OPT_NAME) && !cli_has(cli, OPT_ALL))
		return need("which token? no name and no --all", err);
	if (!store_is_name(job->move.to) || strcmp(job->move.to, "auto") == 0) {
		err_set(err, ERR_USAGE, "not the name of a store");
		return err_hint(err, "stores: file, secret-service");
	}
	return 0;
}

/* What cannot be read will not be moved, so nobody is asked about it. */
static bool can_be_read(struct job *job, size_t position)
{
	const struct token *token = catalogue_find_id(&job->session.catalogue,
						      job->selection.refs[position].id);

	/* A store that is closed is not asked once more for its next token. */
	if (!token || strcmp(token->store, job->closed) == 0)
		return false;
	if (!session_can_remove(&job->session, &job->selection.refs[position], NULL))
		return true;
	(void)text_copy(job->closed, sizeof(job->closed), token->store);
	return false;
}

/* How many would lie in a weaker place than they do. */
static size_t count_weaker(struct job *job)
{
	static const struct store_state unknown;
	int strength = move_strength(job->move.to, &job->target);
	size_t count = 0;

	for (size_t i = 0; i < job->selection.count; i++) {
		const struct token *token = catalogue_find_id(&job->session.catalogue,
							      job->selection.refs[i].id);

		count += token && strcmp(token->store, job->move.to) != 0 &&
			 move_strength(token->store, &unknown) > strength &&
			 can_be_read(job, i);
	}
	return count;
}

/* Without a terminal, `--to` is consent enough. */
static int confirm_weaker(struct job *job, struct err *err)
{
	size_t count = count_weaker(job);
	char question[80];
	bool yes = false;
	int error;

	if (!count)
		return 0;
	ui_warn("store '%s' protects less: %s", job->move.to, job->target.protects);
	if (cli_has(job->cli, OPT_YES) || !prompt_possible())
		return 0;
	(void)snprintf(question, sizeof(question), "Move %zu token%s there?", count,
		       count == 1 ? "" : "s");
	error = prompt_yes(question, false, &yes, err);
	return !error && !yes ? err_set(err, ERR_CANCELLED, "nothing was moved") : error;
}

static int prepare(struct job *job, struct err *err)
{
	int error = take_words(job, err);

	if (!error)
		error = session_open(&job->session, &reading, err);
	if (!error)
		error = select_tokens(job->cli, &job->session, "", &job->selection, err);
	if (error || !job->selection.count)
		return error;
	error = open_store(&job->session, job->move.to, &job->target, err);
	if (!error && !(job->target.capabilities & STORE_WRITES))
		error = err_set(err, ERR_READ_ONLY, "store '%s' takes no tokens", job->move.to);
	if (!error)
		error = open_stores(&job->session, &job->selection, err);
	if (!error)
		error = confirm_weaker(job, err);
	if (error)
		return error;
	job->outcomes = calloc(job->selection.count, sizeof(*job->outcomes));
	return job->outcomes ? 0 : err_no_memory(err);
}

/* ---- moving ----------------------------------------------------------------------------------- */

/*
 * The lock is given back between two tokens, so that others get their turn. Where the catalogue
 * cannot be had, or a store has become silent, the rest is not tried.
 */
static void move_all(struct job *job)
{
	int stopped = 0;

	for (size_t i = 0; i < job->selection.count; i++) {
		struct outcome *outcome = &job->outcomes[i];

		if (stopped) {
			outcome->error = stopped;
			outcome->err = job->outcomes[i - 1].err;
			continue;
		}
		stopped = session_reload(&job->session, &writing, &outcome->err);
		outcome->error = stopped;
		if (stopped)
			continue;
		outcome->error = move_token(&job->session, &job->move, &job->selection.refs[i],
					    &outcome->err);
		outcome->result = job->move.result;
		if (outcome->error == ERR_TIMED_OUT)
			stopped = outcome->error;
	}
}

/* ---- telling ---------------------------------------------------------------------------------- */

static void put_tokens(struct json_out *out, const struct job *job, const char *name,
		       bool (*wanted)(enum move_result result))
{
	json_begin(out, name, '[');
	for (size_t i = 0; i < job->selection.count; i++) {
		const struct token *token = catalogue_find_id(&job->session.catalogue,
							      job->selection.refs[i].id);

		if (token && wanted(job->outcomes[i].result))
			show_token_json(out, NULL, &job->session, token);
	}
	json_end(out, ']');
}

static bool is_moved(enum move_result result)
{
	return result == MOVE_DONE || result == MOVE_LEFT_OLD;
}

static bool was_there(enum move_result result)
{
	return result == MOVE_THERE;
}

static void put_failure(struct json_out *out, const char *name, const struct outcome *outcome)
{
	json_begin(out, NULL, '{');
	json_put_text(out, "name", name);
	put_error_json(out, &outcome->err);
	json_end(out, '}');
}

static void put_json(const struct job *job)
{
	struct json_out out = {.buf = &job->cli->out};

	json_begin(&out, NULL, '{');
	put_tokens(&out, job, "moved", is_moved);
	put_tokens(&out, job, "unchanged", was_there);
	json_begin(&out, "failed", '[');
	for (size_t i = 0; i < job->selection.count; i++) {
		if (job->outcomes[i].error)
			put_failure(&out, job->selection.refs[i].name, &job->outcomes[i]);
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&job->cli->out, '\n');
}

static void put_words(const struct job *job)
{
	struct buf *out = &job->cli->out;
	size_t moved = 0;

	for (size_t i = 0; i < job->selection.count; i++) {
		const char *name = job->selection.refs[i].name;

		if (is_moved(job->outcomes[i].result))
			buf_printf(out, "%s moved %s to the store '%s'\n", ui_mark(UI_YES),
				   name, job->move.to);
		else if (was_there(job->outcomes[i].result))
			buf_printf(out, "  %s is in the store '%s' already\n", name,
				   job->move.to);
		moved += is_moved(job->outcomes[i].result);
	}
	if (moved)
		ui_put_folded(out, 4, job->target.protects);
}

static void put_failures(struct job *job)
{
	for (size_t i = 0; i < job->selection.count; i++) {
		struct outcome *outcome = &job->outcomes[i];
		char start[TOKEN_NAME_MAX + 16];

		if (!outcome->error)
			continue;
		(void)snprintf(start, sizeof(start), "token '%s'", job->selection.refs[i].name);
		if (!strstr(outcome->err.message, start))
			err_context(&outcome->err, "%s", start);
		ui_error(&outcome->err);
	}
}

static int tell(struct job *job, struct err *err)
{
	struct cli *cli = job->cli;
	/* Also gives the lock back. */
	int error = session_reload(&job->session, &reading, err);

	for (size_t i = 0; i < job->selection.count; i++) {
		if (job->outcomes[i].error)
			cli->exit_status = exit_status(ERR_UNAVAILABLE);
		if (cli_has(cli, OPT_QUIET) && !cli_has(cli, OPT_JSON) &&
		    is_moved(job->outcomes[i].result))
			buf_printf(&cli->out, "%s\n", job->selection.refs[i].name);
	}
	if (cli_has(cli, OPT_JSON) && !error)
		put_json(job);
	else if (!cli_has(cli, OPT_QUIET))
		put_words(job);
	cli_flush(cli);
	put_failures(job);
	return error;
}

int store_do_move(struct cli *cli, struct err *err)
{
	CLEANUP(job_release)
	struct job job = {.cli = cli, .session = {.catalogue = CATALOGUE_NONE}};
	int error = prepare(&job, err);

	if (error)
		return error;
	if (job.selection.count)
		move_all(&job);
	else if (!cli_has(cli, OPT_JSON))
		ui_say("there are no tokens to move");
	return tell(&job, err);
}
