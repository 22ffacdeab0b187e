/* SPDX-License-Identifier: Apache-2.0 */
/* Reading outcomes, and the questions about them. */
#include "core/outcomes.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "core/outcomes_file.h"

void outcomes_release(struct outcomes *outcomes)
{
	free(outcomes->list);
	*outcomes = (struct outcomes) {0};
}

/* ---- lines ------------------------------------------------------------------------------------ */

static const char *const results[OUTCOME_RESULT_COUNT] = {
	[OUTCOME_NONE] = "",
	[OUTCOME_WORKED] = "worked",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_DEAD] = "dead",
};

static const char *const sources[OUTCOME_SOURCE_COUNT] = {
	[OUTCOME_BY_GIT] = "git",     [OUTCOME_BY_WHY] = "why",
	[OUTCOME_BY_PROBE] = "probe", [OUTCOME_BY_LOGIN] = "login",
	[OUTCOME_BY_SERVE] = "serve",
};

void outcome_key(const struct repo *repo, char ret[OUTCOME_KEY_SIZE])
{
	char id[REPO_ID_SIZE];

	if (!repo) {
		(void)text_copy(ret, OUTCOME_KEY_SIZE, NOTHING);
		return;
	}
	repo_id(repo, id);
	(void)text_copy(ret, OUTCOME_KEY_SIZE, repo_type_words[repo->type]);
	ret[strlen(ret) + 1] = '\0';
	ret[strlen(ret)] = '/';
	(void)text_copy(ret + strlen(ret), OUTCOME_KEY_SIZE - strlen(ret), id);
	for (char *c = ret; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

void outcome_put(struct buf *buf, const char *key, const struct outcome *outcome)
{
	const char *operation = operation_name(outcome->operation);

	buf_printf(buf, "%s %s %s %s.%u %lld %s\n", key, operation ? operation : NOTHING,
		   results[outcome->result], outcome->id, outcome->revision,
		   (long long)outcome->at, sources[outcome->source]);
}

/* The place of a word in a list, -1 if it is not there. */
static int find_word(const char *word, size_t size, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] && *list[i] && strlen(list[i]) == size &&
		    memcmp(list[i], word, size) == 0)
			return (int)i;
	}
	return -1;
}

/* Cuts the next word off; false at the end. */
static bool take_word(const char **line, const char *end, const char **ret, size_t *ret_size)
{
	const char *space = memchr(*line, ' ', (size_t)(end - *line));

	*ret = *line;
	*ret_size = (size_t)((space ? space : end) - *line);
	*line = space ? space + 1 : end;
	return *ret_size > 0;
}

static bool read_number(const char *word, size_t size, uint64_t max, uint64_t *ret)
{
	char digits[24];

	if (size >= sizeof(digits))
		return false;
	memcpy(digits, word, size);
	digits[size] = '\0';
	return text_to_number(digits, max, ret);
}

static bool is_id(const char *word)
{
	for (size_t i = 0; i < TOKEN_ID_SIZE - 1; i++) {
		if (!(word[i] >= '0' && word[i] <= '9') && !(word[i] >= 'a' && word[i] <= 'f'))
			return false;
	}
	return word[TOKEN_ID_SIZE - 1] == '.';
}

static bool read_id(const char *word, size_t size, struct outcome *ret)
{
	uint64_t revision;

	if (size <= TOKEN_ID_SIZE || !is_id(word) ||
	    !read_number(word + TOKEN_ID_SIZE, size - TOKEN_ID_SIZE, UINT32_MAX, &revision))
		return false;
	memcpy(ret->id, word, TOKEN_ID_SIZE - 1);
	ret->id[TOKEN_ID_SIZE - 1] = '\0';
	ret->revision = (uint32_t)revision;
	return true;
}

bool outcome_parse(const char *line, const char *end, size_t *ret_key, struct outcome *ret)
{
	static const char *const operations[OPERATION_COUNT] = {NOTHING, "read", "write"};
	struct outcome outcome = {.verified = TIME_UNKNOWN};
	const char *word[6];
	size_t size[6];
	uint64_t at;
	int found[3];

	for (size_t i = 0; i < ARRAY_SIZE(word); i++) {
		if (!take_word(&line, end, &word[i], &size[i]))
			return false;
	}
	found[0] = find_word(word[1], size[1], operations, ARRAY_SIZE(operations));
	found[1] = find_word(word[2], size[2], results, ARRAY_SIZE(results));
	found[2] = find_word(word[5], size[5], sources, ARRAY_SIZE(sources));
	if (line != end || found[0] < 0 || found[1] < 0 || found[2] < 0 ||
	    !read_id(word[3], size[3], &outcome) ||
	    !read_number(word[4], size[4], INT64_MAX, &at))
		return false;
	outcome.operation = (enum operation)found[0];
	outcome.result = (enum outcome_result)found[1];
	outcome.source = (enum outcome_source)found[2];
	outcome.at = (int64_t)at;
	*ret = outcome;
	*ret_key = size[0];
	return true;
}

