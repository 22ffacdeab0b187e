/* SPDX-License-Identifier: Apache-2.0 */
/* The check of whether the catalogue and the stores agree. What may be a token's last secret stays. */
#include <string.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "core/catalogue_recover.h"
#include "core/ladder.h"

/* ---- what is found ---------------------------------------------------------------------------- */

#define SEEN_MAX 64 /* of each look; more are not told one by one anyway */

/* What one look at a store found: it may have been in the middle of a change. */
struct look {
	struct {
		enum checkup_record what;
		char id[RECORD_ID_SIZE];
		char name[TOKEN_NAME_MAX + 1];
	} list[SEEN_MAX];
	size_t count;
};

static void take(void *user, enum checkup_record what, const char *id,
		 const struct token *token)
{
	struct look *look = user;

	if (look->count == SEEN_MAX)
		return;
	look->list[look->count].what = what;
	(void)text_copy(look->list[look->count].id, RECORD_ID_SIZE, id);
	(void)text_copy(look->list[look->count].name, TOKEN_NAME_MAX + 1,
			token ? token->name : "");
	look->count++;
}

static bool has(const struct look *look, enum checkup_record what, const char *id)
{
	for (size_t i = 0; i < look->count; i++) {
		if (look->list[i].what == what && strcmp(look->list[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Both anew: a change takes moments, and what is found twice is no change. */
static bool look_again(struct doctor *doctor, const struct doctor_store *store,
		       struct look *ret)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTOBUF struct buf ids = {0};
	struct store_client *client;

	return !catalogue_load(&catalogue, CATALOGUE_INDEX, NULL) &&
	       !session_store(&doctor->session, store->name, &client, NULL) &&
	       !store_list(client, &ids, NULL) &&
	       !checkup_records(store->name, buf_text(&ids), &catalogue, take, ret);
}

static bool is_held(struct session *session, const struct token *token)
{
	AUTOSECRET struct secret secret = {0};

	return token && !session_secret(session, token, &secret, NULL);
}

bool doctor_may_remove(struct session *session, enum checkup_record what, const char *store,
		       const struct token *token)
{
	switch (what) {
	case RECORD_SHADOW:
		return is_held(session, token);
	case RECORD_ORPHAN:
		/* A keyring may serve another data folder, or another machine, with a catalogue of its own. */
		return strcmp(store, STORE_FILE) == 0 &&
		       !catalogue_may_lack(&session->catalogue);
	case RECORD_LATER:
	case RECORD_MISSING:
		break;
	}
	return false;
}

/* ---- telling it ------------------------------------------------------------------------------- */

struct later {
	const struct token *token;
	bool found;
};

static void note_later(void *user, enum checkup_record what, const char *id UNUSED,
		       const struct token *token)
{
	struct later *later = user;

	later->found |= what == RECORD_LATER && token == later->token;
}

/* Whether any store has one of that token that logging in again would throw away. */
static bool has_later(struct doctor *doctor, const struct token *token)
{
	struct later later = {.token = token};

	for (size_t i = 0; i < DOCTOR_STORES; i++) {
		const struct doctor_store *store = &doctor->stores[i];

		if (store->listed &&
		    checkup_records(store->name, buf_text(&store->ids),
				    &doctor->session.catalogue, note_later, &later))
			return true;
	}
	return later.found;
}

static void put_missing(struct doctor *doctor, const char *store, const struct token *token)
{
	struct findings *findings = &doctor->findings;

	findings_add(findings, FINDING_ERROR,
		     "the secret of token '%s' is gone from store '%s'", token->name, store);
	if (has_later(doctor, token))
		findings_command(findings, "hftoken store recover --yes");
	else
		doctor_put_login(doctor, token);
}

static void put_later(struct doctor *doctor, const char *store, const struct token *token)
{
	struct findings *findings = &doctor->findings;

	findings_add(
		findings, FINDING_WARNING,
		"store '%s' has a later secret of token '%s' than the list of tokens names",
		store, token->name);
	if (is_held(&doctor->session, token))
		findings_advice(findings,
				"a change of that token was broken off; 'hftoken login %s "
				"--replace' with the right one takes away what it left",
				token->name);
	else
		findings_command(findings, "hftoken store recover --yes");
}

static void put_shadow(struct doctor *doctor, const char *store, const struct token *token)
{
	struct findings *findings = &doctor->findings;

	findings_add(findings, FINDING_WARNING, "store '%s' has an old secret of token '%s'",
		     store, token->name);
	if (doctor_may_remove(&doctor->session, RECORD_SHADOW, store, token))
		findings_command(findings, DOCTOR_FIX);
	else
		findings_advice(findings,
				"it stays, since it may be the last one: the token's own could "
				"not be read from store '%s'",
				token->store);
}

static void put_orphan(struct doctor *doctor, const char *store, const char *id)
{
	struct findings *findings = &doctor->findings;

	if (strcmp(store, STORE_FILE) == 0) {
		findings_add(findings, FINDING_WARNING,
			     "store '%s' has a secret that no token leads to", store);
		if (doctor_may_remove(&doctor->session, RECORD_ORPHAN, store, NULL))
			findings_command(findings, DOCTOR_FIX);
		else
			findings_advice(
				findings,
				"it stays, since the list of tokens may have gone back to an "
				"earlier version: look at 'hftoken store recover', and at what "
				"lies beside the list in its folder");
		return;
	}
	findings_add(findings, FINDING_WARNING,
		     "store '%s' has a secret that no token here leads to (hftoken-id %s)",
		     store, id);
	/* No command: it is pasted by those who have forgotten the other folder. */
	findings_advice(findings,
			"if no other data folder and no other machine uses that keyring, "
			"remove it with the keyring's own program");
}

static void put_record(struct doctor *doctor, const char *store, enum checkup_record what,
		       const char *id, const struct token *token)
{
	if (what == RECORD_ORPHAN)
		put_orphan(doctor, store, id);
	else if (!token)
		return; /* it was removed since the first look */
	else if (what == RECORD_MISSING)
		put_missing(doctor, store, token);
	else if (what == RECORD_LATER)
		put_later(doctor, store, token);
	else
		put_shadow(doctor, store, token);
}

/* ---- the check -------------------------------------------------------------------------------- */

static void compare(struct doctor *doctor, const struct doctor_store *store)
{
	AUTOFREE struct look *first = calloc(1, sizeof(*first));
	AUTOFREE struct look *second = calloc(1, sizeof(*second));

	if (!first || !second ||
	    checkup_records(store->name, buf_text(&store->ids), &doctor->session.catalogue,
			    take, first)) {
		doctor->findings.failed = true;
		return;
	}
	if (!first->count || !look_again(doctor, store, second))
		return;
	for (size_t i = 0; i < second->count; i++) {
		if (has(first, second->list[i].what, second->list[i].id))
			put_record(doctor, store->name, second->list[i].what,
				   second->list[i].id,
				   catalogue_find(&doctor->session.catalogue,
						  second->list[i].name));
	}
}

/* Secrets without any catalogue are no orphans: it is the catalogue that is gone. NULL if it is not. */
static const struct doctor_store *store_without_list(const struct doctor *doctor)
{
	if (doctor->session.catalogue.generation)
		return NULL;
	for (size_t i = 0; i < DOCTOR_STORES; i++) {
		if (doctor->stores[i].listed && doctor->stores[i].ids.size)
			return &doctor->stores[i];
	}
	return NULL;
}

static void put_without_list(struct findings *findings, const struct doctor_store *store)
{
	if (strcmp(store->name, STORE_FILE) == 0) {
		findings_add(findings, FINDING_ERROR,
			     "the vault has secrets, and the list of tokens is gone");
		findings_advice(findings,
				"put 'catalogue' back from a backup into the folder of "
				"the vault; else log in again");
		return;
	}
	findings_add(findings, FINDING_WARNING,
		     "store '%s' has secrets, and there is no list of tokens here",
		     store->name);
	findings_advice(findings,
			"they are another data folder's; or put 'catalogue' back from a "
			"backup, or log in again");
}

void doctor_secrets(struct doctor *doctor)
{
	const struct doctor_store *without;
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;

	if (doctor->catalogue_err.code) {
		findings_add(findings, FINDING_OK,
			     "without the list of tokens it cannot be told which belong to it");
		return;
	}
	without = store_without_list(doctor);
	if (without) {
		put_without_list(findings, without);
		return;
	}
	for (size_t i = 0; i < DOCTOR_STORES; i++) {
		if (doctor->stores[i].listed)
			compare(doctor, &doctor->stores[i]);
		else if (doctor->stores[i].tokens)
			findings_add(findings, FINDING_OK,
				     "store '%s' could not be looked into",
				     doctor->stores[i].name);
	}
	if (findings->count == before)
		findings_add(findings, FINDING_OK,
			     "every token has its secret, and no secret is "
			     "without a token");
}
