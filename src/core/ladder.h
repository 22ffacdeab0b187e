/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which store a new token goes to where nobody has chosen one: the desktop's keyring if it can be
 * used now and will be there tomorrow, else the encrypted file. Asks nothing, and never waits long.
 */
#pragma once

#include "core/session.h"

/* The stores that there are. */
#define STORE_KEYRING "secret-service"
#define STORE_FILE    "file"

struct ladder_step {
	const char *store; /* a constant */
	char why[256];     /* why not the keyring; "" if it is the keyring */
};

int ladder_choose(struct session *session, struct ladder_step *ret, struct err *err) MUST_CHECK;

/* The same where the keyring has been asked already; `keyring` is what came of that. */
void ladder_decide(const struct store_state *keyring, struct ladder_step *ret);

/* Whether the home directory is shared with other machines, which have other keyrings. */
bool ladder_home_is_remote(void);
/*
 * session_add() into the store of that step. A keyring may take a secret and then not let us read it
 * (ERR_DENIED): then it goes to the file, and the step says so. `err` must not be NULL.
 */
int ladder_add(struct session *session, struct ladder_step *step, struct token *token,
	       const struct secret *secret, bool make_default, struct token **ret,
	       struct err *err) MUST_CHECK;
