/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking entries out of huggingface_hub's `stored_tokens` without changing anything else: sections,
 * members, comments and blanks of others stay byte for byte, in both formats. In JSON, `active`
 * becomes null if it names one that is taken out.
 */
#pragma once

#include "core/hf_stored.h"

typedef bool (*hf_stored_goes)(void *user, const struct hf_entry *entry);

/*
 * The text without the entries that `goes` names; `ret_count` of them were taken out. What is left
 * is read again and compared: an entry that cannot go without changing another one is ERR_FORMAT,
 * and so is a text that hf_stored_parse() refuses. Comments within a section that goes stay. A value
 * that a section has from [DEFAULT] stays there.
 */
int hf_stored_cut(const struct secret *text, hf_stored_goes goes, void *user,
		  struct secret *ret, size_t *ret_count, struct err *err) MUST_CHECK;
