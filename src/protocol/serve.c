/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/text.h"
#include "protocol/reply.h"
#include "protocol/serve_report.h"
#include "protocol/serve_request.h"
#include "protocol/serve_state.h"

#define OUTPUT_MS      60000 /* until a reader that reads nothing is given up */
#define OUTPUT_GATHER  ((size_t)16 << 10)
#define CACHE_ADVICE_S 60 /* how long an answer may be used at most */

struct server {
	struct serve_state state;
	struct serve_givens givens;
	const char *name;
	struct serve_request request; /* the one being answered */
	struct buf text;              /* of an answer, without its secret */
	struct secret out;            /* answers that are not written yet */
	char input[SERVE_LINE_MAX];
	size_t used;
	bool skipping; /* the rest of a line that was too long */
};

static void server_release(struct server *server)
{
	serve_state_release(&server->state);
	buf_release(&server->text);
	secret_release(&server->out);
	free(server);
}

static void cleanup_server(struct server **server)
{
	if (*server)
		server_release(*server);
}

/* ---- answers ---------------------------------------------------------------------------------- */

static void begin_answer(struct server *server, struct json_out *out, const char *member)
{
	buf_clear(&server->text);
	*out = (struct json_out) {.buf = &server->text};
	json_begin(out, NULL, '{');
	buf_printf(&server->text, "\"id\":%s", server->request.id);
	out->comma = true;
	json_begin(out, member, '{');
}

/* Moves the text, and behind it a secret if there is one, to what will be written. */
static int add_answer(struct server *server, const struct secret *secret, struct err *err)
{
	size_t before = server->out.size;
	int error = buf_failed(&server->text)
			    ? err_no_memory(err)
			    : reply_add(&server->out, buf_text(&server->text), err);

	if (!error && secret)
		error = reply_add_json(&server->out, secret_text(secret), secret->size, err);
	if (!error)
		error = reply_add(&server->out, "}}\n", err);
	if (error)
		secret_truncate(&server->out, before);
	return error;
}

static enum serve_error kind_of(enum err_code code)
{
	if (code == ERR_NO_NAME)
		return SERVE_NO_NAME;
	if (code == ERR_NO_TOKEN)
		return SERVE_NO_TOKEN;
	if (code == ERR_USAGE || code == ERR_FORMAT)
		return SERVE_BAD_REQUEST;
	return code != ERR_FAILED && err_name(code) ? SERVE_STORE : SERVE_FAILED;
}

static int answer_error(struct server *server, enum serve_error kind, struct err *cause,
			struct err *err)
{
	struct json_out out;

	mask_tokens(cause->message);
	mask_tokens(cause->hint);
	begin_answer(server, &out, "error");
	json_put_text(&out, "kind", serve_error_names[kind]);
	json_put_text(&out, "reason", kind == SERVE_STORE ? err_name(cause->code) : NULL);
	json_put_text(&out, "message", cause->message);
	json_put_text(&out, "hint", *cause->hint ? cause->hint : NULL);
	return add_answer(server, NULL, err);
}

/* How long the answer may be used without asking again. */
static int64_t cache_advice(const struct server *server, const struct token *token)
{
	int64_t seconds = settings_cache_seconds(&server->state.session.settings, token->name);
	int64_t left;

	if (seconds > CACHE_ADVICE_S)
		seconds = CACHE_ADVICE_S;
	if (token->expires == TIME_UNKNOWN)
		return seconds;
	left = token->expires - time_now();
	return left < 0 ? 0 : left < seconds ? left : seconds;
}

static int answer_token(struct server *server, const struct pick *pick, struct err *cause,
			struct err *err)
{
	const struct token *known = serve_state_known(&server->state, pick->token);
	const struct secret *secret;
	struct json_out out;
	int error = serve_state_secret(&server->state, pick->token, &secret, cause);

	if (error)
		return answer_error(server, kind_of(error), cause, err);
	serve_given_add(&server->givens, pick->token, known);
	begin_answer(server, &out, "ok");
	json_put_text(&out, "token", pick->token->name);
	json_put_text(&out, "account", *known->account ? known->account : NULL);
	json_put_text(&out, "endpoint", pick->token->endpoint);
	json_put_text(&out, "source", resolve_source_names[pick->source]);
	json_put_time(&out, "expires_at", known->expires);
	json_put_int(&out, "cache_seconds", cache_advice(server, known));
	buf_add_text(&server->text, ",\"secret\":");
	error = add_answer(server, secret, cause);
	return error ? answer_error(server, SERVE_FAILED, cause, err) : 0;
}

