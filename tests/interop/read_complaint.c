/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an error message on stdin and prints, a field a line, what complaint_read() finds in it. */
#include <stdio.h>

#include "core/complaint.h"

static void print(const struct complaint *complaint)
{
	char id[REPO_ID_SIZE] = "";

	if (complaint->has_repo)
		repo_text(&complaint->repo, id);
	printf("repo=%s\nendpoint=%s\nrevision=%s\npath=%s\noperation=%s\nstatus=%d\ncause=%s\n"
	       "words=%s\nrequest_id=%s\n",
	       id, complaint->repo.endpoint, complaint->repo.revision, complaint->repo.path,
	       complaint_operation_names[complaint->operation], complaint->status,
	       complaint->cause, complaint->words, complaint->request_id);
}

int main(void)
{
	AUTOFREE char *text = malloc(COMPLAINT_MAX + 1);
	struct complaint complaint;
	struct err err = {0};
	size_t size;

	if (!text)
		return 2;
	size = fread(text, 1, COMPLAINT_MAX + 1, stdin);
	if (complaint_read(text, size, &complaint, &err)) {
		(void)fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	print(&complaint);
	return 0;
}
