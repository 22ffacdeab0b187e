/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken status`: every place a token can come from on this machine, and who looks there.
 *
 * All files are other programs': they are read without waiting, bounded, and what stands in them is
 * cleaned before it is shown. Of a token nothing but its masked form leaves the place it was found.
 */
#pragma once

#include "base/mask.h"
#include "core/credential_files.h"
#include "core/session.h"

#define PLACES_MAX    512
#define LOCATION_SIZE 256
#define PROBLEM_SIZE  160

enum status_tool {
	TOOL_HFTOKEN = 1,
	TOOL_HF = 2, /* hf, huggingface_hub and what builds on it */
	TOOL_GIT = 4,
	TOOL_CURL = 8,
	TOOL_DOTENV = 16, /* programs that read .env */
	TOOL_DOCKER = 32,
	TOOL_HFRS = 64, /* the Rust CLI */
};

struct place {
	const char *source; /* a constant: "variable", "store"… */
	char location[LOCATION_SIZE];
	char masked[MASKED_SIZE];        /* "" if no value is known */
	char token[TOKEN_NAME_MAX + 16]; /* the stored token that looks the same; "" */
	unsigned tools;                  /* who looks there */
	unsigned in_use;                 /* who uses it now: hftoken, hf, git */
	char problem[PROBLEM_SIZE];
};

struct status {
	struct session *session;
	const char *endpoint; /* the Hub that hf and git are asked about */
	struct place *places;
	size_t count;
	size_t left_out;
	bool no_memory;              /* something is missing */
	bool git_unknown;            /* a helper that only git can ask comes first */
	char git_how[LOCATION_SIZE]; /* where git's token comes from */
};

/* A new row; NULL if there are too many. The secret may be NULL. */
struct place *status_add(struct status *status, const char *source, const char *location,
			 const char *value, size_t size, unsigned tools);

/* Sets `token` by what is shown of it, if a stored one looks the same. */
void status_find_name(const struct status *status, struct place *place);

/* Fits PROBLEM_SIZE, cleaned; the first one stays. */
void status_problem(struct place *place, const char *format, ...) PRINTF(2, 3);

/* The place that a tool uses; NULL. */
const struct place *status_used(const struct status *status, enum status_tool tool);

/* What a place holds, in one word: the token's name, else its masked form; NULL for nothing. */
const char *place_value(const struct place *place);

/*
 * Reads a file of somebody else's. What is wrong with it (but not that it is missing) becomes a row.
 * `ret_exposed`: others may read it. False if there is nothing to read.
 */
bool status_read(struct status *status, const char *source, const char *path, unsigned tools,
		 struct secret *ret, bool *ret_exposed);

/* A place that others may read, if it holds a token. */
void status_exposed(struct place *place, bool exposed);

/* The groups of places, in the order of the table. */
void status_variables(struct status *status);
int status_stored(struct status *status, struct err *err);
int status_sources(struct status *status, struct err *err);
void status_git(struct status *status);
void status_files(struct status *status);

/* Those that git and curl look at; what they hold goes before any helper. */
struct place *status_netrc(struct status *status);
/* git's own store; `wanted`: git is told to look there */
struct place *status_git_credentials(struct status *status, const char *path, bool wanted);
/* Those of the helpers that git runs, and the usual ones. */
void status_git_stores(struct status *status);
