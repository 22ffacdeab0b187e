/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"

#include "cli/inquiry.h"
#include "cli/run.h"
#include "cli/scopes.h"
#include "cli/select.h"
#include "cli/show.h"
#include "cli/ui.h"

static void release(struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->count; i++)
		grants_release(&scopes->sheets[i].grants);
	free(scopes->sheets);
}

/* ---- which tokens ----------------------------------------------------------------------------- */

static int add_named(struct session *session, const char *name, struct inquiry *inquiry,
		     struct err *err)
{
	const struct token *token = NULL;
	int error = session_find(session, name, &token, err);

	if (error)
		return error;
	if (!token)
		return select_no_such(name, err);
	inquiry_add(inquiry, token);
	return 0;
}

/* None was named: the one that is used where nothing else is said. */
static int add_default(struct session *session, const char *endpoint, struct inquiry *inquiry,
		       struct err *err)
{
	struct resolve_request request = {.endpoint = endpoint};
	struct resolution pick;
	int error = session_resolve(session, &request, &pick, err);

	if (error)
		return error;
	if (!pick.token)
		return show_no_token(session, endpoint ? endpoint : session->endpoint.origin,
				     pick.bound > 0, err);
	inquiry_add(inquiry, pick.token);
	return 0;
}

static int select_any(const struct cli *cli, struct session *session, const char *endpoint,
		      struct inquiry *inquiry, struct err *err)
{
	const char *name = cli_has(cli, OPT_NAME) ? cli->values[OPT_NAME]
						  : getenv("HFTOKEN_NAME");
	int error = 0;

	if (cli_has(cli, OPT_ALL) && (cli->operand_count || cli_has(cli, OPT_NAME)))
		return err_set(err, ERR_USAGE, "--all and a name do not go together");
	if (cli_has(cli, OPT_ALL))
		return inquiry_add_all(inquiry, session, err);
	for (unsigned i = 0; i < cli->operand_count && !error; i++)
		error = add_named(session, cli->operands[i], inquiry, err);
	if (!error && cli_has(cli, OPT_NAME))
		error = add_named(session, cli->values[OPT_NAME], inquiry, err);
	else if (!error && !inquiry->count && name && *name)
		error = add_named(session, name, inquiry, err);
	if (!error && !inquiry->count)
		error = add_default(session, endpoint, inquiry, err);
	return error;
}

/* A token goes to the Hub that it is bound to: one of another Hub has nothing to do with this one. */
static int keep_bound(const struct cli *cli, const struct session *session,
		      const char *endpoint, struct inquiry *inquiry, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < inquiry->count; i++) {
		if (strcmp(inquiry->tokens[i]->endpoint, endpoint) == 0)
			inquiry->tokens[kept++] = inquiry->tokens[i];
		else if (!cli_has(cli, OPT_ALL))
			return err_set(err, ERR_USAGE, "'%s' is a token for %s, and not for %s",
				       inquiry->tokens[i]->name, inquiry->tokens[i]->endpoint,
				       endpoint);
	}
	inquiry->count = kept;
	return kept ? 0 : show_no_token(session, endpoint, false, err);
}

static int select_them(const struct cli *cli, struct session *session, const struct repo *repo,
		       struct inquiry *inquiry, struct err *err)
{
	const char *endpoint = repo && *repo->endpoint ? repo->endpoint : NULL;
	int error = select_any(cli, session, endpoint, inquiry, err);

	if (!error && endpoint)
		error = keep_bound(cli, session, endpoint, inquiry, err);
	if (error == ERR_NO_TOKEN && endpoint && show_check_place(session, endpoint, err))
		return err->code;
	return error;
}

/* ---- what is known of them -------------------------------------------------------------------- */

/* Of a source's token nothing is kept, but the same token may be stored too. */
static int read_sheet(struct session *session, const struct token *token,
		      const struct hub_whoami *ask, struct sheet *ret, struct err *err)
{
	const struct token *twin = NULL;

	ret->token = token;
	if (!*token->id)
		ret->where = sources_location(session->sources, token);
	if (ask->status == HUB_OK && ask->identity.document)
		return grants_from_identity(&ask->identity, &ret->grants, err);
	if (!*token->id)
		twin = session_twin(session, token);
	if (twin)
		ret->twin = twin->name;
	return grants_from_token(twin ? twin : token, &ret->grants, err);
}

static int read_sheets(struct session *session, const struct inquiry *inquiry,
		       struct scopes *scopes, struct err *err)
{
	int error = 0;

