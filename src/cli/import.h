/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `hftoken import`: cmd_import.c leads, import_search.c and import_git.c find tokens,
 * import_check.c asks who they are, import_keep.c stores them, import_remove.c deletes the plain
 * copies, import_show.c tells.
 *
 * Every token that was found, wherever it was, is one `struct found`, and what becomes of it stands in
 * it. A plain copy goes only while the lock on the catalogue is held, and after its store, not the
 * cache, has been asked for the very same secret. So whenever this ends, each token is in one place
 * at least.
 */
#pragma once

#include "cli/command.h"
#include "core/hf_follow.h"
#include "core/ladder.h"
#include "hub/api.h"

#define IMPORT_MAX        ((size_t)1024) /* tokens that were found */
#define IMPORT_FILES_MAX  16
#define IMPORT_LABEL_SIZE 96

enum import_place {
	IMPORT_HF_TOKEN,  /* huggingface_hub's file of one token */
	IMPORT_HF_STORED, /* its `stored_tokens` */
	IMPORT_GIT,       /* git-credential-store */
	IMPORT_STDIN,     /* an export */
};

struct import_file {
	enum import_place place;
	char *path;
	bool read;         /* it was there */
	struct err err;    /* what is wrong with it; code ERR_OK with a message is no failure */
	size_t removed;    /* entries that were taken out */
	struct err remove; /* the same of taking out */
};

enum import_result {
	IMPORT_PENDING,
	IMPORT_DONE,  /* stored */
	IMPORT_THERE, /* stored before, maybe a moment ago */
	IMPORT_LEFT,  /* not stored */
};

struct found {
	size_t file;
	char label[IMPORT_LABEL_SIZE]; /* as its file names it; fit to be shown */
	char wish[TOKEN_NAME_MAX + 1]; /* the name to have; "" if there is none */
	char endpoint[ENDPOINT_SIZE];
	struct secret secret;
	bool renewed;   /* a session: its owner renews it */
	bool preferred; /* where there is no default token, this is to be it */

	/* what an export says, for --no-verify */
	char account[128];
	enum token_kind kind;
	int64_t expires;

	enum import_result result;
	struct err err; /* IMPORT_LEFT: why; code ERR_OK if that is as it should be */
	size_t same;    /* the first one of this value; itself if it is that */
	char id[TOKEN_ID_SIZE];
	char name[TOKEN_NAME_MAX + 1];
};

struct import {
	struct cli *cli;
	struct session session;
	char hf_endpoint[ENDPOINT_SIZE]; /* the Hub that huggingface_hub's tokens are for */
	struct import_file *files;       /* IMPORT_FILES_MAX of them */
	size_t file_count;
	struct found *found;
	size_t count, capacity;
	size_t left_out;          /* over IMPORT_MAX */
	struct hub_whoami *asks;  /* as many as are found */
	struct ladder_step store; /* where new ones go */
	bool by_ladder;
	struct hf_follow follow;
};

/* A file to be looked into; NULL if there are too many. Takes the path over, which may be NULL. */
struct import_file *import_file(struct import *import, enum import_place place, char *path);

/* False if there is nothing to read; what is wrong is said of the file. */
bool import_read(struct import_file *file, size_t max,
		 bool (*is_whole)(const char *text, size_t size), struct secret *ret);

/* A token found in the file that was added last. The secret is moved. NULL: it is left out. */
int import_found(struct import *import, const char *label, const char *endpoint,
		 struct secret *secret, struct found **ret, struct err *err) MUST_CHECK;

/*
 * What can be read becomes found; what is wrong with a file is said there. ERR_DAMAGED and the like
 * for an export that is not whole: then nothing is found.
 */
int import_search_hf(struct import *import, struct err *err) MUST_CHECK;
int import_search_git(struct import *import, struct err *err) MUST_CHECK;
int import_search_stdin(struct import *import, struct err *err) MUST_CHECK;

/* Which are stored already, or are not to be; who the others are, by the Hub, all at once. */
int import_check(struct import *import, struct err *err) MUST_CHECK;

/*
 * Whether the token's store holds this very secret now. The cache is not asked: that it remembers a
 * secret does not mean that the store still has it. ERR_NOT_FOUND is a no.
 */
int import_is_kept(struct session *session, const struct token *token,
		   const struct secret *secret, bool *ret, struct err *err) MUST_CHECK;

/*
 * The stored token of that Hub with this secret; NULL if there is none. `ret_gone` (may be NULL) gets
 * one that looks the same and has lost its secret. `err` must not be NULL.
 */
int import_find_stored(struct session *session, const struct found *found,
		       const struct token **ret, struct token **ret_gone,
		       struct err *err) MUST_CHECK;

/* Marks it as stored before. */
void import_take(struct found *found, const struct token *token);

/* Stores what is pending. The session is open for writing. */
void import_keep(struct import *import);

/* Deletes the plain copies of what is stored. The session is open for writing. */
void import_remove(struct import *import);

/* Whether the token is stored now, so that its plain copy may go. */
static inline bool import_is_done(const struct found *found)
{
	return found->result == IMPORT_DONE || found->result == IMPORT_THERE;
}

/* The answer, into cli->out and on stderr, and cli->exit_status. */
void import_show(struct import *import);
