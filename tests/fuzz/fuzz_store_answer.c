/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store program says: whole answers only, words that can be shown, and a record of just those
 * lines that were sent.
 */
#include "tests/fuzz/fuzz.h"

#include "core/store_answer.h"

static int read_some(const uint8_t *data, size_t size, struct store_answer *answer)
{
	AUTOSECRET struct secret text = {0};

	CHECK(secret_set(&text, (const char *)data, size) == 0);
	return store_answer_read(&text, answer, NULL);
}

/* Where the empty line ends that is the end of an answer. */
static size_t end_of(const uint8_t *data, size_t size)
{
	size_t line = 0;

	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n')
			continue;
		if (i == line || (i == line + 1 && data[line] == '\r'))
			return i + 1;
		line = i + 1;
	}
	return size;
}

/* A part of an answer is none, wherever it ends. */
static void check_cut(const uint8_t *data, size_t size)
{
	size_t end = end_of(data, size);

	for (size_t cut = end - 1; cut > 0; cut -= cut > 64 ? cut / 8 : 1) {
		struct store_answer part = {.hint = ""};

		CHECK(read_some(data, cut, &part) == ERR_FORMAT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret record = {0};
	AUTOBUF struct buf ids = {0};
	struct store_state state = {0};
	struct store_backup backup = {.written = TIME_UNKNOWN};
	struct store_answer answer = {
		.record = &record, .ids = &ids, .state = &state, .backup = &backup};
	int error;

	if (size > STORE_ANSWER_MAX)
		return 0;
	error = read_some(data, size, &answer);
	check_words(answer.message);
	check_words(answer.hint);
	check_words(state.protects);
	check_words(backup.aside);
	CHECK(backup.count <= INT64_MAX);
	CHECK(record.size <= size && ids.size <= size);
	CHECK(!record.size || record.data[record.size - 1] == '\n');
	CHECK(!record.size || !memchr(record.data, '\0', record.size));
	if (error) {
		CHECK(error == ERR_FORMAT);
		return 0;
	}
	CHECK(*answer.status);
	check_cut(data, size);
	return 0;
}
