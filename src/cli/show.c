/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/ui.h"

bool show_is_default(const struct session *session, const struct token *token)
{
	const struct token *chosen = catalogue_default(&session->catalogue, token->endpoint);

	return chosen && strcmp(chosen->id, token->id) == 0;
}

void show_token_json(struct json_out *out, const char *name, const struct session *session,
		     const struct token *token)
{
	json_begin(out, name, '{');
	json_put_text(out, "name", token->name);
	json_put_bool(out, "default", show_is_default(session, token));
	json_put_text(out, "endpoint", token->endpoint);
	json_put_text(out, "account", *token->account ? token->account : NULL);
	json_put_text(out, "kind", token_kind_names[token->kind]);
	json_put_tristate(out, "gated_read", token->gated_read);
	json_put_text(out, "store", token->store);
	json_put_text(out, "masked", token->masked);
	json_put_time(out, "created_at", token->created);
	json_put_time(out, "expires_at", token->expires);
	json_put_time(out, "verified_at", token->verified);
	json_end(out, '}');
}

const char *show_tristate(enum tristate value)
{
	if (value == UNKNOWN)
		return "-";
	return value == YES ? "yes" : "no";
}

void show_date(int64_t seconds, char ret[16])
{
	char text[TIME_TEXT_SIZE] = "-";

	if (seconds != TIME_UNKNOWN)
		time_to_text(seconds, text);
	text[strcspn(text, "T")] = '\0';
	(void)text_copy(ret, 16, text);
}

void show_source_problems(const struct session *session)
{
	const char *line = buf_text(&session->sources->problems);

	while (*line) {
		size_t size = strcspn(line, "\n");

		ui_warn("not used: %.*s", (int)size, line);
		line += size + (line[size] == '\n');
	}
}

void show_age(int64_t seconds, int64_t now, char ret[SHOW_AGE_SIZE])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};

	(void)text_copy(ret, SHOW_AGE_SIZE, seconds == TIME_UNKNOWN ? "never" : "just now");
	for (size_t i = 0; seconds != TIME_UNKNOWN && i < ARRAY_SIZE(units); i++) {
		int64_t count = (now - seconds) / units[i].seconds;

		if (count < 1)
			continue;
		(void)snprintf(ret, SHOW_AGE_SIZE, "%" PRId64 " %s%s ago", count, units[i].name,
			       count == 1 ? "" : "s");
		return;
	}
}

const char *show_text(const char *text)
{
	return *text ? text : "-";
}

void show_env_warning(const struct session *session, const char *what)
{
	if (session_env(session) && session->settings.environment != ENVIRONMENT_IGNORE)
		ui_warn("%s is set and %s (%s)", program_token_variable(), what,
			session_env(session)->masked);
}

void show_env_problem(const struct session *session)
{
	AUTOSECRET struct secret secret = {0};
	const struct token *env = session_env(session);
	struct err err = {0};

	/* Its form is the Hub's to judge, but for what no Hub takes. */
	if (env && !sources_secret(session->sources, env, &secret, NULL) &&
	    token_secret_check(&secret, "", &err))
		ui_warn("HF_TOKEN: %s", err.message);
}

int show_no_token(const struct session *session, const char *endpoint, bool others,
		  struct err *err)
{
	const struct token *expired = session_expired(session, endpoint);

	if (expired) {
		err_set(err, ERR_NO_TOKEN, "no usable token for %s: '%s' has expired",
			endpoint_host(endpoint), expired->name);
		return err_hint(err, "hftoken login %s, or hftoken switch NAME", expired->name);
	}
	err_set(err, ERR_NO_TOKEN, "no usable token for %s", endpoint_host(endpoint));
	if (others)
		return err_hint(err, "choose one: hftoken switch NAME");
	if (strcmp(endpoint, ENDPOINT_HUB) == 0)
		return err_hint(err, "hftoken login");
	return err_hint(err, "hftoken login --endpoint %s", endpoint);
}

static bool has_token_for(const struct session *session, const char *endpoint)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, endpoint) == 0)
			return true;
	}
	return strcmp(session->source_endpoint, endpoint) == 0;
}

int show_check_place(const struct session *session, const char *endpoint, struct err *err)
{
	if (strcmp(endpoint, session->endpoint.origin) == 0 || endpoint_is_hub(endpoint) ||
	    endpoint_is_loopback(endpoint) || has_token_for(session, endpoint))
		return 0;
	err_set(err, ERR_NO_TOKEN,
		"%s is not the Hub in force, which is %s, and no token is stored for it",
		endpoint_host(endpoint), endpoint_host(session->endpoint.origin));
	return err_hint(err, "name the repository as NAMESPACE/NAME, or set HF_ENDPOINT");
}
