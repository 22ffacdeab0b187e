/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow.h"

#include "base/program.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/ui.h"

#define AGAIN "hftoken setup hf puts the default token there"

void follow_warn_env(const struct session *session)
{
	if (session_env(session))
		ui_warn("%s is set and is what hf uses until you unset it (%s)",
			program_token_variable(), session_env(session)->masked);
}

static void say_left(const struct hf_token *file, enum hf_outcome outcome)
{
	AUTOBUF struct buf quoted = {0};

	if (outcome == HF_LEFT_HUB) {
		ui_warn("%s was left as it is: it holds '%s' of %s", file->path, file->name,
			endpoint_host(file->endpoint));
		ui_hint(AGAIN);
	} else if (file->content == HF_SESSION) {
		ui_warn("%s was left as it is: hf has logged in by itself ('%s')", file->path,
			file->name);
		text_quote(&quoted, file->name);
		ui_hint("hf auth logout --token-name %s, then hftoken setup hf",
			buf_text(&quoted));
	} else {
		ui_warn("%s was left as it is: it holds a token that hftoken does not "
			"store%s%s",
			file->path, *file->masked ? ", " : "", file->masked);
		ui_hint(AGAIN);
	}
}

static void say_error(const struct err *err)
{
	ui_warn("hf's token file does not follow: %s", err->message);
	if (*err->hint)
		ui_hint("%s", err->hint);
	ui_hint("when that is mended: hftoken setup hf");
}

static void put_done(struct cli *cli, const struct session *session, enum hf_outcome outcome)
{
	if (cli_has(cli, OPT_JSON) || cli_has(cli, OPT_QUIET))
		return;
	if (outcome == HF_WRITTEN)
		buf_printf(&cli->out,
			   session_env(session) ? "%s hf's token file holds %s too\n"
						: "%s hf uses %s too\n",
			   ui_mark(UI_YES), hf_follow_target(session)->name);
	if (outcome == HF_REMOVED)
		buf_printf(&cli->out, "%s hf's token file is removed\n", ui_mark(UI_YES));
}

enum hf_outcome follow_end(struct cli *cli, struct hf_follow *follow, struct session *session)
{
	enum hf_outcome outcome = HF_KEPT;
	struct err err = {0};
	int error = hf_follow_end(follow, session, &outcome, &err);

	if (error || outcome == HF_LEFT || outcome == HF_LEFT_HUB)
		cli_flush(cli);
	if (error)
		say_error(&err);
	else if (outcome == HF_LEFT || outcome == HF_LEFT_HUB)
		say_left(&follow->now, outcome);
	else
		put_done(cli, session, outcome);
	/* Where it counts for us as well, the command has said so. */
	if (outcome == HF_WRITTEN && session->settings.environment == ENVIRONMENT_IGNORE) {
		cli_flush(cli);
		follow_warn_env(session);
	}
	return outcome;
}
