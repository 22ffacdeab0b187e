/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every harness has: libFuzzer's entry, and a check that stays in whatever the flags are.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                      \
	do {                                                                                  \
		if (!(condition)) {                                                           \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                              \
		}                                                                             \
	} while (0)

/* A copy with a NUL behind it, exactly as long as that, so that one byte more is seen. */
static inline char *copy_input(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* Text that a person may be shown: valid, and without control characters. */
static inline void check_text(const char *text)
{
	CHECK(utf8_is_valid(text, strlen(text)));
	for (; *text; text++)
		CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

/* The same for somebody else's words, in which nothing that looks like a token may be left. */
static inline void check_words(const char *text)
{
	AUTOFREE char *masked = strdup(text);

	check_text(text);
	CHECK(masked);
	mask_tokens(masked);
	CHECK(strcmp(masked, text) == 0);
}

/* One line of the input, which is cut up; "" at the end. */
static inline char *next_line(char **rest)
{
	static char none[1];
	char *line = *rest ? strsep(rest, "\n") : NULL;

	return line ? line : none;
}
