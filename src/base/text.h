/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small text work: hostile text made harmless, UTF-8, numbers, times.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Length of the UTF-8 sequence at `text` (1–4), 0 if it is not valid. `size` bytes may be read. */
size_t utf8_length(const char *text, size_t size);
bool utf8_is_valid(const char *text, size_t size);

/*
 * Makes text from a server fit to be shown: control characters (C0, DEL, C1), bytes that are not
 * UTF-8, and the invisible marks that turn text around are each replaced by a space or `?`; runs
 * of white space become one space, both ends are trimmed, and what passes `max` bytes is cut
 * behind a whole character.
 */
void text_clean(struct buf *ret, const char *text, size_t size, size_t max);

/*
 * The same for a line that is laid out already, in place: what text_clean() would replace becomes
 * `?`, spaces stay.
 */
void text_disarm(char *text);

/* Columns that the text takes on a terminal. */
size_t text_width(const char *text);

/* Bytes of the text that fit into that many columns, whole characters only. */
size_t text_fitting(const char *text, size_t columns);

/* Appends the text as one word of a POSIX shell's, in single quotes: for commands to be pasted. */
void text_quote(struct buf *ret, const char *text);

bool text_starts_with(const char *text, const char *prefix);

/* Copies with a NUL, or cuts behind a whole character; false if it had to cut. */
bool text_copy(char *ret, size_t capacity, const char *text);

/* Case is folded for ASCII letters only, as host and repository names want it. */
bool text_equal_fold(const char *one, const char *other);

/* 1, on, yes, true in any case, as in huggingface_hub's variables; NULL is not true. */
bool text_is_true(const char *text);

/* A decimal number without sign or space, the whole text. */
bool text_to_number(const char *text, uint64_t max, uint64_t *ret);

/*
 * RFC 3339 in UTC, whole seconds: "2026-09-30T12:00:00Z". Fractions are read and dropped; an
 * offset other than Z is refused, since the Hub sends none.
 */
#define TIME_TEXT_SIZE 24
#define TIME_UNKNOWN   INT64_MIN
void time_to_text(int64_t seconds, char ret[TIME_TEXT_SIZE]);
bool time_from_text(const char *text, int64_t *ret_seconds);

/* Seconds since 1970. */
int64_t time_now(void);
