/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records the stores that there are hold: for what the catalogue does not tell, or not any
 * more. Each store is asked once, and only when it matters.
 */
#pragma once

#include "core/session.h"

#define SHELVES 2

/* The ids that a store lists. */
struct shelf {
	const char *store;
	bool asked;
	bool known;       /* it answered */
	struct err cause; /* why it did not */
	struct buf ids;
};

struct shelves {
	struct shelf list[SHELVES];
};

/* Asks nobody yet. Release in any case. */
void shelves_init(struct shelves *shelves);
void shelves_release(struct shelves *shelves);
#define AUTOSHELVES CLEANUP(shelves_release)

/* That store's, asked; NULL for a store of a newer version. */
struct shelf *shelves_ask(struct shelves *shelves, struct session *session, const char *store);

/* Whether a shelf that is known has that record. */
bool shelf_has(const struct shelf *shelf, const struct token *token, uint32_t revision);

/* The latest revision behind `after` of a token's secret; 0 if none is known. */
uint32_t shelf_latest(const struct shelf *shelf, const struct token *token, uint32_t after);

/*
 * The revision for a token's next secret: behind the one that the catalogue names, and behind what
 * changes that were broken off have left in any store that answers.
 */
uint32_t shelves_next_revision(struct shelves *shelves, struct session *session,
			       const struct token *token);

/* Deletes all other records of a token whose revision has been committed, as far as that goes. */
void shelves_sweep(const struct shelves *shelves, struct session *session,
		   const struct token *token);
