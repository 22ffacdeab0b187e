/* SPDX-License-Identifier: Apache-2.0 */
/* Hints from the remotes of a repository. */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/git_hints.h"

/* ---- configuration ---------------------------------------------------------------------------- */

struct config {
	const char *next;
	const char *end;
	bool in_remote; /* within [remote "…"] */
	bool is_origin;
};

static int peek(const struct config *config)
{
	return config->next < config->end ? (unsigned char)*config->next : -1;
}

static void skip_line(struct config *config)
{
	const char *newline = memchr(config->next, '\n', (size_t)(config->end - config->next));

	config->next = newline ? newline + 1 : config->end;
}

static void skip_blanks(struct config *config)
{
	while (peek(config) == ' ' || peek(config) == '\t' || peek(config) == '\r')
		config->next++;
}

/* [remote "NAME"], behind the bracket. What is no such section is passed over. */
static void read_section(struct config *config)
{
	static const char word[] = "remote";
	char name[64];
	size_t size = 0;
	int c;

	config->in_remote = false;
	config->is_origin = false;
	skip_blanks(config);
	if ((size_t)(config->end - config->next) < sizeof(word) ||
	    strncasecmp(config->next, word, sizeof(word) - 1) != 0)
		return;
	config->next += sizeof(word) - 1;
	skip_blanks(config);
	if (peek(config) != '"')
		return;
	config->next++;
	while ((c = peek(config)) >= 0 && c != '"' && c != '\n') {
		if (c == '\\' && config->next + 1 < config->end)
			config->next++;
		if (size < sizeof(name) - 1)
			name[size++] = *config->next;
		config->next++;
	}
	if (c != '"')
		return;
	config->next++;
	name[size] = '\0';
	config->in_remote = true;
	config->is_origin = strcmp(name, "origin") == 0;
}

static bool is_escape(struct config *config, char *ret)
{
	static const char from[] = "nt\"\\";
	static const char to[] = "\n\t\"\\";
	const char *found = peek(config) > 0 ? strchr(from, peek(config)) : NULL;

	if (!found)
		return false;
	*ret = to[found - from];
	config->next++;
	return true;
}

/* The value behind `=`, with git's quotes, escapes and comments. */
static bool read_value(struct config *config, char *ret, size_t max)
{
	bool quoted = false;
	size_t size = 0;
	size_t kept = 0; /* without the blanks at the end */
	int c;

	skip_blanks(config);
	while ((c = peek(config)) >= 0 && c != '\n') {
		char byte = (char)c;

		config->next++;
		if (!quoted && (c == '#' || c == ';'))
			break;
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (c == '\\' && peek(config) == '\n') {
			config->next++;
			continue;
		}
		if (c == '\\' && !is_escape(config, &byte))
			return false;
		if (size + 1 >= max || byte == '\0')
			return false;
		ret[size++] = byte;
		if (quoted || !isspace((unsigned char)byte))
			kept = size;
	}
	ret[kept] = '\0';
	return !quoted;
}

/* One `key = value` line within a remote; true for its URL. */
static bool read_url(struct config *config, char *ret, size_t max)
{
	const char *key = config->next;
	size_t size;

	while (isalnum(peek(config)) || peek(config) == '-')
		config->next++;
	size = (size_t)(config->next - key);
	skip_blanks(config);
	if (size != strlen("url") || strncasecmp(key, "url", size) != 0 || peek(config) != '=')
		return false;
	config->next++;
	return read_value(config, ret, max);
}

static bool is_on(const char *url, const char *endpoint, struct repo *ret)
{
	struct repo repo;

	if (repo_parse(url, &repo, NULL) || strcmp(repo.endpoint, endpoint) != 0)
		return false;
	*ret = repo;
	return true;
}

bool git_hints_of_config(const char *text, size_t size, const char *endpoint, struct repo *ret)
{
	struct config config = {.next = text, .end = text + size};
	char url[REPO_TEXT_MAX + 1];
	bool found = false;

	while (config.next < config.end) {
		const char *before = config.next;

		while (isspace(peek(&config)))
			config.next++;
		if (peek(&config) == '[') {
			config.next++;
			read_section(&config);
			if (config.in_remote && peek(&config) == ']') {
				config.next++; /* a key may follow in the same line */
				continue;
			}
		} else if (config.in_remote && isalpha(peek(&config)) &&
			   read_url(&config, url, sizeof(url))) {
			struct repo repo;

			if ((!found || config.is_origin) && is_on(url, endpoint, &repo)) {
				*ret = repo;
				found = true;
				if (config.is_origin)
					return true;
			}
		}
		if (config.next == before || config.next[-1] != '\n')
			skip_line(&config);
	}
	return found;
}

