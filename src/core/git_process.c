/* SPDX-License-Identifier: Apache-2.0 */
/* Hints from command lines. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "core/git_hints.h"

/* ---- command lines ---------------------------------------------------------------------------- */

struct words {
	const char *next;
	const char *end;
};

/* NULL at the end, or where the last word is not ended. */
static const char *take_word(struct words *words)
{
	const char *word = words->next;
	const char *nul = word < words->end ? memchr(word, '\0', (size_t)(words->end - word))
					    : NULL;

	if (!nul)
		return NULL;
	words->next = nul + 1;
	return word;
}

/* Options of git itself whose value is a word of its own. */
static bool takes_value(const char *option)
{
	static const char *const options[] = {"-C",          "-c",          "--git-dir",
					      "--work-tree", "--namespace", "--super-prefix",
					      "--config-env"};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(option, options[i]) == 0)
			return true;
	}
	return false;
}

static const char *subcommand(struct words *words)
{
	const char *word;

	while ((word = take_word(words)) != NULL && *word == '-') {
		if (takes_value(word) && !take_word(words))
			return NULL;
	}
	return word;
}

static enum operation operation_of(const char *command)
{
	static const char *const reading[] = {"clone", "fetch", "pull", "ls-remote"};

	if (strcmp(command, "push") == 0)
		return OPERATION_WRITE;
	for (size_t i = 0; i < ARRAY_SIZE(reading); i++) {
		if (strcmp(command, reading[i]) == 0)
			return OPERATION_READ;
	}
	return OPERATION_UNKNOWN;
}

/* `git-remote-https REMOTE URL`: what git starts to speak to a server. */
static void look_at_remote(struct words *words, const char *endpoint, struct git_hints *hints)
{
	const char *remote = take_word(words);
	const char *url = take_word(words);
	struct repo repo;

	/* Where the remote has no name, git gives the URL in its place, and once more. */
	if (!url)
		url = remote;
	if (hints->has_repo || !url || repo_parse(url, &repo, NULL) ||
	    strcmp(repo.endpoint, endpoint) != 0)
		return;
	hints->repo = repo;
	hints->has_repo = true;
}

void git_hints_of_command(const char *text, size_t size, const char *endpoint,
			  struct git_hints *hints)
{
	struct words words = {text, text + size};
	const char *program = take_word(&words);
	const char *slash = program ? strrchr(program, '/') : NULL;
	const char *command = NULL;

	program = slash ? slash + 1 : program;
	if (program && strcmp(program, "git") == 0)
		command = subcommand(&words);
	else if (program && text_starts_with(program, "git-"))
		command = program + strlen("git-");
	if (!command)
		return;
	if (strcmp(command, "remote-https") == 0 || strcmp(command, "remote-http") == 0)
		look_at_remote(&words, endpoint, hints);
	else if (hints->operation == OPERATION_UNKNOWN)
		hints->operation = operation_of(command);
}

/* ---- processes -------------------------------------------------------------------------------- */

/* A file of a process, cut where it is longer; 0 if there is none. Never waits. */
static size_t read_some(const char *proc, pid_t pid, const char *name, char *ret, size_t max)
{
	char path[256];
	CLOSED int fd = -1;
	struct stat status;
	size_t size = 0;
	ssize_t count;

	if (snprintf(path, sizeof(path), "%s/%d/%s", proc, (int)pid, name) >= (int)sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return 0;
	while (size < max && (count = read(fd, ret + size, max - size)) > 0)
		size += (size_t)count;
	return size;
}

/* The fourth field of `stat`; the second, the name, is in parentheses and may hold anything. */
static pid_t parent_of(const char *proc, pid_t pid)
{
	char text[512];
	size_t size = read_some(proc, pid, "stat", text, sizeof(text) - 1);
	char digits[16] = "";
	uint64_t parent;
	char *field;
	size_t length;

	text[size] = '\0';
	field = strrchr(text, ')');
	/* ") S 1234 …" */
	if (!field || strlen(field) < 5)
		return 0;
	field += 4;
	length = strspn(field, "0123456789");
	if (length == 0 || length >= sizeof(digits))
		return 0;
	memcpy(digits, field, length);
	return text_to_number(digits, INT32_MAX, &parent) ? (pid_t)parent : 0;
}

/* Whether a command line is one of git's, or of a program that git runs by its own name. */
static bool is_of_git(const char *words, size_t size)
{
	const char *nul = size ? memchr(words, '\0', size) : NULL;
	const char *slash = nul ? memrchr(words, '/', (size_t)(nul - words)) : NULL;

	return nul && text_starts_with(slash ? slash + 1 : words, "git");
}

void git_hints_of_process(const char *proc, pid_t pid, const char *endpoint,
			  struct git_hints *hints)
{
	char words[GIT_COMMAND_MAX];
	int others =
		0; /* one behind the other: a shell may stand between git and us, not more */

	/* Process 1 and those without a parent start nothing on behalf of git. */
	for (int depth = 0; depth < GIT_ANCESTORS_MAX && pid > 1; depth++) {
		size_t size = read_some(proc, pid, "cmdline", words, sizeof(words));

		git_hints_of_command(words, size, endpoint, hints);
		others = is_of_git(words, size) ? 0 : others + 1;
		if (hints->operation != OPERATION_UNKNOWN || others > GIT_OTHERS_MAX)
			return;
		pid = parent_of(proc, pid);
	}
}
