/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken serve`: lines of JSON on stdin and stdout, for programs that ask often. The
 * specification is hftoken-serve(1).
 *
 * Whether the catalogue is still what was read is looked at before each answer, so that logout, a
 * replaced secret and another default are in force at once. Secrets that were asked for are kept
 * meanwhile, as long as the setting `cache` allows.
 */
#pragma once

#include "base/err.h"

/*
 * Serves until the end of stdin. `name` is the token of requests that name none, or NULL. An error
 * only when there is nobody to answer any more; what a request lacks is an answer.
 */
int serve(const char *name, struct err *err) MUST_CHECK;