/* ---- folders ---------------------------------------------------------------------------------- */

/* A regular file below a folder; false if there is none, or one that is too large. Never waits. */
static bool read_text(const char *folder, const char *name, size_t max, struct buf *ret)
{
	AUTOFREE char *path = NULL;
	CLOSED int fd = -1;
	struct stat status;
	ssize_t count;

	buf_clear(ret);
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return false;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    (uintmax_t)status.st_size > max || !buf_reserve(ret, (size_t)status.st_size))
		return false;
	while (ret->size < (size_t)status.st_size) {
		count = read(fd, ret->data + ret->size, (size_t)status.st_size - ret->size);
		if (count <= 0)
			break;
		ret->size += (size_t)count;
	}
	ret->data[ret->size] = '\0';
	return ret->size > 0;
}

static void cut_line(struct buf *text)
{
	text->size = strcspn(text->data, "\r\n");
	text->data[text->size] = '\0';
}

/* `path` as seen from `folder`, for the caller to free(). */
static char *join(const char *folder, const char *path)
{
	char *whole;

	if (*path == '/')
		return strdup(path);
	return asprintf(&whole, "%s/%s", folder, path) < 0 ? NULL : whole;
}

/* A working tree beside the first one has no remotes of its own, but says where they are. */
static bool look_in_git_dir(const char *git_dir, const char *endpoint, struct repo *ret)
{
	AUTOBUF struct buf text = {0};
	AUTOFREE char *common = NULL;

	if (read_text(git_dir, "commondir", PATH_MAX, &text)) {
		cut_line(&text);
		common = join(git_dir, text.data);
		if (!common)
			return false;
		git_dir = common;
	}
	return read_text(git_dir, "config", GIT_CONFIG_MAX, &text) &&
	       git_hints_of_config(text.data, text.size, endpoint, ret);
}

static bool is_git_dir(const char *folder)
{
	AUTOBUF struct buf text = {0};
	AUTOFREE char *objects = NULL;
	struct stat status;

	if (!read_text(folder, "HEAD", PATH_MAX, &text))
		return false;
	objects = join(folder, "objects");
	if (objects && stat(objects, &status) == 0 && S_ISDIR(status.st_mode))
		return true;
	return read_text(folder, "commondir", PATH_MAX, &text);
}

/* `.git` in a folder: a folder, or the file of a worktree or submodule that leads to one. */
static char *find_git_dir(const char *folder)
{
	static const char prefix[] = "gitdir: ";
	AUTOBUF struct buf text = {0};
	AUTOFREE char *path = join(folder, ".git");
	struct stat status;

	if (!path || stat(path, &status) < 0)
		return NULL;
	if (S_ISDIR(status.st_mode)) {
		char *found = path;

		path = NULL;
		return found;
	}
	if (!read_text(folder, ".git", PATH_MAX + sizeof(prefix), &text) ||
	    !text_starts_with(text.data, prefix))
		return NULL;
	cut_line(&text);
	return join(folder, text.data + sizeof(prefix) - 1);
}

static bool look_upward(char *folder, const char *endpoint, struct repo *ret)
{
	for (int depth = 0; depth < GIT_FOLDERS_MAX; depth++) {
		AUTOFREE char *git_dir = find_git_dir(*folder ? folder : "/");
		char *slash;

		if (git_dir)
			return look_in_git_dir(git_dir, endpoint, ret);
		slash = strrchr(folder, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	return false;
}

bool git_hints_of_folder(const char *folder, const char *git_dir, const char *endpoint,
			 struct repo *ret)
{
	AUTOFREE char *copy = NULL;

	if (git_dir && *git_dir) {
		copy = join(folder, git_dir);
		return copy && look_in_git_dir(copy, endpoint, ret);
	}
	if (is_git_dir(folder))
		return look_in_git_dir(folder, endpoint, ret);
	copy = strdup(folder);
	return copy && look_upward(copy, endpoint, ret);
}

void git_hints_find(const char *endpoint, bool want_repo, struct git_hints *ret)
{
	AUTOFREE char *folder = NULL;

	*ret = (struct git_hints) {.operation = OPERATION_UNKNOWN};
	git_hints_of_process("/proc", getppid(), endpoint, ret);
	if (ret->has_repo || !want_repo)
		return;
	folder = getcwd(NULL, 0);
	ret->has_repo = folder &&
			git_hints_of_folder(folder, getenv("GIT_DIR"), endpoint, &ret->repo);
}
