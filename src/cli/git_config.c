/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/git_config.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/url.h"

#define GIT_MS     10000
#define OUTPUT_MAX ((size_t)1 << 20)

void git_helpers_release(struct git_helpers *helpers)
{
	buf_release(&helpers->text);
	helpers->count = 0;
}

/* Whatever stops git is no failure of a file of ours. */
static int run_git(const char *const argv[], struct buf *ret, int *ret_exit, struct err *err)
{
	if (proc_output("git", argv, OUTPUT_MAX, deadline_in(GIT_MS), ret, ret_exit, err) == 0)
		return 0;
	err_context(err, "cannot run git");
	if (err)
		err->code = ERR_FAILED;
	return ERR_FAILED;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* A host pattern of git's: `*` stands for one label or a part of it. */
static bool host_matches(const char *pattern, const char *host)
{
	char pattern_text[ENDPOINT_SIZE];
	char host_text[ENDPOINT_SIZE];

	/* Without `*` nothing else may count as one: an IPv6 address has brackets. */
	if (!strchr(pattern, '*'))
		return strcmp(pattern, host) == 0;
	(void)text_copy(pattern_text, sizeof(pattern_text), pattern);
	(void)text_copy(host_text, sizeof(host_text), host);
	/* With '/' for '.', `*` of fnmatch(3) stops at the end of a label. */
	for (char *c = pattern_text; *c; c++)
		*c = *c == '.' ? '/' : *c;
	for (char *c = host_text; *c; c++)
		*c = *c == '.' ? '/' : *c;
	return fnmatch(pattern_text, host_text, FNM_PATHNAME) == 0;
}

static void lower(char *text)
{
	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

/* Cuts a text off where it ends in `ending`. */
static void cut_off(char *text, const char *ending)
{
	size_t size = strlen(text);
	size_t end = strlen(ending);

	if (size >= end && strcmp(text + size - end, ending) == 0)
		text[size - end] = '\0';
}

/*
 * Whether `credential.<pattern>.helper` concerns the endpoint, as git normalises the two. What it
 * says for one user or one path only (`ret_partial`) concerns some requests, and not others.
 */
static bool pattern_matches(const char *pattern, const char *endpoint, bool *ret_partial)
{
	char text[ENDPOINT_SIZE * 2];
	char *host = text;
	char *separator;
	char *user;
	char *path;

	if (!text_copy(text, sizeof(text), pattern))
		return true; /* better one warning too many */
	separator = strstr(text, "://");
	if (separator) {
		*separator = '\0';
		lower(text);
		if (strncmp(endpoint, text, strlen(text)) != 0 ||
		    strncmp(endpoint + strlen(text), "://", 3) != 0)
			return false;
		host = separator + 3;
	}
	path = strchr(host, '/');
	*ret_partial = path && path[1];
	if (path)
		*path = '\0';
	user = strrchr(host, '@');
	*ret_partial |= user != NULL;
	host = user ? user + 1 : host;
	lower(host);
	cut_off(host, text_starts_with(endpoint, "https:") ? ":443" : ":80");
	return !*host || host_matches(host, endpoint_host(endpoint));
}

/* "credential.helper", or "credential.<pattern>.helper" of this endpoint. */
static bool is_helper_key(char *key, const char *endpoint, bool *ret_partial)
{
	bool matches;

	static const char section[] = "credential.";
	static const char name[] = "helper";
	size_t size = strlen(key);
	size_t around = strlen(section) + strlen(name);

	*ret_partial = false;
	if (!text_starts_with(key, section))
		return false;
	if (size == around)
		return strcmp(key + strlen(section), name) == 0;
	if (size < around + 1 || strcmp(key + size - strlen(name) - 1, ".helper") != 0)
		return false;
	key[size - strlen(name) - 1] = '\0';
	matches = pattern_matches(key + strlen(section), endpoint, ret_partial);
	key[size - strlen(name) - 1] = '.';
	return matches;
}

/* The next NUL-terminated field of git's -z output; NULL at the end. */
static char *next_field(char **next, const char *end)
{
	char *field = *next;

	if (field >= end)
		return NULL;
	*next = field + strlen(field) + 1;
	return field;
}

int git_helpers_read(struct git_helpers *helpers, const char *endpoint, struct err *err)
{
	char *next = helpers->text.data;
	const char *end = next + helpers->text.size;
	char *scope;
	char *origin;
	char *entry;

	while ((scope = next_field(&next, end)) && (origin = next_field(&next, end)) &&
	       (entry = next_field(&next, end))) {
		char *value = strchr(entry, '\n');
		bool partial;

		if (value)
			*value++ = '\0';
		if (!is_helper_key(entry, endpoint, &partial))
			continue;
		if (!value || !*value) {
			/* One that cuts off the others for some requests does not for the rest. */
			helpers->count = partial ? helpers->count : 0;
			continue;
		}
		if (helpers->count == GIT_HELPERS_MAX)
			return err_set(err, ERR_FAILED, "git has more than %d helpers",
				       GIT_HELPERS_MAX);
		helpers->list[helpers->count++] = (struct git_helper) {
			.key = entry, .value = value, .scope = scope, .origin = origin};
	}
	return 0;
}

static int list_all(struct buf *ret, struct err *err)
{
	const char *argv[] = {"git",          "config",        "--list", "-z",
			      "--show-scope", "--show-origin", NULL};
	int status = 0;
	int error = run_git(argv, ret, &status, err);

	if (!error && status != 0) {
		err_set(err, ERR_FAILED, "git cannot list its configuration");
		error = err_hint(err,
				 "try: git config --list --show-scope (git 2.26 or newer)");
	}
	return error;
}

int git_helpers_for(const char *endpoint, struct git_helpers *ret, struct err *err)
{
	int error;

	git_helpers_release(ret);
	error = list_all(&ret->text, err);
	if (error)
		return error;
	return ret->text.data ? git_helpers_read(ret, endpoint, err) : 0;
}

enum tristate git_asks_us(const char *endpoint)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};

	if (git_helpers_for(endpoint, &helpers, NULL))
		return UNKNOWN;
	return helpers.count && git_helper_is_ours(helpers.list[0].value) ? YES : NO;
}

