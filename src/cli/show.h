/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a token is shown: as JSON and in words. The same for every command.
 */
#pragma once

#include "base/json_write.h"
#include "core/session.h"

/* The JSON object of a token. `name` as in json_begin(). */
void show_token_json(struct json_out *out, const char *name, const struct session *session,
		     const struct token *token);

/* Whether it is the default token of its endpoint. */
bool show_is_default(const struct session *session, const struct token *token);

/* "yes", "no", "-"; "2026-09-30" or "-"; "alice" or "-". */
const char *show_tristate(enum tristate value);
void show_date(int64_t seconds, char ret[16]);
const char *show_text(const char *text);

/* A line on stderr for each place of sources that was searched and could not be used. */
void show_source_problems(const struct session *session);

/* How long ago: "just now", "3 days ago"; "never" for TIME_UNKNOWN. */
#define SHOW_AGE_SIZE 32
void show_age(int64_t seconds, int64_t now, char ret[SHOW_AGE_SIZE]);

/* One line about HF_TOKEN, on stderr, when the environment's token gets in the way of `what`. */
void show_env_warning(const struct session *session, const char *what);

/* Warns if the environment's token cannot be one. */
void show_env_problem(const struct session *session);

/* ERR_NO_TOKEN for that Hub, in the same words everywhere; `others`: there are some to choose from. */
int show_no_token(const struct session *session, const char *endpoint, bool others,
		  struct err *err);

/*
 * ERR_NO_TOKEN for a host of which nobody has said that it is a Hub: neither in force, nor run by
 * Hugging Face, nor on this machine, nor the one of a token. Nobody is to be sent there to log in.
 */
int show_check_place(const struct session *session, const char *endpoint,
		     struct err *err) MUST_CHECK;
