/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/resolve.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"

static struct verdict_question question_of(const struct session_pick *picked)
{
	return (struct verdict_question) {.repo = picked->request.repo,
					  .operation = picked->pick.operation,
					  .outcomes = &picked->outcomes,
					  .now = picked->request.base.now};
}

/* Why, in one line for people, for the caller to buf_release(). */
static void reason_of(const struct session_pick *picked, const struct candidate *candidate,
		      struct buf *ret)
{
	const struct verdict_question question = question_of(picked);

	verdict_why(candidate, &question, ret);
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void put_repo(struct json_out *out, const struct repo *repo)
{
	char id[REPO_ID_SIZE];

	repo_id(repo, id);
	json_begin(out, "repo", '{');
	json_put_text(out, "type", repo_type_names[repo->type]);
	json_put_text(out, "id", id);
	json_end(out, '}');
}

static void put_candidate(struct json_out *out, const struct session_pick *picked,
			  const struct candidate *candidate)
{
	AUTOBUF struct buf why = {0};

	reason_of(picked, candidate, &why);
	json_begin(out, NULL, '{');
	json_put_text(out, "token", candidate->token->name);
	json_put_text(out, "verdict", verdict_names[candidate->verdict]);
	json_put_text(out, "reason", buf_text(&why));
	json_put_int(out, "breadth", candidate->breadth);
	json_end(out, '}');
}

static void put_json(struct cli *cli, const struct session_pick *picked)
{
	const struct pick *pick = &picked->pick;
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	put_repo(&out, picked->request.repo);
	json_put_text(&out, "endpoint", picked->request.base.endpoint);
	json_put_text(&out, "operation", operation_name(picked->request.operation));
	json_put_text(&out, "token", pick->token ? pick->token->name : NULL);
	json_put_text(&out, "source", resolve_source_names[pick->source]);
	json_put_text(&out, "verdict",
		      pick->judged ? verdict_names[pick->judged->verdict] : NULL);
	json_begin(&out, "candidates", '[');
	for (size_t i = 0; i < pick->count; i++)
		put_candidate(&out, picked, &pick->candidates[i]);
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* ---- words ------------------------------------------------------------------------------------ */

static enum ui_mark mark_of(const struct candidate *candidate)
{
	static const enum ui_mark marks[VERDICT_COUNT] = {UI_NO, UI_WARNING, UI_YES};

	return candidate ? marks[candidate->verdict] : UI_WARNING;
}

static void put_source(struct cli *cli, const struct session_pick *picked)
{
	static const char *const words[SOURCE_COUNT] = {
		[SOURCE_EXPLICIT] = "it was named",
		[SOURCE_ENVIRONMENT] = "is the default token while it is set",
		[SOURCE_DEFAULT] = "it is the default token",
		[SOURCE_WISH] = "it was named",
		[SOURCE_GRANT] = "of all tokens it is the best for this",
		[SOURCE_OUTCOME] = "it has worked here",
		[SOURCE_LAST_RESORT] =
			"nothing is better, and what speaks against it may no longer hold",
	};
	const struct rule *rule = picked->pick.rule;

	if (rule)
		buf_printf(&cli->out, "  by the rule '%s' in %s:%u\n", rule->pattern,
			   picked->rules.paths[rule->file], rule->line);
	else if (picked->pick.source == SOURCE_ENVIRONMENT)
		buf_printf(&cli->out, "  %s %s\n", program_token_variable(),
			   words[SOURCE_ENVIRONMENT]);
	else if (words[picked->pick.source])
		buf_printf(&cli->out, "  %s\n", words[picked->pick.source]);
}

static void put_pick(struct cli *cli, const struct session_pick *picked)
{
	const struct pick *pick = &picked->pick;
	AUTOBUF struct buf why = {0};
	char id[REPO_ID_SIZE];

	repo_text(picked->request.repo, id);
	if (pick->judged)
		reason_of(picked, pick->judged, &why);
	buf_printf(
		&cli->out, "%s %s (%s) to %s %s: %s\n", ui_mark(mark_of(pick->judged)),
		pick->token->name,
		show_text(pick->judged ? pick->judged->known->account : pick->token->account),
		operation_name(picked->request.operation), id, buf_text(&why));
	put_source(cli, picked);
}

static void put_table(struct cli *cli, const struct session_pick *picked)
{
	static const char *const heads[] = {"",        "token",   "account",
					    "verdict", "breadth", "why"};
	/* Whoever reads it from a pipe wants all of it. */
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads),
					   .fit = isatty(STDOUT_FILENO)};

	for (size_t i = 0; i < table.columns; i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < picked->pick.count; i++) {
		const struct candidate *candidate = &picked->pick.candidates[i];
		AUTOBUF struct buf why = {0};
		char breadth[16];

		reason_of(picked, candidate, &why);
		(void)snprintf(breadth, sizeof(breadth), "%u", candidate->breadth);
		ui_table_add(&table, UI_GREEN,
			     candidate->token == picked->pick.token ? "*" : "");
		ui_table_add(&table, UI_BOLD, candidate->token->name);
		ui_table_add(&table, UI_PLAIN, show_text(candidate->known->account));
		ui_table_add(&table, candidate->verdict == VERDICT_DENIES ? UI_RED : UI_PLAIN,
			     verdict_names[candidate->verdict]);
		ui_table_add(&table, UI_PLAIN, breadth);
		ui_table_add(&table, UI_PLAIN, buf_text(&why));
	}
	ui_table_print(&table, &cli->out);
	buf_add_char(&cli->out, '\n');
}

