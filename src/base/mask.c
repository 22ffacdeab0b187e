/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mask.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SHORTEST_SHOWN 16
#define SHORTEST_TAIL  8 /* hf_hub, hf_token and the like are words, not tokens */

static const char *const prefixes[] = {"hf_", "api_"};

void mask_secret(const struct secret *secret, char ret[MASKED_SIZE])
{
	const char *text = secret_text(secret);

	if (secret->size < SHORTEST_SHOWN) {
		(void)text_copy(ret, MASKED_SIZE, "****");
		return;
	}
	/* What stands there may come from anywhere; it must stay one printable word. */
	for (size_t i = 0; i < secret->size; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f) {
			(void)text_copy(ret, MASKED_SIZE, "****");
			return;
		}
	}
	(void)snprintf(ret, MASKED_SIZE, "%.3s****%s", text, text + secret->size - 4);
}

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* Characters of a token that begins here, without its prefix. */
static size_t tail_length(const char *text)
{
	size_t length = 0;

	while (is_token_char(text[length]))
		length++;
	return length;
}

void mask_tokens(char *text)
{
	for (; *text; text++) {
		for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
			size_t prefix = strlen(prefixes[i]);
			size_t tail;

			if (!text_starts_with(text, prefixes[i]))
				continue;
			tail = tail_length(text + prefix);
			if (tail >= SHORTEST_TAIL) {
				memset(text + prefix, '*', tail);
				text += prefix + tail - 1;
				break;
			}
		}
	}
}

bool looks_like_token(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (*text == *prefixes[i] && text_starts_with(text, prefixes[i]))
			return true;
	}
	return false;
}
