/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `setup hf`. huggingface_hub knows no helper: what it is to use must lie in its token file, in
 * plain text. So that is said, and on a terminal asked once; what lies there already is replaced
 * only if it is ours, or if the user says so.
 */
#include <stdio.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/diff.h"
#include "cli/follow.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/setup.h"
#include "cli/ui.h"

#define QUESTION_SIZE 1024

static const struct session_options writing = {.write = true};

/* For --dry-run; NULL where there is nothing. */
static const char *content_shown(const struct hf_token *file)
{
	if (file->content == HF_NOTHING)
		return NULL;
	return *file->masked ? file->masked : "(no token)";
}

static bool may_ask(const struct cli *cli)
{
	return !cli_has(cli, OPT_YES) && !setup_is_dry(cli) && prompt_possible();
}

static int cancelled(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "nothing was changed");
}

/* ---- what lies there already ------------------------------------------------------------------ */

/* huggingface_hub would write the renewed token over ours. */
static int refuse_session(const struct hf_token *file, struct err *err)
{
	AUTOBUF struct buf quoted = {0};

	text_quote(&quoted, file->name);
	err_set(err, ERR_FAILED,
		"hf has logged in by itself ('%s'), and renews the token in %s by itself",
		file->name, file->path);
	return err_hint(err, "hf auth logout --token-name %s, then hftoken setup hf",
			buf_text(&quoted));
}

static int refuse_foreign(const struct hf_token *file, struct err *err)
{
	AUTOBUF struct buf quoted = {0};

	if (!*file->masked) {
		err_set(err, ERR_FAILED, "%s holds something that is no token", file->path);
		return err_hint(err, "look at it, then hftoken setup hf --force");
	}
	err_set(err, ERR_FAILED, "%s holds a token that hftoken does not store: %s%s%s%s",
		file->path, file->masked, *file->name ? " ('" : "", file->name,
		*file->name ? "')" : "");
	text_quote(&quoted, file->path);
	return err_hint(err, "hftoken login --token-file %s stores it, --force replaces it",
			buf_text(&quoted));
}

static int ask_foreign(const struct hf_token *file, struct err *err)
{
	bool yes = false;
	int error;

	ui_say("%s holds %s: %s", file->path,
	       *file->masked ? "a token that hftoken does not store"
			     : "something that is no token",
	       *file->name     ? file->name
	       : *file->masked ? file->masked
			       : "look at it first");
	error = prompt_yes("Replace it by the default token?", false, &yes, err);
	return error || yes ? error : cancelled(err);
}

/* Without a default token there is nothing to replace it by: taking it over is the way then. */
static int clear_the_way(const struct cli *cli, const struct session *session,
			 const struct hf_token *file, struct err *err)
{
	if (file->content == HF_SESSION)
		return refuse_session(file, err);
	if (file->content != HF_FOREIGN || cli_has(cli, OPT_FORCE))
		return 0;
	return may_ask(cli) && hf_follow_target(session) ? ask_foreign(file, err)
							 : refuse_foreign(file, err);
}

/* ---- the user's leave ------------------------------------------------------------------------- */

/* Without a terminal the command itself is the leave, as with `setup git`. */
static int consent(const struct cli *cli, const struct session *session,
		   const struct hf_token *file, struct err *err)
{
	bool yes = false;
	int error;

	if (session->settings.hf_follow || !may_ask(cli))
		return 0;
	ui_say("The default token will lie in plain text in %s,", file->path);
	ui_say("readable by you alone (mode 0600), as after 'hf auth login'.");
	error = prompt_yes("Have hf follow the default token?", true, &yes, err);
	return error || yes ? error : cancelled(err);
}

/* ---- doing it --------------------------------------------------------------------------------- */

/* Under the lock: what was looked at must still be what lies there. */
static int look_again(struct session *session, const struct hf_token *seen,
		      struct hf_token *ret, struct err *err)
{
	int error = session_reload(session, &writing, err);

	if (!error)
		error = hf_token_look(ret, session, err);
	if (error || ret->content == HF_NOTHING || ret->content == HF_STORED)
		return error;
	if (ret->content == seen->content && secret_equal(&ret->value, &seen->value))
		return 0;
	err_set(err, ERR_BUSY, "%s was changed meanwhile", ret->path);
	return err_hint(err, "look at it again: hftoken setup hf");
}

