/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants as one word of the catalogue's index, so that a look-up among a thousand tokens reads no
 * JSON:
 *
 *	g1;a1790000000;b4102;G1;e7:acme:3;e1:acme/m1:2+1;oacme:4:0:0
 *
 * Behind the version stand fields, each a letter and its values: `r`, always the first, that a
 * fine-grained token writes to no repository at all; `a` the time of whoami's answer,
 * `b` grants_breadth() of all of it, `c` that it was cut, `G` the bits of the permissions of the whole token, `s` of a session's scopes,
 * `e` an entity (type, name, bits), `o` an organisation (name, role, best role in a resource group,
 * bits of restrictions). Numbers are places in the lists of core/permission.h, bits in hexadecimal;
 * `+n` counts words that nobody knew. In names, bytes that would end a field are written as =XX.
 *
 * Kind, account, gated reading and expiry stand in columns of their own. What is missing here is not
 * known; whoami's answer beside it stays the source.
 */
#pragma once

#include "core/grants.h"

/* Whether a column of the index is grants of any version. */
bool grants_compact_is(const char *word);

/*
 * Cuts them off the front of a line's last columns, which are then those of a newer version; "" if
 * there are none.
 */
const char *grants_compact_take(char **columns);

/*
 * Whether the token is known to write nowhere, at a glance, also where it is not completed. It may be untrue of what has not been
 * asked since; grants_compact_read() decides.
 */
bool grants_compact_only_reads(const struct token *token);

void grants_compact_print(const struct grants *grants, int64_t as_of, struct buf *ret);

/* Memory that is used again for each token. Zeroed at first. */
struct grants_room {
	struct grants_entity *entities;
	size_t entity_capacity;
	struct grants_org *orgs;
	size_t org_capacity;
	char *names;
	size_t name_capacity;
};
void grants_room_release(struct grants_room *room);
#define AUTOROOM CLEANUP(grants_room_release)

/*
 * The grants of a token from its column. With a repository only what can matter for that is there:
 * of a thousand tokens, most have nothing to do with it, and their entities are passed over. They
 * live in `room` until the next call, and are not to be released. Not `known` where there is no text, where it makes no sense, is of another version, or is
 * not of the whoami answer that the token was verified by.
 */
void grants_compact_read(const struct token *token, const struct repo *repo,
			 struct grants_room *room, struct grants *ret);
