/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/forget.h"

#include <string.h>

#include "base/text.h"
#include "cli/follow.h"
#include "cli/removable.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/flight.h"
#include "core/plain.h"
#include "core/rules.h"

static void put_json(struct cli *cli, const struct session *session,
		     const struct removable *removable)
{
	const struct selection *selection = &removable->gone;
	const struct token *chosen = catalogue_default(&session->catalogue,
						       session->endpoint.origin);
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "removed", '[');
	for (size_t i = 0; i < selection->count; i++)
		json_put_text(&out, NULL, selection->refs[i].name);
	json_end(&out, ']');
	json_put_text(&out, "default", chosen ? chosen->name : NULL);
	removable_put_json(&out, removable);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* The default token's name, "" if there is none. */
static const char *default_name(const struct session *session)
{
	const struct token *chosen = catalogue_default(&session->catalogue,
						       session->endpoint.origin);

	return chosen ? chosen->name : "";
}

/* `before`: the default token's name before. */
static void put_words(struct cli *cli, const struct session *session,
		      const struct selection *selection, const char *done, const char *before)
{
	const char *chosen = default_name(session);
	bool changed = strcmp(chosen, before) != 0;

	for (size_t i = 0; i < selection->count; i++)
		buf_printf(&cli->out, "%s %s %s\n", ui_mark(UI_YES), done,
			   selection->refs[i].name);
	if (changed && *chosen)
		buf_printf(&cli->out, "default token: %s\n", chosen);
	cli_flush(cli);
	if (changed && !*chosen && session->catalogue.count)
		ui_hint("there is no default token now: hftoken switch NAME");
	show_env_warning(session, "keeps you logged in");
}

static void add_path(const char *path, void *user)
{
	struct buf *paths = user;

	/* Two tokens in one file are one line. */
	if (!paths->data || !strstr(paths->data, path))
		buf_printf(paths, "%s\n", path);
}

/* The files of sources that have it: of those, plain_search() knows huggingface_hub's only. */
static void search_sources(const struct sources *sources, const struct secret *secret,
			   struct buf *paths)
{
	for (size_t i = 0; i < sources->count && secret->size; i++) {
		if (secret_equal(&sources->details[i].secret, secret))
			add_path(sources->details[i].location, paths);
	}
}

/* Where the values lie besides; looked up before they are gone. A store's trouble comes later. */
static void search_copies(struct session *session, const struct selection *selection,
			  struct buf *paths)
{
	const char *closed = NULL;

	for (size_t i = 0; i < selection->count; i++) {
		AUTOSECRET struct secret secret = {0};
		const struct token *token = catalogue_find(&session->catalogue,
							   selection->refs[i].name);
		int error;

		/* A store that cannot be read now is not waited for again and again. */
		if (!token || (closed && strcmp(token->store, closed) == 0))
			continue;
		error = session_secret(session, token, &secret, NULL);
		if (error && !session_is_gone(error))
			closed = token->store;
		if (error)
			continue;
		plain_search(&secret, add_path, paths);
		search_sources(session->sources, &secret, paths);
	}
}

/* `gone`: a path that was rewritten or removed meanwhile; NULL if none. */
static void warn_of_copies(struct buf *paths, const char *gone)
{
	char *rest = paths->data;
	char *path;

	while (rest && (path = strsep(&rest, "\n")) != NULL) {
		if (*path && !(gone && strcmp(path, gone) == 0))
			ui_warn("the same token still lies in plain text in %s", path);
	}
}

static bool has_gone(const struct selection *gone, const char *name)
{
	for (size_t i = 0; i < gone->count; i++) {
		if (strcmp(gone->refs[i].name, name) == 0)
			return true;
	}
	return false;
}

/* They are kept, since a token of that name may come back. */
static void warn_of_rules(const struct selection *gone)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list list = {0};

	if (rules_load(&rules, NULL) || rules_list(&rules, &list, NULL))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct rule *rule = &list.rules[i];

		if (!rule->problem && has_gone(gone, rule->token))
			ui_warn("the rule for '%s' names '%s', which is gone (%s:%u)",
				rule->pattern, rule->token, rules.paths[rule->file],
				rule->line);
	}
}

static void put_answer(struct cli *cli, const struct session *session,
		       const struct removable *removable, const char *done, const char *before)
{
	const struct selection *selection = &removable->gone;

	if (cli_has(cli, OPT_JSON))
		put_json(cli, session, removable);
	else if (cli_has(cli, OPT_QUIET))
		for (size_t i = 0; i < selection->count; i++)
			buf_printf(&cli->out, "%s\n", selection->refs[i].name);
	else
		put_words(cli, session, selection, done, before);
}

int forget_tokens(struct cli *cli, struct session *session, const struct selection *selection,
		  const char *done, struct err *err)
{
	AUTOFOLLOW struct hf_follow follow = HF_FOLLOW_NONE;
	AUTOREMOVABLE struct removable removable = {.why = NULL};
	AUTOBUF struct buf paths = {0};
	char before[TOKEN_NAME_MAX + 1] = "";
	enum hf_outcome outcome;
	bool gone = true;
	int error;

	error = session_search(session, err);
	if (error)
		return error;
	hf_token_sweep();
	search_copies(session, selection, &paths);
	error = session_reload(session, &(struct session_options) {.write = true}, err);
	if (!error)
		error = removable_find(session, selection, &removable, err);
	if (error)
		return error;
	if (selection->count == 1 && removable.stays.count == 1) {
		*err = removable.why[0];
		return err->code;
	}
	selection = &removable.gone;
	(void)text_copy(before, sizeof(before), default_name(session));
	hf_follow_begin(&follow, session);
	for (size_t i = 0; i < selection->count; i++)
		hf_follow_take(&follow, session, selection->refs[i].name);
	if (selection->count)
		error = session_remove(session, selection->refs, selection->count, &gone, err);
	if (!gone) {
		hf_follow_give_back(&follow);
		return error;
	}
	flight_sweep();
	if (!error)
		put_answer(cli, session, &removable, done, before);
	/* Also where only a store has failed: what lies elsewhere matters all the more. */
	outcome = follow_end(cli, &follow, session);
	cli_flush(cli);
	warn_of_copies(&paths,
		       outcome == HF_WRITTEN || outcome == HF_REMOVED ? follow.now.path : NULL);
	if (!error) {
		warn_of_rules(&removable.gone);
		removable_say(cli, &removable);
	}
	return error;
}
