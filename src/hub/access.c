/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/access.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/pages.h"
#include "hub/access_parts.h"
#include "hub/answer.h"

#define URL_SIZE   ((size_t)4096)
#define CHECK_MAX  ((size_t)64 << 10) /* of answers that hold a word or a few */
#define WHOAMI_MAX ((size_t)512 << 10)
#define ANY_FILE   ".gitattributes" /* behind the gate, and there in nearly every repository */

bool access_is_exempt(const char *file)
{
	static const char *const files[] = {"README.md", "LICENSE", "LICENSE.md",
					    "LICENSE.txt"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (strcmp(file, files[i]) == 0)
			return true;
	}
	return false;
}

/* ---- questions -------------------------------------------------------------------------------- */

static bool by_file(const struct access *access)
{
	return (*access->file && !access_is_exempt(access->file)) || *access->revision;
}

static void add_segments(struct buf *url, const char *path)
{
	while (*path) {
		size_t size = strcspn(path, "/");
		AUTOFREE char *segment = strndup(path, size);

		if (segment)
			page_escape(url, segment);
		path += size;
		if (*path == '/') {
			buf_add_char(url, '/');
			path++;
		}
	}
}

/* `…/resolve/refs%2Fpr%2F1/data/train.parquet` */
static void url_of_file(const struct access *access, const struct repo *repo, struct buf *url)
{
	bool exempt = !*access->file || access_is_exempt(access->file);

	page_of_repo(access->url, repo, url);
	buf_add_text(url, "/resolve/");
	page_escape(url, *access->revision ? access->revision : "main");
	buf_add_char(url, '/');
	add_segments(url, exempt ? ANY_FILE : access->file);
}

static void url_of_api(const struct access *access, const struct repo *repo, const char *rest,
		       struct buf *url)
{
	char id[REPO_ID_SIZE];

	repo_id(repo, id);
	buf_printf(url, "%s/api/%s/%s%s", access->url, repo_type_words[repo->type], id, rest);
}

static void url_of_check(const struct access *access, const struct repo *repo, struct buf *url)
{
	if (by_file(access) && !access->write)
		url_of_file(access, repo, url);
	else
		url_of_api(access, repo, access->write ? "/auth-check/write" : "/auth-check",
			   url);
}

#define FACTS "?expand[]=gated&expand[]=private&expand[]=disabled"

static void begin_check(const struct access *access, const struct access_token *token,
			const struct buf *url, struct http_call *call)
{
	call->url = buf_text(url);
	call->token = token->secret;
	call->head = by_file(access) && !access->write;
	call->body_max = CHECK_MAX;
}

static void begin_facts(struct access *access, const struct buf *url,
			const struct secret *token, struct http_call *call)
{
	call->url = buf_text(url);
	call->token = token;
	call->body_max = CHECK_MAX;
	access->besides++;
}

static void count(struct access *access, struct access_token *token)
{
	token->requests++;
	access->besides += token->secret == NULL;
}

/* ---- the first round -------------------------------------------------------------------------- */

static int perform(struct access *access, struct http_call *calls, size_t total,
		   struct err *err)
{
	if (!hub_is_offline())
		return http_perform(calls, total, access->deadline, access->tick, err);
	for (size_t i = 0; i < total; i++)
		calls[i].error = calls[i].url ? hub_offline(&calls[i].err) : 0;
	return 0;
}

static void release_calls(struct http_call *calls, size_t total)
{
	for (size_t i = 0; i < total; i++)
		http_call_release(&calls[i]);
}

int access_begin(struct access *access, struct err *err)
{
	AUTOFREE struct http_call *calls = calloc(access->count + 1, sizeof(*calls));
	AUTOBUF struct buf check = {0};
	AUTOBUF struct buf facts = {0};
	int error;

	access->target = access->repo;
	access->facts = (struct repo_facts) {.is_private = UNKNOWN, .disabled = UNKNOWN};
	access->deadline = deadline_in(ACCESS_WAIT_MS);
	url_of_check(access, &access->repo, &check);
	url_of_api(access, &access->repo, FACTS, &facts);
	if (!calls || buf_failed(&check) || buf_failed(&facts))
		return err_no_memory(err);
	for (size_t i = 0; i < access->count; i++) {
		if (access->tokens[i].passed_over)
			continue;
		begin_check(access, &access->tokens[i], &check, &calls[i]);
		count(access, &access->tokens[i]);
	}
	begin_facts(access, &facts, NULL, &calls[access->count]);
	error = perform(access, calls, access->count + 1, err);
	for (size_t i = 0; i < access->count && !error; i++) {
		struct access_token *token = &access->tokens[i];

		if (token->passed_over)
			continue;
		access_understand(access, &calls[i], &token->reply);
		token->redirected = !token->reply.works &&
				    access_redirected_to(access, &calls[i], access->repo.type,
							 &access->target);
		access_take_target(access, &calls[i]);
	}
	if (!error)
		access_take_facts(access, &calls[access->count]);
	release_calls(calls, access->count + 1);
	return error;
}

/* ---- the second round ------------------------------------------------------------------------- */

#define OTHER_TYPES 2

struct second {
	struct http_call *calls; /* one per token, then FACTS of the target, then other types */
	struct buf check;
	struct buf facts;
	struct buf others[OTHER_TYPES];
	struct repo other_repos[OTHER_TYPES];
	char whoami[HUB_URL_SIZE];
};

