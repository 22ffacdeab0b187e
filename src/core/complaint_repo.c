/* SPDX-License-Identifier: Apache-2.0 */
/* Names of repositories in a line, and which one is nearest to the refusal. */
#include "core/complaint_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Added to the distance in lines, so that each rule counts more than any number of lines below. */
#define COST_PAGE     ((size_t)50)
#define COST_PART     ((size_t)10000000)
#define COST_QUOTED   ((size_t)1000000000)
#define COST_INCIDENT ((size_t)100000000000)

#define HOST_LINES  12 /* between a request and its Host: */
#define TOKEN_CHARS 30 /* from which on "hf_…" is no word */

struct search {
	const struct line *line;
	const struct line *refusal;
	const struct repo *same;
	struct named_repo *best;
};

/* ---- candidates ------------------------------------------------------------------------------- */

static size_t difference(size_t one, size_t other)
{
	return one > other ? one - other : other - one;
}

/* A token in a path is not repeated, and such a path is none. */
static bool holds_token(const char *text)
{
	for (; *text; text++) {
		size_t prefix = text_starts_with(text, "hf_")    ? 3
				: text_starts_with(text, "api_") ? 4
								 : 0;

		if (prefix && strspn(text + prefix, "abcdefghijklmnopqrstuvwxyz"
						    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						    "0123456789_-.") >= TOKEN_CHARS)
			return true;
	}
	return false;
}

static void offer(const struct search *search, const struct repo *repo, size_t cost)
{
	const struct line *line = search->line;
	const struct line *refusal = search->refusal;

	if (search->same && (!*repo->endpoint || !repo_equal(search->same, repo)))
		return;
	if (holds_token(repo->namespace) || holds_token(repo->name) ||
	    holds_token(repo->revision) || holds_token(repo->path))
		return;
	cost += difference(line->number, refusal->number);
	cost += line->part != refusal->part ? COST_PART : 0;
	cost += line->incident != refusal->incident ? COST_INCIDENT : 0;
	if (search->best->found && search->best->cost <= cost)
		return;
	search->best->found = true;
	search->best->cost = cost;
	search->best->repo = *repo;
}

static bool ends_in(const char *text, size_t size, const char *end)
{
	size_t length = strlen(end);

	return size >= length && strncasecmp(text + size - length, end, length) == 0;
}

/* Other services, and hosts that send files but hold no repositories. */
static bool is_foreign(const char *endpoint)
{
	static const char *const hosts[] = {
		"github.com",
		"gitlab.com",
		"bitbucket.org",
		"codeberg.org",
		"pypi.org",
		"hf.space",
		"developer.mozilla.org",
		"readthedocs.io",
		"githubusercontent.com",
	};
	const char *host = endpoint_host(endpoint);
	size_t size = strlen(host);

	if (endpoint_is_hub(endpoint))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (ends_in(host, size, hosts[i]))
			return true;
	}
	return ends_in(host, size, ".hf.co") || ends_in(host, size, ".huggingface.co");
}

static bool is_request(const char *url)
{
	static const char *const marks[] = {
		"/resolve/",         "/raw/",         "/api/models/",  "/api/datasets/",
		"/api/spaces/",      "/api/kernels/", "/api/buckets/", "/api/resolve-cache/",
		"/info/lfs",         "/info/refs",    "/v2/",          "/git-upload-pack",
		"/git-receive-pack",
	};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (strstr(url, marks[i]))
			return true;
	}
	return text_starts_with(url, "hf://") || text_starts_with(url, "git@");
}

/* git says what it asked for in words of its own. */
static bool is_git_line(const struct line *line)
{
	static const char *const words[] = {"repository '",   "unable to access '",
					    "failed for '",   "refs to '",
					    "objects from '", "git clone"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (complaint_find(line, words[i]))
			return true;
	}
	return false;
}

static void offer_url(const struct search *search, const char *url)
{
	struct repo repo;
	bool asked = is_request(url) || is_git_line(search->line);

	if (repo_parse(url, &repo, NULL) || is_foreign(repo.endpoint))
		return;
	if (!asked && (!*repo.namespace || !(endpoint_is_hub(repo.endpoint) ||
					     endpoint_is_loopback(repo.endpoint))))
		return;
	offer(search, &repo, asked ? 0 : COST_PAGE);
}

/* ---- URLs ------------------------------------------------------------------------------------- */

static size_t url_size(const char *text)
{
	size_t size = strcspn(text, " \n\"'<>|`,;()[]{}\\");

	while (size && strchr(".:!?*", text[size - 1]))
		size--;
	return size;
}

static void find_urls(const struct search *search)
{
	static const char *const starts[] = {
		"https://", "http://",        "hf://", "git@hf.co:", "git@huggingface.co:",
		"hf.co/",   "huggingface.co/"};
	const struct line *line = search->line;
	char url[REPO_TEXT_MAX];

	for (size_t at = 0; at < line->size; at++) {
		const char *text = line->text + at;
		size_t size = 0;

		for (size_t i = 0; i < ARRAY_SIZE(starts) && !size; i++) {
			if (complaint_match(text, starts[i]))
				size = url_size(text);
		}
		if (!size)
			continue;
		if (size < sizeof(url)) {
			memcpy(url, text, size);
			url[size] = '\0';
			offer_url(search, url);
		}
		at += size - 1;
	}
}

/* ---- requests as curl and git show them ------------------------------------------------------- */

