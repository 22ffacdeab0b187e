/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of the store protocol (core/store.h) as hftoken reads it, from a program that may say
 * anything. Between store_client.c and tests.
 */
#pragma once

#include "core/store_client.h"

/* The parts of an answer; the caller sets those it wants. Texts are clean, tokens in them masked. */
struct store_answer {
	struct secret *record;
	struct buf *ids;
	struct store_state *state;
	struct store_backup *backup;
	char status[32];
	char message[512];
	char hint[512];
};

/*
 * Reads one answer, which is cut up. ERR_FORMAT for one of another version, without a status, or
 * without the empty line at its end; what was taken until then counts for nothing.
 */
int store_answer_read(struct secret *text, struct store_answer *ret,
		      struct err *err) MUST_CHECK;
