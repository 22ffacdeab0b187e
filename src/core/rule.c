/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rule.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/rule_place.h"
#include "core/token.h"

/* ---- lines ------------------------------------------------------------------------------------ */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What is left of a line. */
struct rest {
	const char *text;
	size_t size;
};

static void skip_spaces(struct rest *rest)
{
	while (rest->size && is_space(*rest->text)) {
		rest->text++;
		rest->size--;
	}
}

/* The next word and its size, 0 at the end. */
static struct rest take_word(struct rest *rest)
{
	struct rest word;

	skip_spaces(rest);
	word = (struct rest) {.text = rest->text};
	while (rest->size && !is_space(*rest->text)) {
		rest->text++;
		rest->size--;
		word.size++;
	}
	return word;
}

static bool is_word(struct rest word, const char *text)
{
	return word.size == strlen(text) && memcmp(word.text, text, word.size) == 0;
}

static bool copy_word(struct rest word, char *ret, size_t capacity)
{
	if (word.size >= capacity)
		return false;
	memcpy(ret, word.text, word.size);
	ret[word.size] = '\0';
	return true;
}

bool rule_is_blank(const char *line, size_t size)
{
	struct rest rest = {line, size};

	skip_spaces(&rest);
	return rest.size == 0 || *rest.text == '#';
}

/* Everything behind `in`: a directory may hold spaces. */
static const char *read_directory(struct rest rest, struct rule *rule)
{
	skip_spaces(&rest);
	while (rest.size && is_space(rest.text[rest.size - 1]))
		rest.size--;
	while (rest.size > 1 && rest.text[rest.size - 1] == '/')
		rest.size--;
	if (rest.size == 0 || (*rest.text != '/' && *rest.text != '~') ||
	    (*rest.text == '~' && rest.size > 1 && rest.text[1] != '/'))
		return "the directory must begin with / or ~/";
	rule->directory = rest.text;
	rule->directory_size = rest.size;
	return NULL;
}

/* `read` or `write`, `in DIRECTORY`, a comment. */
static const char *read_conditions(struct rest rest, struct rule *rule)
{
	for (;;) {
		struct rest word = take_word(&rest);

		if (word.size == 0 || *word.text == '#')
			return NULL;
		if (is_word(word, "in"))
			return read_directory(rest, rule);
		if (rule->operation != OPERATION_UNKNOWN)
			return "says too much behind the token";
		if (is_word(word, "read"))
			rule->operation = OPERATION_READ;
		else if (is_word(word, "write"))
			rule->operation = OPERATION_WRITE;
		else
			return "behind the token can stand read or write, and in DIRECTORY";
	}
}

static const char *read_line(struct rest rest, struct rule *rule)
{
	struct rest pattern = take_word(&rest);
	struct rest token = take_word(&rest);
	const char *problem;

	if (!copy_word(pattern, rule->pattern, sizeof(rule->pattern)))
		return "the pattern is too long";
	problem = rule_pattern_problem(rule->pattern);
	if (problem)
		return problem;
	if (token.size == 0 || *token.text == '#')
		return "names no token";
	if (!copy_word(token, rule->token, sizeof(rule->token)))
		return "the token's name is too long";
	problem = rule_token_problem(rule->token);
	return problem ? problem : read_conditions(rest, rule);
}

void rule_parse(const char *line, size_t size, struct rule *ret)
{
	*ret = (struct rule) {.operation = OPERATION_UNKNOWN};
	ret->problem = read_line((struct rest) {line, size}, ret);
	if (!ret->problem)
		return;
	/* It may be anything, also a secret in the wrong place: nothing of it is shown. */
	*ret = (struct rule) {.problem = ret->problem};
}

const char *rule_token_problem(const char *token)
{
	const char *source = strchr(token, ':');

	if (looks_like_token(token))
		return "a token stands where its name belongs";
	if (source && (text_starts_with(token, "hf:") || text_starts_with(token, "mount:")))
		return source[1] ? NULL : "that is no name of a token";
	return token_name_check(token, NULL) && strcmp(token, "env") != 0
		       ? "that is no name of a token"
		       : NULL;
}

