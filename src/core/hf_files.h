/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huggingface_hub's own files: `stored_tokens`, with its tokens by name (core/hf_stored.h), and
 * `token`, the value of the one in use. They are only read here, and no session in them is renewed:
 * a refresh token has one owner.
 *
 * Their writers truncate and write in place, without a lock. A text that is being written is read
 * again for a moment; of one that still is not whole, what is certain is used: a last line without
 * its end is left out, and so is a value in `token` that is the beginning of a stored one.
 */
#pragma once

#include "core/sources.h"

#define HF_STORE       "hf"
#define HF_ACTIVE_NAME "token" /* of the value in use, where no section has it */

int hf_files_search(struct sources *sources, struct err *err) MUST_CHECK;
