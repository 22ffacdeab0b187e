/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_write.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/why.h"

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_repo(struct json_out *out, const struct why *why)
{
	const struct repo_facts *facts = &why->access.facts;
	char id[REPO_ID_SIZE];

	repo_id(why_canonical(why), id);
	json_begin(out, "repo", '{');
	json_put_text(out, "type", repo_type_names[why->question.repo.type]);
	json_put_text(out, "id", id);
	json_put_text(out, "visibility",
		      facts->is_private == UNKNOWN ? "unknown"
		      : facts->is_private == YES   ? "private"
						   : "public");
	if (facts->gate == GATE_NONE)
		json_put_bool(out, "gated", false);
	else
		json_put_text(out, "gated",
			      facts->gate == GATE_AUTO     ? "auto"
			      : facts->gate == GATE_MANUAL ? "manual"
							   : NULL);
	if (*facts->moved.name)
		repo_id(&facts->moved, id);
	json_put_text(out, "moved_to", *facts->moved.name ? id : NULL);
	json_end(out, '}');
}

void why_json_remedy(struct json_out *out, const struct remedy *remedy)
{
	if (!*remedy->text) {
		json_put_null(out, "remedy");
		return;
	}
	json_begin(out, "remedy", '{');
	json_put_text(out, "text", remedy->text);
	json_put_text(out, "url", or_null(remedy->url));
	json_put_text(out, "command", or_null(remedy->command));
	json_end(out, '}');
}

static void put_next(struct json_out *out, const struct finding *finding)
{
	json_begin(out, "next", '[');
	for (size_t i = 0; i < finding->next_count; i++) {
		json_begin(out, NULL, '{');
		json_put_text(out, "cause", causes[finding->next[i].cause].name);
		why_json_remedy(out, &finding->next[i].remedy);
		json_end(out, '}');
	}
	json_end(out, ']');
}

static void put_token(struct json_out *out, const struct why *why, size_t which)
{
	const struct evidence *evidence = &why->evidence[which];
	const struct finding *finding = &why->findings[which];
	const struct token *token = evidence->token;
	const struct reply *reply = evidence->reply;

	json_begin(out, NULL, '{');
	json_put_text(out, "name", token ? token->name : NULL);
	json_put_text(out, "source", !token ? NULL : *token->id ? token->name : token->store);
	json_put_text(out, "account", token ? or_null(token->account) : NULL);
	json_put_bool(out, "in_use", (int)which == why->in_force);
	json_put_text(out, "verdict", finding_verdict_names[finding->verdict]);
	json_put_text(out, "cause", causes[finding->cause].name);
	if (reply->status)
		json_put_int(out, "http_status", reply->status);
	else
		json_put_null(out, "http_status");
	json_put_text(out, "error_code", or_null(reply->code));
	json_put_text(out, "message", or_null(reply->message));
	why_json_remedy(out, &finding->remedy);
	put_next(out, finding);
	json_put_time(out, "as_of",
		      evidence->grants->known ? evidence->grants->as_of : TIME_UNKNOWN);
	json_end(out, '}');
}

void why_json_tokens(struct json_out *out, const struct why *why)
{
	json_begin(out, "tokens", '[');
	for (size_t i = 0; i < why->count; i++)
		put_token(out, why, i);
	json_end(out, ']');
}

/* The commands after which git and hf use the pick, as one line for a shell. */
static void put_command(struct json_out *out, const struct why *why)
{
	AUTOBUF struct buf line = {0};

	for (const char *c = buf_text(&why->way); *c; c++) {
		if (*c != '\n')
			buf_add_char(&line, *c);
		else if (c[1])
			buf_add_text(&line, " && ");
	}
	json_put_text(out, "command", or_null(buf_text(&line)));
}

void why_put_json(struct cli *cli, const struct why *why)
{
	struct json_out out = {.buf = &cli->out};
	const struct token *picked = why->picked < 0 ? NULL : why->evidence[why->picked].token;

	json_begin(&out, NULL, '{');
	put_repo(&out, why);
	json_put_text(&out, "operation", why->question.write ? "write" : "read");
	json_put_text(&out, "picked", picked ? picked->name : NULL);
	put_command(&out, why);
	why_json_complaint(&out, &why->question);
	why_json_tokens(&out, why);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}