/* ---- requests --------------------------------------------------------------------------------- */

/* What a request is about, in the terms of pick.h. False if no token ever goes there. */
static bool find_place(const struct serve_request *request, char endpoint[ENDPOINT_SIZE],
		       struct repo *repo, struct session_question *ret)
{
	const char *url = *request->url ? request->url : request->endpoint;

	if (*request->url && pick_repo(request->url, repo))
		ret->repo = repo;
	if (*request->repo_text && *repo->endpoint && !*request->endpoint)
		url = repo->endpoint;
	if (!*url)
		return true;
	ret->endpoint = endpoint;
	return pick_endpoint(url, PICK_API, endpoint);
}

static int read_repo(const struct serve_request *request, struct repo *repo,
		     struct session_question *ret, struct err *err)
{
	int error;

	repo->endpoint[0] = '\0';
	if (!*request->repo_text)
		return 0;
	error = repo_parse(request->repo_text, repo, err);
	if (error)
		return error;
	if (*repo->endpoint && *request->endpoint)
		return err_set(err, ERR_USAGE, "'repo' names a Hub by itself");
	ret->repo = repo;
	return 0;
}

static int answer_not_mine(struct server *server, struct err *cause, struct err *err)
{
	err_set(cause, ERR_NO_TOKEN, "no token goes there");
	return answer_error(server, SERVE_NOT_MINE, cause, err);
}

/* Of a Hub without tokens it can be said that it is one; of another host it cannot. */
static int answer_nothing(struct server *server, const struct session_pick *picked, bool ours,
			  const char *endpoint, struct err *cause, struct err *err)
{
	const char *in_force = server->state.session.endpoint.origin;
	const char *place = endpoint ? endpoint : in_force;
	char id[REPO_ID_SIZE];

	if (!ours && !endpoint_is_hub(place) && strcmp(place, in_force) != 0)
		return answer_not_mine(server, cause, err);
	if (picked->pick.all_denied && picked->request.repo) {
		repo_text(picked->request.repo, id);
		err_set(cause, ERR_NO_TOKEN, "no token may do that in '%s'", id);
		err_hint(cause, "hftoken resolve --explain %s", id);
	} else {
		err_set(cause, ERR_NO_TOKEN, "no usable token for %s", place);
		err_hint(cause, ours ? "hftoken switch NAME" : "hftoken login");
	}
	return answer_error(server, SERVE_NO_TOKEN, cause, err);
}

static int get(struct server *server, struct err *err)
{
	const struct serve_request *request = &server->request;
	struct session_question question = {
		.operation = request->operation,
		.name = *request->name ? request->name : server->name,
		.wish = *request->account ? request->account : NULL,
	};
	AUTOSESSIONPICK struct session_pick picked = {0};
	char endpoint[ENDPOINT_SIZE];
	struct err cause = {0};
	struct repo repo;
	bool ours;
	int error = read_repo(request, &repo, &question, &cause);

	if (!error && !find_place(request, endpoint, &repo, &question))
		return answer_not_mine(server, &cause, err);
	if (!error)
		error = serve_state_refresh(&server->state, &cause);
	if (!error)
		error = pick_token(&server->state.session, &question, &picked, &ours, &cause);
	if (error)
		return answer_error(server, kind_of(error), &cause, err);
	return picked.pick.token
		       ? answer_token(server, &picked.pick, &cause, err)
		       : answer_nothing(server, &picked, ours, question.endpoint, &cause, err);
}

static int report(struct server *server, struct err *err)
{
	struct session_question question = {.operation = server->request.operation};
	char endpoint[ENDPOINT_SIZE];
	struct err cause = {0};
	struct json_out out;
	struct repo repo;

	if (read_repo(&server->request, &repo, &question, &cause))
		return answer_error(server, SERVE_BAD_REQUEST, &cause, err);
	if (!find_place(&server->request, endpoint, &repo, &question))
		return answer_not_mine(server, &cause, err);
	begin_answer(server, &out, "ok");
	json_put_bool(&out, "noted",
		      serve_report(&server->givens, &server->request, question.endpoint,
				   question.repo));
	return add_answer(server, NULL, err);
}

