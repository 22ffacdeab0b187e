/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From "this token may" to "this token is used": what hf would send as things are, and the commands
 * after which git and hf both use the pick. hf asks nobody: it sends HF_TOKEN, else what lies in its
 * token file, which only `hftoken setup hf` fills.
 */
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/why.h"
#include "core/hf_follow.h"
#include "core/plain.h"

#define ONCE "HF_TOKEN=$(hftoken token " /* for one run, where nothing lasts */

/* ---- what hf sends ---------------------------------------------------------------------------- */

void why_find_hf(struct why *why)
{
	struct why_hf *hf = &why->hf;
	struct err err = {0};

	hf_token_release(&hf->file);
	*hf = (struct why_hf) {.entry = -1, .entry_of_file = -1, .file = HF_TOKEN_NONE};
	hf->counts = strcmp(why->session.source_endpoint, why->session.endpoint.origin) == 0 &&
		     !session_search(&why->session, &err);
	if (!hf->counts)
		return;
	hf->token = session_env(&why->session);
	if (!hf->token)
		hf->token = why->session.sources->active;
	hf->entry = why_entry_of(why, hf->token);
	hf->entry_of_file = why_entry_of(why, why->session.sources->active);
	hf->looked = !hf_token_look(&hf->file, &why->session, &err);
}

/* Short, as people write it: ~/.cache/huggingface/token. */
static void put_path(struct buf *out, const char *path)
{
	const char *home = getenv("HOME");
	size_t size = home ? strlen(home) : 0;

	if (size > 1 && strncmp(path, home, size) == 0 && path[size] == '/')
		buf_printf(out, "~%s", path + size);
	else
		buf_add_text(out, path);
}

/* The stored token of the same value, else what is seen of it. */
static const char *identity_of(const struct why *why, const struct token *token)
{
	int which = why_entry_of(why, token);
	int twin = which < 0 ? -1 : why->entries[which].twin;

	if (twin >= 0 && *why->entries[twin].token->id)
		return why->entries[twin].token->name;
	if (strcmp(token->store, "env") != 0 && strcmp(token->name, "hf:token") != 0)
		return token->name;
	return token->masked;
}

void why_put_hf(struct cli *cli, const struct why *why)
{
	const struct why_hf *hf = &why->hf;
	AUTOFREE char *path = plain_hf_path();
	AUTOBUF struct buf line = {0};

	if (!hf->counts)
		return;
	if (!hf->token) {
		buf_add_text(&cli->out, "hf finds no token\n");
		return;
	}
	buf_add_text(&line, "hf and other tools use the token in ");
	if (hf->token == session_env(&why->session))
		buf_add_text(&line, program_token_variable());
	else
		put_path(&line, path ? path : "its file");
	buf_printf(&line, " (%s)", identity_of(why, hf->token));
	if (hf->entry >= 0 && why->findings[hf->entry].verdict == FINDING_DENIED)
		buf_add_text(&line, ", which is refused");
	ui_put_folded(&cli->out, 0, buf_text(&line));
}

/* ---- commands --------------------------------------------------------------------------------- */

static void add_reason(struct why *why, const char *reason, const char *name)
{
	buf_printf(&why->reasons, "%s%s%s", why->reasons.size ? "; " : "", reason, name);
}

/* In the way of all that is stored, as long as it is set. */
static bool has_bad_env(const struct why *why)
{
	const struct token *env = session_env(&why->session);
	int which = why_entry_of(why, env);

	return env && which != why->picked && !why_is_allowed(why, which) &&
	       strcmp(env->endpoint, why->session.endpoint.origin) == 0;
}

static bool is_default(const struct why *why, const struct token *token)
{
	return *token->id &&
	       catalogue_default(&why->session.catalogue, token->endpoint) == token;
}

/*
 * The default token, if it may: what git and hf use once nothing is in its way. A weaker one shall not
 * replace it for the sake of one repository. NULL if it may not.
 */
static const struct token *good_default(const struct why *why)
{
	const struct token *token = catalogue_default(&why->session.catalogue,
						      why->session.endpoint.origin);

	return why_is_allowed(why, why_entry_of(why, token)) ? token : NULL;
}

static void add_rule(struct why *why, const struct token *token)
{
	char id[REPO_ID_SIZE];

	repo_text(&why->question.repo, id);
	buf_printf(&why->way, "hftoken rule add '%s' %s\n", *why->git.rule ? why->git.rule : id,
		   token->name);
}

/* What git is given. `ret_switch`: the pick has to become the default token. */
static void add_git(struct why *why, const struct token *token, bool bad_env, bool *ret_switch)
{
	const struct token *used = why->in_force < 0 ? NULL : why->entries[why->in_force].token;

	if (why->in_force == why->picked || (!*token->id && !why->session.catalogue.count))
		return;
	if (*why->git.rule) {
		AUTOBUF struct buf reason = {0};

		buf_printf(&reason, "the rule '%s' sends ", why->git.rule);
		add_reason(why, buf_text(&reason), used ? why_name(used) : "another");
		add_rule(why, token);
	} else if (bad_env && good_default(why)) {
		return; /* then nothing but the variable is in the way */
	} else if (*token->id && !good_default(why) && (why->git.by_default || bad_env)) {
		*ret_switch = true;
	} else {
		add_reason(why, "git is given ", used ? why_name(used) : "nothing");
		add_rule(why, token);
	}
}

