/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/header.h"

#include <string.h>

#include "base/text.h"
#include "protocol/pick.h"
#include "protocol/reply.h"

#define OUTPUT_MS  60000
#define PLAIN_USER "hf_user"

const char *const header_format_names[HEADER_FORMAT_COUNT] = {"header", "curl", "netrc"};

/* ---- formats ---------------------------------------------------------------------------------- */

static bool fits(const struct secret *secret, enum header_format format)
{
	const char *text = secret_text(secret);

	for (size_t i = 0; i < secret->size; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < ' ' || byte == 0x7f)
			return false;
		if (format == HEADER_NETRC && (byte == ' ' || byte == '"' || byte == '\\'))
			return false;
	}
	return secret->size > 0 && !(format == HEADER_NETRC && *text == '#');
}

/* Within the quotes of curl's configuration. */
static int add_quoted(struct secret *ret, const struct secret *secret)
{
	int error = 0;

	for (size_t i = 0; i < secret->size && !error; i++) {
		if (secret->data[i] == '"' || secret->data[i] == '\\')
			error = secret_add(ret, "\\", 1);
		if (!error)
			error = secret_add(ret, secret->data + i, 1);
	}
	return error;
}

/* The name alone: without port, and without the brackets of an IPv6 address. */
static int add_machine(struct secret *ret, const char *host)
{
	size_t size = strcspn(host, ":");

	if (*host == '[') {
		host++;
		size = strcspn(host, "]");
	}
	return secret_add(ret, host, size);
}

static bool is_plain_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.-";

	return *text && text[strspn(text, plain)] == '\0';
}

static int add_netrc(struct secret *ret, const char *host, const char *username,
		     const struct secret *secret)
{
	if (!is_plain_word(username))
		username = PLAIN_USER; /* the Hub takes any */
	return secret_add_text(ret, "machine ") || add_machine(ret, host) ||
	       secret_add_text(ret, " login ") || secret_add_text(ret, username) ||
	       secret_add_text(ret, " password ") ||
	       secret_add(ret, secret_text(secret), secret->size);
}

static int add_header(struct secret *ret, const struct secret *secret)
{
	return secret_add_text(ret, "Authorization: Bearer ") ||
	       secret_add(ret, secret_text(secret), secret->size);
}

static int add_curl(struct secret *ret, const struct secret *secret)
{
	return secret_add_text(ret, "header = \"Authorization: Bearer ") ||
	       add_quoted(ret, secret) || secret_add_text(ret, "\"");
}

int header_add(struct secret *ret, enum header_format format, const char *host,
	       const char *username, const struct secret *secret, struct err *err)
{
	int failed;

	if (!fits(secret, format))
		return err_set(err, ERR_FORMAT, "this token cannot be written as %s",
			       header_format_names[format]);
	if (format == HEADER_NETRC)
		failed = add_netrc(ret, host, username, secret);
	else if (format == HEADER_CURL)
		failed = add_curl(ret, secret);
	else
		failed = add_header(ret, secret);
	return failed || secret_add(ret, "\n", 1) ? err_no_memory(err) : 0;
}

/* ---- the command's work ----------------------------------------------------------------------- */

static int nothing(const struct session_pick *picked, bool ours, const char *host,
		   struct err *err)
{
	char id[REPO_ID_SIZE];

	if (!ours) {
		err_set(err, ERR_NO_TOKEN, "no token goes to %s", host);
		return err_hint(err, "tokens go to the Hub they are for: hftoken list --wide");
	}
	if (picked->pick.all_denied && picked->request.repo) {
		repo_text(picked->request.repo, id);
		err_set(err, ERR_NO_TOKEN, "no token for %s may read '%s'", host, id);
		return err_hint(err, "hftoken resolve --explain %s", id);
	}
	err_set(err, ERR_NO_TOKEN, "no usable token for %s", host);
	return err_hint(err, "hftoken switch NAME");
}

/* What stands between "://" and the path; `url` has been taken for a URL. */
static void host_of_url(const char *url, char ret[ENDPOINT_SIZE])
{
	const char *host = strstr(url, "://") + 3;
	size_t size = strcspn(host, "/?#");

	memcpy(ret, host, size);
	ret[size] = '\0';
}

static int write_line(struct session *session, const struct token *token, const char *host,
		      enum header_format format, struct err *err)
{
	AUTOSECRET struct secret secret = {0};
	AUTOSECRET struct secret line = {0};
	const char *username = "";
	int error = session_secret(session, token, &secret, err);

	if (!error && format == HEADER_NETRC)
		username = pick_known(session, token)->account;
	if (!error)
		error = header_add(&line, format, host, username, &secret, err);
	return error ? error : reply_send(&line, deadline_in(OUTPUT_MS), err);
}

int header_write(const char *url, enum header_format format, const char *name, struct err *err)
{
	const struct session_options options = {.parts = CATALOGUE_INDEX, .one_secret = true};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	char endpoint[ENDPOINT_SIZE];
	char host[ENDPOINT_SIZE];
	struct repo repo;
	struct session_question question = {
		.endpoint = endpoint, .operation = OPERATION_READ, .name = name};
	AUTOSESSIONPICK struct session_pick picked = {0};
	bool ours = false;
	bool allowed;
	int error = endpoint_of_url(url, endpoint, err);

	if (error)
		return error;
	host_of_url(url, host);
	if (pick_repo(url, &repo))
		question.repo = &repo;
	allowed = pick_endpoint(url, PICK_API, endpoint);
	error = session_open(&session, &options, err);
	if (!error && allowed)
		error = pick_token(&session, &question, &picked, &ours, err);
	if (error)
		return error;
	return picked.pick.token ? write_line(&session, picked.pick.token, host, format, err)
				 : nothing(&picked, ours, host, err);
}
