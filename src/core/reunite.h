/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the catalogue has gone back to the version before it: secrets that were replaced or moved
 * since are in a store under a later revision than it names, and are brought back to their names.
 */
#pragma once

#include "core/shelves.h"

/*
 * Names of tokens, a line each. `missing`: no store that there is has their secret; `unknown`: one
 * that has it, or may, does not answer or does not give it; `doubtful`: two stores have different
 * ones, and nothing tells which is the later.
 */
struct reunion {
	struct buf found;
	struct buf missing;
	struct buf unknown;
	struct buf doubtful;
	struct shelves shelves;
	bool silent[SHELVES]; /* could not be asked, though it matters */
};

/*
 * Looks at the records of the stores that there are, and changes the catalogue in memory: the caller
 * commits it, after catalogue_begin(), or throws it away. An earlier revision is never taken: it was
 * replaced on purpose. Of two with the same, as a move that was broken off can leave one, the record
 * that was made later is. Release in any case; one that was used is begun anew.
 */
void reunite(struct session *session, struct reunion *ret);
void reunion_release(struct reunion *reunion);
#define AUTOREUNION CLEANUP(reunion_release)
