/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace that HFTOKEN_TRACE switches on: `1` to stderr, a path appends to that file. Every line
 * passes through mask_tokens(), so that a mistake in a caller cannot print a token.
 */
#pragma once

#include "base/base.h"

void trace(const char *format, ...) PRINTF(1, 2);
