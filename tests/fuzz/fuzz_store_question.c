/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store program is asked: whole questions only, nothing twice, and a record and a passphrase
 * that can be given back.
 */
#include "tests/fuzz/fuzz.h"

#include "backends/question.h"

static void check_texts(const struct question *question, size_t size)
{
	const char *texts[] = {question->op,       question->id,      question->deadline,
			       question->label,    question->service, question->interactive,
			       question->username, question->apply};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK(!texts[i] || (strlen(texts[i]) < size && !strchr(texts[i], '\n')));
}

static void check_record(const struct secret *record)
{
	CHECK(record->size <= RECORD_MAX);
	if (!record->size)
		return;
	CHECK(record->data[record->size - 1] == '\n');
	CHECK(!memchr(record->data, '\0', record->size));
	CHECK(!memchr(record->data, '\r', record->size));
}

/* The first question of a session; the number of its bytes. */
static size_t take(struct secret *input)
{
	CLEANUP(question_release) struct question question = {0};
	size_t size = question_size(input);
	struct err err = {0};

	CHECK(size <= input->size);
	if (!size)
		return 0;
	CHECK(input->data[size - 1] == '\n');
	if (question_parse(&question, input->data, size, &err)) {
		CHECK(*err.message);
		return size;
	}
	check_texts(&question, size);
	check_record(&question.record);
	CHECK(!question.has_passphrase ||
	      (question.passphrase.size && question.passphrase.size <= PASSPHRASE_MAX));
	CHECK(question.call.interactive ==
	      (question.interactive != NULL && strcmp(question.interactive, "1") == 0));
	CHECK((question.call.deadline == NO_DEADLINE) == !question.deadline);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret input = {0};
	size_t taken = 1;

	if (size > STORE_MESSAGE_MAX)
		return 0;
	while (size && taken) {
		CHECK(secret_set(&input, (const char *)data, size) == 0);
		taken = take(&input);
		data += taken;
		size -= taken;
	}
	return 0;
}
