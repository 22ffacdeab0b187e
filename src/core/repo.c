/* SPDX-License-Identifier: Apache-2.0 */
#include "core/repo_reader.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mask.h"
#include "base/text.h"

const char *const repo_type_words[REPO_TYPE_COUNT] = {"models", "datasets", "spaces", "kernels",
						      "buckets"};
const char *const repo_type_names[REPO_TYPE_COUNT] = {"model", "dataset", "space", "kernel",
						      "bucket"};

static bool in_list(const char *const list[], size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

/* Pages with a revision behind the id. */
static bool is_route(const char *word)
{
	static const char *const words[] = {"resolve", "raw",     "blob",  "tree",
					    "blame",   "commits", "commit"};

	return in_list(words, ARRAY_SIZE(words), word);
}

/* Other things behind the id of a page or of a git remote. */
static bool is_side_page(const char *word)
{
	static const char *const words[] = {
		"info", "git-upload-pack", "git-receive-pack", "discussions", "settings",
		"edit", "upload"};

	return in_list(words, ARRAY_SIZE(words), word);
}

/* API calls with a revision, and possibly a path, behind the id. */
static bool is_api_route(const char *word)
{
	static const char *const words[] = {"revision",   "tree",           "resolve",
					    "commits",    "commit",         "treesize",
					    "paths-info", "xet-read-token", "xet-write-token",
					    "preupload",  "compare",        "super-squash"};

	return in_list(words, ARRAY_SIZE(words), word);
}

static bool is_api_call(const char *word)
{
	static const char *const words[] = {
		"auth-check",      "refs", "discussions", "user-access-request",
		"ask-access",      "jwt",  "lfs-files",   "settings",
		"security-status", "scan", "parquet",     "croissant",
		"branch",          "tag",  "runtime",     "secrets",
		"variables",       "like", "notebook",    "leaderboard",
	};

	return is_api_route(word) || in_list(words, ARRAY_SIZE(words), word);
}

static bool is_commit_id(const char *word)
{
	return strlen(word) == 40 && word[strspn(word, "0123456789abcdef")] == '\0';
}

/* ---- paths ------------------------------------------------------------------------------------ */

/* /gpt2/resolve/main/x is a name of one segment, /acme/resolve is not. */
static bool is_single_page(const struct reader *reader)
{
	const char *route = reader_peek(reader, 1);

	if (reader->next + 1 == reader->count || reader_ends_in(reader_peek(reader, 0), ".git"))
		return true;
	if (!*reader_peek(reader, 2))
		return false;
	if (strcmp(route, "info") == 0)
		return strcmp(reader_peek(reader, 2), "lfs") == 0 ||
		       strcmp(reader_peek(reader, 2), "refs") == 0;
	return is_route(route) && !is_route(reader_peek(reader, 2));
}

static int read_page(struct reader *reader)
{
	bool has_type = reader_take_type(reader);
	int error = reader_take_id(reader, is_single_page(reader), has_type);
	const char *route = reader_peek(reader, 0);

	if (error)
		return error;
	if (is_route(route)) {
		reader->next++;
		if (reader->repo.type != REPO_BUCKET)
			error = reader_take_revision(reader);
		return error ? error : reader_take_file(reader);
	}
	if (*route && reader->typed && !is_side_page(route))
		return reader_bad(reader, "the name has more than two parts");
	return 0;
}

static int read_api(struct reader *reader)
{
	bool is_cache = strcmp(reader_peek(reader, 0), "resolve-cache") == 0;
	const char *second;
	const char *route;
	bool is_single;
	int error;

	reader->next += is_cache;
	if (!reader_take_type(reader))
		return reader_bad(reader,
				  "that is a call of the Hub's API without a repository");
	second = reader_peek(reader, 1);
	is_single = !*second || (is_cache ? is_commit_id(second) : is_api_call(second));
	error = reader_take_id(reader, is_single, true);
	if (error)
		return error;
	route = reader_peek(reader, 0);
	if (reader->repo.type == REPO_BUCKET || (!is_cache && !is_api_route(route)))
		return 0;
	reader->next += !is_cache;
	error = reader_take_revision(reader);
	if (!error && (is_cache || strcmp(route, "resolve") == 0 || strcmp(route, "tree") == 0))
		error = reader_take_file(reader);
	return error;
}

static int read_path(struct reader *reader, char *path)
{
	int error;

	path[strcspn(path, "?#")] = '\0';
	error = reader_cut(reader, path);
	if (error)
		return error;
	if (strcmp(reader_peek(reader, 0), "api") == 0) {
		reader->next++;
		return read_api(reader);
	}
	if (strcmp(reader_peek(reader, 0), "v2") == 0) {
		reader->next++;
		return reader_take_id(reader, false, false);
	}
	return read_page(reader);
}

/* ---- other forms ------------------------------------------------------------------------------ */

/* hf://TYPE/NS/NAME@REV/PATH, and behind it where huggingface_hub is to mount it: ":/data:ro". */
static int read_uri(struct reader *reader, char *body)
{
	struct repo *repo = &reader->repo;
	char *mount = strstr(body, ":/");
	char *at;
	int error;

	if (mount)
		*mount = '\0';
	error = reader_cut(reader, body);
	if (error)
		return error;
	(void)reader_take_type(reader);
	if (reader->next + 1 >= reader->count)
		return reader_bad(reader, "an hf:// URI needs a namespace and a name");
	at = strchr(reader->segments[reader->next + 1], '@');
	if (at)
		*at++ = '\0';
	error = reader_take_id(reader, false, false);
	if (error)
		return error;
	if (at && (repo->type == REPO_BUCKET || !*at))
		return reader_bad(reader,
				  *at ? "a bucket has no revisions" : "the revision is empty");
	if (at) {
		reader->segments[--reader->next] = at;
		error = reader_take_revision(reader);
	}
	return error ? error : reader_take_file(reader);
}

/* Splits "user:password@host:port/path", and forgets who. */
static int read_host(struct reader *reader, const char *protocol, char *authority,
		     char **ret_path)
{
	size_t size = strcspn(authority, "/?#");
	bool has_path = authority[size] == '/';
	char *host;

	*ret_path = authority + size + has_path;
	if (!has_path)
		return reader_bad(reader, "the URL has no repository");
	authority[size] = '\0';
	host = strrchr(authority, '@');
	host = host ? host + 1 : authority;
	if (strcmp(protocol, "ssh") == 0) {
		host[strcspn(host, ":")] = '\0';
		protocol = "https";
	}
	return endpoint_of_host(protocol, host, reader->repo.endpoint, reader->err);
}

static int read_url(struct reader *reader, char *text, char *separator)
{
	char *path;
	int error;

	*separator = '\0';
	if (strcasecmp(text, "hf") == 0)
		return read_uri(reader, separator + strlen("://"));
	if (strcasecmp(text, "https") != 0 && strcasecmp(text, "http") != 0 &&
	    strcasecmp(text, "ssh") != 0)
		return reader_bad(reader, "the URL is none of a Hub");
	error = read_host(reader, strcasecmp(text, "ssh") == 0 ? "ssh" : text,
			  separator + strlen("://"), &path);
	return error ? error : read_path(reader, path);
}

/* git@hf.co:datasets/acme/d1 */
static int read_scp(struct reader *reader, char *text, char *colon)
{
	char *host = strrchr(text, '@');
	int error;

	*colon = '\0';
	host = host ? host + 1 : text;
	error = endpoint_of_host("https", host, reader->repo.endpoint, reader->err);
	return error ? error : read_path(reader, colon + 1);
}

/* hf.co/acme/m1:Q4_K_M, as Ollama and docker write it: the tag is no revision. */
static int read_short(struct reader *reader, char *text)
{
	char *slash = strchr(text, '/');
	int error;

	*slash = '\0';
	error = endpoint_of_host("https", text, reader->repo.endpoint, reader->err);
	slash[1 + strcspn(slash + 1, ":")] = '\0';
	return error ? error : read_path(reader, slash + 1);
}

static bool begins_with_host(const char *text)
{
	static const char *const hosts[] = {"hf.co/", "huggingface.co/", "www.huggingface.co/",
					    "hub-ci.huggingface.co/"};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (strncasecmp(text, hosts[i], strlen(hosts[i])) == 0)
			return true;
	}
	return false;
}