/* ---- patterns --------------------------------------------------------------------------------- */

/* A pattern cut at its slashes. */
struct parts {
	int type; /* enum repo_type; -1: any */
	struct rest first;
	struct rest second; /* size 0: a namespace, or a name of one segment */
};

static int type_by_word(const char *word, size_t size)
{
	for (int i = 0; i < REPO_TYPE_COUNT; i++) {
		if (strlen(repo_type_words[i]) == size &&
		    strncasecmp(word, repo_type_words[i], size) == 0)
			return i;
	}
	return -1;
}

/* The text up to a slash, and past it; false if it is empty or too long. */
static bool take_segment(struct rest *rest, struct rest *ret)
{
	const char *slash = memchr(rest->text, '/', rest->size);
	size_t size = slash ? (size_t)(slash - rest->text) : rest->size;

	*ret = (struct rest) {rest->text, size};
	rest->text += size;
	rest->size -= size;
	if (slash) {
		rest->text++;
		rest->size--;
	}
	/* With a slash behind it, something must follow. */
	return size > 0 && size <= REPO_PART_MAX && !(slash && rest->size == 0);
}

static bool cut(struct rest pattern, struct parts *ret)
{
	struct parts parts = {.type = -1};
	const char *slash = memchr(pattern.text, '/', pattern.size);

	if (slash) {
		size_t size = (size_t)(slash - pattern.text);

		parts.type = type_by_word(pattern.text, size);
		if (parts.type >= 0) {
			pattern.text += size + 1;
			pattern.size -= size + 1;
		}
	}
	if (!take_segment(&pattern, &parts.first))
		return false;
	if (pattern.size && (!take_segment(&pattern, &parts.second) || pattern.size))
		return false;
	*ret = parts;
	return true;
}

const char *rule_pattern_problem(const char *pattern)
{
	struct parts parts;

	if (looks_like_token(pattern))
		return "a token stands where a pattern belongs";
	for (const char *c = pattern; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("._-*/", *c))
			return "a pattern is letters, digits, . _ - * and slashes";
	}
	return cut((struct rest) {pattern, strlen(pattern)}, &parts)
		       ? NULL
		       : "a pattern is NAMESPACE or NAMESPACE/NAME, with a type such as "
			 "datasets/ before it or none";
}

