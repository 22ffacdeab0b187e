/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within the search for a cause: the table of the Hub's refusals.
 */
#pragma once

#include "core/cause.h"

/* What needs more than the answer to be told apart. */
enum row_kind {
	ROW_PLAIN,  /* the cause is certain */
	ROW_HIDDEN, /* missing, private, or not for this token */
	ROW_NOBODY, /* the Hub took nobody to be there */
	ROW_WRITE,  /* the right to write is missing: the token's or the account's */
};

struct row {
	long status;      /* 0: any */
	const char *code; /* NULL: any or none */
	const char *begins;
	const char *holds; /* and these words somewhere; NULL: none */
	enum row_kind kind;
	enum cause cause;
};

/* The row of an answer, NULL if none fits. Texts are compared without regard to case. */
const struct row *cause_row(long status, const char *code, const char *message);