const char *outcomes_body(const char *text, size_t size)
{
	char wanted[HEADER_SIZE + 1];

	if (size < HEADER_SIZE)
		return NULL;
	outcomes_header(text + HEADER_SIZE, size - HEADER_SIZE, wanted);
	return memcmp(text, wanted, HEADER_SIZE) == 0 ? text + HEADER_SIZE : NULL;
}

/* ---- the file --------------------------------------------------------------------------------- */

static bool is_relevant(const char *line, const char *end, const char *key, size_t size)
{
	if ((size_t)(end - line) > size && line[size] == ' ' && memcmp(line, key, size) == 0)
		return true;
	return end - line > 2 && line[0] == NOTHING[0] && line[1] == ' ';
}

static bool append(struct outcomes *outcomes, size_t *capacity, const struct outcome *outcome)
{
	if (outcomes->count == *capacity) {
		size_t wanted = *capacity ? 2 * *capacity : 16;
		struct outcome *list = reallocarray(outcomes->list, wanted, sizeof(*list));

		if (!list)
			return false;
		outcomes->list = list;
		*capacity = wanted;
	}
	outcomes->list[outcomes->count++] = *outcome;
	return true;
}

static int by_token(const void *one, const void *other)
{
	const struct outcome *left = one;
	const struct outcome *right = other;
	int order = strcmp(left->id, right->id);

	if (!order)
		order = (left->revision > right->revision) - (left->revision < right->revision);
	if (!order)
		order = (left->at < right->at) - (left->at > right->at);
	/* What is still there in the same second was noted after what it contradicts. */
	return order ? order : (int)right->result - (int)left->result;
}

bool outcome_replaces(const struct outcome *fresh, const struct outcome *old)
{
	if (old->revision > fresh->revision)
		return false;
	if (fresh->result == OUTCOME_DEAD || old->result == OUTCOME_DEAD)
		return fresh->result == old->result || fresh->result == OUTCOME_WORKED;
	/* Whose account git has used is known by git's success alone. */
	if (old->result == OUTCOME_WORKED && old->source == OUTCOME_BY_GIT &&
	    fresh->result == OUTCOME_WORKED && fresh->source != OUTCOME_BY_GIT &&
	    old->revision == fresh->revision)
		return false;
	if (fresh->operation == old->operation)
		return true;
	/* Who writes can read; who cannot read cannot write. */
	return fresh->result != old->result &&
	       (fresh->result == OUTCOME_WORKED) == (fresh->operation == OPERATION_WRITE);
}

int outcomes_learn(struct outcomes *outcomes, const struct outcome *fresh, struct err *err)
{
	size_t capacity;
	size_t kept = 0;

	for (size_t i = 0; i < outcomes->count; i++) {
		const struct outcome *old = &outcomes->list[i];

		if (strcmp(old->id, fresh->id) != 0 || !outcome_replaces(fresh, old))
			outcomes->list[kept++] = *old;
	}
	outcomes->count = kept;
	capacity = kept;
	if (!append(outcomes, &capacity, fresh))
		return err_no_memory(err);
	qsort(outcomes->list, outcomes->count, sizeof(*outcomes->list), by_token);
	return 0;
}

void outcomes_read(const char *text, size_t size, const struct repo *repo, struct outcomes *ret)
{
	const char *line = outcomes_body(text, size);
	const char *end = text + size;
	char key[OUTCOME_KEY_SIZE];
	size_t key_size;
	size_t capacity = 0;
	bool good = line != NULL;

	*ret = (struct outcomes) {0};
	outcome_key(repo, key);
	key_size = strlen(key);
	while (good && line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		struct outcome outcome;
		size_t found;

		stop = stop ? stop : end;
		if (is_relevant(line, stop, key, key_size))
			good = outcome_parse(line, stop, &found, &outcome) &&
			       append(ret, &capacity, &outcome);
		line = stop + 1;
	}
	if (!good)
		outcomes_release(ret);
	if (ret->count > 1)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_token);
}

