/* SPDX-License-Identifier: Apache-2.0 */
#include "core/complaint.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/complaint_parts.h"

const char *const complaint_operation_names[COMPLAINT_OPERATION_COUNT] = {"unknown", "read",
									  "write"};

/* ---- the refusal that counts ------------------------------------------------------------------ */

/* Whether it counts more than the best of its incident so far; see complaint.h. */
static bool is_better(const struct refusal *found, const struct refusal *best)
{
	if (found->line.incident != best->line.incident || found->weight != best->weight)
		return found->line.incident != best->line.incident ||
		       found->weight > best->weight;
	return found->line.part == best->line.part;
}

static void find_refusal(const char *text, struct refusal *ret)
{
	struct lines lines = {.rest = text};
	struct refusal best = {.cause = ""}; /* of the incident */

	*ret = best;
	while (complaint_next_line(&lines)) {
		struct refusal found;

		complaint_refusal(&lines.line, &found);
		if (found.weight == WEIGHT_NONE || !is_better(&found, &best))
			continue;
		best = found;
		if (best.weight >= WEIGHT_STATUS || ret->weight < WEIGHT_STATUS)
			*ret = best;
	}
}

/* ---- what stands near it ---------------------------------------------------------------------- */

struct nearby {
	struct named_repo repo;
	enum complaint_operation operation; /* of the incident */
	int status;
	size_t status_cost;
	const char *request_id;
	size_t request_cost;
};

static size_t distance(const struct line *one, const struct line *other)
{
	size_t lines = one->number > other->number ? one->number - other->number
						   : other->number - one->number;

	return one->part == other->part ? lines : lines + COMPLAINT_MAX;
}

static void look_at(const struct line *line, const struct line *refusal, struct nearby *ret)
{
	size_t cost = distance(line, refusal);
	const char *request_id = complaint_request_id(line);
	enum complaint_operation operation = complaint_doing(line);
	int status = complaint_status(line);

	if (operation > ret->operation)
		ret->operation = operation;
	if (status && (!ret->status || cost < ret->status_cost)) {
		ret->status = status;
		ret->status_cost = cost;
	}
	if (request_id && (!ret->request_id || cost < ret->request_cost)) {
		ret->request_id = request_id;
		ret->request_cost = cost;
	}
}

static void look_around(const char *text, const struct line *refusal, struct nearby *ret)
{
	struct lines lines = {.rest = text};

	while (complaint_next_line(&lines)) {
		complaint_repos(&lines.line, refusal, NULL, &ret->repo);
		if (lines.line.incident == refusal->incident)
			look_at(&lines.line, refusal, ret);
	}
}

/* An id in the Hub's words has no endpoint; the URL of the request stands elsewhere. */
static void complete_repo(const char *text, const struct line *refusal, struct repo *repo)
{
	struct lines lines = {.rest = text};
	struct named_repo fuller = {0};

	if (*repo->endpoint)
		return;
	while (complaint_next_line(&lines))
		complaint_repos(&lines.line, refusal, repo, &fuller);
	if (fuller.found)
		*repo = fuller.repo;
}

/* ---- what comes out --------------------------------------------------------------------------- */

/* Their end: the line's, or that of the JSON string they stand in. */
static size_t words_size(const char *words)
{
	size_t size = strcspn(words, "\n");

	for (size_t i = 0; i + 1 < size; i++) {
		if (words[i] == '"' && (words[i + 1] == '}' || words[i + 1] == ','))
			return i;
	}
	while (size && words[size - 1] == ' ')
		size--;
	/* huggingface_hub adds a full stop, whether there is one or not */
	if (size > 2 && words[size - 1] == '.' && words[size - 2] == '.')
		size--;
	return size;
}

static int copy_clean(const char *text, size_t size, char *ret, size_t capacity)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, text, size, capacity - 1);
	if (buf_failed(&clean))
		return ERR_NO_MEMORY;
	(void)text_copy(ret, capacity, buf_text(&clean));
	mask_tokens(ret);
	return 0;
}

static size_t request_id_size(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_=;:+/");
}

/* git's own lines, and those that it hands on. */
static bool is_of_git(const struct line *line)
{
	static const char *const words[] = {
		"fatal: ", "remote: ", "batch response: ", "Smudge error", "git-lfs"};

	for (size_t i = 0; line->size && i < ARRAY_SIZE(words); i++) {
		if (complaint_find(line, words[i]))
			return true;
	}
	return false;
}

static int fill(const struct refusal *refusal, const struct nearby *near, struct complaint *ret)
{
	int error = 0;

	ret->has_refusal = refusal->weight > WEIGHT_NONE;
	ret->is_git = is_of_git(&refusal->line);
	ret->has_repo = near->repo.found;
	ret->repo = near->repo.repo;
	ret->operation = refusal->operation ? refusal->operation : near->operation;
	ret->status = near->status;
	ret->cause = refusal->cause;
	if (!*ret->cause && refusal->weight >= WEIGHT_STATUS && ret->status == 429)
		ret->cause = "rate-limited";
	if (!*ret->cause && refusal->weight >= WEIGHT_STATUS && ret->status >= 500)
		ret->cause = "hub-error";
	if (refusal->words)
		error = copy_clean(refusal->words, words_size(refusal->words), ret->words,
				   sizeof(ret->words));
	if (near->request_id && !error)
		error = copy_clean(near->request_id, request_id_size(near->request_id),
				   ret->request_id, sizeof(ret->request_id));
	return error;
}

/* Without a repository, the Hub that the refusal names: "could not read Username for 'https://…'". */
static void find_endpoint(const struct line *refusal, char ret[ENDPOINT_SIZE])
{
	const char *url = refusal->size ? complaint_find(refusal, "https://") : NULL;
	char copy[ENDPOINT_SIZE + 64];
	size_t size = url ? strcspn(url, " '\"\n") : 0;

	if (!url || size >= sizeof(copy))
		return;
	memcpy(copy, url, size);
	copy[size] = '\0';
	if (endpoint_of_url(copy, ret, NULL))
		*ret = '\0';
}

static int nothing_found(struct err *err)
{
	err_set(err, ERR_NOT_FOUND, "the text names neither a repository nor a refusal");
	return err_hint(err, "paste the whole error message, or name the repository: "
			     "'hftoken why acme/m1'");
}

int complaint_read(const char *text, size_t size, struct complaint *ret, struct err *err)
{
	AUTOBUF struct buf plain = {0};
	struct complaint found = {.cause = ""};
	struct refusal refusal;
	struct nearby near = {0};

	if (size > COMPLAINT_MAX)
		return err_set(err, ERR_USAGE, "the text is longer than 1 MiB");
	complaint_plain(&plain, text, size);
	if (buf_failed(&plain))
		return err_no_memory(err);
	find_refusal(buf_text(&plain), &refusal);
	look_around(buf_text(&plain), &refusal.line, &near);
	if (!near.repo.found && refusal.weight == WEIGHT_NONE)
		return nothing_found(err);
	if (near.repo.found)
		complete_repo(buf_text(&plain), &refusal.line, &near.repo.repo);
	else
		find_endpoint(&refusal.line, near.repo.repo.endpoint);
	if (fill(&refusal, &near, &found))
		return err_no_memory(err);
	*ret = found;
	return 0;
}
