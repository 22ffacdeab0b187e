/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving a token's secret from one store to another.
 */
#pragma once

#include "core/session.h"

enum move_result {
	MOVE_NOTHING,  /* the token is where it was, and as good as it was */
	MOVE_THERE,    /* it has been in that store before */
	MOVE_DONE,     /* it is there now, and nowhere else */
	MOVE_LEFT_OLD, /* it is there now, but the old copy could not be deleted */
};

/* One run over any number of tokens. */
struct move {
	const char *to;          /* name of the store */
	enum move_result result; /* of the last token, also where there was an error */
	bool no_sweep;           /* a store that may hold old copies does not answer */
};

/*
 * Reads the secret, puts it into the new store, reads it back, commits the catalogue, deletes the
 * old copy. The session is open for writing, and its catalogue has just been read: after an error it
 * may be ahead of what is on the disk. Interrupted anywhere, this leaves a second copy at the most,
 * which the next try uses or deletes.
 *
 * With an error the result is MOVE_NOTHING or MOVE_LEFT_OLD. ERR_NO_NAME if the token is gone.
 */
int move_token(struct session *session, struct move *move, const struct token_ref *ref,
	       struct err *err) MUST_CHECK;

/*
 * How well a store keeps a secret from whoever has the machine's disk: larger is better. An answer
 * to a probe is needed, since a vault may have a passphrase or not. 0 for one that is not known.
 */
int move_strength(const char *store, const struct store_state *state);