enum tristate git_sends_path(const char *endpoint)
{
	const char *argv[] = {
		"git",    "config", "--bool", "--get-urlmatch", "credential.useHttpPath",
		endpoint, NULL};
	AUTOBUF struct buf output = {0};
	int status = 0;

	/* 1: the key is not there. */
	if (run_git(argv, &output, &status, NULL) || (status != 0 && status != 1))
		return UNKNOWN;
	return text_starts_with(buf_text(&output), "true") ? YES : NO;
}

static void each_entry(const struct buf *text, git_config_found found, void *user)
{
	char *next = text->data;
	const char *end = next + text->size;
	char *scope;
	char *origin;
	char *entry;

	while ((scope = next_field(&next, end)) && (origin = next_field(&next, end)) &&
	       (entry = next_field(&next, end))) {
		char *value = strchr(entry, '\n');

		if (value)
			*value++ = '\0';
		found(user, scope, origin, entry, value);
	}
}

int git_config_each(git_config_found found, void *user, struct err *err)
{
	AUTOBUF struct buf text = {0};
	int error;

	/* It does not grow, and so leaves no copies behind. */
	if (!buf_reserve(&text, OUTPUT_MAX))
		return err_no_memory(err);
	error = list_all(&text, err);
	if (!error && text.size)
		each_entry(&text, found, user);
	if (text.data)
		explicit_bzero(text.data, text.size);
	return error;
}

bool git_helper_is_store(const char *value)
{
	return strcmp(value, "store") == 0 || text_starts_with(value, "store ");
}

/* The shell would take the quotes away. */
static void unquote(char *text)
{
	size_t size = strlen(text);

	if (size < 2 || (text[0] != '"' && text[0] != '\'') || text[size - 1] != text[0])
		return;
	memmove(text, text + 1, size - 2);
	text[size - 2] = '\0';
}

bool git_store_path(const char *value, char **ret)
{
	const char *option = git_helper_is_store(value) ? strstr(value, "--file") : NULL;
	AUTOFREE char *path = NULL;

	*ret = NULL;
	if (!option)
		return true;
	option += strlen("--file");
	option += strspn(option, " =");
	path = strdup(option);
	if (!path)
		return false;
	unquote(path);
	if (text_starts_with(path, "~/")) {
		*ret = path_home() ? path_join(path_home(), path + 2) : NULL;
		return *ret || !path_home();
	}
	if (*path == '/') {
		*ret = path;
		path = NULL;
	}
	return true;
}

int git_config_local(char **ret, struct err *err)
{
	const char *argv[] = {"git", "rev-parse", "--git-path", "config", NULL};
	AUTOBUF struct buf output = {0};
	int status = 0;
	int error = run_git(argv, &output, &status, err);
	char *end;

	if (error)
		return error;
	if (status != 0 || output.size < 2) {
		err_set(err, ERR_FAILED, "this is no repository of git's");
		return err_hint(err, "go into one, or leave out --local");
	}
	end = output.data + output.size - 1;
	*end = *end == '\n' ? '\0' : *end;
	*ret = buf_steal(&output);
	return *ret ? 0 : err_no_memory(err);
}
