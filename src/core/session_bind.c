/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source's token that has the value of a stored one is that token: what is known of the stored one
 * holds for it, and it goes nowhere else. Without that, HF_ENDPOINT could send a token that was
 * stored for one Hub to any other, by way of the file that `setup hf` keeps it in.
 */
#include <string.h>

#include "core/session.h"

enum likeness { DIFFERENT, SAME, NOT_KNOWN };

static enum likeness compare(struct session *session, const struct token *stored,
			     const struct secret *value)
{
	AUTOSECRET struct secret secret = {0};

	if (session_secret(session, stored, &secret, NULL))
		return NOT_KNOWN;
	return secret_equal(&secret, value) ? SAME : DIFFERENT;
}

/*
 * Of those bound to the sources' own Hub, or to the others. One whose line cannot be read to its end
 * may be anything.
 */
static bool may_be(const struct session *session, const struct token *stored,
		   const struct token *source, bool own)
{
	return (strcmp(stored->endpoint, session->source_endpoint) == 0) == own &&
	       (catalogue_complete(stored, NULL) ||
		strcmp(stored->masked, source->masked) == 0);
}

/* Only what looks the same is asked for. `ret_doubtful`: one that could not be read; else NULL. */
static const struct token *find_same(struct session *session, const struct token *source,
				     const struct secret *value, bool own,
				     const struct token **ret_doubtful)
{
	*ret_doubtful = NULL;
	for (size_t i = 0; i < session->catalogue.count; i++) {
		const struct token *stored = &session->catalogue.tokens[i];
		enum likeness likeness = DIFFERENT;

		if (may_be(session, stored, source, own))
			likeness = compare(session, stored, value);
		if (likeness == SAME)
			return stored;
		if (likeness == NOT_KNOWN)
			*ret_doubtful = stored;
	}
	return NULL;
}

static void say_other_hub(struct sources *sources, const struct token *source,
			  const struct token *stored, const char *how)
{
	sources_problem(sources, "%s: '%s' %s '%s', which is for %s",
			sources_location(sources, source), source->name, how, stored->name,
			endpoint_host(stored->endpoint));
}

/*
 * Stored for the sources' own Hub as well, it may go there. What cannot be compared is taken for the
 * same; where that goes is not known then, so it goes nowhere.
 */
static int bind_source(struct session *session, struct token *source, bool *ret_kept,
		       struct err *err)
{
	AUTOSECRET struct secret value = {0};
	const struct token *doubtful;
	const struct token *stored;
	int error = sources_secret(session->sources, source, &value, err);

	*ret_kept = true;
	if (error)
		return error;
	stored = find_same(session, source, &value, true, &doubtful);
	if (stored) {
		sources_bind(session->sources, source, stored);
		return 0;
	}
	stored = find_same(session, source, &value, false, &doubtful);
	if (stored) {
		say_other_hub(session->sources, source, stored, "is the stored token");
		sources_bind(session->sources, source, stored);
	} else if (doubtful) {
		say_other_hub(session->sources, source, doubtful,
			      "may be the stored token, which cannot be read now:");
		sources_leave_out(session->sources, source);
		*ret_kept = false;
	}
	return 0;
}

int session_bind_sources(struct session *session, struct err *err)
{
	struct sources *sources = session->sources;
	size_t i = 0;

	while (i < sources->count) {
		bool kept;
		int error = bind_source(session, &sources->tokens[i], &kept, err);

		if (error)
			return error;
		i += kept;
	}
	return 0;
}

int session_bind_env(struct session *session, struct err *err)
{
	struct token *env = &session->sources->env;
	bool kept;

	/* Nearly always there is none, and no store is asked. */
	for (size_t i = 0; *env->name && i < session->catalogue.count; i++) {
		if (may_be(session, &session->catalogue.tokens[i], env, false))
			return bind_source(session, env, &kept, err);
	}
	return 0;
}

const struct token *session_twin(struct session *session, const struct token *source)
{
	const char *id = sources_twin(session->sources, source);
	AUTOSECRET struct secret value = {0};
	const struct token *doubtful;

	if (*id)
		return catalogue_find_id(&session->catalogue, id);
	/* The others were all compared when they were found. */
	if (source != session_env(session) ||
	    sources_secret(session->sources, source, &value, NULL))
		return NULL;
	return find_same(session, source, &value, true, &doubtful);
}
