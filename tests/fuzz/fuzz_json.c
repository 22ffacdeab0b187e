/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON door: what it takes can be looked at, printed, and taken again. */
#include "tests/fuzz/fuzz.h"

#include "base/json.h"

static void look(const struct json *value, int depth)
{
	const char *text = json_text(value);

	CHECK(depth <= JSON_DEPTH_MAX);
	if (text)
		CHECK(utf8_is_valid(text, strlen(text)));
	(void)json_bool(value);
	(void)json_member_text(value, "name");
	json_each (element, value)
		look(element, depth + 1);
}

/* In what was taken, each backslash begins an escape, and none of them means a NUL. */
static void check_escapes(const char *text)
{
	for (; (text = strchr(text, '\\')) != NULL; text += 2) {
		CHECK(text[1]);
		if (text[1] != 'u')
			continue;
		CHECK(strspn(text + 2, "0123456789abcdefABCDEF") >= 4);
		CHECK(strncmp(text + 2, "0000", 4) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOJSON struct json *document = NULL;
	AUTOJSON struct json *again = NULL;
	AUTOBUF struct buf printed = {0};
	AUTOBUF struct buf printed_again = {0};
	AUTOFREE char *text = copy_input(data, size);

	if (json_parse(text, size, &document, NULL))
		return 0;
	check_escapes(text);
	look(document, 1);
	CHECK(json_print(document, &printed, NULL) == 0);
	CHECK(!strchr(buf_text(&printed), '\n'));
	CHECK(json_parse(printed.data, printed.size, &again, NULL) == 0);
	CHECK(json_print(again, &printed_again, NULL) == 0);
	CHECK(strcmp(buf_text(&printed), buf_text(&printed_again)) == 0);
	return 0;
}
