/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask_hub.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/grants_compact.h"

const char *hub_url_for(const struct session *session, const struct token *token)
{
	if (strcmp(token->endpoint, session->endpoint.origin) == 0)
		return session->endpoint.url;
	return token->endpoint;
}

/* One that is too long to be kept is left out; what it says is kept in the token's columns. */
static int print_identity(const struct identity *identity, struct buf *text, struct err *err)
{
	struct err cause = {0};
	int error = identity_print(identity, text, &cause);

	if (error == ERR_FORMAT) {
		trace("whoami's answer of %zu bytes is not kept: %s", text->size,
		      cause.message);
		buf_clear(text);
		return 0;
	}
	if (error && err)
		*err = cause;
	return error;
}

int hub_learn(const struct identity *identity, struct token *token, struct buf *text,
	      struct err *err)
{
	AUTOGRANTS struct grants grants = {0};
	int64_t now = time_now();
	size_t start;
	int error = print_identity(identity, text, err);

	if (!error)
		error = grants_from_identity(identity, &grants, err);
	if (error)
		return error;
	buf_add_char(text, '\0');
	start = text->size;
	grants_compact_print(&grants, now, text);
	if (buf_failed(text))
		return err_no_memory(err);
	identity_apply(identity, token);
	token->identity = text->data;
	token->grants = text->data + start;
	token->verified = now;
	return 0;
}

static int keep_one(struct catalogue *catalogue, const struct token *asked,
		    const struct hub_whoami *ask, bool *ret_changed, struct err *err)
{
	struct token *token = catalogue_find_id(catalogue, asked->id);
	AUTOBUF struct buf text = {0};
	struct token fresh;
	int error;

	if (!*asked->id || !token || token->revision != asked->revision)
		return 0;
	/* Since when is not told; that it is over counts, whatever date was known. */
	if (ask->status == HUB_EXPIRED && !token_has_expired(token, time_now())) {
		token->expires = time_now();
		*ret_changed = true;
	}
	if (ask->status != HUB_OK)
		return 0;
	fresh = *token;
	error = hub_learn(&ask->identity, &fresh, &text, err);
	if (!error)
		error = catalogue_update(catalogue, token, &fresh, err);
	if (!error)
		*ret_changed = true;
	return error;
}

void hub_keep(const struct token *const tokens[], struct hub_whoami *asks, size_t count)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct err err = {0};
	bool changed = false;
	bool wanted = false;
	int error = 0;

	for (size_t i = 0; i < count; i++)
		wanted |= (asks[i].status == HUB_OK || asks[i].status == HUB_EXPIRED) &&
			  *tokens[i]->id;
	if (!wanted)
		return;
	error = catalogue_begin(&catalogue, &err);
	for (size_t i = 0; i < count && !error; i++)
		error = keep_one(&catalogue, tokens[i], &asks[i], &changed, &err);
	if (!error && changed)
		error = catalogue_commit(&catalogue, &err);
	if (error)
		trace("what whoami told is not kept: %s", err.message);
}
