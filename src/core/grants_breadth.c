/* SPDX-License-Identifier: Apache-2.0 */
/* One number for how much a token can do. The table is in the header. */
#include "core/grants.h"

#define MANAGES                                                      \
	(bit(PERMISSION_ORG_WRITE) | bit(PERMISSION_NETWORK_WRITE) | \
	 bit(PERMISSION_SERVICE_ACCOUNT_WRITE) | bit(PERMISSION_RESOURCE_GROUP_WRITE))
#define WRITES_REPOS bit(PERMISSION_WRITE)
#define READS_REPOS  bit(PERMISSION_CONTENT_READ)

#define ENTITIES_SUM_MAX 999999u
#define CLASSIC_READ     1000000u
#define CLASSIC_WRITE    3000000u
#define GATED_BOX        500u
#define GLOBAL_ONE       100u

static unsigned count_words(const char *list)
{
	unsigned count = *list != '\0';

	for (; *list; list++)
		count += *list == ' ';
	return count;
}

static unsigned count_bits(uint64_t bits)
{
	return (unsigned)__builtin_popcountll(bits);
}

static unsigned power(const struct grants_entity *entity)
{
	uint64_t all = entity->permissions;
	unsigned base = all & READS_REPOS ? 1 : 0;

	if (all & WRITES_REPOS)
		base = 3;
	if (all & MANAGES)
		base = 9;
	return base + count_bits(all & ~(READS_REPOS | WRITES_REPOS | MANAGES)) +
	       count_words(entity->others);
}

static unsigned reach(enum entity_type type)
{
	if (type >= ENTITY_MODEL && type <= ENTITY_COLLECTION)
		return 1;
	return type == ENTITY_RESOURCE_GROUP ? 100 : 1000;
}

static unsigned of_entities(const struct grants *grants)
{
	unsigned sum = 0;

	for (size_t i = 0; i < grants->entity_count && sum < ENTITIES_SUM_MAX; i++)
		sum += reach(grants->entities[i].type) * power(&grants->entities[i]);
	return sum < ENTITIES_SUM_MAX ? sum : ENTITIES_SUM_MAX;
}

static unsigned of_scopes(const struct grants *grants)
{
	if (!grants->scopes_known ||
	    grants->scopes & (bit(SCOPE_WRITE_REPOS) | bit(SCOPE_MANAGE_REPOS)))
		return CLASSIC_WRITE;
	if (grants->scopes & (bit(SCOPE_READ_REPOS) | bit(SCOPE_CONTRIBUTE_REPOS)))
		return CLASSIC_READ;
	return GLOBAL_ONE * (count_bits(grants->scopes) + count_words(grants->scopes_others));
}

unsigned grants_breadth(const struct grants *grants)
{
	if (!grants->known)
		return CLASSIC_WRITE;
	if (grants->breadth)
		return grants->breadth;
	switch (grants->kind) {
	case KIND_READ:
		return CLASSIC_READ;
	case KIND_WRITE:
		return CLASSIC_WRITE;
	case KIND_FINE_GRAINED:
		return of_entities(grants) + (grants->gated_read == YES ? GATED_BOX : 0) +
		       GLOBAL_ONE * (count_bits(grants->global) +
				     count_words(grants->global_others));
	case KIND_OAUTH:
	case KIND_JWT:
		return of_scopes(grants);
	default:
		return BREADTH_MAX;
	}
}
