/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/removable.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/run.h"
#include "cli/ui.h"
#include "core/ladder.h"

void removable_release(struct removable *removable)
{
	selection_release(&removable->gone);
	selection_release(&removable->stays);
	free(removable->why);
	removable->why = NULL;
}

/* The store's own way comes first; where there is none to be had, the token can be moved out of it. */
static void hint_ways(const struct token *token, struct err *err)
{
	char hint[sizeof(err->hint)];

	if (strcmp(token->store, STORE_FILE) == 0 || err->code == ERR_BUSY)
		return;
	(void)text_copy(hint, sizeof(hint) / 2, err->hint);
	err_hint(err, "%s%shftoken login %s --store file, and then log out", hint,
		 *hint ? "; where that is no way: " : "", token->name);
}

/* A store that has just not answered is not asked once more for the next token in it. */
static const struct err *find_reason(const struct session *session,
				     const struct removable *removable, const char *store)
{
	for (size_t i = 0; i < removable->stays.count; i++) {
		const struct token *token = catalogue_find_id(&session->catalogue,
							      removable->stays.refs[i].id);

		if (token && removable->why[i].code != ERR_BUSY &&
		    strcmp(token->store, store) == 0)
			return &removable->why[i];
	}
	return NULL;
}

static int check_one(struct session *session, const struct removable *removable,
		     const struct token_ref *ref, struct err *err)
{
	const struct token *token = catalogue_find_id(&session->catalogue, ref->id);
	const struct err *known = token ? find_reason(session, removable, token->store) : NULL;
	int error;

	if (known) /* with the same hint, which is said once */
		return err_set(err, known->code, "token '%s' stays: its store is the same",
			       ref->name);
	error = session_can_remove(session, ref, err);
	if (error && token) {
		hint_ways(token, err);
		err_context(err, "token '%s' stays", ref->name);
	}
	return error;
}

int removable_find(struct session *session, const struct selection *selection,
		   struct removable *ret, struct err *err)
{
	size_t count = selection->count + 1;

	ret->gone.refs = calloc(count, sizeof(*ret->gone.refs));
	ret->stays.refs = calloc(count, sizeof(*ret->stays.refs));
	ret->why = calloc(count, sizeof(*ret->why));
	if (!ret->gone.refs || !ret->stays.refs || !ret->why)
		return err_no_memory(err);
	for (size_t i = 0; i < selection->count; i++) {
		const struct token_ref *ref = &selection->refs[i];

		if (check_one(session, ret, ref, &ret->why[ret->stays.count]))
			ret->stays.refs[ret->stays.count++] = *ref;
		else
			ret->gone.refs[ret->gone.count++] = *ref;
	}
	return 0;
}

void removable_say(struct cli *cli, struct removable *removable)
{
	for (size_t i = 0; i < removable->stays.count; i++) {
		cli->exit_status = exit_status(removable->why[i].code);
		ui_error(&removable->why[i]);
	}
}

void removable_put_json(struct json_out *out, const struct removable *removable)
{
	if (!removable->stays.count)
		return;
	json_begin(out, "failed", '[');
	for (size_t i = 0; i < removable->stays.count; i++) {
		json_begin(out, NULL, '{');
		json_put_text(out, "name", removable->stays.refs[i].name);
		put_error_json(out, &removable->why[i]);
		json_end(out, '}');
	}
	json_end(out, ']');
}
