/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/access_parts.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "hub/answer.h"

/* ---- answers ---------------------------------------------------------------------------------- */

static void clean(char *ret, size_t capacity, const char *text)
{
	AUTOBUF struct buf buf = {0};

	text_clean(&buf, text, strlen(text), capacity - 1);
	(void)text_copy(ret, capacity, buf_text(&buf));
	mask_tokens(ret);
}

static enum silence silence_of(enum http_silence silence)
{
	switch (silence) {
	case HTTP_NO_HOST:
		return SILENCE_DNS;
	case HTTP_NO_CONNECTION:
		return SILENCE_CONNECT;
	case HTTP_NO_TRUST:
		return SILENCE_TLS;
	case HTTP_TIME_OUT:
		return SILENCE_TIME_OUT;
	case HTTP_NO_PROXY:
		return SILENCE_PROXY;
	case HTTP_NO_SENSE:
		return SILENCE_NONE;
	default:
		return SILENCE_OTHER;
	}
}

static void say_trouble(struct reply *reply, const struct err *err)
{
	clean(reply->trouble, sizeof(reply->trouble), err->message);
	clean(reply->hint, sizeof(reply->hint), err->hint);
}

/* The repository that a redirect within the same origin names; false for any other redirect. */
bool access_redirected_to(const struct access *access, const struct http_call *call,
			  enum repo_type type, struct repo *ret)
{
	char origin[ENDPOINT_SIZE];
	struct repo repo;

	if (call->status < 300 || call->status > 399 ||
	    strlen(call->location) >= HTTP_HEADER_MAX - 1)
		return false;
	if (*call->location != '/' || call->location[1] == '/') {
		if (endpoint_of_url(call->location, origin, NULL) ||
		    strcmp(origin, access->origin) != 0)
			return false;
	}
	if (repo_parse(call->location, &repo, NULL) || repo.type != type)
		return false;
	*ret = repo;
	return true;
}

static bool is_yes(const struct access *access, const struct http_call *call)
{
	AUTOBUF struct buf body = {0};

	if (call->head) {
		bool is_there = call->status == 200 ||
				(call->status >= 300 && call->status < 400);

		/* It was the revision that was asked about, and it is there. */
		if (!*access->file && call->status == 404 &&
		    strcmp(call->error_code, "EntryNotFound") == 0)
			is_there = true;
		return is_there && *call->commit;
	}
	text_clean(&body, secret_text(&call->answer), call->answer.size, 16);
	return call->status == 200 && text_equal_fold(buf_text(&body), "OK");
}

void access_understand(const struct access *access, const struct http_call *call,
		       struct reply *ret)
{
	struct err err = {0};

	*ret = (struct reply) {.asked = true};
	if (call->error) {
		ret->silence = hub_is_offline() ? SILENCE_OFFLINE : silence_of(call->silence);
		say_trouble(ret, &call->err);
		return;
	}
	ret->status = call->status;
	clean(ret->code, sizeof(ret->code), call->error_code);
	clean(ret->request_id, sizeof(ret->request_id), call->request_id);
	hub_message(call, ret->message, sizeof(ret->message));
	ret->works = is_yes(access, call);
	if (call->status == 429)
		ret->wait = hub_wait_seconds(call);
	if (ret->works || call->status == 429)
		return;
	if (call->status < 400 || call->status >= 500 || (!*ret->message && !*ret->code)) {
		if (hub_no_answer(call, ret->message, &err))
			say_trouble(ret, &err);
	}
}

static enum gate gate_of(const struct json *gated)
{
	const char *kind = json_text(gated);

	if (kind)
		return strcmp(kind, "auto") == 0     ? GATE_AUTO
		       : strcmp(kind, "manual") == 0 ? GATE_MANUAL
						     : GATE_UNKNOWN;
	return json_bool(gated) == NO ? GATE_NONE : GATE_UNKNOWN;
}

/* Whether the answer describes a repository; its facts are then in `facts` (may be NULL). */
bool access_describes(const struct http_call *call, struct repo_facts *facts)
{
	AUTOJSON struct json *document = NULL;

	if (call->error || call->status != 200 ||
	    json_parse(secret_text(&call->answer), call->answer.size, &document, NULL) ||
	    !json_member_text(document, "id"))
		return false;
	if (facts) {
		facts->is_private = json_bool(json_member(document, "private"));
		facts->disabled = json_bool(json_member(document, "disabled"));
		facts->gate = gate_of(json_member(document, "gated"));
	}
	return true;
}

void access_take_target(struct access *access, const struct http_call *call)
{
	if (access_redirected_to(access, call, access->repo.type, &access->target) &&
	    !repo_equal(&access->target, &access->repo))
		access->facts.moved = access->target;
}

/* What anybody may know. Of what is private the Hub says what it says of what is not there. */
void access_take_facts(struct access *access, const struct http_call *call)
{
	access_understand(access, call, &access->visitor);
	if (access_describes(call, &access->facts))
		access->visitor.works = true;
	else if ((call->status == 401 || call->status == 404) && *access->visitor.message)
		access->facts.hidden = true;
	access_take_target(access, call);
}
