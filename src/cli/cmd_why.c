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
	if (access_is_exempt(ret->file))
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
static void choose_endpoint(struct why *why)
{
	const char *named = why->question.repo.endpoint;
	struct hub_endpoint *endpoint = &why->session.endpoint;

	if (!*named || strcmp(named, endpoint->origin) == 0)
		return;
	if (why->question.pasted && !is_bound(&why->session, named))
		return;
	(void)text_copy(endpoint->origin, sizeof(endpoint->origin), named);
	(void)text_copy(endpoint->url, sizeof(endpoint->url), named);
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

/* Whether somebody is there who goes to the page, mends it, and comes back; then waits for that. */
static bool is_to_check_again(struct cli *cli, struct why *why)
{
	struct err err = {0};

	if (!why_has_page(why) || cli_has(cli, OPT_JSON) || cli_has(cli, OPT_QUIET) ||
	    !isatty(STDOUT_FILENO) || !prompt_possible())
		return false;
	cli_flush(cli);
	return !prompt_enter("\nDone there? Press Enter to check again, Ctrl-C to leave: ",
			     &err);
}

static int ask_once(struct cli *cli, struct why *why, struct err *err)
{
	int error = why_collect(why, err);

	if (!error)
		error = why_ask(why, err);
	if (error)
		return error;
	put(cli, why);
	cli->exit_status = why_status(why);
	return 0;
}

int cmd_why(struct cli *cli, struct err *err)
{
	AUTOWHY struct why *why = why_new();
	int error;

	if (!why)
		return err_no_memory(err);
	error = read_question(cli, &why->question, err);
	if (!error)
		error = session_open(&why->session, &session_wants, err);
	if (error)
		return error;
	choose_endpoint(why);
	why_remember(&why->question, why->session.endpoint.origin);
	error = ask_once(cli, why, err);
	show_source_problems(&why->session);
	if (!error && why->left_out)
		ui_say("%zu more tokens are left out: hftoken why -n NAME", why->left_out);
	while (!error && is_to_check_again(cli, why)) {
		why->question.again = true;
		why_forget(why);
		error = session_reload(&why->session, &session_wants, err);
		if (!error)
			error = ask_once(cli, why, err);
	}
	return error;
}
