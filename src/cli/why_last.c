/* SPDX-License-Identifier: Apache-2.0 */
/* The file `last` in the cache folder: "read https://huggingface.co datasets/acme/d1". No secrets. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "cli/why.h"
#include "core/flight.h"

#define LAST_NAME "last"
#define LAST_MAX  ((size_t)1024)

static int read_last(struct buf *ret, struct err *err)
{
	AUTOFREE char *path = NULL;
	CLOSED int folder = -1;
	int error = path_of(PATH_CACHE, &path, err);

	if (!error)
		error = folder_open(path, FOLDER_READ, &folder, err);
	return error ? error : file_read(folder, LAST_NAME, FILE_PRIVATE, LAST_MAX, ret, err);
}

static int parse(char *text, struct why_question *ret)
{
	char *rest = text;
	const char *operation = strsep(&rest, " \n");
	const char *endpoint = strsep(&rest, " \n");
	const char *id = strsep(&rest, " \n");
	char origin[ENDPOINT_SIZE];
	struct repo repo;

	if (!id || endpoint_of_url(endpoint, origin, NULL) || repo_parse(id, &repo, NULL))
		return ERR_FORMAT;
	memcpy(repo.endpoint, origin, sizeof(origin));
	ret->repo = repo;
	ret->write = strcmp(operation, "write") == 0;
	return 0;
}

int why_recall(struct why_question *ret, struct err *err)
{
	AUTOBUF struct buf text = {0};

	if (!read_last(&text, NULL) && text.size && !parse(text.data, ret))
		return 0;
	err_set(err, ERR_USAGE, "no repository has been asked about yet");
	return err_hint(err, "hftoken why REPO, such as 'hftoken why acme/m1'");
}

static int write_last(const struct buf *text, struct err *err)
{
	AUTOFREE char *path = NULL;
	CLOSED int folder = -1;
	int lock;
	int error = path_of(PATH_CACHE, &path, err);

	if (!error)
		error = folder_open(path, FOLDER_CREATE, &folder, err);
	if (error)
		return error;
	lock = flight_take(LAST_NAME, deadline_in(0));
	if (lock < 0)
		return 0; /* another one writes its own: as good */
	error = file_replace(folder, LAST_NAME, text->data, text->size, REPLACE_ONLY, err);
	flight_end(LAST_NAME, &lock);
	return error;
}

void why_remember(const struct why_question *question, const char *endpoint)
{
	AUTOBUF struct buf text = {0};
	char id[REPO_ID_SIZE];
	struct err err = {0};

	repo_text(&question->repo, id);
	buf_printf(&text, "%s %s %s\n", question->write ? "write" : "read", endpoint, id);
	if (!buf_failed(&text) && write_last(&text, &err))
		trace("the repository is not remembered: %s", err.message);
}
