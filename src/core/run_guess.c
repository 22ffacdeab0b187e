/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run_guess.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct command_line {
	char *const *words;
	size_t count;
	const char *endpoint;
	bool (*exists)(const char *path);
	enum repo_type type; /* what --repo-type says */
	struct run_guess *guess;
};

static bool is_one_of(const char *word, size_t size, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i]) == size && memcmp(list[i], word, size) == 0)
			return true;
	}
	return false;
}

/* ---- one text --------------------------------------------------------------------------------- */

static void add(struct run_guess *guess, const struct repo *repo)
{
	for (size_t i = 0; i < guess->count; i++) {
		if (repo_equal(&guess->repos[i], repo))
			return;
	}
	if (guess->count < RUN_REPOS_MAX)
		guess->repos[guess->count++] = *repo;
}

static bool is_url(const char *text)
{
	return text_starts_with(text, "hf://") || text_starts_with(text, "https://") ||
	       text_starts_with(text, "http://");
}

/* A URL of another host is none of a repository. */
static void add_url(const struct command_line *line, const char *text)
{
	struct repo repo;

	if (!is_url(text) || repo_parse(text, &repo, NULL))
		return;
	if (!*repo.endpoint ? text_starts_with(text, "hf://")
			    : strcmp(repo.endpoint, line->endpoint) == 0)
		add(line->guess, &repo);
}

static bool looks_like_file(const char *text)
{
	static const char *const endings[] = {
		".gguf",  ".ggml",    ".bin",  ".safetensors", ".pt",   ".pth",
		".ckpt",  ".onnx",    ".json", ".yaml",        ".yml",  ".txt",
		".csv",   ".parquet", ".py",   ".jsonl",       ".h5",   ".npz",
		".model", ".tar",     ".zip",  ".gz",          ".toml", ".mlmodel",
	};
	size_t size = strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t end = strlen(endings[i]);

		if (size > end && text_equal_fold(text + size - end, endings[i]))
			return true;
	}
	return false;
}

/* The number of slashes, or -1 for what cannot be an id. */
static int slashes_of_id(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-/";
	size_t size = strlen(text);
	int slashes = 0;

	if (size == 0 || strspn(text, letters) != size || strchr("./-", text[0]) ||
	    text[size - 1] == '/')
		return -1;
	for (const char *c = text; *c; c++)
		slashes += *c == '/';
	return slashes;
}

/* "models/x" as the value of an option may be a folder as well as a repository. */
static bool begins_with_type(const char *text)
{
	return is_one_of(text, strcspn(text, "/"), repo_type_words, REPO_TYPE_COUNT);
}

/* An id as it stands alone. `single`: one of one segment counts too. */
static void add_id(const struct command_line *line, const char *text, enum repo_type type,
		   bool single)
{
	char whole[REPO_ID_SIZE + 16];
	int slashes = slashes_of_id(text);
	struct repo repo;
	int size;

	if (slashes < 0 || slashes > 1 || (slashes == 0 && !single) || line->exists(text) ||
	    (slashes == 1 && (begins_with_type(text) || looks_like_file(text))))
		return;
	size = snprintf(whole, sizeof(whole), "%s/%s", repo_type_words[type], text);
	if (size > 0 && (size_t)size < sizeof(whole) && !repo_parse(whole, &repo, NULL))
		add(line->guess, &repo);
}

/* ---- values of options ------------------------------------------------------------------------ */

/* llama.cpp's: behind the id a colon and the name of a quantisation. */
static void add_with_tag(const struct command_line *line, const char *text)
{
	char id[REPO_ID_SIZE];

	if (!text_copy(id, sizeof(id), text))
		return;
	id[strcspn(id, ":")] = '\0';
	add_id(line, id, REPO_MODEL, false);
}

static void add_value(const struct command_line *line, const char *option, size_t size,
		      const char *value)
{
	static const char *const models[] = {"--model", "--model-id", "--tokenizer"};
	static const char *const tagged[] = {"-hf", "--hf-repo"};

	if (is_one_of(option, size, models, ARRAY_SIZE(models)))
		add_id(line, value, REPO_MODEL, false);
	else if (is_one_of(option, size, tagged, ARRAY_SIZE(tagged)))
		add_with_tag(line, value);
	else if (size == strlen("--dataset") && memcmp(option, "--dataset", size) == 0)
		add_id(line, value, REPO_DATASET, false);
	else if (size == strlen("--repo-id") && memcmp(option, "--repo-id", size) == 0)
		add_id(line, value, line->type, false);
}

