/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of repositories: one parser for every way in which people and programs write them.
 *
 *	acme/m1  models/acme/m1  datasets/acme/d1  spaces/…  kernels/…  buckets/…	ids
 *	gpt2  models/gpt2  datasets/squad	names of one segment, from the Hub's first years
 *	https://huggingface.co/acme/m1/blob/main/config.json	pages and downloads, with any host
 *	hf.co/acme/m1:Q4_K_M	as Ollama and docker write them
 *	hf://datasets/acme/d1@refs/pr/1/data.csv	the URIs of huggingface_hub
 *	git@hf.co:datasets/acme/d1, ssh://git@hf.co/acme/m1	git over SSH
 *	/acme/m1.git/info/lfs  acme/m1.git	paths as git, LFS and credential helpers see them
 *	/api/models/acme/m1/auth-check  /api/resolve-cache/…  /v2/acme/m1/manifests/latest
 *
 * The host of a URL is not judged here: compare `endpoint` with the one in question. Ids compare
 * without regard to case; their spelling is kept. A URL's user name, password, query and fragment
 * are dropped.
 *
 * Sources: the validators and the URI parser of huggingface_hub (`_validators.py`, `_hf_uris.py`),
 * the Hub's OpenAPI document.
 */
#pragma once

#include "base/url.h"

#define REPO_TEXT_MAX ((size_t)4096) /* of the text that is read */
#define REPO_PART_MAX ((size_t)96)   /* of a namespace or a name; the Hub's limit */
#define REPO_ID_SIZE  208            /* "datasets/", both parts, a slash, NUL */

enum repo_type {
	REPO_MODEL,
	REPO_DATASET,
	REPO_SPACE,
	REPO_KERNEL,
	REPO_BUCKET,
	REPO_TYPE_COUNT,
};

struct repo {
	enum repo_type type;
	char namespace[REPO_PART_MAX + 1]; /* "" for a name of one segment */
	char name[REPO_PART_MAX + 1];
	char revision[256];           /* that the text named, decoded; else "" */
	char path[1024];              /* of a file within, decoded; else "" */
	char endpoint[ENDPOINT_SIZE]; /* of a URL; else "" */
};

/* "models", "datasets"…, as in paths; "model", "dataset"…, as in JSON and of entities. */
extern const char *const repo_type_words[REPO_TYPE_COUNT];
extern const char *const repo_type_names[REPO_TYPE_COUNT];

/*
 * Reads a name. ERR_USAGE says what is wrong and never repeats the text, which may hold a token.
 * Percent-encoding is decoded once; an encoded slash is none.
 */
int repo_parse(const char *text, struct repo *ret, struct err *err) MUST_CHECK;

/* The Hub's id: "acme/m1", "gpt2". */
void repo_id(const struct repo *repo, char ret[REPO_ID_SIZE]);

/* With what tells its type: "acme/m1", "datasets/acme/d1", "models/gpt2". Parses to the same. */
void repo_text(const struct repo *repo, char ret[REPO_ID_SIZE]);

/* The same repository: type and id, not revision, path or endpoint. */
bool repo_equal(const struct repo *one, const struct repo *other);
