/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look into huggingface_hub's `stored_tokens`: which login a token belongs to.
 */
#pragma once

#include "base/secret.h"

#define HF_SECTION_MAX ((size_t)128)

/*
 * The name of the section that holds the value, cut to HF_SECTION_MAX and printable; "" if there is
 * none. `ret_refreshed`: whether any such section is an OAuth session, which huggingface_hub renews
 * by itself. A file that cannot be read holds no section, as huggingface_hub takes it.
 */
void hf_section_find(const struct secret *value, char ret_name[], bool *ret_refreshed);

/* The same in a text, which is cut up. */
void hf_section_scan(struct secret *text, const struct secret *value, char ret_name[],
		     bool *ret_refreshed);
