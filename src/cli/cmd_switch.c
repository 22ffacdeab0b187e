/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"
#include "base/text.h"
#include "cli/follow.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/select.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/rules.h"

static const struct session_options reading = {.parts = CATALOGUE_INDEX,
					       .warn = ui_settings_warning};
static const struct session_options writing = {.write = true};

/* The name picked from a menu; a text of the catalogue's. */
static int need_name(struct session *session, const char **ret, struct err *err)
{
	const struct token *picked;
	int error;

	if (session->catalogue.count == 0)
		return select_none(session, err);
	if (!prompt_possible()) {
		err_set(err, ERR_USAGE, "which token? no terminal to ask on");
		return err_hint(err, "hftoken switch NAME");
	}
	error = select_from_menu(session, "Which token shall be the default?", true, &picked,
				 err);
	if (!error)
		*ret = picked->name;
	return error;
}

static void put_answer(struct cli *cli, const struct session *session,
		       const struct token *token)
{
	struct json_out out = {.buf = &cli->out};

	if (cli_has(cli, OPT_JSON)) {
		json_begin(&out, NULL, '{');
		show_token_json(&out, "token", session, token);
		json_end(&out, '}');
		buf_add_char(&cli->out, '\n');
	} else if (cli_has(cli, OPT_QUIET)) {
		buf_printf(&cli->out, "%s\n", token->name);
	} else {
		buf_printf(&cli->out, "%s default token is now %s (%s)\n", ui_mark(UI_YES),
			   token->name, show_text(token->account));
		cli_flush(cli);
		show_env_warning(session, "is used in its place until you unset it");
	}
}

/* The default is one of the stored tokens; without any, a source's is used unasked. */
static int refuse_source(const char *name, struct err *err)
{
	AUTOBUF struct buf quoted = {0};

	select_foreign(name, err);
	if (strcmp(name, "env") == 0)
		return err_hint(err,
				"while %s is set it is used in place of the default "
				"token: there is nothing to switch",
				program_token_variable());
	if (text_starts_with(name, "hf:")) {
		text_quote(&quoted, name + strlen("hf:"));
		return err_hint(err, "hf auth switch --token-name %s has hf use it",
				buf_text(&quoted));
	}
	return err_hint(err, "the first mounted token is used where none is stored");
}

int cmd_switch(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOFOLLOW struct hf_follow follow = HF_FOLLOW_NONE;
	AUTOFREE char *picked = NULL;
	const char *name = NULL;
	struct token *token;
	int error = cli_token_name(cli, 0, &name, err);

	if (!error)
		error = session_open(&session, &reading, err);
	if (!error && !name)
		error = need_name(&session, &name, err);
	if (error)
		return error;
	if (source_is_name(name))
		return refuse_source(name, err);
	if (!catalogue_find(&session.catalogue, name))
		return select_no_such(name, err);
	picked = strdup(name);
	if (!picked)
		return err_no_memory(err);
	error = session_reload(&session, &writing, err);
	if (error)
		return error;
	token = catalogue_find(&session.catalogue, picked);
	if (!token)
		return select_no_such(picked, err);
	hf_follow_begin(&follow, &session);
	error = catalogue_set_default(&session.catalogue, token, err);
	if (!error)
		error = catalogue_commit(&session.catalogue, err);
	if (error)
		return error;
	put_answer(cli, &session, token);
	(void)follow_end(cli, &follow, &session);
	return 0;
}

/* The token that is to have another name, and may have it. */
static int find_renamed(const struct session *session, const char *old, const char *fresh,
			struct token **ret, struct err *err)
{
	*ret = catalogue_find(&session->catalogue, old);
	if (!*ret)
		return select_no_such(old, err);
	if (strcmp(old, fresh) != 0 && catalogue_find(&session->catalogue, fresh)) {
		err_set(err, ERR_FAILED, "there is a token named '%s' already", fresh);
		return err_hint(err, "rename that one first, or hftoken logout %s", fresh);
	}
	return 0;
}

static int check_names(const char *old, const char *fresh, struct err *err)
{
	int error;

	if (source_is_name(old)) {
		select_foreign(old, err);
		return err_hint(err, "only stored tokens can be renamed");
	}
	error = token_name_check(old, err);
	return error ? error : token_name_check(fresh, err);
}

/* Nothing of what goes by the old name is touched before the new one stands. */
static int rename_token(struct session *session, struct token *token, const char *fresh,
			struct rules_rename *rules, struct err *err)
{
	int error = settings_copy_token(&session->settings, token->name, fresh, err);

	if (!error)
		error = rules_rename_begin(rules, token->name, fresh, err);
	if (error)
		return error;
	token->name = catalogue_keep(&session->catalogue, fresh);
	return token->name ? catalogue_commit(&session->catalogue, err) : err_no_memory(err);
}

/* The token has its new name, whatever comes of this. */
static void follow_name(struct cli *cli, const struct session *session,
			struct rules_rename *rules)
{
	const char *old = cli->operands[0];
	struct err err = {0};
	int error = rules_rename_finish(rules, &err);

	if (error)
		err_context(&err, "rules still name '%s'", old);
	else
		error = settings_forget_token(&session->settings, old, &err);
	if (!error)
		return;
	cli_flush(cli);
	ui_error(&err);
	cli->exit_status = exit_status((enum err_code)error);
}

int cmd_rename(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTORULESRENAME struct rules_rename rules = RULES_RENAME_NONE;
	const char *old = cli->operands[0];
	const char *fresh = cli->operands[1];
	bool same = strcmp(old, fresh) == 0;
	struct token *token;
	int error = check_names(old, fresh, err);

	if (!error)
		error = session_open(&session, &writing, err);
	if (!error)
		error = find_renamed(&session, old, fresh, &token, err);
	if (!error && !same)
		error = rename_token(&session, token, fresh, &rules, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON) || cli_has(cli, OPT_QUIET))
		put_answer(cli, &session, token);
	else
		buf_printf(&cli->out, "%s %s is now %s\n", ui_mark(UI_YES), old, fresh);
	if (!same)
		follow_name(cli, &session, &rules);
	return 0;
}