void outcomes_load(const struct repo *repo, struct outcomes *ret)
{
	AUTOFREE char *path = NULL;
	AUTOBUF struct buf text = {0};
	CLOSED int folder = -1;

	*ret = (struct outcomes) {0};
	if (path_of(PATH_CACHE, &path, NULL) || folder_open(path, FOLDER_READ, &folder, NULL) ||
	    file_read(folder, OUTCOMES_NAME, FILE_PRIVATE, OUTCOMES_SIZE, &text, NULL))
		return;
	outcomes_read(buf_text(&text), text.size, repo, ret);
}

void outcome_token_id(const struct token *token, char ret[TOKEN_ID_SIZE])
{
	const char *masked = token->masked ? token->masked : "";
	char place[ENDPOINT_SIZE + NAME_MAX + 16];
	int size;

	if (*token->id) {
		(void)text_copy(ret, TOKEN_ID_SIZE, token->id);
		return;
	}
	size = snprintf(place, sizeof(place), "%s %s", token->endpoint ? token->endpoint : "",
			token->name);
	if (size < 0 || (size_t)size >= sizeof(place))
		size = (int)sizeof(place) - 1;
	(void)snprintf(ret, TOKEN_ID_SIZE, "%016" PRIx64 "%016" PRIx64,
		       checksum(place, (size_t)size), checksum(masked, strlen(masked)));
}

/* ---- questions -------------------------------------------------------------------------------- */

/* The first one of that token and revision, or where it would stand. */
static size_t find_first(const struct outcomes *outcomes, const char *id, uint32_t revision)
{
	const struct outcome wanted = {.revision = revision, .at = INT64_MAX};
	struct outcome key = wanted;
	size_t low = 0;
	size_t high = outcomes->count;

	(void)text_copy(key.id, sizeof(key.id), id);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_token(&outcomes->list[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Who writes can read; who cannot read cannot write. */
static bool speaks_of(const struct outcome *outcome, enum operation operation)
{
	if (outcome->result == OUTCOME_DEAD || outcome->operation == operation)
		return true;
	if (operation == OPERATION_WRITE)
		return outcome->result == OUTCOME_REFUSED;
	return outcome->result == OUTCOME_WORKED;
}

/* The newest that speaks of it, or of those that git has told worked; NULL if there is none. */
static const struct outcome *find(const struct outcomes *outcomes, const char *id,
				  uint32_t revision, enum operation operation, bool git_worked)
{
	bool any = *id && outcomes->count;
	size_t i = any ? find_first(outcomes, id, revision) : outcomes->count;

	for (; i < outcomes->count; i++) {
		const struct outcome *outcome = &outcomes->list[i];

		if (outcome->revision != revision || strcmp(outcome->id, id) != 0)
			break;
		if (git_worked &&
		    (outcome->result != OUTCOME_WORKED || outcome->source != OUTCOME_BY_GIT))
			continue;
		if (speaks_of(outcome, operation))
			return outcome;
	}
	return NULL;
}

struct outcome outcomes_find(const struct outcomes *outcomes, const char *id, uint32_t revision,
			     enum operation operation)
{
	const struct outcome *found = find(outcomes, id, revision, operation, false);

	return found ? *found : (struct outcome) {.result = OUTCOME_NONE};
}

int64_t outcomes_used_at(const struct outcomes *outcomes, const char *id, uint32_t revision,
			 enum operation operation)
{
	const struct outcome *found = find(outcomes, id, revision, operation, true);

	return found ? found->at : TIME_UNKNOWN;
}

enum outcome_weight outcome_weight(const struct outcome *outcome, int64_t now)
{
	int64_t age = now - outcome->at;

	switch (outcome->result) {
	case OUTCOME_WORKED:
		return age >= -CLOCK_SLACK && age < OUTCOME_WORKED_SECONDS ? WEIGHT_LATELY
									   : WEIGHT_ONCE;
	case OUTCOME_REFUSED:
		return age >= -CLOCK_SLACK && age < OUTCOME_REFUSED_SECONDS ? WEIGHT_REFUSED
									    : WEIGHT_NONE;
	case OUTCOME_DEAD:
		return WEIGHT_DEAD;
	default:
		return WEIGHT_NONE;
	}
}
