/* SPDX-License-Identifier: Apache-2.0 */
/* The object scanner takes nothing that the JSON door refuses, and reads every text as it does. */
#include "tests/fuzz/fuzz.h"

#include "base/json.h"
#include "base/json_scan.h"

#define PAIRS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_pair pairs[PAIRS];
	struct json_scan scan = {.pairs = pairs, .capacity = PAIRS};
	AUTOJSON struct json *document = NULL;
	AUTOFREE char *text = copy_input(data, size);
	int other;

	if (json_scan(&scan, text, size, NULL))
		return 0;
	CHECK(scan.whole.at >= text && scan.whole.at + scan.whole.size <= text + size);
	/* A member twice in an object within is not seen by the scan. */
	other = json_parse(text, size, &document, NULL);
	for (size_t i = 0; i < scan.count; i++) {
		AUTOFREE char *name = malloc(pairs[i].name.size + 1);
		AUTOFREE char *value = malloc(pairs[i].value.size + 1);
		struct json_span found;

		CHECK(name && value);
		CHECK(json_span_decode(&pairs[i].name, name, pairs[i].name.size));
		CHECK(json_span_equal(&pairs[i].name, name));
		found = json_scan_find(&scan, name);
		CHECK(found.at == pairs[i].value.at);
		if (!json_span_decode(&found, value, found.size) || other)
			continue;
		CHECK(json_member_text(document, name));
		CHECK(strcmp(json_member_text(document, name), value) == 0);
	}
	return 0;
}
