/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within repo_parse(): a path cut at its slashes, and the parts taken from it one after the other.
 * It is cut first and decoded part by part after, so that an encoded slash or dot never changes
 * which part is which.
 */
#pragma once

#include "core/repo.h"

#define SEGMENTS_MAX 128

/* What is left to read, raw, and what was read. */
struct reader {
	struct repo repo;
	char *segments[SEGMENTS_MAX];
	size_t count;
	size_t next;
	bool typed; /* by a person, as an id: nothing unknown may follow */
	struct err *err;
};

/* Sets an error with the hint that all of them have. */
int reader_bad(struct reader *reader, const char *what);

/* Cuts the text, in place, at slashes; one at either end is harmless. */
int reader_cut(struct reader *reader, char *text) MUST_CHECK;

/* The raw part that many places ahead, "" behind the last. */
const char *reader_peek(const struct reader *reader, size_t ahead);

bool reader_ends_in(const char *text, const char *end);

/* "datasets" and the like, if that is the next part. */
bool reader_take_type(struct reader *reader);

/* An id of one part or two. A model's first one must not be a page's name. */
int reader_take_id(struct reader *reader, bool is_single, bool has_type) MUST_CHECK;

/* `refs/pr/1` and `refs/convert/parquet` are one revision also when their slashes are not encoded. */
int reader_take_revision(struct reader *reader) MUST_CHECK;

/* All that is left: the path of a file. */
int reader_take_file(struct reader *reader) MUST_CHECK;
