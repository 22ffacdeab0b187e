/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/git.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "protocol/git_note.h"
#include "protocol/git_remark.h"
#include "protocol/pick.h"

/* Where the Hub is not told whose token it is, it wants any name at all. */
#define PLAIN_USER "hf_user"

/* ---- requests --------------------------------------------------------------------------------- */

static const char **field_of(struct git_request *request, const char *key)
{
	if (strcmp(key, "protocol") == 0)
		return &request->protocol;
	if (strcmp(key, "host") == 0)
		return &request->host;
	if (strcmp(key, "path") == 0)
		return &request->path;
	if (strcmp(key, "username") == 0)
		return &request->username;
	if (strcmp(key, "password") == 0)
		return &request->password;
	return strcmp(key, "url") == 0 ? &request->url : NULL;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

int git_request_parse(struct secret *text, struct git_request *ret, struct err *err)
{
	struct git_request request = {.complete = true};
	struct lines lines;
	struct line line;
	int found;

	lines_init(&lines, text->data, text->size);
	while ((found = lines_next(&lines, &line, err)) > 0) {
		const char **field = field_of(&request, line.key);

		request.complete = lines.terminated;
		if (!field)
			continue;
		if (*field)
			return err_set(err, ERR_FORMAT, "request repeats '%s'", line.key);
		if (has_control(line.value))
			return err_set(err, ERR_FORMAT, "request has a control byte in '%s'",
				       line.key);
		*field = line.value;
	}
	if (found < 0)
		return found;
	if (request.url && (request.protocol || request.host || request.path ||
			    request.username || request.password))
		return err_set(err, ERR_FORMAT, "request mixes 'url' with other fields");
	*ret = request;
	return 0;
}

bool git_request_endpoint(const struct git_request *request, char ret[ENDPOINT_SIZE])
{
	if (request->url)
		return endpoint_of_url(request->url, ret, NULL) == 0;
	return request->protocol && request->host &&
	       endpoint_of_host(request->protocol, request->host, ret, NULL) == 0;
}

static int read_request(struct secret *text, struct git_request *ret, struct err *err)
{
	int error = io_read_message(STDIN_FILENO, text, GIT_INPUT_MAX,
				    deadline_in(GIT_INPUT_MS), err);

	if (!error)
		error = git_request_parse(text, ret, err);
	if (!error)
		return 0;
	err_context(err, "git's request");
	err->code = ERR_FORMAT; /* whatever it was, it was no file of ours */
	return ERR_FORMAT;
}

/* ---- get -------------------------------------------------------------------------------------- */

static int answer(const struct token *token, const struct secret *secret, const char *username,
		  struct err *err)
{
	AUTOSECRET struct secret text = {0};
	char expires[24];
	int error;

	if (!username || !*username)
		username = *token->account ? token->account : PLAIN_USER;
	error = lines_add_text(&text, "username", username, err);
	if (!error)
		error = lines_add(&text, "password", secret_text(secret), secret->size, err);
	if (!error && token->expires != TIME_UNKNOWN) {
		(void)snprintf(expires, sizeof(expires), "%" PRId64, token->expires);
		error = lines_add_text(&text, "password_expiry_utc", expires, err);
	}
	if (error)
		return error;
	if (io_write_all(STDOUT_FILENO, text.data, text.size, deadline_in(GIT_INPUT_MS), err))
		return err_set(err, ERR_FAILED, "cannot write the answer");
	return 0;
}

const struct repo *git_request_repo(const struct git_request *request, struct repo *ret)
{
	AUTOFREE char *path = NULL;

	if (request->url)
		return repo_parse(request->url, ret, NULL) ? NULL : ret;
	if (!request->path || !*request->path || asprintf(&path, "/%s", request->path) < 0) {
		path = NULL;
		return NULL;
	}
	return repo_parse(path, ret, NULL) ? NULL : ret;
}

static int get(const struct git_request *request, const char *name, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret secret = {0};
	char endpoint[ENDPOINT_SIZE];
	AUTOSESSIONPICK struct session_pick picked = {0};
	const struct pick *pick = &picked.pick;
	struct repo repo;
	struct session_question question = {.endpoint = endpoint,
					    .name = name,
					    .wish = request->username,
					    .repo = git_request_repo(request, &repo),
					    .ask_process = true};
	bool ours;
	int error;

	if (!git_request_endpoint(request, endpoint)) {
		trace("git get: not a Hub");
		return 0;
	}
	error = session_open(
		&session,
		&(struct session_options) {.parts = CATALOGUE_LOOKUP, .one_secret = true}, err);
	if (!error)
		error = pick_token(&session, &question, &picked, &ours, err);
	if (error || !ours)
		return error;
	if (!pick->token)
		return git_no_answer(&session, request, &picked, err);
	error = session_secret(&session, pick->token, &secret, err);
	if (!error)
		error = answer(pick_known(&session, pick->token), &secret, request->username,
			       err);
	if (!error)
		git_say_last_resort(&session, &picked);
	return error;
}

/* ---- operations ------------------------------------------------------------------------------- */

static int capability(struct err *err)
{
	static const char text[] =
		"version 0\n"; /* no capability beyond the first protocol's */

	return io_write_all(STDOUT_FILENO, text, sizeof(text) - 1, deadline_in(GIT_INPUT_MS),
			    err);
}

int git_serve(const char *operation, const char *name, struct err *err)
{
	AUTOSECRET struct secret text = {0};
	struct git_request request = {0};
	bool is_get = strcmp(operation, "get") == 0;
	int error;

	if (strcmp(operation, "capability") == 0)
		return capability(err);
	if (!is_get && strcmp(operation, "store") != 0 && strcmp(operation, "erase") != 0)
		return 0;
	error = read_request(&text, &request, err);
	if (error)
		return error;
	if (is_get)
		return get(&request, name, err);
	git_note(&request, strcmp(operation, "store") == 0);
	return 0;
}
