/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within complaint_read(): the text made plain, cut into lines, and what single lines say.
 */
#pragma once

#include "base/buf.h"
#include "core/complaint.h"

/* One line of the plain text, and where it stands. Numbers only rise. */
struct line {
	const char *text; /* not ended by a NUL, but by '\n' or the end of the text */
	size_t size;
	size_t number;
	size_t part;     /* an exception of a chain, or whatever stands between two */
	size_t incident; /* see complaint.h */
};

/*
 * Copies the text as lines of valid UTF-8 without control characters, terminal sequences and
 * frames of boxes; `\n` and `\"`, as in JSON, become what they stand for.
 */
void complaint_plain(struct buf *ret, const char *text, size_t size);

struct lines {
	const char *rest;
	struct line line;
	bool has_error;  /* the last line of an exception has been seen in this part */
	bool is_chained; /* "… the direct cause of the following exception:" came last */
};

/* The next line; false behind the last. Begin with a zeroed struct and `rest` at the text. */
bool complaint_next_line(struct lines *lines);

/* How much a line says about why; a higher one wins. */
enum weight {
	WEIGHT_NONE,
	WEIGHT_VAGUE,  /* "check your connection": huggingface_hub says so of every 403 */
	WEIGHT_LINK,   /* no connection, and how */
	WEIGHT_STATUS, /* a status, or a client's words for one that leave the cause open */
	WEIGHT_CLIENT, /* a client's words that name the cause */
	WEIGHT_WORDS,  /* words of the Hub that we do not know */
	WEIGHT_CAUSE,  /* words of the Hub that we know */
};

struct refusal {
	enum weight weight;
	const char *cause; /* a constant, "" if not said */
	enum complaint_operation operation;
	const char *words; /* in the plain text; NULL if they are not the Hub's */
	struct line line;
};

/* What the line says about why. Reads over its end where a terminal has broken a sentence. */
void complaint_refusal(const struct line *line, struct refusal *ret);

/* The phrases that begin at `at`, and those that make up the whole line; both keep the best. */
void complaint_try_phrases(const struct line *line, const char *at, struct refusal *ret);
void complaint_try_line(const struct line *line, struct refusal *ret);

/* A status from 400 to 599 in the line, 0 if there is none. */
int complaint_status(const struct line *line);

/* Where in the line a request id begins, NULL if there is none. */
const char *complaint_request_id(const struct line *line);

/* READ or WRITE if the line names a call or a program that does that. */
enum complaint_operation complaint_doing(const struct line *line);

/* The best name of a repository so far, and how far from the refusal it stands. */
struct named_repo {
	bool found;
	size_t cost;
	struct repo repo;
};

/*
 * Offers every repository that the line names. With `same`, only that one counts, and only if its
 * endpoint is named.
 */
void complaint_repos(const struct line *line, const struct line *refusal,
		     const struct repo *same, struct named_repo *ret);

/* For the finders of repositories in a line: what they search, and whom they offer to. */
struct complaint_search {
	const struct line *line;
	const struct line *refusal;
	const struct repo *same;
	struct named_repo *best;
	bool is_git; /* the line says what git asked for */
};

/* Of a link to a page, which loses to a request that is at most as many lines farther away. */
#define COMPLAINT_COST_PAGE ((size_t)50)

void complaint_offer(const struct complaint_search *search, const struct repo *repo,
		     size_t cost);
void complaint_find_urls(const struct complaint_search *search);

/* Where `phrase` begins in the line, in any case; NULL if nowhere. */
const char *complaint_find(const struct line *line, const char *phrase);

/*
 * Behind `phrase` if the text begins with it, in any case. In it a space stands for white space, a
 * line's end included, '*' for a word, and '~' (once) for any piece of a line.
 */
const char *complaint_match(const char *text, const char *phrase);
