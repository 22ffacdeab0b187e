/* SPDX-License-Identifier: Apache-2.0 */
/* Between rules.c and rules_edit.c only. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#define RULES_NAME "rules"
#define RULES_LOCK RULES_NAME ".lock"

/* What stands behind a NUL would be lost without a word. */
int rules_check_text(const struct buf *text, struct err *err) MUST_CHECK;
