/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose secret it is that git names, and keeping one that nobody knows yet: git's user has just
 * typed it at a prompt, the Hub has taken it, and it would have to be typed again each time.
 */
#pragma once

#include "core/hf_follow.h"
#include "core/session.h"

struct recognised {
	bool known;                /* somewhere: stored, in a variable, a mount, hf's files */
	const struct token *token; /* whose it is; NULL if that cannot be told */
};

/*
 * Looks for the token that has this very secret: among the stored ones by their masked form first,
 * and then in their store; what cannot be read there counts as known. Sources are read only if no
 * stored token looks like it.
 */
int session_recognise(struct session *session, const struct secret *secret,
		      struct recognised *ret, struct err *err) MUST_CHECK;

struct adopted {
	bool done;
	char name[TOKEN_NAME_MAX + 1];
	char store[STORE_NAME_MAX + 1];
	enum hf_outcome hf; /* what became of huggingface_hub's file, if it follows */
};

/*
 * Stores the secret for that endpoint, named `git-USER`, or `git` where the name says nothing. The
 * session is opened anew for writing. Not done: what is known or is no token; where nobody types
 * (CI, HFTOKEN_NO_INPUT, mounted secrets), or somebody has said no (`git.adopt`).
 */
int session_adopt(struct session *session, const struct secret *secret, const char *endpoint,
		  const char *user, struct adopted *ret, struct err *err) MUST_CHECK;
