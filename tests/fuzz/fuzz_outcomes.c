/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of outcomes: with a checksum that fits, whatever the lines are, questions have an answer,
 * and one more outcome makes a file that holds it.
 */
#include "tests/fuzz/fuzz.h"

#include "core/outcomes_file.h"

#define ID "0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome fresh = {.id = ID,
				.revision = 1,
				.operation = OPERATION_READ,
				.result = OUTCOME_DEAD,
				.at = 1790000000};
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf again = {0};
	AUTOOUTCOMES struct outcomes outcomes = {0};
	char header[HEADER_SIZE + 1];
	struct repo repo;

	if (size > 4096)
		return 0;
	CHECK(repo_parse("acme/m1", &repo, NULL) == 0);
	outcomes_header((const char *)data, size, header);
	buf_add_text(&text, header);
	buf_add(&text, data, size);
	outcomes_read(buf_text(&text), text.size, &repo, &outcomes);
	for (size_t i = 0; i < outcomes.count; i++) {
		const struct outcome *outcome = &outcomes.list[i];
		struct outcome found = outcomes_find(&outcomes, outcome->id, outcome->revision,
						     outcome->operation);

		CHECK(found.result != OUTCOME_NONE && found.at >= outcome->at);
		(void)outcome_weight(&found, 1790000000);
	}
	if (outcomes_add(buf_text(&text), text.size, &repo, &fresh, &again)) {
		outcomes_release(&outcomes);
		outcomes_read(buf_text(&again), again.size, &repo, &outcomes);
		CHECK(outcomes_find(&outcomes, ID, 1, OPERATION_READ).result != OUTCOME_NONE);
		buf_clear(&text);
		CHECK(!outcomes_add(buf_text(&again), again.size, &repo, &fresh, &text));
	}
	return 0;
}
