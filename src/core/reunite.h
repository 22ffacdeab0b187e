/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the catalogue has gone back to the version before it: secrets that were replaced or moved
 * since are in a store under a later revision than it names, and are brought back to their names.
 */
#pragma once

#include "core/session.h"

/*
 * Looks at the records of the stores that there are, and changes the catalogue in memory: the caller
 * commits it, after catalogue_begin(), or throws it away. Appends the names of tokens that were
 * brought back, and of those whose secret is nowhere, a line each; what a store that does not answer
 * may have counts as there. An earlier revision is never taken: it was replaced on purpose.
 */
void reunite(struct session *session, struct buf *ret_found, struct buf *ret_missing);
