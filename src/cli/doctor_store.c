/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the catalogue, and of the stores. Whether the two agree: doctor_secrets.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "core/catalogue_recover.h"
#include "core/ladder.h"

/* ---- the catalogue ---------------------------------------------------------------------------- */

static void put_backup(struct findings *findings, const struct store_backup *backup)
{
	char when[TIME_TEXT_SIZE] = "an unknown time";

	if (backup->written != TIME_UNKNOWN)
		time_to_text(backup->written, when);
	findings_add(findings, FINDING_OK, "the version before it is whole: %" PRIu64 ", of %s",
		     backup->count, when);
	findings_command(findings, "hftoken store recover --yes");
}

void doctor_catalogue(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	const struct catalogue *catalogue = &doctor->session.catalogue;
	AUTOCATALOGUE struct catalogue whole = CATALOGUE_NONE;
	struct store_backup backup = {0};
	struct err err = doctor->catalogue_err;

	/* The second part, which few commands read, has a checksum of its own. */
	if (!err.code && !catalogue_load(&whole, CATALOGUE_ALL, &err)) {
		findings_add(findings, FINDING_OK,
			     catalogue->generation ? "the list of tokens is whole (tokens: %zu)"
						   : "there is no list of tokens yet",
			     catalogue->count);
		return;
	}
	findings_add(findings, FINDING_ERROR, "%s", err.message);
	if (err.code == ERR_DAMAGED && !catalogue_recover(false, &backup, NULL)) {
		findings_command(findings, "hftoken store recover --yes");
		put_backup(findings, &backup);
	} else if (*err.hint) {
		findings_advice(findings, "%s", err.hint);
	}
}

/* ---- the stores ------------------------------------------------------------------------------- */

static int64_t milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t count_tokens(const struct catalogue *catalogue, const char *store)
{
	size_t count = 0;

	for (size_t i = 0; i < catalogue->count; i++)
		count += strcmp(catalogue->tokens[i].store, store) == 0;
	return count;
}

/*
 * A keyring that lately was silent is asked all the same: that is what being patient means to a store,
 * and neither a probe nor a list ever shows a window.
 */
static void ask(struct doctor *doctor, struct doctor_store *store)
{
	struct store_client *client;
	struct err err = {0};
	int64_t start = milliseconds();
	int error = session_store(&doctor->session, store->name, &client, &err);

	store->tokens = count_tokens(&doctor->session.catalogue, store->name);
	if (!error) {
		client->interactive = true;
		error = store_probe(client, &store->state, &err);
		client->interactive = false;
	}
	store->ms = milliseconds() - start;
	if (error) {
		store->state.code = (enum err_code)error;
		(void)text_copy(store->state.why, sizeof(store->state.why), err.message);
		(void)text_copy(store->state.hint, sizeof(store->state.hint), err.hint);
	}
	store->listed = store->state.code == ERR_OK && !store_list(client, &store->ids, NULL);
}

/* The way back of a vault that is damaged, if the store knows one. */
static bool put_recovery(struct doctor *doctor, const struct doctor_store *store)
{
	struct store_backup backup = {0};
	struct store_client *client;

	if (store->state.code != ERR_DAMAGED ||
	    session_store(&doctor->session, store->name, &client, NULL) ||
	    store_recover(client, false, &backup, NULL))
		return false;
	findings_command(&doctor->findings, "hftoken store recover --yes");
	put_backup(&doctor->findings, &backup);
	return true;
}

static void put_closed(struct doctor *doctor, const struct doctor_store *store)
{
	struct findings *findings = &doctor->findings;
	bool locked = store->state.code == ERR_LOCKED;
	/* One that holds nothing, and would hold nothing, may be as it likes, unless it is broken. */
	bool matters = store->tokens || store->state.code == ERR_DAMAGED ||
		       store->state.code == ERR_UNSAFE;
	enum finding_level level = !matters ? FINDING_OK
				   : locked ? FINDING_WARNING
					    : FINDING_ERROR;

	findings_add(findings, level, "'%s' is %s (tokens: %zu): %s", store->name,
		     err_name(store->state.code) ? err_name(store->state.code) : "unavailable",
		     store->tokens, store->state.why);
	if (level == FINDING_OK || put_recovery(doctor, store))
		return;
	if (locked)
		findings_command(findings, "hftoken store unlock %s", store->name);
	else
		findings_advice(findings, "%s",
				*store->state.hint ? store->state.hint
						   : "hftoken store list --wide tells more");
}

void doctor_store(struct doctor *doctor)
{
	for (size_t i = 0; i < DOCTOR_STORES; i++) {
		struct doctor_store *store = &doctor->stores[i];

		ask(doctor, store);
		if (store->state.code == ERR_OK)
			findings_add(&doctor->findings, FINDING_OK,
				     "'%s' is ready (tokens: %zu, %" PRId64 " ms)", store->name,
				     store->tokens, store->ms);
		else
			put_closed(doctor, store);
	}
}
