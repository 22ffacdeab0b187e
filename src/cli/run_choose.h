/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One token for several repositories.
 */
#pragma once

#include "core/session_pick.h"

/*
 * The token that serves all of them: it is what the resolver picks for each, or is at least as well
 * proved there as any other (where one is known to be let in, "may" is not enough), and no rule says
 * otherwise. ERR_REFUSED names those that the best one does not serve.
 */
int run_choose(const struct session_pick picks[], size_t count, const struct token **ret,
	       struct err *err) MUST_CHECK;
