/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: the list of tokens with everything known about them except their secrets. It is
 * read without unlocking anything, without a lock, and by every command.
 *
 * The file `catalogue` in the data folder is text, in two parts, each closed by a checksum:
 *
 *	hftoken-catalogue 1 generation=7 index=0000000512 length=0000002301
 *	# name id.revision endpoint account kind expires gated store masked created verified
 *	default https://huggingface.co 5f0c…
 *	token ci 07aa….1 https://huggingface.co acme-bot read - - file …
 *	token work 5f0c….1 = alice fine-grained - yes file …
 *	check 9a3f51c2e07b4d18
 *	identity 5f0c… {"type":"user",…}
 *	check 04b7d2…
 *
 * `index` and `length` are byte counts up to the end of the first and the second part. A look-up
 * reads and checks the first part only, so that what whoami said of a thousand tokens costs it
 * nothing but a last column, which says in short what the token may do (core/grants_compact.h).
 * An endpoint that is `=` is that of the token before: most people's are all for one Hub.
 * Times are seconds since 1970, which cost a third of what dates do to read. `-` is unknown; bytes
 * that would break a column are written as %XX. Unknown lines and further columns, from a newer
 * version, are kept.
 *
 * Readers load; writers call catalogue_begin(), which takes the lock that catalogue_release()
 * gives back, change tokens, and commit.
 */
#pragma once

#include "core/token.h"

#define CATALOGUE_MAX    ((size_t)32 << 20)
#define CATALOGUE_TOKENS 10000

enum catalogue_parts {
	CATALOGUE_LOOKUP, /* of each token name, id, endpoint, account, kind, expires: see below */
	CATALOGUE_INDEX, /* token->identity stays "" */
	CATALOGUE_ALL,
};

struct catalogue_default {
	const char *endpoint;
	const char *id;
};

struct catalogue_text; /* a text that the catalogue owns */

struct catalogue {
	struct token *tokens; /* sorted by name once loaded */
	size_t count;
	size_t capacity;
	struct catalogue_default *defaults;
	size_t default_count;
	uint64_t generation; /* 0: there is no file yet */
	char *unknown_index; /* lines of a newer version, as they were */
	char *unknown_details;
	struct catalogue_text *texts;
	char *folder;
	int folder_fd;
	int lock;
};

#define CATALOGUE_NONE                      \
	{                                   \
		.folder_fd = -1, .lock = -1 \
	}

/*
 * Reads the catalogue; one that does not exist yet is empty. ERR_DAMAGED, with a way out as hint,
 * for a file that is not what was written, or one that has vanished beside its previous version.
 */
int catalogue_load(struct catalogue *catalogue, enum catalogue_parts parts,
		   struct err *err) MUST_CHECK;

/*
 * Reads the rest of a token's line, once, where the catalogue was loaded for a look-up: most of a
 * thousand tokens need not be read for that. The caller's pointer is const because nothing that was
 * known of the token changes. ERR_DAMAGED for a line that makes no sense.
 */
int catalogue_complete(const struct token *token, struct err *err) MUST_CHECK;

/* The same (all of it) for a writer: makes the folder and takes the lock first. */
int catalogue_begin(struct catalogue *catalogue, struct err *err) MUST_CHECK;

/* Writes the changes: all or none of them. Only after catalogue_begin(). */
int catalogue_commit(struct catalogue *catalogue, struct err *err) MUST_CHECK;

void catalogue_release(struct catalogue *catalogue);
#define AUTOCATALOGUE CLEANUP(catalogue_release)

/* NULL if there is none. Pointers into `tokens` are good until the next add or remove. */
struct token *catalogue_find(const struct catalogue *catalogue, const char *name);
struct token *catalogue_find_id(const struct catalogue *catalogue, const char *id);
struct token *catalogue_default(const struct catalogue *catalogue, const char *endpoint);

/* The name if no token has it, else "work-2", "work-3"… `name` is legal, and not `ret`. */
int catalogue_free_name(const struct catalogue *catalogue, const char *name,
			char ret[TOKEN_NAME_MAX + 1], struct err *err) MUST_CHECK;

/* A copy of a text that lives as long as the catalogue; NULL without memory. */
const char *catalogue_keep(struct catalogue *catalogue, const char *text);

/* Adds a token, copying its texts. An empty id gets a new random one. */
int catalogue_add(struct catalogue *catalogue, const struct token *token, struct token **ret,
		  struct err *err) MUST_CHECK;
/* Overwrites a token's fields, copying the texts of `token`. */
int catalogue_update(struct catalogue *catalogue, struct token *token,
		     const struct token *fresh, struct err *err) MUST_CHECK;

/* Forgets the token, and the default that it may have been. */
void catalogue_remove(struct catalogue *catalogue, struct token *token);

int catalogue_set_default(struct catalogue *catalogue, const struct token *token,
			  struct err *err) MUST_CHECK;
