/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/git_remark.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mask.h"
#include "base/text.h"

#define LINE_SIZE 512
#define SAY_MS    1000

void git_say(const char *format, ...)
{
	static const char prefix[] = "hftoken: ";
	char line[LINE_SIZE];
	va_list args;
	size_t size;

	(void)text_copy(line, sizeof(line), prefix);
	va_start(args, format);
	(void)vsnprintf(line + strlen(prefix), sizeof(line) - sizeof(prefix) - 1, format, args);
	va_end(args);
	mask_tokens(line);
	text_disarm(line);
	size = strlen(line);
	line[size++] = '\n';
	if (io_write_all(STDERR_FILENO, line, size, deadline_in(SAY_MS), NULL))
		trace("nobody reads what we say");
}

/* "; FILE:LINE is left out: there is no token named 'gone'" of the best rule that does not count; or "". */
static void put_rule(const struct session *session, const struct session_pick *picked,
		     struct buf *ret)
{
	for (size_t i = 0; i < picked->rule_list.count; i++) {
		const struct rule *rule = &picked->rule_list.rules[i];
		AUTOBUF struct buf problem = {0};

		session_rule_problem(session, rule, &problem);
		if (!problem.size)
			continue;
		buf_printf(ret, "; %s:%u is left out: %s", picked->rules.paths[rule->file],
			   rule->line, buf_text(&problem));
		return;
	}
}

static const char *option_of(const struct session_pick *picked)
{
	return picked->pick.operation == OPERATION_WRITE ? " --write" : "";
}

/* ---- nothing ---------------------------------------------------------------------------------- */

static int nothing_fits(const struct session *session, const struct git_request *request,
			const char *endpoint, struct err *err)
{
	const char *host = endpoint_host(endpoint);
	const char *problems = buf_text(&session->sources->problems);
	const struct token *expired = session_expired(session, endpoint);

	if (request->username && !resolve_is_plain_user(request->username))
		return err_set(
			err, ERR_NO_TOKEN,
			"no token for %s is named '%.64s' or of that account; see hftoken list",
			host, request->username);
	if (expired)
		return err_set(err, ERR_NO_TOKEN,
			       "token '%s' has expired; hftoken login %s, or hftoken switch",
			       expired->name, expired->name);
	if (*problems)
		return err_set(err, ERR_NO_TOKEN, "no usable token for %s; left out: %.*s",
			       host, (int)strcspn(problems, "\n"), problems);
	if (session->sources->count)
		return err_set(err, ERR_NO_TOKEN,
			       "hf uses no token for %s now; hf auth switch, or hftoken login",
			       host);
	return err_set(
		err, ERR_NO_TOKEN,
		"no usable token for %s; choose one with hftoken switch, or hftoken login",
		host);
}

/* Every token is known to fail here: which one, and why, the Hub tells, and may have changed its mind. */
static int all_denied(const struct session_pick *picked, const char *endpoint, struct err *err)
{
	const char *host = endpoint_host(endpoint);
	char id[REPO_ID_SIZE] = "";

	if (!picked->request.repo)
		return err_set(err, ERR_NO_TOKEN,
			       "the default token for %s is dead; hftoken login, or switch",
			       host);
	repo_text(picked->request.repo, id);
	return err_set(err, ERR_NO_TOKEN, "no token for %s may %s '%s'; hftoken why%s %s", host,
		       picked->pick.operation == OPERATION_WRITE ? "write" : "read", id,
		       option_of(picked), id);
}

int git_no_answer(const struct session *session, const struct git_request *request,
		  const struct session_pick *picked, struct err *err)
{
	const char *endpoint = picked->request.base.endpoint;
	AUTOBUF struct buf rule = {0};
	char line[sizeof(err->message)];
	int error = picked->pick.all_denied ? all_denied(picked, endpoint, err)
					    : nothing_fits(session, request, endpoint, err);

	put_rule(session, picked, &rule);
	if (!rule.size)
		return error;
	(void)snprintf(line, sizeof(line), "%s%s", err->message, buf_text(&rule));
	return err_set(err, ERR_NO_TOKEN, "%s", line);
}

/* ---- the last resort -------------------------------------------------------------------------- */

void git_say_last_resort(const struct session *session, const struct session_pick *picked)
{
	const struct pick *pick = &picked->pick;
	AUTOBUF struct buf rule = {0};
	AUTOBUF struct buf age = {0};
	char id[REPO_ID_SIZE];

	if (pick->source != SOURCE_LAST_RESORT)
		return;
	repo_text(picked->request.repo, id);
	verdict_age(pick->judged, picked->request.base.now, &age);
	put_rule(session, picked, &rule);
	git_say("trying token '%s' for %s: what speaks against it is %s old; hftoken why%s %s "
		"asks the Hub%s",
		pick->token->name, id, buf_text(&age), option_of(picked), id, buf_text(&rule));
}