static void scan_options(const struct command_line *line)
{
	for (size_t i = 1; i < line->count; i++) {
		const char *word = line->words[i];
		const char *equals = *word == '-' ? strchr(word, '=') : NULL;

		add_url(line, equals ? equals + 1 : word);
		if (*word != '-')
			continue;
		if (equals)
			add_value(line, word, (size_t)(equals - word), equals + 1);
		else if (i + 1 < line->count)
			add_value(line, word, strlen(word), line->words[i + 1]);
	}
}

/* ---- operands --------------------------------------------------------------------------------- */

static const char *program_of(const struct command_line *line)
{
	const char *slash = strrchr(line->words[0], '/');

	return slash ? slash + 1 : line->words[0];
}

static enum repo_type type_by_word(const char *word)
{
	for (int type = 0; type < REPO_TYPE_COUNT; type++) {
		if (strcmp(word, repo_type_names[type]) == 0 ||
		    strcmp(word, repo_type_words[type]) == 0)
			return (enum repo_type)type;
	}
	return REPO_MODEL;
}

static void find_type(struct command_line *line)
{
	static const char *const names[] = {"--repo-type", "--type"};

	for (size_t i = 1; i < line->count; i++) {
		const char *word = line->words[i];
		size_t size = strcspn(word, "=");

		if (!is_one_of(word, size, names, ARRAY_SIZE(names)))
			continue;
		if (word[size])
			line->type = type_by_word(word + size + 1);
		else if (i + 1 < line->count)
			line->type = type_by_word(line->words[i + 1]);
	}
}

/* The next operand's place; `count` if there is none, or one cannot be told from a value. */
static size_t next_operand(const struct command_line *line, size_t from)
{
	static const char *const switches[] = {
		"--force-download", "--quiet",      "-q",     "--dry-run",     "--create-pr",
		"--private",        "--no-private", "--json", "--no-truncate",
	};
	static const char *const valued[] = {
		"--repo-type",          "--type",      "--revision",
		"--cache-dir",          "--local-dir", "--token",
		"--max-workers",        "--format",    "--commit-message",
		"--commit-description", "--every",
	};

	for (size_t i = from; i < line->count; i++) {
		const char *word = line->words[i];

		if (*word != '-')
			return i;
		if (strchr(word, '=') ||
		    is_one_of(word, strlen(word), switches, ARRAY_SIZE(switches)))
			continue;
		if (!is_one_of(word, strlen(word), valued, ARRAY_SIZE(valued)))
			break;
		i++;
	}
	return line->count;
}

static void scan_hf(const struct command_line *line)
{
	size_t verb = next_operand(line, 1);
	size_t id = verb < line->count ? next_operand(line, verb + 1) : line->count;
	bool upload;

	if (id == line->count)
		return;
	upload = strcmp(line->words[verb], "upload") == 0;
	if (!upload && strcmp(line->words[verb], "download") != 0)
		return;
	add_id(line, line->words[id], line->type, true);
	line->guess->writes = upload && line->guess->count > 0;
}

static void scan_operands(const struct command_line *line)
{
	const char *program = program_of(line);

	if (strcmp(program, "hf") == 0 || strcmp(program, "huggingface-cli") == 0)
		scan_hf(line);
	else if (strcmp(program, "vllm") == 0 && line->count > 2 &&
		 strcmp(line->words[1], "serve") == 0)
		add_id(line, line->words[2], REPO_MODEL, true);
}

void run_guess(char *const words[], size_t count, const char *endpoint,
	       bool (*exists)(const char *path), struct run_guess *ret)
{
	struct command_line line = {.words = words,
				    .count = count,
				    .endpoint = endpoint,
				    .exists = exists,
				    .type = REPO_MODEL,
				    .guess = ret};

	ret->count = 0;
	ret->writes = false;
	if (count == 0)
		return;
	find_type(&line);
	scan_operands(&line);
	scan_options(&line);
}