/* The endpoint of the request that this line begins; "" if no line names its host. */
static void find_host(const struct line *line, char ret[ENDPOINT_SIZE])
{
	const char *text = line->text;

	*ret = '\0';
	for (int i = 0; i < HOST_LINES && *text; i++) {
		struct line next = {.text = text, .size = strcspn(text, "\n")};
		const char *host = complaint_find(&next, "Host: ");
		char name[ENDPOINT_SIZE];

		if (host) {
			host += strlen("Host: ");
			(void)snprintf(name, sizeof(name), "%.*s", (int)url_size(host), host);
			if (endpoint_of_host("https", name, ret, NULL))
				*ret = '\0';
			return;
		}
		text += next.size;
		text += *text == '\n';
	}
}

/* "> GET /acme/m1/resolve/main/config.json HTTP/1.1" */
static void find_request(const struct search *search)
{
	static const char *const methods[] = {"GET /", "HEAD /", "POST /", "PUT /"};
	char endpoint[ENDPOINT_SIZE];
	char url[REPO_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		const char *path = complaint_find(search->line, methods[i]);
		size_t size;

		if (!path)
			continue;
		path += strlen(methods[i]) - 1;
		size = strcspn(path, " \n");
		find_host(search->line, endpoint);
		if (!complaint_match(path + size, " HTTP/") ||
		    size + strlen(endpoint) >= sizeof(url))
			return;
		(void)snprintf(url, sizeof(url), "%s%.*s", endpoint, (int)size, path);
		if (*endpoint && is_request(url))
			offer_url(search, url);
		return;
	}
}

/* ---- ids -------------------------------------------------------------------------------------- */

static size_t id_size(const char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./");

	while (size && strchr("./-", text[size - 1]))
		size--;
	return size;
}

/* An id with its namespace; without one too many words would be names. */
static bool offer_id(const struct search *search, const char *text, enum repo_type type,
		     size_t cost)
{
	struct repo repo;
	char id[REPO_ID_SIZE];
	size_t size = id_size(text);

	if (size + strlen("datasets/") >= sizeof(id) || !memchr(text, '/', size))
		return false;
	(void)snprintf(id, sizeof(id), "%s/%.*s", repo_type_words[type], (int)size, text);
	if (repo_parse(id, &repo, NULL) || !*repo.namespace || *repo.path || *repo.revision)
		return false;
	offer(search, &repo, cost);
	return true;
}

/* "Access to model acme/m1 is restricted", "Dataset 'acme/d1' not found" */
static void find_named(const struct search *search)
{
	const struct line *line = search->line;

	for (int type = 0; type <= REPO_SPACE; type++) {
		char word[16];
		const char *at;
		struct line rest = *line;

		(void)snprintf(word, sizeof(word), "%s ", repo_type_names[type]);
		while ((at = complaint_find(&rest, word)) != NULL) {
			const char *id = at + strlen(word);

			(void)offer_id(search, id + (*id == '\''), (enum repo_type)type,
				       COST_PAGE);
			rest.size -= (size_t)(at + 1 - rest.text);
			rest.text = at + 1;
		}
	}
}

static enum repo_type type_of_line(const struct line *line)
{
	if (complaint_find(line, "repo_type='dataset'") ||
	    complaint_find(line, "repo_type=\"dataset\"") ||
	    complaint_find(line, "repo-type dataset") ||
	    complaint_find(line, "repo-type=dataset") || complaint_find(line, "load_dataset("))
		return REPO_DATASET;
	if (complaint_find(line, "repo_type='space'") ||
	    complaint_find(line, "repo_type=\"space\"") ||
	    complaint_find(line, "repo-type space"))
		return REPO_SPACE;
	return REPO_MODEL;
}

/* Arguments of calls in code, and of commands. The first word that can be an id is taken. */
static void find_argument(const struct search *search)
{
	static const char *const calls[] = {
		"from_pretrained(",
		"hf_hub_download(",
		"snapshot_download(",
		"load_dataset(",
		"repo_id=",
		"upload_file(",
		"upload_folder(",
		"push_to_hub(",
		"auth_check(",
		"model_info(",
		"dataset_info(",
		"LLM(",
		"hf download ",
		"hf upload ",
		"huggingface-cli download ",
		"huggingface-cli upload ",
		"vllm serve ",
		"--model ",
		"-hf ",
	};
	const struct line *line = search->line;
	const char *end = line->text + line->size;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const char *at = complaint_find(line, calls[i]);

		for (at = at ? at + strlen(calls[i]) : end; at < end;
		     at += strcspn(at, " =(\n")) {
			at += strspn(at, " =('\"");
			if (at < end && offer_id(search, at, type_of_line(line), COST_QUOTED))
				return;
		}
	}
}

/* "acme/m1 is not a local folder and is not a valid model identifier" */
static void find_subject(const struct search *search)
{
	static const char *const words[] = {" is not a local folder and",
					    " does not appear to have a file named"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = complaint_find(search->line, words[i]);
		const char *start = at;

		while (start && start > search->line->text && !strchr(" '\"\n", start[-1]))
			start--;
		if (at && start < at)
			(void)offer_id(search, start, REPO_MODEL, COST_PAGE);
	}
}

void complaint_repos(const struct line *line, const struct line *refusal,
		     const struct repo *same, struct named_repo *ret)
{
	struct search search = {.line = line, .refusal = refusal, .same = same, .best = ret};

	find_urls(&search);
	find_request(&search);
	if (same)
		return;
	find_named(&search);
	find_subject(&search);
	find_argument(&search);
}