static int folded(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* `*` fits any text. Goes back to the last star only, so the time is bounded by the product. */
static bool fits(struct rest pattern, const char *text)
{
	size_t at = 0;
	size_t star = SIZE_MAX;
	const char *mark = text;

	while (*text) {
		if (at < pattern.size && pattern.text[at] == '*') {
			star = at++;
			mark = text;
		} else if (at < pattern.size && folded(pattern.text[at]) == folded(*text)) {
			at++;
			text++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (at < pattern.size && pattern.text[at] == '*')
		at++;
	return at == pattern.size;
}

static bool is_everything(struct rest pattern)
{
	return pattern.size == 1 && *pattern.text == '*';
}

static bool pattern_fits(struct rest pattern, const struct repo *repo)
{
	struct parts parts;

	if (is_everything(pattern))
		return true;
	if (!repo || !cut(pattern, &parts))
		return false;
	if (parts.type >= 0 && parts.type != (int)repo->type)
		return false;
	if (parts.second.size)
		return *repo->namespace && fits(parts.first, repo->namespace) &&
		       fits(parts.second, repo->name);
	if (*repo->namespace)
		return fits(parts.first, repo->namespace);
	return parts.type >= 0 && fits(parts.first, repo->name);
}

/* How many letters the line has in common with the text. */
static size_t follow(const struct rest *line, const char *text)
{
	size_t size = 0;

	while (size < line->size && text[size] &&
	       (line->text[size] == text[size] ||
		folded(line->text[size]) == folded(text[size])))
		size++;
	return size;
}

/* The letters that types begin with. */
static bool may_begin_type(char c)
{
	c = (char)folded(c);
	return c == 'm' || c == 'd' || c == 's' || c == 'k' || c == 'b';
}

/* Whether the pattern differs from the id before any star, and begins with no type. */
static bool is_elsewhere(struct rest line, const struct repo *repo)
{
	const char *const parts[] = {repo->namespace, repo->name};

	if (!*repo->namespace || may_begin_type(*line.text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t size = follow(&line, parts[i]);

		if (size == line.size || line.text[size] == '*')
			return false;
		if (parts[i][size])
			return true;
		if (line.text[size] != '/')
			return !is_space(line.text[size]);
		line.text += size + 1;
		line.size -= size + 1;
	}
	return false;
}

bool rule_may_match(const char *line, size_t size, const struct repo *repo)
{
	struct rest rest = {line, size};
	struct rest word;

	skip_spaces(&rest);
	if (!rest.size || *rest.text == '#')
		return false;
	/* Most lines of many are told by their first letters. */
	if (repo && is_elsewhere(rest, repo))
		return false;
	word = take_word(&rest);
	return pattern_fits(word, repo);
}

/* ---- requests --------------------------------------------------------------------------------- */

bool rule_matches(const struct rule *rule, const struct rule_request *request)
{
	struct rest pattern = {rule->pattern, strlen(rule->pattern)};

	if (rule->operation && request->operation && rule->operation != request->operation)
		return false;
	if (rule->directory && rule_place_distance(rule, request) == RULE_ELSEWHERE)
		return false;
	return pattern.size && pattern_fits(pattern, request->repo);
}

/* ---- order ------------------------------------------------------------------------------------ */

static bool is_exact(const struct rule *rule, const struct repo *repo)
{
	struct parts parts;

	if (!repo || strchr(rule->pattern, '*') ||
	    !cut((struct rest) {rule->pattern, strlen(rule->pattern)}, &parts))
		return false;
	return parts.second.size || !*repo->namespace;
}

static size_t literal_size(const char *pattern)
{
	size_t size = 0;

	for (; *pattern; pattern++)
		size += *pattern != '*';
	return size;
}

/*
 * A rule for the very operation goes before one for any. Where the operation is not known, one for
 * any goes first, and one for writing before one for reading, since who may write may read as well.
 */
static int operation_rank(const struct rule *rule, enum operation wanted)
{
	static const int unknown[OPERATION_COUNT] = {2, 0, 1};

	return wanted ? rule->operation == wanted : unknown[rule->operation];
}

static int compare_sizes(size_t one, size_t other)
{
	return (one < other) - (one > other); /* the larger first */
}

static int compare_places(const struct rule *one, const struct rule *other,
			  const struct rule_request *request)
{
	int order = !one->directory - !other->directory;

	if (order || !one->directory)
		return order;
	return compare_sizes(rule_place_distance(other, request),
			     rule_place_distance(one, request));
}

static int compare_directories(const struct rule *one, const struct rule *other)
{
	if (one->directory_size != other->directory_size)
		return compare_sizes(one->directory_size, other->directory_size);
	return one->directory_size
		       ? memcmp(one->directory, other->directory, one->directory_size)
		       : 0;
}

int rule_compare(const struct rule *one, const struct rule *other,
		 const struct rule_request *request)
{
	int order = is_exact(other, request->repo) - is_exact(one, request->repo);

	if (!order)
		order = compare_places(one, other, request);
	if (!order)
		order = compare_sizes(literal_size(one->pattern), literal_size(other->pattern));
	if (!order)
		order = operation_rank(other, request->operation) -
			operation_rank(one, request->operation);
	if (!order)
		order = strcasecmp(one->pattern, other->pattern);
	return order ? order : compare_directories(one, other);
}

bool rule_is_double(const struct rule *one, const struct rule *other)
{
	return one->file == other->file && one->operation == other->operation &&
	       strcasecmp(one->pattern, other->pattern) == 0 &&
	       compare_directories(one, other) == 0;
}
