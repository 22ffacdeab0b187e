/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session's token says of itself. OAuth tokens of the Hub are signed JSON (`hf_oauth_` and a
 * JWS in compact form), and whoami does not tell their scopes. The signature is the Hub's to check:
 * this is for showing and choosing, never for allowing.
 *
 * Sources: RFC 7515 (the form), RFC 8693 (`scope` as a text; the Hub sends a list).
 */
#pragma once

#include "base/secret.h"

#define CLAIMS_SCOPES_SIZE 1024

struct claims {
	int64_t expires;                 /* TIME_UNKNOWN */
	char scopes[CLAIMS_SCOPES_SIZE]; /* cleaned, separated by a space */
};

/* False, and `ret` as it was, for a token of another form or one that names no scopes. */
bool claims_read(const struct secret *secret, struct claims *ret);
