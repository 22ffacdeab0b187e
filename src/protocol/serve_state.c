/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/serve_state.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

void serve_state_init(struct serve_state *state)
{
	*state = (struct serve_state) {.open = false};
}

static void drop(struct serve_secret *kept)
{
	secret_release(&kept->secret);
	kept->id[0] = '\0';
}

/* Whatever was learnt from the catalogue that was. */
static void forget(struct serve_state *state)
{
	for (size_t i = 0; i < SERVE_SECRETS_MAX; i++)
		drop(&state->secrets[i]);
	if (state->open)
		session_release(&state->session);
	state->open = false;
	state->twin = NULL;
	state->twin_known = false;
}

void serve_state_release(struct serve_state *state)
{
	forget(state);
	catalogue_watch_release(&state->watch);
}

int serve_state_refresh(struct serve_state *state, struct err *err)
{
	/* A store program that has answered ends: it need not sit there until the next question. */
	const struct session_options options = {.parts = CATALOGUE_INDEX, .one_secret = true};
	int error;

	if (!catalogue_watch_changed(&state->watch) && state->open &&
	    !state->session.sources->searched)
		return 0;
	forget(state);
	trace("serve: reading the catalogue");
	error = session_open(&state->session, &options, err);
	if (error)
		session_release(&state->session);
	state->open = !error;
	return error;
}

static struct serve_secret *find(struct serve_state *state, const struct token *token)
{
	for (size_t i = 0; i < SERVE_SECRETS_MAX; i++) {
		struct serve_secret *kept = &state->secrets[i];

		if (strcmp(kept->id, token->id) == 0 && deadline_left(kept->until) > 0)
			return kept;
	}
	return NULL;
}

int serve_state_expire(struct serve_state *state)
{
	int next = -1;

	for (size_t i = 0; i < SERVE_SECRETS_MAX; i++) {
		struct serve_secret *kept = &state->secrets[i];
		int left = *kept->id ? deadline_left(kept->until) : -1;

		if (left == 0)
			drop(kept);
		else if (left > 0 && (next < 0 || left < next))
			next = left;
	}
	return next;
}

/* A place for one more. The oldest gives way, which is then asked for again. */
static struct serve_secret *take(struct serve_state *state)
{
	struct serve_secret *place = &state->secrets[state->next];

	state->next = (state->next + 1) % SERVE_SECRETS_MAX;
	drop(place);
	return place;
}

int serve_state_secret(struct serve_state *state, const struct token *token,
		       const struct secret **ret, struct err *err)
{
	unsigned seconds = settings_cache_seconds(&state->session.settings, token->name);
	struct serve_secret *kept;
	int error;

	kept = *token->id ? find(state, token) : NULL;
	if (!kept) {
		kept = take(state);
		error = session_secret(&state->session, token, &kept->secret, err);
		if (error)
			return error;
		/*
		 * With 0 seconds it is there for this answer and found by no other, as that of a
		 * source, which has no id.
		 */
		(void)text_copy(kept->id, sizeof(kept->id), token->id);
		kept->until = deadline_in((int)seconds * 1000);
	}
	*ret = &kept->secret;
	return 0;
}

const struct token *serve_state_known(struct serve_state *state, const struct token *token)
{
	if (token != session_env(&state->session))
		return pick_known(&state->session, token);
	if (!state->twin_known)
		state->twin = pick_known(&state->session, token);
	state->twin_known = true;
	return state->twin;
}
