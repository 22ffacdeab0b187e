/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/api.h"

#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "base/url.h"
#include "core/cause.h"
#include "core/pages.h"
#include "hub/answer.h"

const char *const hub_status_names[HUB_STATUS_COUNT] = {
	[HUB_OK] = "ok",
	[HUB_INVALID] = "invalid",
	[HUB_EXPIRED] = "expired",
	[HUB_UNREACHABLE] = "unreachable",
};

/* An answer that says nothing about the token: the limit, a redirect, a failure, another server. */
int hub_no_answer(const struct http_call *call, const char *message, struct err *err)
{
	char origin[ENDPOINT_SIZE] = "";
	const char *host;

	host = endpoint_of_url(call->url, origin, NULL) ? "the server" : endpoint_host(origin);
	if (call->status == 429) {
		uint64_t wait = hub_wait_seconds(call);

		err_set(err, ERR_NETWORK, "%s says that it was asked too often", host);
		return wait ? err_hint(err, "try again in %llu s", (unsigned long long)wait)
			    : err_hint(err, "try again later");
	}
	if (call->status >= 300 && call->status < 400) {
		err_set(err, ERR_NETWORK, "%s sends us elsewhere; the token was not sent along",
			host);
		return err_hint(err, "set HF_ENDPOINT to the Hub's own address");
	}
	if (call->status >= 500) {
		err_set(err, ERR_NETWORK, "%s failed with status %ld%s%s", host, call->status,
			*message ? ": " : "", message);
		return err_hint(err, "try again later");
	}
	err_set(err, ERR_NETWORK, "the answer of %s (status %ld) is none that a Hub gives",
		host, call->status);
	return err_hint(err,
			"check HF_ENDPOINT, and whether a proxy or login page is in between");
}

/* ---- whoami ----------------------------------------------------------------------------------- */

/* Where a new token is made, as `why` says it too; nothing where that server has no such page. */
static void put_page(const struct hub_whoami *ask, bool expired, struct buf *ret)
{
	char origin[ENDPOINT_SIZE];

	if (endpoint_of_url(ask->url, origin, NULL) || !pages_exist(origin))
		return;
	buf_add_text(ret, ": ");
	if (expired)
		buf_printf(ret, "%s%s", origin, PAGE_TOKENS);
	else
		page_new_token(origin, NULL, false, ret);
}

static int refused(struct hub_whoami *ask, bool expired)
{
	AUTOBUF struct buf page = {0};

	put_page(ask, expired, &page);
	ask->status = expired ? HUB_EXPIRED : HUB_INVALID;
	err_set(&ask->err, ERR_REFUSED,
		expired ? "the token has expired" : "the Hub does not know this token");
	return err_hint(
		&ask->err, "%s%s",
		expired ? "refresh it, or make a new one"
			: "it was deleted, replaced, or not copied whole; make a new one",
		buf_text(&page));
}

int hub_whoami_understand(struct hub_whoami *ask, const struct http_call *call)
{
	enum cause said;

	ask->status = HUB_UNREACHABLE;
	if (call->error) {
		ask->err = call->err;
		return call->error;
	}
	hub_message(call, ask->message, sizeof(ask->message));
	/*
	 * The Hub says 401 of a dead token, in words that are known. Other ones, also about something
	 * that has "expired", come from what stands in between, and must never make anybody give up a
	 * token that is alive.
	 */
	said = cause_of_whoami(call->status, call->error_code, ask->message);
	if (call->status == 401 && (said == CAUSE_TOKEN_INVALID || said == CAUSE_TOKEN_EXPIRED))
		return refused(ask, said == CAUSE_TOKEN_EXPIRED);
	if (call->status != 200 || identity_parse(secret_text(&call->answer), call->answer.size,
						  ask->token, &ask->identity, NULL))
		return hub_no_answer(call, ask->message, &ask->err);
	ask->status = HUB_OK;
	return 0;
}

void hub_whoami_release(struct hub_whoami *ask)
{
	identity_release(&ask->identity);
}

int hub_offline(struct err *err)
{
	err_set(err, ERR_NETWORK, "HF_HUB_OFFLINE is set, so the Hub is not asked");
	return err_hint(err, "unset HF_HUB_OFFLINE");
}

void hub_whoami_begin(const struct hub_whoami *ask, char url[HUB_URL_SIZE],
		      struct http_call *call)
{
	(void)snprintf(url, HUB_URL_SIZE, "%s/api/whoami-v2", ask->url);
	call->url = url;
	call->token = ask->token;
}

int hub_whoami(struct hub_whoami *asks, size_t count, void (*tick)(void), struct err *err)
{
	AUTOFREE struct http_call *calls = calloc(count + 1, sizeof(*calls));
	AUTOFREE char *urls = calloc(count + 1, HUB_URL_SIZE);
	int error;

	if (!calls || !urls)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		if (!asks[i].token)
			continue;
		hub_whoami_begin(&asks[i], urls + i * HUB_URL_SIZE, &calls[i]);
		calls[i].error = hub_is_offline() ? hub_offline(&calls[i].err) : 0;
	}
	error = hub_is_offline()
			? 0
			: http_perform(calls, count, deadline_in(HUB_WAIT_MS), tick, err);
	for (size_t i = 0; i < count; i++) {
		if (!error && asks[i].token)
			asks[i].error = hub_whoami_understand(&asks[i], &calls[i]);
		http_call_release(&calls[i]);
	}
	return error;
}

/* ---- revoke ----------------------------------------------------------------------------------- */

/* Tokens hold neither quotes nor backslashes nor control bytes: token_secret_check() saw to it. */
static int revoke_body(const struct secret *const tokens[], size_t count, struct secret *ret)
{
	int error = secret_add_text(ret, "{\"credentials\":[");

	for (size_t i = 0; i < count && !error; i++) {
		error = secret_add_text(ret, i ? ",\"" : "\"");
		if (!error)
			error = secret_add(ret, secret_text(tokens[i]), tokens[i]->size);
		if (!error)
			error = secret_add_text(ret, "\"");
	}
	return error ? error : secret_add_text(ret, "]}");
}

int hub_revoke(const char *url, const struct secret *const tokens[], size_t count,
	       void (*tick)(void), struct err *err)
{
	AUTOSECRET struct secret body = {0};
	char whole_url[HUB_URL_SIZE];
	struct http_call call = {.url = whole_url, .body = &body};
	char message[300];
	int error;

	if (hub_is_offline())
		return hub_offline(err);
	if (revoke_body(tokens, count, &body))
		return err_no_memory(err);
	(void)snprintf(whole_url, sizeof(whole_url), "%s/api/credentials/revoke", url);
	error = http_perform(&call, 1, deadline_in(HUB_WAIT_MS), tick, err);
	if (!error && call.error) {
		*err = call.err;
		error = call.error;
	}
	if (!error && call.status != 202) {
		hub_message(&call, message, sizeof(message));
		error = hub_no_answer(&call, message, err);
	}
	http_call_release(&call);
	return error;
}
