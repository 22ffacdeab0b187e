/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody wants to do with a repository.
 */
#pragma once

#include "base/base.h"

enum operation {
	OPERATION_UNKNOWN, /* not every protocol tells */
	OPERATION_READ,
	OPERATION_WRITE,
	OPERATION_COUNT,
};

/* "read", "write", as in rules and JSON; NULL for the unknown one. */
static inline const char *operation_name(enum operation operation)
{
	static const char *const names[OPERATION_COUNT] = {NULL, "read", "write"};

	return names[operation];
}
