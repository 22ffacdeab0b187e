/* SPDX-License-Identifier: Apache-2.0 */
/* All or nothing: every secret is there before the first byte goes out, in one write. */
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/text.h"
#include "cli/open_store.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/export_text.h"

#define OUTPUT_MS 600000 /* ssh, at the other end, may ask for a passphrase first */
#define PIPE_HINT "hftoken export | ssh HOST hftoken import -"

/* The operands and --name, else every stored token. */
static int choose(const struct cli *cli, struct session *session, struct selection *ret,
		  struct err *err)
{
	const struct catalogue *catalogue = &session->catalogue;
	bool all = !cli->operand_count && !cli_has(cli, OPT_NAME);
	int error = 0;

	if (all && !catalogue->count)
		return select_none(session, err);
	for (size_t i = 0; all && i < catalogue->count && !error; i++)
		error = selection_add(ret, session, catalogue->tokens[i].name, err);
	for (unsigned i = 0; i < cli->operand_count && !error; i++)
		error = selection_add(ret, session, cli->operands[i], err);
	if (!error && cli_has(cli, OPT_NAME))
		error = selection_add(ret, session, cli->values[OPT_NAME], err);
	return error;
}

static int gather(struct session *session, const struct selection *selection,
		  struct secret *ret, struct err *err)
{
	int error = export_begin(ret, err);

	for (size_t i = 0; i < selection->count && !error; i++) {
		const struct token *token = catalogue_find_id(&session->catalogue,
							      selection->refs[i].id);
		AUTOSECRET struct secret secret = {0};

		if (!token)
			return err_set(err, ERR_BUSY, "token '%s' was removed meanwhile",
				       selection->refs[i].name);
		error = session_secret(session, token, &secret, err);
		if (!error)
			error = export_add(ret, token, &secret, show_is_default(session, token),
					   err);
	}
	return error ? error : export_end(ret, selection->count, err);
}

/* They are on this machine for a reason of their own, and not ours to hand on. */
static void say_sources(struct session *session)
{
	AUTOBUF struct buf names = {0};

	if (session_search(session, NULL))
		return;
	if (session_env(session))
		buf_printf(&names, "%s", session_env(session)->name);
	for (size_t i = 0; i < session->sources->count; i++)
		buf_printf(&names, "%s%s", names.size ? ", " : "",
			   session->sources->tokens[i].name);
	if (names.size)
		ui_say("not exported, since hftoken does not keep them: %s", buf_text(&names));
}

/* Whoever can read that file has the tokens. */
static void warn_of_file(void)
{
	struct stat status;

	if (fstat(STDOUT_FILENO, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		ui_warn("other users can read the file that this went to, and the tokens in it "
			"are in plain text");
	else
		ui_warn("the file that this went to has the tokens in plain text");
	ui_hint("better without a file: " PIPE_HINT);
}

int cmd_export(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSELECTION struct selection selection = {.count = 0};
	AUTOSECRET struct secret text = {0};
	int error;

	if (isatty(STDOUT_FILENO)) {
		err_set(err, ERR_USAGE, "tokens are not shown on a terminal");
		return err_hint(err, "for a pipe: " PIPE_HINT);
	}
	error = session_open(&session,
			     &(struct session_options) {.parts = CATALOGUE_INDEX,
							.warn = ui_settings_warning},
			     err);
	if (!error)
		error = choose(cli, &session, &selection, err);
	if (!error)
		error = open_stores(&session, &selection, err);
	if (!error)
		error = gather(&session, &selection, &text, err);
	if (error)
		return error;
	/* Not by way of cli->out, which is no place for a secret. */
	if (io_write_all(STDOUT_FILENO, text.data, text.size, deadline_in(OUTPUT_MS), NULL))
		return err_set(err, ERR_FAILED,
			       "the export was cut off: nobody reads it any more");
	ui_say("exported: %zu token%s", selection.count, selection.count == 1 ? "" : "s");
	if (!cli->operand_count && !cli_has(cli, OPT_NAME))
		say_sources(&session);
	warn_of_file();
	return 0;
}
