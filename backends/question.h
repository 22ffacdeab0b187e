/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question of the store protocol (core/store.h) as a store program reads it.
 */
#pragma once

#include "core/store.h"

/* The texts point into the input and live until the answer is made. NULL: not given. */
struct question {
	const char *op;
	const char *id;
	const char *deadline;
	const char *interactive;
	const char *label;
	const char *service;
	const char *username;
	const char *apply;
	struct secret record;
	struct secret passphrase;
	bool has_passphrase;
	struct store_call call;
};

void question_release(struct question *question);

/* Size of the first question with its empty line; 0 if it is not there as a whole. */
size_t question_size(const struct secret *input);

/*
 * Reads one question, which is cut up. `ret` is zeroed before, and released after in any case.
 * ERR_TOO_NEW for one of another version, ERR_FORMAT for a key that is given twice, a record over
 * RECORD_MAX or with a CR, a deadline that is no number; store_check_passphrase()'s error for what
 * cannot be a passphrase. Unknown keys are ignored.
 */
int question_parse(struct question *ret, char *text, size_t size, struct err *err) MUST_CHECK;
