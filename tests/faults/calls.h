/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls can be made to fail, and how. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum effect {
	EFFECT_KILL_ALL, /* every process of the command dies at the call's entry */
	EFFECT_KILL_ONE, /* the one that calls dies there */
	EFFECT_REFUSE,   /* the call does nothing, and returns the error */
	EFFECT_LATE,     /* it does its work, and returns the error all the same */
	EFFECT_SHORTEN,  /* it is given room for one byte */
};

struct fault {
	const char *name;
	enum effect effect;
	int error;     /* an errno, 0 where none is returned */
	unsigned kind; /* calls.c's own */
};

/* The fault of that name; NULL if there is none. */
const struct fault *fault_find(const char *name);

/* The call's name; NULL for one that is none of our business. */
const char *call_name(uint64_t number);

/* Whether this call, with these arguments, can meet that fault. */
bool call_can_meet(uint64_t number, const uint64_t args[6], const struct fault *fault);

/* Which argument says how much is to be read or written; -1 if none does. */
int call_size_argument(uint64_t number);
