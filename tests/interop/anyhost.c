/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential helper for any host, for tests only and never installed: our reader of git's requests
 * and our encrypted file, without what hftoken is about (which hosts, which token). With it git's own
 * suite for helpers runs against both: git-credential-hftoken itself forgets nothing that git says,
 * and so must fail it.
 *
 * A credential is a record of the store, with the lines that git sent. What a request leaves out
 * matches anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/program.h"
#include "core/store_client.h"
#include "protocol/git.h"

#define FIELDS 7
#define KEYS   4 /* of those, what a credential is looked up by */

static const char *const names[FIELDS] = {
	"protocol",
	"host",
	"path",
	"username", /* the keys */
	"password",
	"password_expiry_utc",
	"oauth_refresh_token",
};

struct credential {
	const char *fields[FIELDS]; /* NULL: not there */
	struct secret text;         /* which they point into */
};

static void credential_release(struct credential *credential)
{
	secret_release(&credential->text);
}
#define AUTOCREDENTIAL CLEANUP(credential_release)

/* ---- as text ---------------------------------------------------------------------------------- */

/* The text is cut up. The last value of a field counts, as in git. */
static int parse(struct credential *credential, struct err *err)
{
	struct lines lines;
	struct line line;
	int found;

	lines_init(&lines, credential->text.data, credential->text.size);
	while ((found = lines_next(&lines, &line, err)) > 0) {
		for (size_t i = 0; i < FIELDS; i++) {
			if (strcmp(line.key, names[i]) == 0)
				credential->fields[i] = line.value;
		}
	}
	return found;
}

static int print(const struct credential *credential, size_t first, struct secret *ret,
		 struct err *err)
{
	int error = 0;

	for (size_t i = first; i < FIELDS && !error; i++) {
		if (credential->fields[i])
			error = lines_add_text(ret, names[i], credential->fields[i], err);
	}
	return error;
}

/* Whether the first `count` fields are the same, as far as they are asked for. */
static bool matches(const struct credential *asked, const struct credential *kept, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (asked->fields[i] &&
		    (!kept->fields[i] || strcmp(asked->fields[i], kept->fields[i]) != 0))
			return false;
	}
	return true;
}

/* ---- in the store ----------------------------------------------------------------------------- */

/* 1 with the next record that matches in the first `count` fields, 0 behind the last. */
static int next_match(struct store_client *store, char **ids, const struct credential *asked,
		      size_t count, const char **ret_id, struct credential *ret,
		      struct err *err)
{
	while ((*ret_id = strsep(ids, "\n")) != NULL) {
		int error;

		if (!**ret_id)
			continue;
		credential_release(ret);
		*ret = (struct credential) {.fields = {NULL}};
		error = store_get(store, *ret_id, &ret->text, err);
		if (!error)
			error = parse(ret, err);
		if (error)
			return error;
		if (matches(asked, ret, count))
			return 1;
	}
	return 0;
}

/* Deletes all that match in the first `count` fields. */
static int forget(struct store_client *store, const struct credential *asked, size_t count,
		  struct err *err)
{
	AUTOCREDENTIAL struct credential kept = {.fields = {NULL}};
	AUTOBUF struct buf list = {0};
	const char *id;
	char *ids;
	int found;

	if (store_list(store, &list, err))
		return ERR_FAILED;
	ids = list.data;
	while ((found = next_match(store, &ids, asked, count, &id, &kept, err)) > 0) {
		if (store_del(store, id, err))
			return ERR_FAILED;
	}
	return found;
}

static int new_id(char ret[RECORD_ID_SIZE], struct err *err)
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_set(err, ERR_FAILED, "no random bytes");
	(void)snprintf(ret, RECORD_ID_SIZE, "%016" PRIx64 "%016" PRIx64 ".1", random[0],
		       random[1]);
	return 0;
}

/* ---- operations ------------------------------------------------------------------------------- */

static int get(struct store_client *store, const struct credential *asked, struct err *err)
{
	AUTOCREDENTIAL struct credential kept = {.fields = {NULL}};
	AUTOSECRET struct secret answer = {0};
	AUTOBUF struct buf list = {0};
	const char *id;
	char *ids;
	int found;

	if (store_list(store, &list, err))
		return ERR_FAILED;
	ids = list.data;
	found = next_match(store, &ids, asked, KEYS, &id, &kept, err);
	if (found <= 0)
		return found;
	found = print(&kept, KEYS - 1, &answer, err);
	return found ? found
		     : io_write_all(STDOUT_FILENO, answer.data, answer.size,
				    deadline_in(GIT_INPUT_MS), err);
}

static int put(struct store_client *store, const struct credential *asked, struct err *err)
{
	static const struct store_label label = {"anyhost", "", ""};
	AUTOSECRET struct secret record = {0};
	char id[RECORD_ID_SIZE];
	int error;

	if (!asked->fields[0] || !asked->fields[1] || !asked->fields[3] || !asked->fields[4])
		return 0;
	error = print(asked, 0, &record, err);
	if (!error)
		error = new_id(id, err);
	if (!error)
		error = forget(store, asked, KEYS, err);
	return error ? error : store_put(store, id, &record, &label, err);
}

static int run(const char *operation, struct err *err)
{
	AUTOCREDENTIAL struct credential asked = {.fields = {NULL}};
	AUTOSECRET struct secret copy = {0};
	struct git_request request;
	struct store_client store;
	int error = io_read_message(STDIN_FILENO, &asked.text, GIT_INPUT_MAX,
				    deadline_in(GIT_INPUT_MS), err);

	if (!error)
		error = secret_set(&copy, secret_text(&asked.text), asked.text.size);
	/* What hftoken would refuse is refused. */
	if (!error)
		error = git_request_parse(&copy, &request, err);
	if (!error)
		error = parse(&asked, err);
	if (!error)
		error = store_init(&store, "file", err);
	if (error)
		return error;
	if (strcmp(operation, "get") == 0)
		error = get(&store, &asked, err);
	else if (strcmp(operation, "store") == 0)
		error = put(&store, &asked, err);
	else if (strcmp(operation, "erase") == 0)
		error = forget(&store, &asked, KEYS + 1, err);
	store_release(&store);
	return error;
}

int main(int argc, char **argv)
{
	struct err err = {0};

	program_harden();
	if (argc < 2 || run(argv[argc - 1], &err) == 0)
		return argc < 2;
	(void)fprintf(stderr, "anyhost: %s\n", err.message);
	return 1;
}
