/* SPDX-License-Identifier: Apache-2.0 */
/* Which repository is nearest to the refusal; ids in sentences, code and commands. */
#include "core/complaint_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Added to the distance in lines; each counts more than all lines and those above. */
#define COST_PART     ((size_t)2000000)
#define COST_QUOTED   ((size_t)10000000)
#define COST_INCIDENT ((size_t)100000000)

#define TOKEN_CHARS 30 /* from which on "hf_…" is no word */

/* ---- candidates ------------------------------------------------------------------------------- */

static size_t difference(size_t one, size_t other)
{
	return one > other ? one - other : other - one;
}

/* A token in a path is not repeated, and such a path is none. Names of files may begin with hf_. */
static bool holds_token(const char *text)
{
	static const char *const prefixes[] = {"hf_oauth_", "hf_jwt_", "hf_", "api_org_",
					       "api_"};
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.";

	for (; *text; text++) {
		for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
			const char *rest = text + strlen(prefixes[i]);

			if (!text_starts_with(text, prefixes[i]))
				continue;
			if (strspn(rest, letters) >= TOKEN_CHARS &&
			    (i < 2 || strcspn(rest, "_-./") >= TOKEN_CHARS))
				return true;
		}
	}
	return false;
}

void complaint_offer(const struct complaint_search *search, const struct repo *repo,
		     size_t cost)
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
static bool offer_id(const struct complaint_search *search, const char *text,
		     enum repo_type type, size_t cost)
{
	struct repo repo;
	char id[REPO_ID_SIZE];
	size_t size = id_size(text);

	if (size + strlen("datasets/") >= sizeof(id) || !memchr(text, '/', size))
		return false;
	(void)snprintf(id, sizeof(id), "%s/%.*s", repo_type_words[type], (int)size, text);
	if (repo_parse(id, &repo, NULL) || !*repo.namespace || *repo.path || *repo.revision)
		return false;
	complaint_offer(search, &repo, cost);
	return true;
}

/* "Access to model acme/m1 is restricted", "Dataset 'acme/d1' not found" */
static void find_named(const struct complaint_search *search)
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
				       COMPLAINT_COST_PAGE);
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
static void find_argument(const struct complaint_search *search)
{
	static const char *const calls[] = {"from_pretrained(",
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
					    "-hf "};
	const struct line *line = search->line;
	const char *end = line->text + line->size;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const char *at = complaint_find(line, calls[i]);
		enum repo_type type = at ? type_of_line(line) : REPO_MODEL;

		for (at = at ? at + strlen(calls[i]) : end; at < end;
		     at += strcspn(at, " =(\n")) {
			at += strspn(at, " =('\"");
			if (at < end && offer_id(search, at, type, COST_QUOTED))
				return;
		}
	}
}

/* "acme/m1 is not a local folder and is not a valid model identifier" */
static void find_subject(const struct complaint_search *search)
{
	static const char *const words[] = {" is not a local folder and",
					    " does not appear to have a file named"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = complaint_find(search->line, words[i]);
		const char *start = at;

		while (start && start > search->line->text && !strchr(" '\"\n", start[-1]))
			start--;
		if (at && start < at)
			(void)offer_id(search, start, REPO_MODEL, COMPLAINT_COST_PAGE);
	}
}

void complaint_repos(const struct line *line, const struct line *refusal,
		     const struct repo *same, struct named_repo *ret)
{
	struct complaint_search search = {
		.line = line, .refusal = refusal, .same = same, .best = ret};

	complaint_find_urls(&search);
	if (same)
		return;
	find_named(&search);
	find_subject(&search);
	find_argument(&search);
}
