/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every harness has: libFuzzer's entry, and a check that stays in whatever the flags are.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

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
