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

/* The digits that the text begins with; false if there are none, or too many. */
static bool take_seconds(const char *text, uint64_t *ret)
{
	char number[12];
	size_t size = strspn(text, "0123456789");

	if (size == 0 || size >= sizeof(number))
		return false;
	memcpy(number, text, size);
	number[size] = '\0';
	return text_to_number(number, UINT32_MAX, ret);
}

/* A parameter of one limit: what stands behind `;r=`; NULL if it has none. */
static const char *parameter(const char *item, const char *name)
{
	const char *found = strstr(item, name);

	return found ? found + strlen(name) : NULL;
}

/* `"pages";r=50;t=7, "api";r=0;t=142`: of several limits, the one that is used up counts. */
uint64_t hub_wait_seconds(const struct http_call *call)
{
	char limits[HTTP_HEADER_MAX];
	char *rest = limits;
	const char *item;
	uint64_t longest = 0;
	uint64_t seconds;

	(void)text_copy(limits, sizeof(limits), call->rate_limit);
	while ((item = strsep(&rest, ",")) != NULL) {
		const char *left = parameter(item, ";r=");
		const char *time = parameter(item, ";t=");

		if (left && time && take_seconds(left, &seconds) && seconds == 0 &&
		    take_seconds(time, &seconds) && seconds > longest)
			longest = seconds;
	}
	if (longest)
		return longest;
	return take_seconds(call->retry_after, &seconds) ? seconds : 0;
}
