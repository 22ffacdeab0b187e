/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `hftoken serve` holds between two answers: the session while the catalogue is what it read,
 * and the secrets that were asked for.
 */
#pragma once

#include "base/io.h"
#include "core/catalogue_watch.h"
#include "protocol/pick.h"

#define SERVE_SECRETS_MAX 64

struct serve_secret {
	char id[TOKEN_ID_SIZE]; /* "": free */
	deadline_ms until;
	struct secret secret;
};

struct serve_state {
	struct catalogue_watch watch;
	struct session session;
	bool open; /* the session is, and the catalogue is what the watch has seen */
	const struct token *twin; /* of HF_TOKEN, in the session's catalogue */
	bool twin_known;
	struct serve_secret secrets[SERVE_SECRETS_MAX];
	size_t next; /* the place that is taken when all are */
};

void serve_state_init(struct serve_state *state);
void serve_state_release(struct serve_state *state);

/*
 * Opens the session, anew if the catalogue has changed, or if files of others were read for the
 * answer before: nobody tells when they change.
 */
int serve_state_refresh(struct serve_state *state, struct err *err) MUST_CHECK;

/* The token's secret, which belongs to the state and is good until the next call. */
int serve_state_secret(struct serve_state *state, const struct token *token,
		       const struct secret **ret, struct err *err) MUST_CHECK;

/*
 * Wipes the secrets whose time is over. How many milliseconds the next one has left, -1 if there is
 * none: to be called again by then, also while nobody asks.
 */
int serve_state_expire(struct serve_state *state);

/* pick_known(), asked once for HF_TOKEN and each version of the catalogue. */
const struct token *serve_state_known(struct serve_state *state, const struct token *token);