static void put_request(struct cli *cli, const struct session_pick *picked)
{
	char id[REPO_ID_SIZE];

	repo_text(picked->request.repo, id);
	buf_printf(&cli->out,
		   "To %s %s (%s) at %s\n"
		   "breadth: how much else a token may do; of equal ones the least is used\n\n",
		   operation_name(picked->request.operation), id,
		   repo_type_names[picked->request.repo->type], picked->request.base.endpoint);
}

/* ---- what gets in the way --------------------------------------------------------------------- */

static void warn_of_rules(const struct session *session, const struct session_pick *picked)
{
	for (size_t i = 0; i < picked->rule_list.count; i++) {
		const struct rule *rule = &picked->rule_list.rules[i];
		AUTOBUF struct buf problem = {0};

		if (rule == picked->pick.rule)
			break;
		session_rule_problem(session, rule, &problem);
		if (problem.size)
			ui_warn("%s:%u: %s", picked->rules.paths[rule->file], rule->line,
				buf_text(&problem));
	}
	if (picked->pick.rule && picked->pick.judged &&
	    picked->pick.judged->verdict == VERDICT_DENIES)
		ui_warn("the rule's token is known to be refused");
}

static int nothing(const struct session *session, const struct session_pick *picked,
		   struct err *err)
{
	const char *endpoint = picked->request.base.endpoint;
	char id[REPO_ID_SIZE];

	repo_text(picked->request.repo, id);
	if (picked->pick.count == 0) {
		if (show_check_place(session, endpoint, err))
			return err->code;
		err_set(err, ERR_NO_TOKEN, "no usable token for %s", endpoint);
		if (strcmp(endpoint, session->endpoint.origin) == 0)
			return err_hint(err, "hftoken login");
		return err_hint(err, "hftoken login --endpoint %s", endpoint);
	}
	err_set(err, ERR_REFUSED, "no token may %s %s",
		operation_name(picked->request.operation), id);
	return err_hint(err, "hftoken %s%s %s",
			picked->request.has_asked ? "why" : "resolve --explain",
			picked->request.operation == OPERATION_WRITE ? " --write" : "", id);
}

int resolving_show(struct cli *cli, const struct resolving *resolving, struct err *err)
{
	const struct session_pick *picked = &resolving->picked;
	bool explain = cli_has(cli, OPT_EXPLAIN);
	const struct token *token = picked->pick.token;

	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, picked);
		if (!token)
			cli->exit_status = exit_status(picked->pick.count ? ERR_REFUSED
									  : ERR_NO_TOKEN);
		return 0;
	}
	if (explain) {
		put_request(cli, picked);
		if (picked->pick.count)
			put_table(cli, picked);
	}
	if (token && cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s\n", token->name);
	else if (token)
		put_pick(cli, picked);
	cli_flush(cli);
	warn_of_rules(&resolving->session, picked);
	return token ? 0 : nothing(&resolving->session, picked, err);
}

/* ---- the question ----------------------------------------------------------------------------- */

void resolving_release(struct resolving *resolving)
{
	session_pick_release(&resolving->picked);
	session_release(&resolving->session);
}

int resolving_begin(struct cli *cli, struct resolving *resolving, struct err *err)
{
	struct session_question *question = &resolving->question;
	int error = repo_parse(cli->operands[0], &resolving->repo, err);

	*question = (struct session_question) {.explain = true};
	if (!error)
		error = cli_token_name(cli, 1, &question->name, err);
	if (!error)
		error = session_open(&resolving->session,
				     &(struct session_options) {.parts = CATALOGUE_INDEX,
								.warn = ui_settings_warning},
				     err);
	if (error)
		return error;
	question->repo = &resolving->repo;
	question->endpoint = *resolving->repo.endpoint ? resolving->repo.endpoint : NULL;
	question->operation = cli_has(cli, OPT_WRITE) ? OPERATION_WRITE : OPERATION_READ;
	return session_pick(&resolving->session, question, &resolving->picked, err);
}

int resolving_again(struct resolving *resolving, const struct outcome_news news[], size_t count,
		    struct err *err)
{
	session_pick_release(&resolving->picked);
	resolving->picked = (struct session_pick) {0};
	resolving->question.has_asked = true;
	resolving->question.news = news;
	resolving->question.news_count = count;
	return session_pick(&resolving->session, &resolving->question, &resolving->picked, err);
}

int cmd_resolve(struct cli *cli, struct err *err)
{
	AUTORESOLVING struct resolving resolving = RESOLVING_NONE;
	int error = resolving_begin(cli, &resolving, err);

	return error ? error : resolving_show(cli, &resolving, err);
}
