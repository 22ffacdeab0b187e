/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git's `store` and `erase` teach us.
 *
 *	store	the token was good for reading that repository; one that nobody knows is adopted
 *	erase	the token was refused for that repository: the next question gets the next best one,
 *		and a client that asks until it is let in comes to an end
 *
 * An `erase` without a password, with one that is nobody's, or of no repository teaches nothing, and
 * so does a request that was cut off. No token is ever deleted or changed.
 */
#pragma once

#include "protocol/git.h"

/* Never fails: git does not wait for what we learn. What was noted is said in one line on stderr. */
void git_note(const struct git_request *request, bool is_store);
