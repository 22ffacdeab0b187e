/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_section.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "core/hf_stored.h"
#include "core/plain.h"

/* Of two logins with one value, the session is what counts. */
void hf_section_scan(struct secret *text, const struct secret *value, char ret_name[],
		     bool *ret_refreshed)
{
	struct hf_stored stored;

	*ret_name = '\0';
	*ret_refreshed = false;
	if (hf_stored_parse(text, &stored, NULL))
		return;
	for (size_t i = 0; i < stored.count; i++) {
		const struct hf_entry *entry = &stored.entries[i];

		if (strcmp(entry->token, secret_text(value)) != 0)
			continue;
		if (!*ret_name || entry->refreshes)
			(void)text_copy(ret_name, HF_SECTION_MAX + 1, entry->name);
		*ret_refreshed |= entry->refreshes;
	}
	text_disarm(ret_name);
	mask_tokens(ret_name);
}

void hf_section_find(const struct secret *value, char ret_name[], bool *ret_refreshed)
{
	AUTOSECRET struct secret text = {0};

	plain_hf_stored_tokens(&text);
	hf_section_scan(&text, value, ret_name, ret_refreshed);
}
