/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the Hub about several tokens at once: whose secrets, the answers, and what is said of those
 * that did not come.
 */
#pragma once

#include "cli/ask_hub.h"

/* The tokens asked about, and what became of it. Parallel arrays. */
struct inquiry {
	size_t count;
	const struct token **tokens; /* the session's */
	struct hub_whoami *asks;
	struct secret *secrets;
};

/* Room for that many tokens. */
int inquiry_init(struct inquiry *inquiry, size_t capacity, struct err *err) MUST_CHECK;
void inquiry_release(struct inquiry *inquiry);
#define AUTOINQUIRY CLEANUP(inquiry_release)

/* Adds a token, unless it is there already. */
void inquiry_add(struct inquiry *inquiry, const struct token *token);

/*
 * All there are, and nothing else: the environment's, every stored one, and those of sources once
 * session_search() was called. ERR_NO_TOKEN if there are none.
 */
int inquiry_add_all(struct inquiry *inquiry, const struct session *session,
		    struct err *err) MUST_CHECK;

/*
 * Asks about all in parallel and keeps the answers in the catalogue. A secret that cannot be read is
 * its token's trouble; if `alone`, that of the first one is the error.
 */
int inquiry_ask(struct inquiry *inquiry, struct session *session, bool alone,
		struct err *err) MUST_CHECK;

/* What was last known stands in for an answer that did not come. */
void inquiry_recall(struct inquiry *inquiry);

/* One line on stderr for each token that is not good, or was not asked. */
void inquiry_say_troubles(const struct inquiry *inquiry);

/* The exit status: 7 before 5 before 0. */
int inquiry_status(const struct inquiry *inquiry);
