/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all protocols do between their question and their answer: where may a token go at
 * all, and which one is meant.
 *
 *	pick_endpoint(url, PICK_API, endpoint)		is that host ours?
 *	pick_token(&session, &question, &picked, &ours, err)	which token; asks no store
 *	session_secret(&session, picked.pick.token, &secret, err)
 *
 * Hosts are compared exactly. A token of huggingface.co may also go to a few further hosts of
 * Hugging Face, which are listed in pick.c; to nothing else, whatever its name ends in: content
 * hosts (cdn-lfs.…, *.xethub.hf.co) lie below huggingface.co and hf.co as well.
 */
#pragma once

#include "core/session_pick.h"

enum pick_service {
	PICK_HUB,      /* endpoints only */
	PICK_API,      /* and the hosts of further APIs */
	PICK_REGISTRY, /* huggingface.co and the registry of Spaces, nothing else */
};

/*
 * The endpoint whose tokens may go to a URL's host; false if none ever may. Text that is no URL
 * goes nowhere either.
 */
bool pick_endpoint(const char *url, enum pick_service service, char ret[ENDPOINT_SIZE]);

/* The repository that a URL on an endpoint is about; false if it is about none. */
bool pick_repo(const char *url, struct repo *ret);

/*
 * session_pick(), unless no token is held for that endpoint at all (`ret_ours` false): other hosts
 * are others' business, and nothing more is read for them. 0 also when nothing fits. Release `ret`,
 * which must be zeroed, in any case.
 */
int pick_token(struct session *session, const struct session_question *question,
	       struct session_pick *ret, bool *ret_ours, struct err *err) MUST_CHECK;

/*
 * The token with what is known of it. One of a source says nothing of itself: it is a stored token
 * of the same value, if there is one, for which a store may be asked.
 */
const struct token *pick_known(struct session *session, const struct token *token);
