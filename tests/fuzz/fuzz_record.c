/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret records, from a store or the kernel's keyring: a token only where the record names the
 * endpoint, and what was made opens there and nowhere else.
 */
#include "tests/fuzz/fuzz.h"

#include "base/url.h"
#include "core/record.h"
#include "core/store.h"

#define OTHER "https://hub.example.com"

/* Whether one of the lines is that one. */
static bool has_line(const struct secret *record, const char *wanted)
{
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf line = {0};

	buf_add_char(&text, '\n');
	for (size_t i = 0; i < record->size; i++) {
		/* One CR belongs to the end of a line. */
		if (record->data[i] == '\r' && i + 1 < record->size &&
		    record->data[i + 1] == '\n')
			continue;
		buf_add_char(&text, record->data[i]);
	}
	buf_add_char(&text, '\n');
	buf_printf(&line, "\n%s\n", wanted);
	return memmem(text.data, text.size, line.data, line.size) != NULL;
}

static void check_any(const struct secret *record)
{
	AUTOSECRET struct secret token = {0};

	(void)record_created(record);
	if (record_open(record, ENDPOINT_HUB, &token, NULL)) {
		CHECK(!token.size);
		return;
	}
	CHECK(token.size && !memchr(token.data, '\n', token.size));
	CHECK(memcmp(token.data, record->data, token.size) == 0);
	CHECK(has_line(record, "endpoint=" ENDPOINT_HUB));
}

static void check_made(const struct secret *token)
{
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret again = {0};

	if (!token->size || memchr(token->data, '\n', token->size) ||
	    record_make(token, ENDPOINT_HUB, 1790000000, &record, NULL))
		return;
	CHECK(record.size <= RECORD_MAX);
	CHECK(record_open(&record, OTHER, &again, NULL) == ERR_DAMAGED && !again.size);
	CHECK(record_open(&record, ENDPOINT_HUB, &again, NULL) == 0);
	CHECK(secret_equal(&again, token));
	CHECK(record_created(&record) == 1790000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret text = {0};

	if (secret_set(&text, (const char *)data, size))
		return 0;
	check_any(&text);
	check_made(&text);
	return 0;
}
