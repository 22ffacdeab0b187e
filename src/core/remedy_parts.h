/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within the making of remedies: what their texts are made of, and those of remedy_rest.c.
 */
#pragma once

#include "core/cause.h"

/* One remedy in the making. */
struct writer {
	const struct evidence *evidence;
	struct buf text;
	struct buf url;
	struct buf command;
};

/* `the token "laptop"`: by its name at the Hub, which is what stands on its pages. */
void remedy_say_token(struct writer *writer);
const char *remedy_account(const struct writer *writer);
const char *remedy_owner(const struct writer *writer);
void remedy_say_page(struct writer *writer, const char *page);

/* Whether it is of a session, whose rights are chosen at its login and stand on no page. */
bool remedy_is_session(const struct writer *writer);

/* `allow the scope write-repos (…) when logging in` */
void remedy_say_scope(struct writer *writer, enum oauth_scope scope);

/* The form for a new token that can do what was asked. */
void remedy_say_new_token(struct writer *writer);

/* How a token that is to be replaced is replaced; a source's is not ours to replace. */
void remedy_say_login(struct writer *writer);

void remedy_scope_missing(struct writer *writer);
void remedy_read_only_token(struct writer *writer);
void remedy_role_too_low(struct writer *writer);
void remedy_org_approval(struct writer *writer);
void remedy_org_revoked(struct writer *writer);
void remedy_org_fine_grained_only(struct writer *writer);
void remedy_org_sso(struct writer *writer);
void remedy_org_mfa(struct writer *writer);
void remedy_org_ip(struct writer *writer);
void remedy_not_visible(struct writer *writer);
void remedy_other_type(struct writer *writer);
void remedy_moved(struct writer *writer);
void remedy_repo_disabled(struct writer *writer);
void remedy_no_such_revision(struct writer *writer);
void remedy_no_such_file(struct writer *writer);
void remedy_quota(struct writer *writer);
void remedy_rate_limited(struct writer *writer);
void remedy_unreachable(struct writer *writer);
void remedy_hub_error(struct writer *writer);
