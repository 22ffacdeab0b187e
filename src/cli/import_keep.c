/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/import.h"

/* The name in its file, else the one at the Hub, else one from the account. */
static int choose_name(const struct import *import, size_t position, char ret[],
		       struct err *err)
{
	const struct found *found = &import->found[position];
	const struct identity *identity = &import->asks[position].identity;
	bool asked = import->asks[position].token != NULL;
	char name[TOKEN_NAME_MAX + 1];

	(void)text_copy(name, sizeof(name), found->wish);
	if (!*name && !(asked && token_name_from(identity->display_name, name)) &&
	    !(asked && token_name_from(identity->account, name)))
		(void)text_copy(name, sizeof(name), "hf");
	return catalogue_free_name(&import->session.catalogue, name, ret, err);
}

/* What the Hub says, else what an export said. Texts point into `found` and `text`. */
static int describe(struct import *import, size_t position, struct token *token,
		    struct buf *text, struct err *err)
{
	const struct found *found = &import->found[position];

	token->kind = found->kind;
	token->account = found->account;
	token->expires = found->expires;
	if (!import->asks[position].token)
		return 0;
	return hub_learn(&import->asks[position].identity, token, text, err);
}

static int keep(struct import *import, size_t position, struct err *err)
{
	struct found *found = &import->found[position];
	char name[TOKEN_NAME_MAX + 1];
	char masked[MASKED_SIZE];
	AUTOBUF struct buf text = {0};
	const struct token *stored;
	struct token *added;
	struct token fresh;
	/* Another of us may have stored it before we got the lock. */
	int error = import_find_stored(&import->session, found, &stored, err);

	if (!error && stored)
		import_take(found, stored);
	if (error || stored)
		return error;
	error = choose_name(import, position, name, err);
	if (error)
		return error;
	mask_secret(&found->secret, masked);
	fresh = token_fresh(name, found->endpoint, import->store.store, masked);
	error = describe(import, position, &fresh, &text, err);
	if (error)
		return error;
	error = import->by_ladder ? ladder_add(&import->session, &import->store, &fresh,
					       &found->secret, false, &added, err)
				  : session_add(&import->session, &fresh, &found->secret, false,
						&added, err);
	if (error)
		return error;
	import_take(found, added);
	found->result = IMPORT_DONE;
	return 0;
}

/*
 * What the Hub has called good is told apart from what failed here: where a store or the catalogue
 * cannot be used, the rest is not tried.
 */
static void keep_round(struct import *import, bool preferred, struct err *stopped)
{
	for (size_t i = 0; i < import->count; i++) {
		struct found *found = &import->found[i];

		if (found->result != IMPORT_PENDING || found->same != i ||
		    found->preferred != preferred)
			continue;
		if (!stopped->code)
			(void)!keep(import, i, stopped);
		if (!stopped->code)
			continue;
		found->result = IMPORT_LEFT;
		found->err = *stopped;
	}
}

/* The first token of a Hub becomes its default: so those that are meant to be come first. */
void import_keep(struct import *import)
{
	struct err stopped = {.code = ERR_OK};

	keep_round(import, true, &stopped);
	keep_round(import, false, &stopped);
}
