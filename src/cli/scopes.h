/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How grants are shown: a sheet for one token, a table for many, has and needs for a repository, JSON.
 */
#pragma once

#include "core/grants.h"
#include "core/session.h"

struct sheet {
	const struct token *token;
	const char
		*where; /* of a source's token: HF_TOKEN, or its file; NULL for a stored one */
	const char *twin; /* of a source's: the stored token that it is; may be NULL */
	struct grants grants;
};

struct scopes {
	struct sheet *sheets;
	size_t count;
	const struct repo *repo; /* NULL without --repo */
	bool owner_is_person;    /* the account of a stored token */
	int64_t now;
};

/* What a token may do with a repository of which nothing else is known. */
void scopes_ask(const struct scopes *scopes, const struct sheet *sheet,
		enum grants_operation operation, struct grants_answer *ret);

/* The operations that are shown for a repository, and their names in JSON. */
#define SCOPES_SHOWN 3
extern const enum grants_operation scopes_shown[SCOPES_SHOWN];
extern const char *const scopes_shown_names[SCOPES_SHOWN];

void scopes_put_sheet(struct buf *out, const struct scopes *scopes, const struct sheet *sheet);
void scopes_put_table(struct buf *out, const struct scopes *scopes);
void scopes_put_repo(struct buf *out, const struct scopes *scopes, const struct sheet *sheet);
void scopes_put_repo_table(struct buf *out, const struct scopes *scopes);
void scopes_put_json(struct buf *out, const struct scopes *scopes);
