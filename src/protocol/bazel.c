/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/bazel.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/log.h"
#include "base/text.h"
#include "protocol/pick.h"
#include "protocol/reply.h"

#define PAIRS_MAX 64
#define NOTHING   "{\"headers\":{}}\n"

int bazel_request_parse(const char *text, size_t size, char **ret_uri, struct err *err)
{
	struct json_pair pairs[PAIRS_MAX];
	struct json_scan scan = {.pairs = pairs, .capacity = PAIRS_MAX};
	AUTOFREE char *uri = NULL;
	struct json_span value;
	int error = json_scan(&scan, text, size, err);

	if (error)
		return err_context(err, "the request");
	value = json_scan_find(&scan, "uri");
	if (value.kind != JSON_KIND_TEXT)
		return err_set(err, ERR_FORMAT, "the request has no 'uri'");
	uri = malloc(value.size);
	if (!uri || !json_span_decode(&value, uri, value.size))
		return err_no_memory(err);
	*ret_uri = uri;
	uri = NULL;
	return 0;
}

static int send_nothing(struct err *err)
{
	AUTOSECRET struct secret reply = {0};
	int error = reply_add(&reply, NOTHING, err);

	return error ? error : reply_send(&reply, deadline_in(BAZEL_INPUT_MS), err);
}

/* Whole seconds and a Z: Bazel fails on fractions. */
static int send(const struct token *token, const struct secret *secret, struct err *err)
{
	AUTOSECRET struct secret header = {0};
	AUTOSECRET struct secret reply = {0};
	char expires[TIME_TEXT_SIZE];
	int error = reply_add(&header, "Bearer ", err);

	if (!error && secret_add(&header, secret_text(secret), secret->size))
		error = err_no_memory(err);
	if (!error)
		error = reply_add(&reply, "{\"headers\":{\"Authorization\":[", err);
	if (!error)
		error = reply_add_json(&reply, header.data, header.size, err);
	if (!error)
		error = reply_add(&reply, "]}", err);
	if (!error && token->expires != TIME_UNKNOWN) {
		time_to_text(token->expires, expires);
		error = reply_add(&reply, ",\"expires\":", err);
		if (!error)
			error = reply_add_json(&reply, expires, strlen(expires), err);
	}
	if (!error)
		error = reply_add(&reply, "}\n", err);
	return error ? error : reply_send(&reply, deadline_in(BAZEL_INPUT_MS), err);
}

static int answer(const char *uri, const char *name, struct err *err)
{
	const struct session_options options = {.parts = CATALOGUE_INDEX, .one_secret = true};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret secret = {0};
	char endpoint[ENDPOINT_SIZE];
	struct repo repo;
	struct session_question question = {
		.endpoint = endpoint, .operation = OPERATION_READ, .name = name};
	AUTOSESSIONPICK struct session_pick picked = {0};
	bool ours;
	int error;

	if (!pick_endpoint(uri, PICK_API, endpoint)) {
		trace("bazel get: not one of ours");
		return send_nothing(err);
	}
	if (pick_repo(uri, &repo))
		question.repo = &repo;
	error = session_open(&session, &options, err);
	if (!error)
		error = pick_token(&session, &question, &picked, &ours, err);
	if (!error && !picked.pick.token)
		return send_nothing(err);
	if (!error)
		error = session_secret(&session, picked.pick.token, &secret, err);
	return error ? error : send(pick_known(&session, picked.pick.token), &secret, err);
}

int bazel_serve(const char *command, const char *name, struct err *err)
{
	AUTOSECRET struct secret text = {0};
	AUTOFREE char *uri = NULL;
	int error;

	if (strcmp(command, "get") != 0)
		return err_set(err, ERR_USAGE, "there is no command '%.40s', only get",
			       command);
	error = io_read_all(STDIN_FILENO, &text, BAZEL_INPUT_MAX, deadline_in(BAZEL_INPUT_MS),
			    err);
	if (!error)
		error = bazel_request_parse(secret_text(&text), text.size, &uri, err);
	else
		err_context(err, "the request");
	if (error) {
		err->code = ERR_FORMAT; /* whatever it was, it was no file of ours */
		return ERR_FORMAT;
	}
	return answer(uri, name, err);
}