	scopes->sheets = calloc(inquiry->count + 1, sizeof(*scopes->sheets));
	if (!scopes->sheets)
		return err_no_memory(err);
	for (size_t i = 0; i < inquiry->count && !error; i++) {
		error = read_sheet(session, inquiry->tokens[i], &inquiry->asks[i],
				   &scopes->sheets[i], err);
		if (error)
			err_context(err, "%s", inquiry->tokens[i]->name);
		else
			scopes->count++;
	}
	return error;
}

/* ---- output ----------------------------------------------------------------------------------- */

static bool can_read(const struct scopes *scopes, const struct sheet *sheet)
{
	struct grants_answer answer;

	scopes_ask(scopes, sheet, GRANTS_READ, &answer);
	return answer.verdict != VERDICT_DENIES;
}

static void put_quiet(struct cli *cli, const struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->count; i++) {
		if (!scopes->repo || can_read(scopes, &scopes->sheets[i]))
			buf_printf(&cli->out, "%s\n", scopes->sheets[i].token->name);
	}
}

static void put_people(struct cli *cli, const struct scopes *scopes)
{
	bool side_by_side = cli_has(cli, OPT_ALL);

	if (side_by_side && scopes->repo)
		scopes_put_repo_table(&cli->out, scopes);
	else if (side_by_side)
		scopes_put_table(&cli->out, scopes);
	for (size_t i = 0; i < scopes->count && !side_by_side; i++) {
		if (i)
			buf_add_char(&cli->out, '\n');
		if (scopes->repo)
			scopes_put_repo(&cli->out, scopes, &scopes->sheets[i]);
		else
			scopes_put_sheet(&cli->out, scopes, &scopes->sheets[i]);
	}
}

/* Of several, one hint for all. */
static void hint_refresh(const struct cli *cli, const struct scopes *scopes)
{
	const char *name = NULL;
	size_t unknown = 0;

	for (size_t i = 0; i < scopes->count; i++) {
		if (scopes->sheets[i].grants.known)
			continue;
		name = scopes->sheets[i].token->name;
		unknown++;
	}
	if (!unknown || cli_has(cli, OPT_REFRESH))
		return;
	/* What is told of a source's token is kept nowhere: it must be asked with the question. */
	ui_hint("hftoken scopes %s%s%s --refresh", unknown > 1 ? "--all" : name,
		scopes->repo ? " --repo " : "", scopes->repo ? cli->values[OPT_REPO] : "");
}

static int read_repo(const struct cli *cli, struct repo *repo, struct scopes *scopes,
		     struct err *err)
{
	if (!cli_has(cli, OPT_REPO))
		return 0;
	scopes->repo = repo;
	return repo_parse(cli->values[OPT_REPO], repo, err);
}

/* A repository that none of them can read is news that a script wants to see. */
static int status_of(const struct scopes *scopes, int asked)
{
	bool any = !scopes->repo;

	for (size_t i = 0; i < scopes->count && !any; i++)
		any = can_read(scopes, &scopes->sheets[i]);
	return asked || any ? asked : exit_status(ERR_REFUSED);
}

static bool is_account(const struct session *session, const char *name)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (*name && text_equal_fold(session->catalogue.tokens[i].account, name))
			return true;
	}
	return false;
}

int cmd_scopes(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOINQUIRY struct inquiry inquiry = {.count = 0};
	CLEANUP(release) struct scopes scopes = {.now = time_now()};
	bool refresh = cli_has(cli, OPT_REFRESH);
	struct repo repo;
	int error = read_repo(cli, &repo, &scopes, err);

	if (!error)
		error = session_open(&session,
				     &(struct session_options) {.parts = CATALOGUE_ALL,
								.warn = ui_settings_warning},
				     err);
	if (!error && cli_has(cli, OPT_ALL))
		error = session_search(&session, err);
	if (!error)
		error = inquiry_init(&inquiry,
				     session.catalogue.count + SOURCES_MAX + OPERANDS_MAX, err);
	if (!error)
		error = select_them(cli, &session, scopes.repo, &inquiry, err);
	if (!error && refresh)
		error = inquiry_ask(&inquiry, &session, inquiry.count == 1, err);
	if (!error)
		error = read_sheets(&session, &inquiry, &scopes, err);
	if (error)
		return error;
	scopes.owner_is_person = scopes.repo && is_account(&session, scopes.repo->namespace);
	if (cli_has(cli, OPT_JSON))
		scopes_put_json(&cli->out, &scopes);
	else if (cli_has(cli, OPT_QUIET))
		put_quiet(cli, &scopes);
	else
		put_people(cli, &scopes);
	cli_flush(cli);
	if (refresh)
		inquiry_say_troubles(&inquiry);
	if (!cli_has(cli, OPT_JSON) && !cli_has(cli, OPT_QUIET))
		hint_refresh(cli, &scopes);
	cli->exit_status = status_of(&scopes, refresh ? inquiry_status(&inquiry) : 0);
	return 0;
}
