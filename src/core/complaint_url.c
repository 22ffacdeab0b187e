/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of repositories in a line, and requests as curl and git show them. */
#include "core/complaint_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define HOST_LINES 12 /* between a request and its Host: */

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

static void offer_url(const struct complaint_search *search, const char *url)
{
	struct repo repo;
	bool asked = is_request(url) || search->is_git;

	if (repo_parse(url, &repo, NULL) || is_foreign(repo.endpoint))
		return;
	if (!asked && (!*repo.namespace || !(endpoint_is_hub(repo.endpoint) ||
					     endpoint_is_loopback(repo.endpoint))))
		return;
	complaint_offer(search, &repo, asked ? 0 : COMPLAINT_COST_PAGE);
}

/* ---- URLs ------------------------------------------------------------------------------------- */

static size_t url_size(const char *text)
{
	size_t size = strcspn(text, " \n\"'<>|`,;()[]{}\\");

	while (size && strchr(".:!?*", text[size - 1]))
		size--;
	return size;
}

static void find_urls(const struct complaint_search *search)
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
static void find_request(const struct complaint_search *search)
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

void complaint_find_urls(const struct complaint_search *search)
{
	struct complaint_search ours = *search;

	ours.is_git = is_git_line(search->line);
	find_urls(&ours);
	find_request(&ours);
}
