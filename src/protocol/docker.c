/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/docker.h"

#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/program.h"
#include "base/text.h"
#include "protocol/pick.h"
#include "protocol/reply.h"

#define SCHEME    "https://"
#define PAIRS_MAX 16

/* Where the registry is not told whose token it is; it may refuse that. */
#define PLAIN_USER "hf_user"

static const char *const registries[] = {"hf.co", "huggingface.co", "registry.hf.space"};

/* ---- questions -------------------------------------------------------------------------------- */

void docker_login_release(struct docker_login *login)
{
	secret_release(&login->secret);
}

void docker_key_trim(struct secret *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < key->size; i++) {
		if (key->data[i] != '\n' && key->data[i] != '\r')
			key->data[kept++] = key->data[i];
	}
	secret_truncate(key, kept);
	secret_trim(key);
}

bool docker_is_ours(const char *key)
{
	char url[sizeof(SCHEME) + ENDPOINT_URL_MAX];
	char endpoint[ENDPOINT_SIZE];

	if (strlen(key) > ENDPOINT_URL_MAX)
		return false;
	(void)snprintf(url, sizeof(url), "%s%s", strstr(key, "://") ? "" : SCHEME, key);
	return pick_endpoint(url, PICK_REGISTRY, endpoint);
}

static int read_secret(const struct json_scan *scan, struct secret *ret, struct err *err)
{
	struct json_span value = json_scan_find(scan, "Secret");

	if (value.kind == JSON_KIND_NONE)
		return 0;
	if (secret_reserve(ret, value.size))
		return err_no_memory(err);
	if (!json_span_decode(&value, ret->data, value.size))
		return err_set(err, ERR_FORMAT, "'Secret' is not a text");
	secret_grew(ret, strlen(ret->data));
	return 0;
}

/* "" for one that is missing; false for what is no text, or too long. */
static bool read_member(const struct json_scan *scan, const char *name, char *ret,
			size_t capacity)
{
	struct json_span value = json_scan_find(scan, name);

	ret[0] = '\0';
	return value.kind == JSON_KIND_NONE || json_span_decode(&value, ret, capacity);
}

int docker_login_parse(const struct secret *text, struct docker_login *ret, struct err *err)
{
	struct json_pair pairs[PAIRS_MAX];
	struct json_scan scan = {.pairs = pairs, .capacity = PAIRS_MAX};
	int error = json_scan(&scan, secret_text(text), text->size, err);

	if (error)
		return err_context(err, "docker's request");
	if (!read_member(&scan, "ServerURL", ret->server, sizeof(ret->server)) ||
	    !read_member(&scan, "Username", ret->username, sizeof(ret->username)))
		return err_set(err, ERR_FORMAT, "docker's request is not understood");
	if (!*ret->server)
		return err_set(err, ERR_FORMAT, DOCKER_NO_SERVER);
	if (!*ret->username)
		return err_set(err, ERR_FORMAT, DOCKER_NO_USERNAME);
	return read_secret(&scan, &ret->secret, err);
}

static int read_input(struct secret *ret, struct err *err)
{
	int error = io_read_all(STDIN_FILENO, ret, DOCKER_INPUT_MAX,
				deadline_in(DOCKER_INPUT_MS), err);

	return error ? err_context(err, "docker's request") : 0;
}

static int read_key(struct secret *ret, struct err *err)
{
	int error = read_input(ret, err);

	if (error)
		return error;
	docker_key_trim(ret);
	return ret->size ? 0 : err_set(err, ERR_FORMAT, DOCKER_NO_SERVER);
}

/* ---- get -------------------------------------------------------------------------------------- */

static int open_session(struct session *session, const char *name, struct session_pick *ret,
			struct err *err)
{
	const struct session_options options = {.parts = CATALOGUE_INDEX, .one_secret = true};
	const struct session_question question = {
		.endpoint = ENDPOINT_HUB, .operation = OPERATION_READ, .name = name};
	int error = session_open(session, &options, err);
	bool ours;

	return error ? error : pick_token(session, &question, ret, &ours, err);
}

static int not_found(struct err *err)
{
	return err_set(err, ERR_NO_TOKEN, DOCKER_NOT_FOUND);
}

static int answer(const struct secret *key, const char *account, const struct secret *secret,
		  struct err *err)
{
	AUTOSECRET struct secret reply = {0};
	const char *username = *account ? account : PLAIN_USER;
	int error = reply_add(&reply, "{\"ServerURL\":", err);

	if (!error)
		error = reply_add_json(&reply, key->data, key->size, err);
	if (!error)
		error = reply_add(&reply, ",\"Username\":", err);
	if (!error)
		error = reply_add_json(&reply, username, strlen(username), err);
	if (!error)
		error = reply_add(&reply, ",\"Secret\":", err);
	if (!error)
		error = reply_add_json(&reply, secret_text(secret), secret->size, err);
	if (!error)
		error = reply_add(&reply, "}\n", err);
	return error ? error : reply_send(&reply, deadline_in(DOCKER_INPUT_MS), err);
}

