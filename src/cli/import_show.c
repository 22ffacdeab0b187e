/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/import.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/plain.h"

#define REASON_INDENT 6
#define LABEL_COLUMNS ((size_t)24) /* a longer one stands before its outcome all the same */

static bool has_failed(const struct found *found)
{
	return found->result == IMPORT_LEFT && found->err.code != ERR_OK;
}

static const struct token *token_of(const struct import *import, const struct found *found)
{
	return catalogue_find_id(&import->session.catalogue, found->id);
}

static size_t count_results(const struct import *import, enum import_result result)
{
	size_t count = 0;

	for (size_t i = 0; i < import->count; i++)
		count += import->found[i].result == result;
	return count;
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void put_skipped(struct json_out *out, const char *name, const char *location,
			const char *reason)
{
	json_begin(out, NULL, '{');
	json_put_text(out, "name", name);
	json_put_text(out, "location", location);
	json_put_text(out, "reason", reason);
	json_end(out, '}');
}

static void put_all_skipped(struct json_out *out, const struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		const struct found *found = &import->found[i];
		const char *path = import->files[found->file].path;
		AUTOBUF struct buf text = {0};

		if (found->result == IMPORT_THERE)
			buf_printf(&text, "already stored as '%s'", found->name);
		if (found->result != IMPORT_DONE)
			put_skipped(out, found->label, path,
				    text.size ? buf_text(&text) : found->err.message);
	}
	for (size_t i = 0; i < import->file_count; i++) {
		const struct import_file *file = &import->files[i];

		if (*file->err.message)
			put_skipped(out, NULL, file->path, file->err.message);
		if (*file->remove.message)
			put_skipped(out, NULL, file->path, file->remove.message);
	}
}

static void put_json(struct import *import)
{
	struct json_out out = {.buf = &import->cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "imported", '[');
	for (size_t i = 0; i < import->count; i++) {
		const struct token *token = token_of(import, &import->found[i]);

		if (import->found[i].result == IMPORT_DONE && token)
			show_token_json(&out, NULL, &import->session, token);
	}
	json_end(&out, ']');
	json_begin(&out, "skipped", '[');
	put_all_skipped(&out, import);
	json_end(&out, ']');
	json_begin(&out, "removed", '[');
	for (size_t i = 0; i < import->file_count; i++) {
		if (import->files[i].removed)
			json_put_text(&out, NULL, import->files[i].path);
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&import->cli->out, '\n');
}

/* ---- for people ------------------------------------------------------------------------------- */

static void put_imported(struct import *import, const struct found *found)
{
	const struct token *token = token_of(import, found);
	struct buf *out = &import->cli->out;
	char date[16];

	if (!token)
		return;
	buf_printf(out, "imported as %s", token->name);
	if (token->verified == TIME_UNKNOWN)
		buf_add_text(out, " (not checked)");
	else
		buf_printf(out, " (%s, %s token)", show_text(token->account),
			   token_kind_names[token->kind]);
	show_date(token->expires, date);
	if (token->expires != TIME_UNKNOWN)
		buf_printf(out, ", expires %s", date);
	buf_printf(out, "%s\n",
		   show_is_default(&import->session, token) ? ", the default token" : "");
}

/* Columns of a file's labels. */
static size_t label_width(const struct import *import, size_t file)
{
	size_t widest = 0;

	for (size_t i = 0; i < import->count; i++) {
		size_t width = text_width(import->found[i].label);

		if (import->found[i].file == file && width > widest)
			widest = width;
	}
	return widest < LABEL_COLUMNS ? widest : LABEL_COLUMNS;
}

/* `before`: the reason that was given last; the same one is not given again. */
static void put_found(struct import *import, const struct found *found, size_t columns,
		      const char **before)
{
	static const enum ui_mark marks[] = {[IMPORT_DONE] = UI_YES, [IMPORT_LEFT] = UI_NO};
	struct buf *out = &import->cli->out;
	size_t width = text_width(found->label);
	bool marked = found->result == IMPORT_DONE || has_failed(found);

	buf_printf(out, "  %s %s%*s  ", marked ? ui_mark(marks[found->result]) : " ",
		   found->label, (int)(width < columns ? columns - width : 0), "");
	if (found->result == IMPORT_DONE)
		put_imported(import, found);
	else if (found->result == IMPORT_THERE)
		buf_printf(out, "already stored as %s\n", found->name);
	else
		buf_add_text(out, has_failed(found) ? "not imported\n" : "left where it is\n");
	if (found->result != IMPORT_LEFT || (*before && !strcmp(*before, found->err.message)))
		return;
	*before = found->err.message;
	ui_put_folded(out, REASON_INDENT, found->err.message);
}

static void put_note(struct buf *out, const char *text)
{
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%s %s", ui_mark(UI_WARNING), text);
	ui_put_folded(out, 2, buf_text(&line));
}

static void put_file(struct import *import, size_t number)
{
	const struct import_file *file = &import->files[number];
	struct buf *out = &import->cli->out;
	size_t columns = label_width(import, number);
	const char *before = NULL;
	bool any = false;

	if (!file->read)
		return;
	ui_put(out, UI_BOLD, "%s", file->path);
	buf_add_char(out, '\n');
	if (*file->err.message)
		put_note(out, file->err.message);
	for (size_t i = 0; i < import->count; i++) {
		if (import->found[i].file != number)
			continue;
		put_found(import, &import->found[i], columns, &before);
		any = true;
	}
	if (!any && !*file->err.message)
		buf_add_text(out, "  no token of a Hub\n");
	if (file->removed)
		buf_printf(out, "  removed from there: %zu\n", file->removed);
	if (*file->remove.message)
		put_note(out, file->remove.message);
}

