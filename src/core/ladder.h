/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which store a new token goes to where nobody has chosen one: the desktop's keyring if it can be
 * used now and will be there tomorrow, else the encrypted file. Asks nothing, and never waits long.
 */
#pragma once

#include "core/session.h"

struct ladder_step {
	const char *store; /* a constant */
	char why[256];     /* why not the keyring; "" if it is the keyring */
};

int ladder_choose(struct session *session, struct ladder_step *ret, struct err *err) MUST_CHECK;
