/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether git asks us, and us alone: a judgement on the list of helpers that it would run. Pure.
 */
#pragma once

#include "cli/git_config.h"

enum wiring_state {
	WIRING_NONE,         /* git does not ask us */
	WIRING_OURS,         /* it asks us and nobody else */
	WIRING_RIVAL_BEFORE, /* another is asked first, and told to keep what we gave */
	WIRING_RIVAL_BEHIND, /* another is told to keep what we gave */
};

struct wiring {
	enum wiring_state state;
	const struct git_helper *ours;  /* the first of ours; NULL if none */
	const struct git_helper *rival; /* the first that is not; NULL if none */
};

/* Pointers into `helpers`. One behind ours counts before one that stands before it. */
struct wiring wiring_of(const struct git_helpers *helpers);