/* The setting first: a token in plain text that does not follow is the worse half. */
static int apply(struct session *session, const struct hf_token *file, enum hf_outcome *ret,
		 struct err *err)
{
	bool before = session->settings.hf_follow;
	int error = before ? 0 : settings_set("hf.follow", "on", err);

	if (error || !hf_follow_target(session))
		return error;
	error = hf_follow_write(session, file, ret, err);
	if (error && !before && settings_set("hf.follow", "off", NULL))
		ui_warn("the setting hf.follow stays on");
	return error;
}

/* What that would change; the one store that has the token is asked, as it would be. */
static int show(struct cli *cli, struct session *session, const struct hf_token *file,
		struct err *err)
{
	const struct token *target = hf_follow_target(session);
	AUTOSECRET struct secret secret = {0};
	char masked[MASKED_SIZE];
	int error = 0;

	if (!session->settings.hf_follow)
		error = setup_write_setting(cli, "hf.follow", "on", err);
	if (!error && target)
		error = session_secret(session, target, &secret, err);
	if (error || !target || secret_equal(&secret, &file->value))
		return error;
	mask_secret(&secret, masked);
	diff_put_masked(&cli->out, file->path, content_shown(file), masked);
	return 0;
}

static void put_answer(struct cli *cli, const struct session *session,
		       const struct hf_token *file, bool as_before)
{
	const struct token *target = hf_follow_target(session);

	if (!cli_has(cli, OPT_QUIET) && target)
		buf_printf(&cli->out,
			   "%s hf follows the default token: %s%s\n"
			   "  in plain text in %s,\n"
			   "  readable by you alone, as after 'hf auth login'\n",
			   ui_mark(UI_YES), target->name, as_before ? " (as before)" : "",
			   file->path);
	else if (!cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s hf will follow the default token\n", ui_mark(UI_YES));
	cli_flush(cli);
	if (!target)
		ui_hint("there is none for %s yet: hftoken login, or hftoken switch NAME",
			endpoint_host(session->source_endpoint));
	follow_warn_env(session);
}

int setup_hf(struct cli *cli, struct session *session, struct err *err)
{
	AUTOHFTOKEN struct hf_token seen = HF_TOKEN_NONE;
	AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
	enum hf_outcome outcome = HF_KEPT;
	int error = hf_token_look(&seen, session, err);

	if (!error)
		error = clear_the_way(cli, session, &seen, err);
	if (!error)
		error = consent(cli, session, &seen, err);
	if (!error && setup_is_dry(cli))
		return show(cli, session, &seen, err);
	if (!error)
		error = look_again(session, &seen, &file, err);
	if (!error)
		error = apply(session, &file, &outcome, err);
	if (!error)
		put_answer(cli, session, &file,
			   session->settings.hf_follow && outcome == HF_KEPT);
	return error;
}

/* ---- undoing it ------------------------------------------------------------------------------- */

static void put_undone(struct cli *cli, const struct session *session,
		       const struct hf_token *file)
{
	buf_printf(&cli->out, "%s hf no longer follows the default token", ui_mark(UI_YES));
	if (hf_token_is_ours(file, session))
		buf_add_text(&cli->out, "; its token file is removed");
	else if (file->content == HF_STORED)
		buf_printf(&cli->out, "; its token file stays, for it holds '%s' of %s",
			   file->name, endpoint_host(file->endpoint));
	else if (file->content != HF_NOTHING)
		buf_add_text(&cli->out,
			     "; its token file stays, for what it holds is not hftoken's");
	buf_add_char(&cli->out, '\n');
}

int undo_hf(struct cli *cli, struct session *session, struct err *err)
{
	AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
	int error;

	if (!session->settings.hf_follow)
		return 0;
	error = setup_is_dry(cli) ? 0 : session_reload(session, &writing, err);
	if (!setup_is_dry(cli))
		hf_token_sweep();
	if (!error)
		error = hf_token_look(&file, session, err);
	if (!error && hf_token_is_ours(&file, session) && setup_is_dry(cli))
		diff_put_masked(&cli->out, file.path, content_shown(&file), NULL);
	else if (!error && hf_token_is_ours(&file, session))
		error = hf_token_remove(&file, err);
	if (error) {
		err_context(err, "hf's token file");
		return err_hint(err, "hftoken config set hf.follow off leaves the file alone");
	}
	error = setup_write_setting(cli, "hf.follow", "off", err);
	if (!error && setup_tells(cli))
		put_undone(cli, session, &file);
	return error;
}
