/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only ways to show a part of a secret, and the net under every text that goes out.
 */
#pragma once

#include "base/secret.h"

#define MASKED_SIZE 16

/*
 * The form of `hf auth list`: the first three and the last four characters, "hf_****wxyz". Of a
 * secret with fewer than 16 characters nothing is shown.
 */
void mask_secret(const struct secret *secret, char ret[MASKED_SIZE]);

/* Replaces whatever looks like a token (`hf_…`, `api_…`) in a text by stars, in place. */
void mask_tokens(char *text);

/* Whether somebody typed a token where a name belongs. */
bool looks_like_token(const char *text);
