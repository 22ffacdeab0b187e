/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whoami for tokens of a session, and keeping what it told.
 */
#pragma once

#include "core/session.h"
#include "hub/api.h"

/*
 * The URL to ask for a token: the one in force if the token is bound to its origin, so that a path
 * in HF_ENDPOINT counts; else the token's own endpoint.
 */
const char *hub_url_for(const struct session *session, const struct token *token);

/*
 * Fills in what identity and clock tell of a token that whoami has just called good. Of an answer over
 * IDENTITY_MAX only the columns and grants are kept, without the document.
 */
int hub_learn(const struct identity *identity, struct token *token, struct buf *text,
	      struct err *err) MUST_CHECK;

/*
 * Keeps the answers in the catalogue, by name and only where the same secret is still in force
 * (`tokens[i]` is what was asked about). Best effort: it is news, and a home that cannot be written
 * is no reason to fail.
 */
void hub_keep(const struct token *const tokens[], struct hub_whoami *asks, size_t count);
