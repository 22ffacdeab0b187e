/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a command: the settings, the catalogue, the environment's token and the open stores,
 * read once and released together.
 */
#pragma once

#include "core/catalogue.h"
#include "core/resolve.h"
#include "core/settings.h"
#include "core/sources.h"
#include "core/store_client.h"

#define SESSION_STORES 4

struct session {
	struct settings settings;
	struct hub_endpoint endpoint; /* the Hub in force */
	struct catalogue catalogue;
	/* the Hub that variables and other programs mean */
	char source_endpoint[ENDPOINT_SIZE];
	struct sources *sources; /* tokens that are not ours, for that Hub */
	struct store_client stores[SESSION_STORES];
	size_t store_count;
	bool one_secret;
	/* the store that session_replace() had to leave the old record in; "" if none */
	char left_in[STORE_NAME_MAX + 1];
};

/* A token as it was when somebody chose it; its name may have changed since. */
struct token_ref {
	char id[TOKEN_ID_SIZE];
	uint32_t revision;
	char name[TOKEN_NAME_MAX + 1];
};

struct session_options {
	enum catalogue_parts parts;
	bool write;           /* catalogue_begin() instead of catalogue_load() */
	const char *endpoint; /* --endpoint, or NULL */
	settings_warning warn;
	bool one_secret; /* no more than one will be asked for */
};

/* program_take_token() comes first. Release in any case. */
int session_open(struct session *session, const struct session_options *options,
		 struct err *err) MUST_CHECK;
void session_release(struct session *session);
#define AUTOSESSION CLEANUP(session_release)

/* Drops the catalogue and its lock and reads it again: between a prompt and the lock. */
int session_reload(struct session *session, const struct session_options *options,
		   struct err *err) MUST_CHECK;

/*
 * resolve() over the session; `request->now` 0 means now, `request->endpoint` NULL the one in
 * force. Sources other than the environment are read only if the answer may be among them: where
 * nothing is stored for that Hub, or one of them is named.
 */
int session_resolve(struct session *session, const struct resolve_request *request,
		    struct resolution *ret, struct err *err) MUST_CHECK;

/* The environment's token, or NULL. */
const struct token *session_env(const struct session *session);

/* How it counts for that endpoint: HF_TOKEN is for the Hub that variables name, and no other. */
enum environment_setting session_environment(const struct session *session,
					     const char *endpoint);

/*
 * Reads all sources, once; their tokens are in session->sources then. One that has the value of a
 * stored token is bound to that one's endpoint; one of which that cannot be told, since the store
 * does not answer, is left out. Only stores of tokens that look the same are asked.
 */
int session_search(struct session *session, struct err *err) MUST_CHECK;

/* Its steps. The environment's token is bound by session_open(). */
int session_bind_sources(struct session *session, struct err *err) MUST_CHECK;
int session_bind_env(struct session *session, struct err *err) MUST_CHECK;

/* Whether one of them besides the environment can be the answer: they are files, and take time. */
bool session_needs_search(const struct session *session, const struct resolve_request *request);

/* By name: a stored token, else a source's. `ret` gets NULL if there is none. */
int session_find(struct session *session, const char *name, const struct token **ret,
		 struct err *err) MUST_CHECK;

/*
 * The stored token of that Hub whose end is why none can be used: its default, or the only one there
 * is. NULL if that has not expired.
 */
const struct token *session_expired(const struct session *session, const char *endpoint);

/*
 * The stored token that has the very value of a source's, so that its account is known; NULL if
 * there is none. Asks a store only about a token that looks the same.
 */
const struct token *session_twin(struct session *session, const struct token *source);

/* The source's token as it is to be shown: with what is known of its twin. */
struct token session_describe(struct session *session, const struct token *source);

/* An open client of that store; it belongs to the session. */
int session_store(struct session *session, const char *name, struct store_client **ret,
		  struct err *err) MUST_CHECK;

/*
 * The token's secret, checked to be bound to the token's endpoint. ERR_NOT_FOUND: the store is fine
 * and the secret is gone; one that was replaced meanwhile is looked for anew. ERR_BUSY: that did not
 * come to an end. ERR_NO_NAME: the token itself was removed meanwhile.
 */
int session_secret(struct session *session, const struct token *token, struct secret *ret,
		   struct err *err) MUST_CHECK;

/* Whether that is said by its error: nobody has it any more, and no store is in trouble. */
bool session_is_gone(int error);

/*
 * Changes, each a whole step: nothing lost whenever it ends, at worst a secret that no name leads
 * to. All need a session opened for writing, and leave its catalogue as committed.
 *
 * session_add: stores the secret, then commits the new token. session_replace: stores the secret
 * under a revision behind all that stores list for it, commits, then deletes the old record and what
 * changes that were broken off have left. session_remove: commits first,
 * then deletes; a store that cannot be reached, or a token that was replaced since it was chosen
 * (ERR_BUSY), means that nothing is changed at all. `ret_done` tells whether the tokens are gone:
 * also where a store then fails to delete, which is an error all the same. The first token of an endpoint becomes its
 * default, and so does the only one that a removal leaves.
 */
int session_add(struct session *session, const struct token *token, const struct secret *secret,
		bool make_default, struct token **ret, struct err *err) MUST_CHECK;
int session_replace(struct session *session, struct token *token, const struct token *fresh,
		    const struct secret *secret, bool make_default, struct err *err) MUST_CHECK;
int session_remove(struct session *session, const struct token_ref refs[], size_t count,
		   bool *ret_done, struct err *err) MUST_CHECK;

/* Whether session_remove() could remove this one now; changes nothing. */
int session_can_remove(struct session *session, const struct token_ref *ref,
		       struct err *err) MUST_CHECK;

/*
 * Steps of the above, for those who change tokens in another way (move.h). A record is put under the
 * token's revision into the token's store, and read back. One that is to go may be gone already;
 * what is left behind where that fails is an orphan: no name leads to it any more.
 */
void session_record_id(const struct token *token, uint32_t revision, char ret[RECORD_ID_SIZE]);
int session_put_record(struct session *session, const struct token *token,
		       const struct secret *record, struct err *err) MUST_CHECK;
int session_drop_record(struct session *session, const char *store_name, const char *id,
			struct err *err);