static int answer_line(struct server *server, const char *line, size_t size, struct err *err)
{
	struct err cause = {0};
	enum serve_error wrong = serve_request_parse(line, size, &server->request, &cause);

	if (wrong)
		return answer_error(server, wrong, &cause, err);
	return server->request.kind == SERVE_GET ? get(server, err) : report(server, err);
}

/* ---- lines ------------------------------------------------------------------------------------ */

static int flush(struct server *server, struct err *err)
{
	int error = 0;

	if (server->out.size)
		error = reply_send(&server->out, deadline_in(OUTPUT_MS), err);
	secret_truncate(&server->out, 0);
	return error;
}

static int say_hello(struct server *server, struct err *err)
{
	struct json_out out = {.buf = &server->text};

	json_begin(&out, NULL, '{');
	json_put_text(&out, "hello", "hftoken");
	json_begin(&out, "versions", '[');
	json_put_int(&out, NULL, SERVE_VERSION);
	json_end(&out, ']');
	json_put_text(&out, "program", HFTOKEN_VERSION);
	json_put_int(&out, "line_max", SERVE_LINE_MAX);
	json_end(&out, '}');
	buf_add_char(&server->text, '\n');
	if (buf_failed(&server->text))
		return err_no_memory(err);
	return reply_add(&server->out, buf_text(&server->text), err);
}

static int too_long(struct server *server, struct err *err)
{
	struct err cause = {0};

	server->skipping = true;
	server->used = 0;
	memcpy(server->request.id, "null", sizeof("null"));
	err_set(&cause, ERR_FORMAT, "a line is longer than %zu bytes", SERVE_LINE_MAX);
	return answer_error(server, SERVE_BAD_REQUEST, &cause, err);
}

/* A whole line, without its newline; one CR before that belongs to the line's end. */
static int take_line(struct server *server, const char *line, size_t size, struct err *err)
{
	int error = 0;

	if (size && line[size - 1] == '\r')
		size--;
	if (!server->skipping && size)
		error = answer_line(server, line, size, err);
	server->skipping = false;
	if (!error && server->out.size >= OUTPUT_GATHER)
		error = flush(server, err);
	return error;
}

/* Answers the lines that are complete; what is left over moves to the front. */
static int take_lines(struct server *server, struct err *err)
{
	const char *end = server->input + server->used;
	char *line = server->input;
	char *newline;
	int error = 0;

	while (!error && (newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		*newline = '\0';
		error = take_line(server, line, (size_t)(newline - line), err);
		line = newline + 1;
	}
	server->used = (size_t)(end - line);
	memmove(server->input, line, server->used);
	if (!error && server->skipping)
		server->used = 0;
	else if (!error && server->used == sizeof(server->input))
		error = too_long(server, err);
	return error;
}

/*
 * Waits as long as it takes: when whoever asks has gone, that is the end of the file. Meanwhile
 * secrets go when their time is over.
 */
static void wait_for_input(struct serve_state *state)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	int ready;

	do {
		ready = poll(&input, 1, serve_state_expire(state));
	} while (ready == 0 || (ready < 0 && errno == EINTR));
}

static ssize_t read_input(struct server *server)
{
	ssize_t size;

	do {
		wait_for_input(&server->state);
		size = read(STDIN_FILENO, server->input + server->used,
			    sizeof(server->input) - server->used);
	} while (size < 0 && (errno == EINTR || errno == EAGAIN));
	return size;
}

int serve(const char *name, struct err *err)
{
	CLEANUP(cleanup_server) struct server *server = calloc(1, sizeof(*server));
	int error;

	if (!server)
		return err_no_memory(err);
	serve_state_init(&server->state);
	server->name = name;
	error = say_hello(server, err);
	for (;;) {
		ssize_t size;

		if (!error)
			error = flush(server, err);
		if (error)
			return error;
		size = read_input(server);
		if (size < 0)
			return err_errno(err, "cannot read requests");
		if (size == 0)
			return 0;
		server->used += (size_t)size;
		error = take_lines(server, err);
	}
}
