/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/follow.h"
#include "cli/import.h"
#include "cli/open_store.h"
#include "cli/run.h"
#include "cli/trust.h"
#include "cli/ui.h"

static void import_release(struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		secret_release(&import->found[i].secret);
		if (import->asks)
			hub_whoami_release(&import->asks[i]);
	}
	for (size_t i = 0; i < import->file_count; i++)
		free(import->files[i].path);
	free(import->files);
	free(import->found);
	free(import->asks);
	hf_follow_release(&import->follow);
	session_release(&import->session);
}

/* ---- what is meant ---------------------------------------------------------------------------- */

enum wanted { WANT_HF = 1, WANT_GIT = 2, WANT_EXPORT = 4 };

static int take_operand(const struct cli *cli, unsigned *ret, struct err *err)
{
	const char *operand = cli->operand_count ? cli->operands[0] : NULL;

	if (!operand)
		*ret = WANT_HF | WANT_GIT;
	else if (strcmp(operand, "hf") == 0)
		*ret = WANT_HF;
	else if (strcmp(operand, "git") == 0)
		*ret = WANT_GIT;
	else if (strcmp(operand, "-") == 0)
		*ret = WANT_EXPORT;
	else {
		err_set(err, ERR_USAGE, "import from where? it knows hf, git and -");
		return err_hint(err, "hftoken import hf, hftoken import git, or "
				     "hftoken export | ssh HOST hftoken import -");
	}
	return 0;
}

/* An export says itself which Hub each token is for, and has no plain copy. */
static int check_export(const struct cli *cli, struct err *err)
{
	static const enum option_id none[] = {OPT_REMOVE, OPT_ENDPOINT};

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		if (cli_has(cli, none[i]))
			return err_set(err, ERR_USAGE, "--%s does not go with an export",
				       options[none[i]].name);
	}
	if (!isatty(STDIN_FILENO))
		return 0;
	err_set(err, ERR_USAGE, "an export comes through a pipe, not from a terminal");
	return err_hint(err, "hftoken export | ssh HOST hftoken import -");
}

/* ---- finding ---------------------------------------------------------------------------------- */

/* huggingface_hub knows nothing of a setting of ours; --endpoint is what the user says of it. */
static void choose_hf_endpoint(struct import *import)
{
	const struct session *session = &import->session;
	const char *endpoint = session->endpoint.from == ENDPOINT_BY_OPTION
				       ? session->endpoint.origin
				       : session->source_endpoint;

	memcpy(import->hf_endpoint, endpoint, strlen(endpoint) + 1);
}

static int search(struct import *import, unsigned wanted, struct err *err)
{
	const struct session_options reading = {.parts = CATALOGUE_ALL,
						.endpoint = import->cli->values[OPT_ENDPOINT],
						.warn = ui_settings_warning};
	int error = session_open(&import->session, &reading, err);

	if (!error && (wanted & (WANT_HF | WANT_GIT)))
		error = trust_endpoint(&import->session, &reading, err);
	if (error)
		return error;
	choose_hf_endpoint(import);
	if (wanted & WANT_HF)
		error = import_search_hf(import, err);
	if (!error && (wanted & WANT_GIT))
		error = import_search_git(import, err);
	if (!error && (wanted & WANT_EXPORT))
		error = import_search_stdin(import, err);
	return error;
}

/* ---- storing ---------------------------------------------------------------------------------- */

static bool any_with(const struct import *import, enum import_result result)
{
	for (size_t i = 0; i < import->count; i++) {
		if (import->found[i].result == result && import->found[i].same == i)
			return true;
	}
	return false;
}

/* Before the lock is taken: a store that cannot be used, or somebody who has to open it. */
static int choose_store(struct import *import, struct err *err)
{
	const char *store = wished_store(import->cli, &import->session);
	int error = check_store_name(store, err);

	if (error || !any_with(import, IMPORT_PENDING))
		return error;
	import->store.store = store;
	if (strcmp(store, "auto") == 0) {
		error = ladder_choose(&import->session, &import->store, err);
		import->by_ladder = true;
	}
	if (error || (import->by_ladder && strcmp(import->store.store, STORE_KEYRING) == 0))
		return error;
	return open_store(&import->session, import->store.store, NULL, err);
}

/* What became of a value holds for every place that it was found in. */
static void share_results(struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		struct found *found = &import->found[i];
		const struct found *first = &import->found[found->same];

		if (found == first || found->result != IMPORT_PENDING)
			continue;
		found->result = first->result == IMPORT_DONE ? IMPORT_THERE : first->result;
		found->err = first->err;
		memcpy(found->id, first->id, sizeof(found->id));
		memcpy(found->name, first->name, sizeof(found->name));
	}
}

static int keep_and_remove(struct import *import, struct err *err)
{
	bool pending = any_with(import, IMPORT_PENDING);
	bool remove = cli_has(import->cli, OPT_REMOVE) &&
		      (pending || any_with(import, IMPORT_THERE));
	int error;

	if (!pending && !remove) {
		share_results(import);
		return 0;
	}
	error = session_reload(&import->session, &(struct session_options) {.write = true},
			       err);
	if (error)
		return error;
	hf_follow_begin(&import->follow, &import->session);
	import_keep(import);
	share_results(import);
	if (remove)
		import_remove(import);
	return 0;
}

int cmd_import(struct cli *cli, struct err *err)
{
	CLEANUP(import_release)
	struct import import = {
		.cli = cli,
		.session = {.catalogue = CATALOGUE_NONE},
		.follow = HF_FOLLOW_NONE,
		.files = calloc(IMPORT_FILES_MAX, sizeof(*import.files)),
	};
	unsigned wanted = 0;
	int error = import.files ? take_operand(cli, &wanted, err) : err_no_memory(err);

	if (!error && wanted == WANT_EXPORT)
		error = check_export(cli, err);
	if (!error)
		error = search(&import, wanted, err);
	if (!error)
		error = import_check(&import, err);
	if (!error)
		error = choose_store(&import, err);
	if (!error)
		error = keep_and_remove(&import, err);
	if (error)
		return error;
	import_show(&import);
	if (any_with(&import, IMPORT_DONE))
		(void)follow_end(cli, &import.follow, &import.session);
	return 0;
}
