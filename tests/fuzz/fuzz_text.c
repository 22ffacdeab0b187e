/* SPDX-License-Identifier: Apache-2.0 */
/* Text made harmless: clean, bounded, done once as good as twice; times and numbers read as written. */
#include "tests/fuzz/fuzz.h"

#include "base/buf.h"

static void check_clean(const char *text, size_t size)
{
	AUTOBUF struct buf clean = {0};
	AUTOBUF struct buf again = {0};
	size_t max = size % 61;

	text_clean(&clean, text, size, max);
	CHECK(clean.size <= max);
	check_text(buf_text(&clean));
	text_clean(&again, buf_text(&clean), clean.size, max);
	CHECK(strcmp(buf_text(&clean), buf_text(&again)) == 0);
	CHECK(text_fitting(buf_text(&clean), text_width(buf_text(&clean))) == clean.size);
}

static void check_disarmed(const char *text)
{
	AUTOFREE char *copy = strdup(text);

	CHECK(copy);
	text_disarm(copy);
	CHECK(strlen(copy) == strlen(text));
	check_text(copy);
	mask_tokens(copy);
	check_words(copy);
}

static void check_quoted(const char *text)
{
	AUTOBUF struct buf quoted = {0};
	const char *next;

	text_quote(&quoted, text);
	/* As a shell reads it: in quotes up to the next one, and \' between two of those. */
	next = buf_text(&quoted) + 1;
	CHECK(quoted.data[0] == '\'');
	for (; *text; text++) {
		if (*text == '\'') {
			CHECK(strncmp(next, "'\\''", 4) == 0);
			next += 4;
		} else {
			CHECK(*next++ == *text);
		}
	}
	CHECK(strcmp(next, "'") == 0);
}

static void check_time(const char *text)
{
	char written[TIME_TEXT_SIZE];
	int64_t time;
	int64_t again;
	uint64_t number;

	if (text_to_number(text, 1u << 20, &number))
		CHECK(number <= 1u << 20);
	if (!time_from_text(text, &time))
		return;
	time_to_text(time, written);
	CHECK(time_from_text(written, &again) && again == time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);

	check_clean(text, size);
	check_disarmed(text);
	check_quoted(text);
	check_time(text);
	return 0;
}
