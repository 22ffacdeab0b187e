/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What settings_set() would make of the user's file, to be shown. Nothing is locked, made or changed.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct settings_draft {
	char *path;
	bool exists;
	struct buf before;
	struct buf after;
};

int settings_draft_make(struct settings_draft *ret, const char *key, const char *value,
			struct err *err) MUST_CHECK;
void settings_draft_release(struct settings_draft *draft);
#define AUTODRAFT CLEANUP(settings_draft_release)
