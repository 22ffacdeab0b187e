/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: places where a token is already, and which hftoken only reads.
 *
 *	env          HF_TOKEN, HUGGING_FACE_HUB_TOKEN
 *	mount:FILE   files in folders of mounted secrets (core/mounts.h)
 *	hf:NAME      huggingface_hub's own files (core/hf_files.h)
 *
 * All of them are for one endpoint: the one that HF_ENDPOINT names, else huggingface.co; but one that
 * has the value of a stored token is that token, and bound to that one's endpoint (session_search()).
 * A source's token has no id and no revision, and `store` is the word before the colon.
 *
 * Nothing but the environment is looked at before sources_search(): where a token is stored for the
 * Hub asked about, git waits for no other file.
 */
#pragma once

#include "base/buf.h"
#include "base/mask.h"
#include "base/url.h"
#include "core/token.h"

#define SOURCES_MAX 300 /* more are left out, and said to be */

/* The stored token that it is, by value. */
struct source_bond {
	char twin[TOKEN_ID_SIZE]; /* its id; "" if it is none */
	char endpoint[ENDPOINT_SIZE];
};

/* What is known of each besides the token's fields. */
struct source {
	char *name;
	char *location; /* the file */
	char masked[MASKED_SIZE];
	struct secret secret;
	struct source_bond bond;
};

struct sources {
	const char *endpoint;
	struct token env; /* name "" if the environment has none */
	char env_masked[MASKED_SIZE];
	struct source_bond env_bond;
	bool searched;
	struct token *tokens; /* mounts, then huggingface_hub's; in their order */
	struct source *details;
	size_t count;
	const struct token *active; /* the one that huggingface_hub uses; NULL if none */
	struct buf problems;        /* what could not be read, and why, a line each */
};

/* program_take_token() comes first. `endpoint` must live as long. */
int sources_new(const char *endpoint, struct sources **ret, struct err *err) MUST_CHECK;
void sources_free(struct sources *sources);

/* Reads mounts and huggingface_hub's files, once. What cannot be read is among the problems. */
int sources_search(struct sources *sources, struct err *err) MUST_CHECK;

/* Whether it is a name that only a source's token has. */
bool source_is_name(const char *name);

/* By name; NULL if there is none among those that were searched. */
const struct token *sources_find(const struct sources *sources, const char *name);

int sources_secret(const struct sources *sources, const struct token *token, struct secret *ret,
		   struct err *err) MUST_CHECK;

/* The file it comes from; the variable's name for the environment's. */
const char *sources_location(const struct sources *sources, const struct token *token);

/* From now on it is that stored token, and bound to its endpoint. */
void sources_bind(struct sources *sources, struct token *token, const struct token *stored);

/* Takes one out again. `token` and those behind it are then others. */
void sources_leave_out(struct sources *sources, struct token *token);

/* "" if it is no stored token. */
const char *sources_twin(const struct sources *sources, const struct token *token);

/* The first mounted token that is for the sources' Hub, else NULL. */
const struct token *sources_mounted(const struct sources *sources);

/* How a source's token is taken away, as a hint: what to run, or whom to ask. */
int source_hint_removal(const char *name, struct err *err);

/* ---- for those who search --------------------------------------------------------------------- */

/*
 * Adds a token. The secret is copied; `store` is a constant. A name that is taken, and one over
 * SOURCES_MAX, is a problem and no error. `ret` (may be NULL) gets the token, NULL if it was left
 * out.
 */
int sources_add(struct sources *sources, const char *store, const char *name,
		const char *location, const struct secret *secret, int64_t expires,
		const struct token **ret, struct err *err) MUST_CHECK;

void sources_problem(struct sources *sources, const char *format, ...) PRINTF(2, 3);
