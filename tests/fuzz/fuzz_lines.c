/* SPDX-License-Identifier: Apache-2.0 */
/* The line codec: what is read can be written, and is read again as the same. */
#include "tests/fuzz/fuzz.h"

#include "base/lines.h"

static void read_again(struct secret *written, struct secret *first)
{
	struct lines one, other;
	struct line line, again;

	lines_init(&one, first->data, first->size);
	lines_init(&other, written->data, written->size);
	while (lines_next(&other, &again, NULL) > 0) {
		int found = lines_next(&one, &line, NULL);

		while (found > 0 && memchr(line.value, '\r', line.value_size))
			found = lines_next(&one, &line, NULL);
		CHECK(found > 0);
		CHECK(strcmp(line.key, again.key) == 0);
		CHECK(line.value_size == again.value_size);
		CHECK(memcmp(line.value, again.value, line.value_size) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	AUTOSECRET struct secret same = {0};
	AUTOSECRET struct secret written = {0};
	struct lines lines;
	struct line line;

	if (secret_set(&same, text, size))
		return 0;
	lines_init(&lines, text, size);
	while (lines_next(&lines, &line, NULL) > 0) {
		int error;

		CHECK(line.key[0] && !strchr(line.key, '\n'));
		CHECK(strlen(line.value) == line.value_size);
		error = lines_add(&written, line.key, line.value, line.value_size, NULL);
		/* A CR inside is data for the reader, and nothing that we would write. */
		CHECK((error == 0) == !memchr(line.value, '\r', line.value_size));
	}
	read_again(&written, &same);
	return 0;
}