static void add_once(struct why *why, const struct token *token)
{
	buf_printf(&why->way, ONCE "%s) ...\n", token->name);
}

/* A source's token: hf knows its own by name, and none of the others. */
static void add_hf_source(struct why *why, const struct token *token)
{
	if (strcmp(token->store, "hf") == 0 && text_starts_with(token->name, "hf:"))
		buf_printf(&why->way, "hf auth switch --token-name '%s'\n",
			   token->name + strlen("hf:"));
	else
		add_once(why, token);
}

/* A token in hf's file that nobody else keeps is stored first, unless it is dead. */
static void add_setup(struct why *why)
{
	const struct hf_token *file = &why->hf.file;
	int which = why->hf.entry_of_file;
	bool dead = which < 0 || why->findings[which].cause == CAUSE_TOKEN_INVALID ||
		    why->findings[which].cause == CAUSE_TOKEN_EXPIRED;

	if (file->content != HF_FOREIGN) {
		buf_add_text(&why->way, "hftoken setup hf\n");
	} else if (*file->name || !*file->masked || dead) {
		buf_add_text(&why->way, "hftoken setup hf --force\n");
	} else {
		buf_printf(&why->way, "hftoken login --token-file '%s'\n", file->path);
		buf_add_text(&why->way, "hftoken setup hf\n");
	}
}

static void add_hf(struct why *why, const struct token *token, bool *ret_switch)
{
	const struct why_hf *hf = &why->hf;
	bool follows = why->session.settings.hf_follow && hf->file.content == HF_STORED;

	if (!*token->id) {
		add_hf_source(why, token);
		return;
	}
	if (!hf->looked || hf->file.content == HF_SESSION) {
		add_once(why, token);
		return;
	}
	if (!is_default(why, token))
		*ret_switch = true;
	if (!follows || !*ret_switch)
		add_setup(why);
}

/* `switch` goes before what makes hf follow the default token. */
static void put_first(struct why *why, const char *command, const char *name)
{
	AUTOBUF struct buf rest = why->way;

	why->way = (struct buf) {0};
	buf_printf(&why->way, "%s%s\n%s", command, name, buf_text(&rest));
}

/*
 * Another default token changes nothing where a rule decides, and nothing for the better where the
 * default one may.
 */
static void mend_remedies(struct why *why, const struct token *token)
{
	AUTOBUF struct buf rule = {0};

	if (*why->git.rule)
		buf_printf(&rule, "hftoken rule add '%s' %s", why->git.rule, token->name);
	for (size_t i = 0; (rule.size || good_default(why)) && i < why->count; i++) {
		struct remedy *remedy = &why->findings[i].remedy;

		if (text_starts_with(remedy->command, "hftoken switch ") &&
		    !text_copy(remedy->command, sizeof(remedy->command), buf_text(&rule)))
			*remedy->command = '\0';
	}
}

static void say_hf(struct why *why, bool bad_env)
{
	if (!why->hf.token)
		add_reason(why, "hf finds no token", "");
	else if (!bad_env)
		add_reason(why, "hf is refused", "");
	else if (why->hf.entry_of_file >= 0)
		add_reason(why, "what hf has in its file is refused", "");
}

/* By what is seen of it: the other one was not asked about, and may have another name. */
static bool is_what_hf_sends(const struct why *why, const struct token *token)
{
	const struct token *sent = why->hf.token;

	return sent && (sent == token || strcmp(sent->masked, token->masked) == 0);
}

/* Whether it gets through with what it sends once HF_TOKEN is out of the way, be it nothing. */
static bool is_hf_fine(const struct why *why, bool bad_env)
{
	const struct repo_facts *facts = &why->access.facts;
	const struct token *token = bad_env ? why->session.sources->active : why->hf.token;

	if (!token)
		return facts->is_private == NO && facts->gate == GATE_NONE &&
		       !why->question.write;
	return why_is_allowed(why, bad_env ? why->hf.entry_of_file : why->hf.entry);
}

void why_find_way(struct why *why)
{
	const struct token *token = why->picked < 0 ? NULL : why->entries[why->picked].token;
	bool bad_env = has_bad_env(why);
	bool wants_switch = false;

	buf_clear(&why->reasons);
	buf_clear(&why->way);
	if (!token)
		return;
	if (why->question.name) {
		if (why->hf.counts && !is_what_hf_sends(why, token))
			add_once(why, token);
		return;
	}
	if (bad_env)
		add_reason(why, program_token_variable(), " is in its way");
	add_git(why, token, bad_env, &wants_switch);
	if (why->hf.counts && !is_hf_fine(why, bad_env)) {
		say_hf(why, bad_env);
		add_hf(why, good_default(why) ? good_default(why) : token, &wants_switch);
	}
	if (wants_switch && !is_default(why, token))
		put_first(why, "hftoken switch ", token->name);
	if (bad_env && !text_starts_with(buf_text(&why->way), ONCE))
		put_first(why, "unset ", program_token_variables());
	mend_remedies(why, token);
}
