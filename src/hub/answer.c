/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/answer.h"

#include <string.h>

#include "base/json.h"
#include "base/mask.h"
#include "base/text.h"

bool hub_is_offline(void)
{
	return text_is_true(getenv("HF_HUB_OFFLINE"));
}

/* `{"error":"…"}`, the form of API answers. */
static void message_of_body(const struct http_call *call, struct buf *ret, size_t max)
{
	AUTOJSON struct json *document = NULL;
	const char *text;

	if (json_parse(secret_text(&call->answer), call->answer.size, &document, NULL))
		return;
	text = json_member_text(document, "error");
	if (text)
		text_clean(ret, text, strlen(text), max);
}

void hub_message(const struct http_call *call, char *ret, size_t capacity)
{
	AUTOBUF struct buf clean = {0};

	text_clean(&clean, call->error_message, strlen(call->error_message), capacity - 1);
	if (clean.size == 0)
		message_of_body(call, &clean, capacity - 1);
	(void)text_copy(ret, capacity, buf_text(&clean));
	mask_tokens(ret);
}

/* `"api";r=0;t=142`: the limit that is used up; others may stand beside it. */
uint64_t hub_wait_seconds(const struct http_call *call)
{
	const char *found = strstr(call->rate_limit, ";t=");
	const char *digits = found ? found + 3 : call->retry_after;
	char number[12];
	size_t size = strspn(digits, "0123456789");
	uint64_t seconds = 0;

	if (size >= sizeof(number))
		return 0;
	memcpy(number, digits, size);
	number[size] = '\0';
	return text_to_number(number, UINT32_MAX, &seconds) ? seconds : 0;
}