/* Where the new ones are, and what that is good for. */
static void put_store(struct import *import)
{
	struct buf *out = &import->cli->out;
	struct store_client *store;
	struct store_state state;

	if (!count_results(import, IMPORT_DONE))
		return;
	buf_printf(out, "kept in the store '%s'", import->store.store);
	if (*import->store.why)
		buf_printf(out, " (%s)", import->store.why);
	buf_add_char(out, '\n');
	if (!session_store(&import->session, import->store.store, &store, NULL) &&
	    !store_probe(store, &state, NULL) && *state.protects)
		ui_put_folded(out, 2, state.protects);
}

static void put_words(struct import *import)
{
	bool any = false;

	for (size_t i = 0; i < import->file_count; i++) {
		put_file(import, i);
		any |= import->files[i].read;
	}
	if (!any)
		buf_add_text(&import->cli->out, "there are no such files here\n");
	put_store(import);
}

/* ---- what to do next, on stderr --------------------------------------------------------------- */

static void say_hint_once(const struct err *err, const char **before)
{
	if (!*err->hint || (*before && strcmp(*before, err->hint) == 0))
		return;
	ui_hint("%s", err->hint);
	*before = err->hint;
}

/* With -q nothing else tells of it. */
static void say_failures(const struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		const struct found *found = &import->found[i];

		if (has_failed(found))
			ui_warn("%s in %s: %s", found->label, import->files[found->file].path,
				found->err.message);
	}
	for (size_t i = 0; i < import->file_count; i++) {
		const struct import_file *file = &import->files[i];

		if (file->err.code != ERR_OK)
			ui_warn("%s: %s", file->path, file->err.message);
		if (file->remove.code != ERR_OK)
			ui_warn("%s: %s", file->path, file->remove.message);
	}
}

struct leftover {
	const struct import *import;
	struct buf *paths;
};

/* Of a file that was left for a reason, that reason was given. */
static void add_leftover(const char *path, void *user)
{
	const struct leftover *leftover = user;

	for (size_t i = 0; i < leftover->import->file_count; i++) {
		if (strcmp(leftover->import->files[i].path, path) == 0 &&
		    *leftover->import->files[i].remove.message)
			return;
	}
	if (strstr(buf_text(leftover->paths), path))
		return; /* two tokens in one file are one line */
	buf_printf(leftover->paths, "%s\n", path);
	ui_warn("a token that is stored still lies in plain text in %s", path);
}

static void say_plain_copies(const struct import *import)
{
	const struct cli *cli = import->cli;
	AUTOBUF struct buf paths = {0};
	struct leftover leftover = {.import = import, .paths = &paths};
	bool plain = false;

	for (size_t i = 0; i < import->count; i++) {
		const struct found *found = &import->found[i];

		if (!import_is_done(found))
			continue;
		plain |= import->files[found->file].place != IMPORT_STDIN;
		if (cli_has(cli, OPT_REMOVE))
			plain_search(&found->secret, add_leftover, &leftover);
	}
	if (plain && !cli_has(cli, OPT_REMOVE))
		ui_hint("hftoken import%s%s --remove deletes the plain copies",
			cli->operand_count ? " " : "",
			cli->operand_count ? cli->operands[0] : "");
}

static void say_next(const struct import *import)
{
	const char *before = NULL;

	for (size_t i = 0; i < import->count; i++)
		say_hint_once(&import->found[i].err, &before);
	for (size_t i = 0; i < import->file_count; i++)
		say_hint_once(&import->files[i].remove, &before);
	if (import->left_out)
		ui_warn("more than %zu tokens at once; %zu were not looked at", IMPORT_MAX,
			import->left_out);
	say_plain_copies(import);
}

/* ---- the exit status -------------------------------------------------------------------------- */

/* Of several: what failed here, then the network, then the Hub's no, then other programs' files. */
static int rank(int status)
{
	static const int ranks[] = {[1] = 1, [5] = 2, [7] = 3, [6] = 4};

	return status > 0 && status < (int)ARRAY_SIZE(ranks) && ranks[status] ? ranks[status]
									      : status != 0;
}

static int worst_status(const struct import *import)
{
	int worst = import->left_out ? 1 : 0;

	for (size_t i = 0; i < import->count; i++) {
		int status = has_failed(&import->found[i])
				     ? exit_status(import->found[i].err.code)
				     : 0;

		worst = rank(status) > rank(worst) ? status : worst;
	}
	for (size_t i = 0; i < import->file_count; i++) {
		const struct import_file *file = &import->files[i];

		if (!worst && (file->err.code != ERR_OK || file->remove.code != ERR_OK))
			worst = 1;
	}
	return worst;
}

void import_show(struct import *import)
{
	struct cli *cli = import->cli;
	bool quiet = cli_has(cli, OPT_QUIET);

	if (cli_has(cli, OPT_JSON))
		put_json(import);
	else if (!quiet)
		put_words(import);
	for (size_t i = 0; i < import->count && quiet && !cli_has(cli, OPT_JSON); i++) {
		if (import->found[i].result == IMPORT_DONE)
			buf_printf(&cli->out, "%s\n", import->found[i].name);
	}
	cli->exit_status = worst_status(import);
	if (cli_has(cli, OPT_JSON))
		return;
	cli_flush(cli);
	if (quiet)
		say_failures(import);
	else
		say_next(import);
}
