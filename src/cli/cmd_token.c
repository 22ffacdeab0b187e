/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "core/session_pick.h"

#define OUTPUT_MS 60000

/* The named one, which its owner may have whatever Hub it is for, and also when it has expired. */
static int choose(struct session *session, const struct resolve_request *request,
		  struct resolution *ret, struct err *err)
{
	int error;

	*ret = (struct resolution) {.source = SOURCE_EXPLICIT};
	if (request->name) {
		error = session_find(session, request->name, &ret->token, err);
		if (error || ret->token)
			return error;
	}
	error = session_resolve(session, request, ret, err);
	if (error || !ret->token)
		show_source_problems(session);
	if (error || ret->token)
		return error;
	return show_no_token(session, session->endpoint.origin, ret->bound > 0, err);
}

/* The one that the resolver picks for a repository; an explicit name stays one. */
static int choose_for_repo(struct cli *cli, struct session *session,
			   const struct resolve_request *request, struct resolution *ret,
			   struct err *err)
{
	AUTOSESSIONPICK struct session_pick picked = {0};
	struct session_question question = {.name = request->name};
	struct repo repo;
	int error = repo_parse(cli->values[OPT_REPO], &repo, err);

	if (error)
		return error;
	question.repo = &repo;
	question.endpoint = *repo.endpoint ? repo.endpoint : NULL;
	question.operation = cli_has(cli, OPT_WRITE) ? OPERATION_WRITE : OPERATION_READ;
	error = session_pick(session, &question, &picked, err);
	if (error)
		return error;
	ret->token = picked.pick.token;
	ret->source = picked.pick.source;
	if (ret->source == SOURCE_LAST_RESORT)
		ui_say("token '%s' was not allowed this when it was last asked about",
		       ret->token->name);
	if (ret->token)
		return 0;
	if (picked.pick.all_denied)
		err_set(err, ERR_REFUSED, "no token may do that");
	else
		err_set(err, ERR_NO_TOKEN, "no usable token for %s",
			picked.request.base.endpoint);
	return err_hint(err, "hftoken resolve --explain shows all of them");
}

int cmd_token(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret secret = {0};
	struct resolve_request request = {0};
	struct resolution pick;
	int error = cli_token_name(cli, 0, &request.name, err);

	if (!error)
		error = session_open(&session,
				     &(struct session_options) {.parts = CATALOGUE_INDEX,
								.one_secret = true,
								.warn = ui_settings_warning},
				     err);
	if (!error && cli_has(cli, OPT_WRITE) && !cli_has(cli, OPT_REPO))
		error = err_set(err, ERR_USAGE, "--write goes with --repo");
	if (!error)
		error = cli_has(cli, OPT_REPO)
				? choose_for_repo(cli, &session, &request, &pick, err)
				: choose(&session, &request, &pick, err);
	if (error)
		return error;
	if (token_has_expired(pick.token, time_now()))
		ui_warn("token '%s' has expired", pick.token->name);
	if (pick.token == session_env(&session))
		show_env_problem(&session);
	if (pick.source == SOURCE_ENVIRONMENT)
		ui_say("this is %s of the environment", program_token_variable());
	error = session_secret(&session, pick.token, &secret, err);
	if (!error && secret_add(&secret, "\n", 1))
		error = err_no_memory(err);
	/* Not by way of cli->out, which is no place for a secret. */
	if (!error &&
	    io_write_all(STDOUT_FILENO, secret.data, secret.size, deadline_in(OUTPUT_MS), err))
		error = err_set(err, ERR_FAILED, "cannot write to standard output");
	return error;
}
