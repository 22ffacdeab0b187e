/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "cli/why.h"

static const struct session_options session_wants = {.parts = CATALOGUE_ALL,
						     .warn = ui_settings_warning};

/* Scripts want the answer, and on stderr nothing but errors. */
static bool is_silent(const struct cli *cli)
{
	return cli_has(cli, OPT_JSON) || cli_has(cli, OPT_QUIET);
}

static int read_operand(const struct cli *cli, struct why_question *ret, struct err *err)
{
	if (cli->operand_count == 0)
		return why_recall(ret, err);
	if (strcmp(cli->operands[0], "-") == 0)
		return why_read_complaint(ret, err);
	return repo_parse(cli->operands[0], &ret->repo, err);
}

static int read_question(const struct cli *cli, struct why_question *ret, struct err *err)
{
	int error = read_operand(cli, ret, err);

	if (error)
		return error;
	if (cli_has(cli, OPT_REVISION))
		(void)text_copy(ret->revision, sizeof(ret->revision),
				cli->values[OPT_REVISION]);
	if (cli_has(cli, OPT_FILE))
		(void)text_copy(ret->file, sizeof(ret->file), cli->values[OPT_FILE]);
	ret->write = ret->write || cli_has(cli, OPT_WRITE);
	if (cli_has(cli, OPT_WRITE) && (*ret->revision || *ret->file))
		return err_set(err, ERR_USAGE,
			       "--write does not go together with --revision and --file");
	ret->all = cli_has(cli, OPT_ALL);
	if (access_is_exempt(ret->file) && !is_silent(cli))
		ui_say("%s can be read in front of every gate: the repository is asked about "
		       "instead",
		       ret->file);
	return cli_token_name(cli, OPERANDS_MAX, &ret->name, err);
}

static bool is_bound(const struct session *session, const char *endpoint)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return false;
}

/*
 * The Hub that a URL names is asked in place of the one in force. What somebody pasted names hosts
 * that nobody has chosen: such a one is asked only if there are tokens for it.
 */
static int choose_endpoint(struct why *why, struct err *err)
{
	const char *named = why->question.repo.endpoint;
	struct hub_endpoint *endpoint = &why->session.endpoint;

	int error;

	if (!*named || strcmp(named, endpoint->origin) == 0)
		return 0;
	if (why->question.pasted && !is_bound(&why->session, named))
		return 0;
	error = show_check_place(&why->session, named, err);
	if (error)
		return error;
	(void)text_copy(endpoint->origin, sizeof(endpoint->origin), named);
	(void)text_copy(endpoint->url, sizeof(endpoint->url), named);
	return 0;
}

static void put(struct cli *cli, const struct why *why)
{
	if (cli_has(cli, OPT_JSON))
		why_put_json(cli, why);
	else if (!cli_has(cli, OPT_QUIET))
		why_put(cli, why);
	else if (why->picked >= 0 && why->evidence[why->picked].token)
		buf_printf(&cli->out, "%s\n", why->evidence[why->picked].token->name);
}

/* Whether somebody is there who goes to the page, mends it, and comes back. */
static bool may_wait(const struct cli *cli, const struct why *why)
{
	return why_has_page(why) && !is_silent(cli) && isatty(STDOUT_FILENO) &&
	       (why->question.pasted ? prompt_possible_on_tty() : prompt_possible());
}

static bool is_to_check_again(struct cli *cli, const struct why *why)
{
	struct err err = {0};

	if (!may_wait(cli, why))
		return false;
	cli_flush(cli);
	return !prompt_enter("\nDone? Press Enter to check again, q to leave: ", &err);
}

static int ask_once(struct cli *cli, struct why *why, struct err *err)
{
	int error = why_collect(why, err);

	if (!error)
		error = why_ask(why, err);
	if (error)
		return error;
	why_find_hf(why);
	why_find_way(why);
	cli->exit_status = why_status(why);
	return 0;
}

static enum cause cause_in_force(const struct why *why)
{
	return why->in_force < 0 ? CAUSE_COUNT : why->findings[why->in_force].cause;
}

/* What is as it was needs no second look. */
static int ask_again(struct cli *cli, struct why *why, struct err *err)
{
	enum cause before = cause_in_force(why);
	enum cause now;
	int error;

	why->question.again = true;
	why_forget(why);
	error = session_reload(&why->session, &session_wants, err);
	if (!error)
		error = ask_once(cli, why, err);
	if (error)
		return error;
	now = cause_in_force(why);
	buf_add_char(&cli->out, '\n');
	if (why->picked < 0 && now == before && now != CAUSE_COUNT) {
		AUTOBUF struct buf text = {0};

		buf_printf(&text, "still refused: %s (%s)", causes[now].words,
			   causes[now].name);
		ui_put_folded(&cli->out, 2, buf_text(&text));
		return 0;
	}
	if (now != before && now != CAUSE_COUNT && before != CAUSE_COUNT && why->picked < 0)
		buf_printf(&cli->out, "no longer %s, but %s:\n", causes[before].name,
			   causes[now].name);
	put(cli, why);
	return 0;
}

static void say_more(const struct cli *cli, const struct why *why)
{
	if (is_silent(cli))
		return;
	show_source_problems(&why->session);
	why_say_contradiction(why);
	if (why->left_out)
		ui_say("%zu more tokens are left out: hftoken why -n NAME", why->left_out);
}

static int answer(struct cli *cli, struct why *why, struct err *err)
{
	int error;

	why_remember(&why->question, why->session.endpoint.origin);
	error = ask_once(cli, why, err);
	if (error)
		return error;
	put(cli, why);
	cli_flush(cli);
	say_more(cli, why);
	while (!error && is_to_check_again(cli, why))
		error = ask_again(cli, why, err);
	return error;
}

int cmd_why(struct cli *cli, struct err *err)
{
	AUTOWHY struct why *why = why_new();
	int error;

	if (!why)
		return err_no_memory(err);
	error = read_question(cli, &why->question, err);
	if (!error && why->question.pasted && !is_silent(cli))
		why_say_complaint(&why->question.said);
	if (!error)
		error = session_open(&why->session, &session_wants, err);
	if (!error)
		error = choose_endpoint(why, err);
	if (error)
		return error;
	if (why->question.pasted && !why->question.said.has_repo)
		return why_answer_message(cli, why, err);
	return answer(cli, why, err);
}
