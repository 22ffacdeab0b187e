/* SPDX-License-Identifier: Apache-2.0 */
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

/* As a new token; or as that one again which has lost its secret, and keeps its name and rules. */
static int put(struct import *import, size_t position, struct token *gone, struct token *fresh,
	       struct token **ret, struct err *err)
{
	struct found *found = &import->found[position];
	const struct secret *secret = &found->secret;
	int error;

	if (gone) {
		fresh->name = gone->name;
		fresh->extra = gone->extra;
		*ret = gone;
		return session_replace(&import->session, gone, fresh, secret, false, err);
	}
	error = choose_name(import, position, found->name, err);
	if (error)
		return error;
	fresh->name = found->name;
	return import->by_ladder
		       ? ladder_add(&import->session, &import->store, fresh, secret, false, ret,
				    err)
		       : session_add(&import->session, fresh, secret, false, ret, err);
}

static int keep(struct import *import, size_t position, struct err *err)
{
	struct found *found = &import->found[position];
	char masked[MASKED_SIZE];
	AUTOBUF struct buf text = {0};
	const struct token *stored;
	struct token *gone = NULL;
	struct token *kept;
	struct token fresh;
	/* Another of us may have stored it before we got the lock. */
	int error = import_find_stored(&import->session, found, &stored, &gone, err);

	if (!error && stored)
		import_take(found, stored);
	if (error || stored)
		return error;
	mask_secret(&found->secret, masked);
	fresh = token_fresh("", found->endpoint, import->store.store, masked);
	error = describe(import, position, &fresh, &text, err);
	if (!error)
		error = put(import, position, gone, &fresh, &kept, err);
	if (error)
		return error;
	import_take(found, kept);
	found->result = IMPORT_DONE;
	return 0;
}

/*
 * What the Hub has called good is told apart from what failed here: where a store or the catalogue
 * cannot be used, the rest is not tried.
 */
static void keep_round(struct import *import, bool preferred, int *error, struct err *why)
{
	for (size_t i = 0; i < import->count; i++) {
		struct found *found = &import->found[i];

		if (found->result != IMPORT_PENDING || found->same != i ||
		    found->preferred != preferred)
			continue;
		if (!*error)
			*error = keep(import, i, why);
		if (!*error)
			continue;
		found->result = IMPORT_LEFT;
		found->err = *why;
	}
}

/* The first token of a Hub becomes its default: so those that are meant to be come first. */
void import_keep(struct import *import)
{
	struct err why = {.code = ERR_OK};
	int error = 0;

	keep_round(import, true, &error, &why);
	keep_round(import, false, &error, &why);
}