static void second_release(struct second *second)
{
	free(second->calls);
	buf_release(&second->check);
	buf_release(&second->facts);
	for (size_t i = 0; i < OTHER_TYPES; i++)
		buf_release(&second->others[i]);
}

static bool is_elsewhere(const struct access *access)
{
	char before[REPO_ID_SIZE];
	char now[REPO_ID_SIZE];

	repo_text(&access->repo, before);
	repo_text(&access->target, now);
	return strcmp(before, now) != 0;
}

/* Nobody has seen the repository, and the Hub knows the token: is the id one of another type? */
static bool is_lost(const struct access *access)
{
	if (!access->facts.hidden || is_elsewhere(access))
		return false;
	for (size_t i = 0; i < access->count; i++) {
		if (access->tokens[i].reply.works || access->tokens[i].reply.status == 403)
			return false;
	}
	return true;
}

/* Someone whom the Hub knows sees more than a visitor. */
static const struct secret *known_secret(const struct access *access)
{
	for (size_t i = 0; i < access->count; i++) {
		if (access->tokens[i].reply.status == 404)
			return access->tokens[i].secret;
	}
	return NULL;
}

static void begin_others(struct access *access, struct second *second)
{
	static const enum repo_type types[] = {REPO_MODEL, REPO_DATASET, REPO_SPACE};
	size_t asked = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types) && asked < OTHER_TYPES; i++) {
		struct repo *other = &second->other_repos[asked];

		if (types[i] == access->repo.type)
			continue;
		*other = access->repo;
		other->type = types[i];
		url_of_api(access, other, FACTS, &second->others[asked]);
		begin_facts(access, &second->others[asked], known_secret(access),
			    &second->calls[access->count + 1 + asked]);
		asked++;
	}
}

static void begin_token(struct access *access, struct access_token *token,
			struct second *second, struct http_call *call)
{
	if (token->redirected) {
		begin_check(access, token, &second->check, call);
		count(access, token);
	} else if (token->wants_whoami && token->secret) {
		token->whoami.url = access->url;
		token->whoami.token = token->secret;
		hub_whoami_begin(&token->whoami, second->whoami, call);
		call->body_max = WHOAMI_MAX;
		count(access, token);
	}
}

static void end_token(const struct access *access, struct access_token *token,
		      const struct http_call *call)
{
	if (!call->url)
		return;
	if (token->redirected)
		access_understand(access, call, &token->reply);
	else
		token->whoami.error = hub_whoami_understand(&token->whoami, call);
	if (token->whoami.token && token->whoami.status == HUB_UNREACHABLE)
		access_understand(access, call, &token->no_whoami);
}

static void end_others(struct access *access, const struct second *second)
{
	for (size_t i = 0; i < OTHER_TYPES; i++) {
		const struct http_call *call = &second->calls[access->count + 1 + i];

		struct repo moved;

		if (!call->url)
			continue;
		if (access_describes(call, NULL))
			access->facts.other_type = second->other_repos[i];
		else if (access_redirected_to(access, call, second->other_repos[i].type,
					      &moved))
			access->facts.other_type = moved;
	}
}

/* Whether the Hub admitted to this token that the repository is there. */
static bool has_seen(const struct access_token *token)
{
	return token->secret && (token->reply.works || token->reply.status == 403 ||
				 strcmp(token->reply.code, "RevisionNotFound") == 0 ||
				 strcmp(token->reply.code, "EntryNotFound") == 0);
}

static void conclude(struct access *access)
{
	for (size_t i = 0; i < access->count; i++) {
		const struct access_token *token = &access->tokens[i];

		if (access->facts.hidden && has_seen(token))
			access->facts.is_private = YES;
		trace("access: token %zu: status %ld, %u requests", i, token->reply.status,
		      token->requests);
	}
	trace("access: %u requests besides", access->besides);
}

int access_finish(struct access *access, struct err *err)
{
	CLEANUP(second_release) struct second second = {0};
	size_t total = access->count + 1 + OTHER_TYPES;
	struct http_call *facts;
	int error;

	second.calls = calloc(total, sizeof(*second.calls));
	url_of_check(access, &access->target, &second.check);
	url_of_api(access, &access->target, FACTS, &second.facts);
	if (!second.calls || buf_failed(&second.check) || buf_failed(&second.facts))
		return err_no_memory(err);
	for (size_t i = 0; i < access->count; i++)
		begin_token(access, &access->tokens[i], &second, &second.calls[i]);
	facts = &second.calls[access->count];
	if (is_elsewhere(access))
		begin_facts(access, &second.facts, NULL, facts);
	else if (is_lost(access))
		begin_others(access, &second);
	error = perform(access, second.calls, total, err);
	for (size_t i = 0; i < access->count && !error; i++)
		end_token(access, &access->tokens[i], &second.calls[i]);
	if (!error && facts->url)
		access_take_facts(access, facts);
	if (!error)
		end_others(access, &second);
	conclude(access);
	release_calls(second.calls, total);
	return error;
}

void access_release(struct access *access)
{
	for (size_t i = 0; i < access->count; i++)
		hub_whoami_release(&access->tokens[i].whoami);
}
