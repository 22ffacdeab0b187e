/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/select.h"
#include "cli/why.h"

static void entry_release(struct why_entry *entry)
{
	secret_release(&entry->secret);
	identity_release(&entry->identity);
	grants_release(&entry->grants);
	cleanup_close(&entry->flight);
}

void why_forget(struct why *why)
{
	if (why->asked)
		access_release(&why->access);
	for (size_t i = 0; i < why->count; i++)
		entry_release(&why->entries[i]);
	free(why->entries);
	free(why->asked);
	free(why->evidence);
	free(why->findings);
	why->entries = NULL;
	why->asked = NULL;
	why->evidence = NULL;
	why->findings = NULL;
	why->count = 0;
}

struct why *why_new(void)
{
	struct why *why = calloc(1, sizeof(*why));

	if (why)
		*why = (struct why) {.session = {.catalogue = CATALOGUE_NONE},
				     .in_force = -1,
				     .picked = -1,
				     .hf = {.entry = -1, .entry_of_file = -1}};
	return why;
}

void why_free(struct why **why)
{
	if (!*why)
		return;
	why_forget(*why);
	hf_token_release(&(*why)->hf.file);
	buf_release(&(*why)->reasons);
	buf_release(&(*why)->way);
	session_release(&(*why)->session);
	free(*why);
	*why = NULL;
}

/* One more than is asked about has no place; what is large is not made for ten thousand. */
static int make_room(struct why *why, struct err *err)
{
	why->entries = calloc(ACCESS_TOKENS_MAX, sizeof(*why->entries));
	why->asked = calloc(ACCESS_TOKENS_MAX, sizeof(*why->asked));
	why->evidence = calloc(ACCESS_TOKENS_MAX, sizeof(*why->evidence));
	why->findings = calloc(ACCESS_TOKENS_MAX, sizeof(*why->findings));
	if (!why->entries || !why->asked || !why->evidence || !why->findings)
		return err_no_memory(err);
	return 0;
}

static void add(struct why *why, const struct token *token)
{
	for (size_t i = 0; token && i < why->count; i++) {
		if (why->entries[i].token == token)
			return;
	}
	if (why->count == ACCESS_TOKENS_MAX) {
		why->left_out++;
		return;
	}
	why->entries[why->count++] = (struct why_entry) {
		.token = token, .twin = -1, .flight = -1};
}

static void add_if(struct why *why, const struct token *token)
{
	if (token)
		add(why, token);
}

/* Every token that a program on this machine may use: those that are used without asking first. */
static int add_all(struct why *why, struct err *err)
{
	struct session *session = &why->session;
	const struct catalogue *catalogue = &session->catalogue;
	int error = session_search(session, err);

	if (error)
		return error;
	add_if(why, session_env(session));
	add_if(why, catalogue_default(catalogue, session->endpoint.origin));
	add_if(why, session->sources->active);
	for (size_t i = 0; i < catalogue->count; i++)
		add(why, &catalogue->tokens[i]);
	for (size_t i = 0; i < session->sources->count; i++)
		add(why, &session->sources->tokens[i]);
	if (why->count == 0)
		add(why, NULL);
	return 0;
}

static int add_named(struct why *why, struct err *err)
{
	const struct token *token = NULL;
	int error = session_find(&why->session, why->question.name, &token, err);

	if (error)
		return error;
	if (!token)
		return select_no_such(why->question.name, err);
	add(why, token);
	return 0;
}

static bool same_value(const struct why_entry *one, const struct why_entry *other)
{
	return strcmp(one->token->endpoint, other->token->endpoint) == 0 &&
	       secret_equal(&one->secret, &other->secret);
}

/* The stored token of the very same value, else the first source, so that the Hub is asked once. */
static void find_twin(struct why *why, size_t which)
{
	struct why_entry *entry = &why->entries[which];

	if (!entry->token || *entry->token->id || entry->secret.size == 0)
		return;
	for (size_t i = 0; i < why->count; i++) {
		const struct why_entry *other = &why->entries[i];
		bool stored = *other->token->id;

		if (i == which || !same_value(entry, other) || other->twin >= 0)
			continue;
		if (stored || (i < which && entry->twin < 0))
			entry->twin = (int)i;
		if (stored)
			return;
	}
}

/* What was known before this question. A source's token is nobody's until the Hub is asked. */
static int recall(struct why_entry *entry, struct err *err)
{
	const char *text = entry->token->identity;

	entry->known = *entry->token;
	if (*text && identity_parse(text, strlen(text), NULL, &entry->identity, NULL))
		return 0; /* what cannot be read is not known */
	return grants_from_token(entry->token, &entry->grants, err);
}

static int prepare(struct why *why, struct err *err)
{
	for (size_t i = 0; i < why->count; i++) {
		struct why_entry *entry = &why->entries[i];
		int error;

		if (!entry->token)
			return 0;
		error = recall(entry, err);
		if (error)
			return error;
		/* One for another Hub is not even read. */
		if (strcmp(entry->token->endpoint, why->session.endpoint.origin) != 0)
			continue;
		/* A store that fails is one token's trouble, not that of the others. */
		if (session_secret(&why->session, entry->token, &entry->secret,
				   &entry->secret_err))
			secret_release(&entry->secret);
	}
	for (size_t i = 0; i < why->count; i++)
		find_twin(why, i);
	return 0;
}

int why_collect(struct why *why, struct err *err)
{
	int error;

	why_forget(why);
	why->left_out = 0;
	error = make_room(why, err);
	if (error)
		return error;
	error = why->question.name ? add_named(why, err) : add_all(why, err);
	return error ? error : prepare(why, err);
}