static int get(const char *name, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret key = {0};
	AUTOSECRET struct secret secret = {0};
	AUTOSESSIONPICK struct session_pick picked = {0};
	int error = read_key(&key, err);

	if (error)
		return error;
	if (strlen(key.data) != key.size || !docker_is_ours(key.data)) {
		trace("docker get: not one of ours");
		return not_found(err);
	}
	error = open_session(&session, name, &picked, err);
	if (!error && !picked.pick.token)
		return not_found(err);
	if (!error)
		error = session_secret(&session, picked.pick.token, &secret, err);
	if (!error && secret.size == 0)
		return not_found(err);
	return error ? error
		     : answer(&key, pick_known(&session, picked.pick.token)->account, &secret,
			      err);
}

/* ---- list ------------------------------------------------------------------------------------- */

/* docker asks for this in every build, before it wants a token: no store is asked. */
static int list(const char *name, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOBUF struct buf text = {0};
	struct json_out out = {.buf = &text};
	AUTOSESSIONPICK struct session_pick picked = {0};
	int error = open_session(&session, name, &picked, err);

	if (error)
		return error;
	json_begin(&out, NULL, '{');
	for (size_t i = 0; picked.pick.token && i < ARRAY_SIZE(registries); i++)
		json_put_text(&out, registries[i],
			      *picked.pick.token->account ? picked.pick.token->account
							  : PLAIN_USER);
	json_end(&out, '}');
	buf_add_char(&text, '\n');
	if (buf_failed(&text))
		return err_no_memory(err);
	return io_write_all(STDOUT_FILENO, text.data, text.size, deadline_in(DOCKER_INPUT_MS),
			    err);
}

/* ---- store, erase ----------------------------------------------------------------------------- */

/* A token that looks the same and cannot be read counts as the same: there is nothing to add. */
static bool is_known(struct session *session, const struct secret *secret)
{
	char masked[MASKED_SIZE];

	if (secret->size == 0)
		return false;
	if (secret_equal(secret, program_token()))
		return true;
	mask_secret(secret, masked);
	for (size_t i = 0; i < session->catalogue.count; i++) {
		const struct token *token = &session->catalogue.tokens[i];
		AUTOSECRET struct secret kept = {0};

		if (strcmp(token->endpoint, ENDPOINT_HUB) == 0 &&
		    strcmp(token->masked, masked) == 0 &&
		    (session_secret(session, token, &kept, NULL) ||
		     secret_equal(&kept, secret)))
			return true;
	}
	return false;
}

static int refuse_store(const char *server, struct err *err)
{
	if (!docker_is_ours(server))
		return err_set(err, ERR_USAGE, "hftoken keeps Hugging Face tokens only");
	return err_set(err, ERR_USAGE,
		       "this token is not stored; 'hftoken login' stores it under a name, "
		       "and docker gets it from there");
}

static int store(struct err *err)
{
	const struct session_options options = {.parts = CATALOGUE_INDEX};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	CLEANUP(docker_login_release) struct docker_login login = {.secret = {0}};
	AUTOSECRET struct secret text = {0};
	int error = read_input(&text, err);

	if (!error)
		error = docker_login_parse(&text, &login, err);
	if (!error && !docker_is_ours(login.server))
		return refuse_store(login.server, err);
	if (!error)
		error = session_open(&session, &options, err);
	if (error)
		return error;
	return is_known(&session, &login.secret) ? 0 : refuse_store(login.server, err);
}

/*
 * `docker logout` is no reason to delete a token that git and others use. There was nothing of
 * docker's own, which counts as success; but whoever expects otherwise is told. docker shows what
 * is on stderr, and keeps a failure's text to itself.
 */
static int erase(const char *name, struct buf *ret_note, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSECRET struct secret key = {0};
	AUTOSESSIONPICK struct session_pick picked = {0};
	int error = read_key(&key, err);

	if (error || !docker_is_ours(key.data) || open_session(&session, name, &picked, NULL) ||
	    !picked.pick.token)
		return error;
	buf_printf(ret_note,
		   "docker still gets token '%s'; 'hftoken setup docker --undo' ends that, "
		   "'hftoken logout' removes tokens",
		   picked.pick.token->name);
	return 0;
}

static int version(struct err *err)
{
	static const char text[] = "docker-credential-hftoken " HFTOKEN_VERSION "\n";

	return io_write_all(STDOUT_FILENO, text, sizeof(text) - 1, deadline_in(DOCKER_INPUT_MS),
			    err);
}

int docker_serve(const char *action, const char *name, struct buf *ret_note, struct err *err)
{
	if (strcmp(action, "get") == 0)
		return get(name, err);
	if (strcmp(action, "store") == 0)
		return store(err);
	if (strcmp(action, "erase") == 0)
		return erase(name, ret_note, err);
	if (strcmp(action, "list") == 0)
		return list(name, err);
	if (strcmp(action, "version") == 0)
		return version(err);
	return err_set(err, ERR_USAGE, "docker-credential-hftoken: unknown action: %.40s",
		       action);
}
