/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Hub's own pages to which people are sent, and the words that stand there. Other servers that
 * speak its protocol have none of them.
 *
 * Sources: the Hub's documentation of tokens and gated repositories. The query keys of the form
 * for a new token are not documented; they are those of links on the Hub's own pages: tokenType,
 * ownUserPermissions, orgs, orgPermissions, canReadGatedRepos.
 */
#pragma once

#include "base/buf.h"
#include "core/repo.h"

/* The words beside the box on a fine-grained token's page. */
#define PAGE_GATED_BOX "Read access to contents of all public gated repos you can access"

#define PAGE_TOKENS         "/settings/tokens"
#define PAGE_GATED          "/settings/gated-repos" /* the requests of the account */
#define PAGE_AUTHENTICATION "/settings/authentication"

/* Whether that Hub has these pages: huggingface.co, its staging twin, one on this machine. */
bool pages_exist(const char *endpoint);

/* The form for a new token: fine-grained, own and gated repositories readable; `org` may be NULL. */
void page_new_token(const char *endpoint, const char *org, bool write, struct buf *ret);

/* The page of a repository. */
void page_of_repo(const char *endpoint, const struct repo *repo, struct buf *ret);

/* Text as a part of a URL: every byte but letters, digits and `-._~` becomes %XX. */
void page_escape(struct buf *ret, const char *text);
