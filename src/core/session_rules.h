/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules follow a token's new name a moment after it is in force. Who has read in between, and so finds
 * a rule that names nobody, looks again: else a rename would let a request go by without its rule.
 */
#pragma once

#include "core/rules.h"
#include "core/session.h"

/* Whether one of these rules names a token that is not there. */
bool rules_name_nobody(const struct rule_list *list, const struct catalogue *catalogue);

/*
 * For rules that were read anew: in those that name a token by a name that it was given since the
 * session's catalogue was read, puts the one that it has there.
 */
void rules_take_old_names(struct rule_list *list, const struct catalogue *catalogue);
