/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all protocols but git's do between their question and their answer: where may a token go at
 * all, and which one is meant.
 *
 *	pick_endpoint(url, PICK_API, endpoint)		is that host ours?
 *	pick_token(&session, &request, &pick, err)	which token; asks no store
 *	session_secret(&session, pick.token, &secret, err)
 *
 * Hosts are compared exactly. A token of huggingface.co may also go to a few further hosts of
 * Hugging Face, which are listed in pick.c; to nothing else, whatever its name ends in: content
 * hosts (cdn-lfs.…, *.xethub.hf.co) lie below huggingface.co and hf.co as well.
 */
#pragma once

#include "core/repo.h"
#include "core/session.h"

enum pick_service {
	PICK_HUB,      /* endpoints only */
	PICK_API,      /* and the hosts of further APIs */
	PICK_REGISTRY, /* huggingface.co and the registry of Spaces, nothing else */
};

enum pick_operation { PICK_UNKNOWN, PICK_READ, PICK_WRITE };

struct pick_request {
	const char *endpoint;    /* as pick_endpoint() gives it; NULL: the one in force */
	const struct repo *repo; /* NULL: the question named none */
	enum pick_operation operation;
	const char *wish; /* an account or a token's name; NULL if none */
	const char *name; /* the explicit token's; NULL if none */
};

struct pick {
	const struct token *token; /* whose secret it is; NULL: nothing fits */
	enum resolve_source source;
	bool ours; /* tokens are held for that endpoint, whether one fits or not */
};

/*
 * The endpoint whose tokens may go to a URL's host; false if none ever may. Text that is no URL
 * goes nowhere either.
 */
bool pick_endpoint(const char *url, enum pick_service service, char ret[ENDPOINT_SIZE]);

/* The repository that a URL on an endpoint is about; false if it is about none. */
bool pick_repo(const char *url, struct repo *ret);

/* 0 also when nothing fits. Errors as those of session_resolve(). Reads no secret. */
int pick_token(const struct session *session, const struct pick_request *request,
	       struct pick *ret, struct err *err) MUST_CHECK;

/*
 * The token with what is known of it. HF_TOKEN says nothing of itself: it is a stored token of the
 * same value, if there is one, for which a store may be asked.
 */
const struct token *pick_known(struct session *session, const struct pick *pick);
