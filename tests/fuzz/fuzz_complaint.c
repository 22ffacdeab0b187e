/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages: whatever is pasted, what comes out can be shown, and is in its bounds. */
#include "tests/fuzz/fuzz.h"

#include "core/complaint.h"

static void check_repo(const struct repo *repo)
{
	struct repo again;
	char text[REPO_ID_SIZE];

	CHECK(repo->type >= REPO_MODEL && repo->type < REPO_TYPE_COUNT);
	repo_text(repo, text);
	if (looks_like_token(text))
		return; /* from a URL; as an id it would be refused */
	CHECK(repo_parse(text, &again, NULL) == 0);
	CHECK(repo_equal(repo, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	struct complaint complaint;
	struct err err = {0};

	if (complaint_read(text, size, &complaint, &err)) {
		CHECK(err.code == ERR_NOT_FOUND || err.code == ERR_USAGE);
		return 0;
	}
	if (complaint.has_repo)
		check_repo(&complaint.repo);
	CHECK(complaint.operation < COMPLAINT_OPERATION_COUNT);
	CHECK(complaint.status == 0 || (complaint.status >= 400 && complaint.status < 600));
	CHECK(complaint.cause && strlen(complaint.cause) < 32);
	CHECK(memchr(complaint.words, '\0', sizeof(complaint.words)));
	check_words(complaint.words);
	CHECK(memchr(complaint.request_id, '\0', sizeof(complaint.request_id)));
	check_words(complaint.request_id);
	check_text(complaint.repo.endpoint);
	return 0;
}
