/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What really happened when a token was used: it worked, it was refused, or the Hub said that it is
 * dead. The file `outcomes` in the cache folder, a line for each token, repository and operation:
 *
 *	hftoken-outcomes 1 9a3f51c2e07b4d18
 *	models/acme/m1 read worked 5f0c….1 1790000000 git
 *	- - dead 77ab….3 1790000100 why
 *
 * The number in the first line is the checksum of the rest. The file can be deleted at any time; one
 * that is not what was written counts as empty. A revision stands in each line, so that nothing is
 * held against a token that has been replaced.
 *
 * What is newer goes before what it contradicts, and takes its place in the file: a success lifts a
 * refusal at once, and shows that the token is not dead.
 *
 * The questions are pure; the clock is passed in. A time in the future counts for nothing that it
 * would keep alive: clocks jump.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "core/operation.h"
#include "core/repo.h"
#include "core/token.h"

#define OUTCOMES_MAX            2000              /* the oldest go */
#define OUTCOME_WORKED_SECONDS  ((int64_t)604800) /* that a success counts as a grant */
#define OUTCOME_REFUSED_SECONDS ((int64_t)600)
#define OUTCOME_REPEAT_SECONDS  ((int64_t)86400) /* before the same is written again */
#define CLOCK_SLACK             300 /* seconds by which clocks of two machines may differ */

enum outcome_result {
	OUTCOME_NONE,
	OUTCOME_WORKED,
	OUTCOME_REFUSED,
	OUTCOME_DEAD, /* the token is; whatever the repository */
	OUTCOME_RESULT_COUNT,
};

/* Who saw it. */
enum outcome_source {
	OUTCOME_BY_GIT,
	OUTCOME_BY_WHY,
	OUTCOME_BY_PROBE,
	OUTCOME_BY_LOGIN,
	OUTCOME_BY_SERVE,
	OUTCOME_SOURCE_COUNT,
};

struct outcome {
	char id[TOKEN_ID_SIZE];
	uint32_t revision;
	enum operation operation;
	enum outcome_result result;
	enum outcome_source source;
	int64_t at;
	/*
	 * For noting it, not kept: when whoami last told of the token. What is older than that no
	 * longer counts fully, and so is no reason not to write the same again.
	 */
	int64_t verified;
};

/* Of one repository, and all dead tokens; sorted by id and revision, the newest first. */
struct outcomes {
	struct outcome *list;
	size_t count;
};

void outcomes_release(struct outcomes *outcomes);
#define AUTOOUTCOMES CLEANUP(outcomes_release)

/* Reads the file. Whatever is wrong, there are none then. `repo` may be NULL. */
void outcomes_load(const struct repo *repo, struct outcomes *ret);

/* The same from a text. */
void outcomes_read(const char *text, size_t size, const struct repo *repo,
		   struct outcomes *ret);

/* Puts what has just been seen of that repository among them; what it contradicts goes. */
int outcomes_learn(struct outcomes *outcomes, const struct outcome *fresh,
		   struct err *err) MUST_CHECK;

/*
 * What is remembered of a token for an operation, result OUTCOME_NONE if nothing: the newest that
 * says something about it. What was written was readable; what could not be read cannot be written.
 */
struct outcome outcomes_find(const struct outcomes *outcomes, const char *id, uint32_t revision,
			     enum operation operation);

/*
 * When git last used it with success, TIME_UNKNOWN if that is not known. Who is only asked about is
 * not used: that changes nobody's account.
 */
int64_t outcomes_used_at(const struct outcomes *outcomes, const char *id, uint32_t revision,
			 enum operation operation);

/* How much it counts at this time. */
enum outcome_weight {
	WEIGHT_NONE,    /* nothing known, or a refusal whose time is over */
	WEIGHT_ONCE,    /* it worked longer ago */
	WEIGHT_LATELY,  /* it worked within OUTCOME_WORKED_SECONDS */
	WEIGHT_REFUSED, /* within OUTCOME_REFUSED_SECONDS */
	WEIGHT_DEAD,
};
enum outcome_weight outcome_weight(const struct outcome *outcome, int64_t now);

/*
 * Under which id a token's outcomes are kept: its own. A source's token has none, and gets one that
 * follows from its Hub, its name and what is shown of it; so neither another one in the same place
 * nor the same one at another Hub is blamed, and nothing more is written down than the eye sees.
 */
void outcome_token_id(const struct token *token, char ret[TOKEN_ID_SIZE]);

/*
 * Remembers one; `repo` is NULL and the operation unknown for a dead token. Written only if it is
 * new or its time is over, and only if the lock is free at once; what cannot be written is not.
 * Tells whether it was written.
 */
bool outcomes_note(const struct repo *repo, const struct outcome *outcome);

/* The same for several in one go. `repo` as above. */
struct outcome_news {
	const struct repo *repo;
	struct outcome outcome;
};
bool outcomes_note_all(const struct outcome_news news[], size_t count);

/*
 * The Hub knows the token with that id: it is not dead. With `refusals` nothing that it was refused
 * for is held against it any more either. Written as above.
 */
bool outcomes_lift(const char *id, bool refusals);

/* The text with one more outcome, for outcomes_note(); false if there is nothing to write. */
bool outcomes_add(const char *text, size_t size, const struct repo *repo,
		  const struct outcome *outcome, struct buf *ret);

/* The text for outcomes_lift(). */
bool outcomes_drop(const char *text, size_t size, const char *id, bool refusals,
		   struct buf *ret);
