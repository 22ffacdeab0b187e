/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to a message that says what is wrong, but not with which repository: what can be told
 * from the tokens alone, which is enough for the commonest one, a box that is not ticked.
 */
#include <string.h>

#include "base/text.h"
#include "cli/git_config.h"
#include "cli/run.h"
#include "cli/why.h"

/* What stands in the way of this token, whatever the repository. */
static enum cause cause_of_token(const struct why *why, size_t which, enum cause said)
{
	const struct evidence *evidence = &why->evidence[which];

	if (evidence->malformed)
		return CAUSE_TOKEN_MALFORMED;
	if (!evidence->token)
		return CAUSE_NO_TOKEN;
	if (strcmp(evidence->token->endpoint, evidence->endpoint) != 0)
		return CAUSE_WRONG_ENDPOINT;
	switch (evidence->standing) {
	case STANDING_INVALID:
		return CAUSE_TOKEN_INVALID;
	case STANDING_EXPIRED:
		return CAUSE_TOKEN_EXPIRED;
	case STANDING_UNKNOWN:
		return CAUSE_UNREACHABLE;
	default:
		return said == CAUSE_GATE_TOKEN_SETTING && evidence->token->gated_read == NO
			       ? said
			       : CAUSE_OK;
	}
}

static void find_causes(struct why *why, enum cause said)
{
	for (size_t i = 0; i < why->count; i++) {
		size_t which = why->entries[i].twin < 0 ? i : (size_t)why->entries[i].twin;
		struct reply *reply = &why->asked[which].reply;
		struct finding *finding = &why->findings[i];
		const struct hub_whoami *ask = &why->asked[which].whoami;

		if (ask->error && !*reply->trouble)
			(void)text_copy(reply->trouble, sizeof(reply->trouble),
					ask->err.message);
		*finding = (struct finding) {.cause = cause_of_token(why, i, said)};
		finding->verdict = finding->cause == CAUSE_OK            ? FINDING_ALLOWED
				   : finding->cause == CAUSE_UNREACHABLE ? FINDING_UNKNOWN
									 : FINDING_DENIED;
		if (finding->cause != CAUSE_OK)
			remedy_for(finding->cause, &why->evidence[i], &finding->remedy);
	}
}

static bool is_git_wired(const struct why *why)
{
	return git_asks_us(why->session.endpoint.origin) == YES;
}

static void say(struct remedy *ret, const char *text, const char *command)
{
	*ret = (struct remedy) {.text = ""};
	(void)text_copy(ret->text, sizeof(ret->text), text);
	(void)text_copy(ret->command, sizeof(ret->command), command);
}

/* What helps against what the message says, where no single token explains it. */
static void find_remedy(const struct why *why, enum cause said, struct remedy *ret)
{
	const struct complaint *complaint = &why->question.said;
	size_t used = why->in_force < 0 ? 0 : (size_t)why->in_force;
	bool has_tokens = why->entries[0].token != NULL;

	*ret = (struct remedy) {.text = ""};
	for (size_t i = 0; i < why->count; i++) {
		if (why->findings[i].cause == said)
			return; /* it stands beside that token */
	}
	if (said == CAUSE_NO_TOKEN && complaint->is_git && !is_git_wired(why))
		say(ret, "git does not ask hftoken",
		    has_tokens ? "hftoken setup git" : "hftoken login && hftoken setup git");
	else if (said == CAUSE_NO_TOKEN && has_tokens && why->hf.counts && !why->hf.token)
		say(ret, "hf finds no token", "hftoken setup hf");
	else if (said == CAUSE_GATE_TOKEN_SETTING || said == CAUSE_TOKEN_INVALID ||
		 said == CAUSE_TOKEN_EXPIRED)
		say(ret,
		    "no token of this machine is like that: the program used another "
		    "one (another environment, container, sudo, a service?)",
		    "");
	else
		remedy_for(said, &why->evidence[used], ret);
}

static void put_tokens(struct cli *cli, const struct why *why, enum cause said)
{
	for (size_t i = 0; i < why->count; i++) {
		const struct token *token = why->evidence[i].token;

		if (why->entries[i].twin >= 0 || !token)
			continue;
		if (why->findings[i].verdict != FINDING_ALLOWED)
			why_put_alone(cli, why, i);
		else if (said == CAUSE_GATE_TOKEN_SETTING)
			buf_printf(&cli->out, "%s %s (%s): can read gated repositories\n",
				   ui_mark(UI_YES), why_name(token), token->account);
	}
}

static void put(struct cli *cli, const struct why *why, enum cause said,
		const struct remedy *remedy)
{
	why_put_hf(cli, why);
	put_tokens(cli, why, said);
	if (*remedy->text)
		ui_put_folded(&cli->out, 0, remedy->text);
	if (*remedy->url)
		buf_printf(&cli->out, "  %s\n", remedy->url);
	if (*remedy->command)
		buf_printf(&cli->out, "  $ %s\n", remedy->command);
	cli_flush(cli);
	ui_hint("the message names no repository; which token may read it: hftoken why REPO");
}

static void put_json(struct cli *cli, const struct why *why, const struct remedy *remedy)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_put_null(&out, "repo");
	json_put_text(&out, "operation", why->question.write ? "write" : "read");
	json_put_null(&out, "picked");
	json_put_text(&out, "command", *remedy->command ? remedy->command : NULL);
	why_json_complaint(&out, &why->question);
	why_json_remedy(&out, remedy);
	why_json_tokens(&out, why);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* Who would be used where no repository decides. */
static int find_usual(struct why *why, struct err *err)
{
	struct resolution usual;
	int error;

	if (why->question.name) {
		why->in_force = 0;
		return 0;
	}
	error = session_resolve(&why->session, &(struct resolve_request) {.now = 0}, &usual,
				err);
	if (!error)
		why->in_force = why_entry_of(why, usual.token);
	return error;
}

static int unexplained(struct err *err)
{
	err_set(err, ERR_USAGE, "the message names no repository");
	return err_hint(err, "hftoken why REPO");
}

int why_answer_message(struct cli *cli, struct why *why, struct err *err)
{
	enum cause said = cause_by_name(why->question.said.cause);
	struct remedy remedy;
	int error;

	if (said == CAUSE_COUNT)
		return unexplained(err);
	error = why_collect(why, err);
	if (!error)
		error = why_ask_identities(why, err);
	if (!error)
		error = find_usual(why, err);
	if (error)
		return error;
	find_causes(why, said);
	why_find_hf(why);
	find_remedy(why, said, &remedy);
	cli->exit_status = said == CAUSE_UNREACHABLE || said == CAUSE_RATE_LIMITED ||
					   said == CAUSE_HUB_ERROR
				   ? 7
				   : 5;
	if (cli_has(cli, OPT_JSON))
		put_json(cli, why, &remedy);
	else if (!cli_has(cli, OPT_QUIET))
		put(cli, why, said, &remedy);
	return 0;
}