static int read_any(struct reader *reader, char *text)
{
	size_t first = strcspn(text, "/");
	char *separator = strstr(text, "://");
	char *at = memchr(text, '@', first);
	char *colon = at ? memchr(at, ':', first - (size_t)(at - text)) : NULL;

	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return reader_bad(reader,
					  "repository holds a space or a control character");
	}
	if (!text[first] && looks_like_token(text)) /* no token has a slash */
		return reader_bad(reader, "that is a token, not a repository");
	if (separator && separator < text + first)
		return read_url(reader, text, separator);
	if (colon)
		return read_scp(reader, text, colon);
	if (begins_with_host(text))
		return read_short(reader, text);
	reader->typed = *text != '/';
	return read_path(reader, text);
}

int repo_parse(const char *text, struct repo *ret, struct err *err)
{
	struct reader reader = {.err = err};
	char copy[REPO_TEXT_MAX + 1];
	int error;

	if (!*text)
		return reader_bad(&reader, "repository is empty");
	if (!text_copy(copy, sizeof(copy), text))
		return reader_bad(&reader, "repository is too long");
	error = read_any(&reader, copy);
	if (!error)
		*ret = reader.repo;
	return error;
}

/* ---- back to text ----------------------------------------------------------------------------- */

void repo_id(const struct repo *repo, char ret[REPO_ID_SIZE])
{
	(void)snprintf(ret, REPO_ID_SIZE, "%s%s%s", repo->namespace,
		       *repo->namespace ? "/" : "", repo->name);
}

void repo_text(const struct repo *repo, char ret[REPO_ID_SIZE])
{
	bool plain = repo->type == REPO_MODEL && *repo->namespace;

	(void)snprintf(ret, REPO_ID_SIZE, "%s%s%s%s%s",
		       plain ? "" : repo_type_words[repo->type], plain ? "" : "/",
		       repo->namespace, *repo->namespace ? "/" : "", repo->name);
}

bool repo_equal(const struct repo *one, const struct repo *other)
{
	return one->type == other->type && text_equal_fold(one->namespace, other->namespace) &&
	       text_equal_fold(one->name, other->name);
}
