/* SPDX-License-Identifier: Apache-2.0 */
#include "core/grants_compact.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define VERSION    "g1;"
#define OTHERS_MAX 9

/*
 * Numbers of these lists are in files. Whoever has to change one raises the version, and what was
 * written before counts as unknown until the Hub is asked again; adding at the end is free.
 */
_Static_assert(PERMISSION_WRITE == 1 && PERMISSION_INFERENCE == 5 &&
		       PERMISSION_RESOURCE_GROUP_WRITE == 22,
	       "see above");
_Static_assert(ENTITY_MODEL == 1 && ENTITY_ORG == 7 && ENTITY_OAUTH_APP == 10, "see above");
_Static_assert(ROLE_NO_ACCESS == 1 && ROLE_ADMIN == 5 && RESTRICTION_IP == 4, "see above");
_Static_assert(SCOPE_READ_REPOS == 5 && SCOPE_WRITE_DISCUSSIONS == 17, "see above");

bool grants_compact_is(const char *word)
{
	return word[0] == 'g' && isdigit((unsigned char)word[1]) && strchr(word, ';') != NULL;
}

bool grants_compact_only_reads(const struct token *token)
{
	if (token->kind == KIND_FINE_GRAINED && token->unread) {
		/* Another `;` may stand before: then it is not known at a glance. */
		const char *mark = strchr(token->unread, ';');

		return mark && mark - token->unread >= (ptrdiff_t)strlen(" g1") &&
		       strncmp(mark - strlen(" g1"), " " VERSION "r;",
			       strlen(" " VERSION "r;")) == 0;
	}
	return token->kind == KIND_READ ||
	       (token->kind == KIND_FINE_GRAINED && token->grants &&
		strncmp(token->grants, VERSION "r;", sizeof(VERSION "r;") - 1) == 0);
}

const char *grants_compact_take(char **columns)
{
	char *word = *columns;
	char *space;

	if (!grants_compact_is(word))
		return "";
	space = strchr(word, ' ');
	*columns = space ? space + 1 : word + strlen(word);
	if (space)
		*space = '\0';
	return word;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void put_name(struct buf *ret, const char *name)
{
	for (; *name; name++) {
		if (isalnum((unsigned char)*name) || strchr("._-/", *name))
			buf_add_char(ret, *name);
		else
			buf_printf(ret, "=%02x", (unsigned char)*name);
	}
}

static void put_bits(struct buf *ret, uint64_t bits, const char *others)
{
	unsigned count = *others != '\0';

	buf_printf(ret, "%" PRIx64, bits);
	for (; *others; others++)
		count += *others == ' ';
	if (count)
		buf_printf(ret, "+%u", count < OTHERS_MAX ? count : OTHERS_MAX);
}

static bool writes_nowhere(const struct grants *grants)
{
	if (grants->kind != KIND_FINE_GRAINED || grants->cut)
		return false;
	for (size_t i = 0; i < grants->entity_count; i++) {
		if (grants->entities[i].permissions & bit(PERMISSION_WRITE))
			return false;
	}
	return true;
}

void grants_compact_print(const struct grants *grants, int64_t as_of, struct buf *ret)
{
	buf_printf(ret, VERSION "%sa%" PRId64 ";b%u", writes_nowhere(grants) ? "r;" : "", as_of,
		   grants_breadth(grants));
	if (grants->cut)
		buf_add_text(ret, ";c");
	if (grants->global || *grants->global_others) {
		buf_add_text(ret, ";G");
		put_bits(ret, grants->global, grants->global_others);
	}
	if (grants->scopes_known) {
		buf_add_text(ret, ";s");
		put_bits(ret, grants->scopes, grants->scopes_others);
	}
	for (size_t i = 0; i < grants->entity_count; i++) {
		const struct grants_entity *entity = &grants->entities[i];

		buf_printf(ret, ";e%d:", (int)entity->type);
		put_name(ret, entity->name);
		buf_add_char(ret, ':');
		put_bits(ret, entity->permissions, entity->others);
	}
	for (size_t i = 0; i < grants->org_count; i++) {
		const struct grants_org *org = &grants->orgs[i];

		buf_add_text(ret, ";o");
		put_name(ret, org->name);
		buf_printf(ret, ":%d:%d:", (int)org->role, (int)org->group_role);
		put_bits(ret, org->restrictions, org->others);
	}
}

/* ---- reading ---------------------------------------------------------------------------------- */

void grants_room_release(struct grants_room *room)
{
	free(room->entities);
	free(room->orgs);
	free(room->names);
	*room = (struct grants_room) {0};
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What is left of the text, and where the next name goes. */
struct cursor {
	const char *next;
	char *name;
};

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits are counted, not divided: this is done for each number of a thousand tokens. */
static bool take_number(struct cursor *cursor, unsigned base, uint64_t max, uint64_t *ret)
{
	const char *start = cursor->next;
	ptrdiff_t most = base == 16 ? 16 : 18; /* of these, none overflows */
	uint64_t value = 0;
	int digit;

	while ((digit = digit_of(*cursor->next)) >= 0 && digit < (int)base) {
		value = value * base + (unsigned)digit;
		cursor->next++;
	}
	if (cursor->next == start || cursor->next - start > most || value > max)
		return false;
	*ret = value;
	return true;
}

static bool take_char(struct cursor *cursor, char c)
{
	if (*cursor->next != c)
		return false;
	cursor->next++;
	return true;
}

/* A small number and the colon behind it. */
static bool take_choice(struct cursor *cursor, unsigned count, unsigned *ret)
{
	uint64_t number;

	if (!take_number(cursor, 10, count - 1, &number) || !take_char(cursor, ':'))
		return false;
	*ret = (unsigned)number;
	return true;
}

/* Bits, and as many words for the unknown ones as there were. */
static bool take_bits(struct cursor *cursor, uint64_t *ret, const char **ret_others)
{
	static const char words[] = "? ? ? ? ? ? ? ? ?";
	uint64_t count = 0;

	if (!take_number(cursor, 16, UINT64_MAX, ret))
		return false;
	if (take_char(cursor, '+') &&
	    (!take_number(cursor, 10, OTHERS_MAX, &count) || count == 0))
		return false;
	*ret_others = count ? words + sizeof(words) - 2 * count : "";
	return true;
}

static bool take_name(struct cursor *cursor, const char **ret)
{
	*ret = cursor->name;
	while (*cursor->next && *cursor->next != ':' && *cursor->next != ';') {
		char byte = *cursor->next++;

		if (byte == '=') {
			int high = digit_of(cursor->next[0]);
			int low = high >= 0 ? digit_of(cursor->next[1]) : -1;

			if (low < 0 || (high | low) == 0)
				return false;
			byte = (char)(high * 16 + low);
			cursor->next += 2;
		}
		*cursor->name++ = byte;
	}
	*cursor->name++ = '\0';
	return take_char(cursor, ':');
}

static bool take_entity(struct cursor *cursor, struct grants_entity *ret)
{
	unsigned type;

	*ret = (struct grants_entity) {.type_text = "", .id = ""};
	if (!take_choice(cursor, ENTITY_TYPE_COUNT, &type) || !take_name(cursor, &ret->name))
		return false;
	ret->type = (enum entity_type)type;
	ret->type_text = entity_types[type].name;
	return take_bits(cursor, &ret->permissions, &ret->others);
}

static bool take_org(struct cursor *cursor, struct grants_org *ret)
{
	unsigned role;
	unsigned group;
	uint64_t bits;

	*ret = (struct grants_org) {.role_text = ""};
	if (!take_name(cursor, &ret->name) || !take_choice(cursor, ROLE_COUNT, &role) ||
	    !take_choice(cursor, ROLE_COUNT, &group) ||
	    !take_bits(cursor, &bits, &ret->others) || bits > UINT32_MAX)
		return false;
	ret->role = (enum org_role)role;
	ret->role_text = org_roles[role].name;
	ret->group_role = (enum org_role)group;
	ret->restrictions = (unsigned)bits;
	return true;
}

static bool take_field(struct cursor *cursor, struct grants *grants)
{
	uint64_t number;

	switch (*cursor->next++) {
	case 'a':
		if (!take_number(cursor, 10, INT64_MAX, &number))
			return false;
		grants->as_of = (int64_t)number;
		return true;
	case 'r':
		return true;
	case 'b':
		if (!take_number(cursor, 10, BREADTH_MAX, &number))
			return false;
		grants->breadth = (unsigned)number;
		return true;
	case 'c':
		grants->cut = true;
		return true;
	case 'G':
		return take_bits(cursor, &grants->global, &grants->global_others);
	case 's':
		grants->scopes_known = true;
		return take_bits(cursor, &grants->scopes, &grants->scopes_others);
	case 'e':
		return take_entity(cursor, &grants->entities[grants->entity_count++]);
	case 'o':
		return take_org(cursor, &grants->orgs[grants->org_count++]);
	default:
		return false;
	}
}

static bool grow(void *array, size_t *capacity, size_t wanted, size_t size)
{
	void *fresh;

	if (wanted <= *capacity)
		return true;
	fresh = reallocarray(*(void **)array, wanted, size);
	if (!fresh)
		return false;
	*(void **)array = fresh;
	*capacity = wanted;
	return true;
}

/* The shortest fields are ";e1::0" and ";o:1:1:0". No name is longer than what it is written as. */
static bool make_room(const char *text, struct grants_room *room)
{
	size_t size = strlen(text) + 1;

	if (size <= room->name_capacity)
		return true;
	return grow(&room->entities, &room->entity_capacity, size / strlen(";e1::0") + 1,
		    sizeof(*room->entities)) &&
	       grow(&room->orgs, &room->org_capacity, size / strlen(";o:1:1:0") + 1,
		    sizeof(*room->orgs)) &&
	       grow(&room->names, &room->name_capacity, size, 1);
}

/*
 * Whether the field may be about something else than the repository: an entity of another
 * namespace, or another organisation. Resource groups do not tell what is in them.
 */
static bool is_elsewhere(const char *field, const char *namespace)
{
	static const char group[] = {'0' + ENTITY_RESOURCE_GROUP, ':', '\0'};

	if (*field == 'e' && field[1] && field[2] == ':' && strncmp(field + 1, group, 2) != 0)
		field += 3;
	else if (*field == 'o')
		field++;
	else
		return false;
	while (*namespace && fold(*field) == fold(*namespace)) {
		field++;
		namespace ++;
	}
	/* `=` begins a byte that could be any. */
	return *namespace ? *field != '=' : *field != ':' && *field != '/' && *field != '=';
}

static bool read_text(const char *text, const char *namespace, struct grants_room *room,
		      struct grants *grants)
{
	struct cursor cursor = {.next = text};

	if (strncmp(text, VERSION, strlen(VERSION)) != 0 || !make_room(text, room))
		return false;
	cursor.next += strlen(VERSION) - 1;
	cursor.name = room->names;
	grants->entities = room->entities;
	grants->orgs = room->orgs;
	while (take_char(&cursor, ';')) {
		if (*namespace && is_elsewhere(cursor.next, namespace))
			cursor.next = strchrnul(cursor.next, ';');
		else if (!take_field(&cursor, grants))
			return false;
	}
	return *cursor.next == '\0';
}

/* Whether the text is of whoami's answer that the token was verified by. */
static bool read_known(const struct token *token, const char *namespace,
		       struct grants_room *room, struct grants *ret)
{
	*ret = (struct grants) {.kind = token->kind,
				.account = token->account,
				.gated_read = token->gated_read,
				.expires = token->expires,
				.as_of = TIME_UNKNOWN,
				.global_others = "",
				.scopes_others = ""};
	ret->known = token->grants && *token->grants && token->verified != TIME_UNKNOWN &&
		     read_text(token->grants, namespace, room, ret) &&
		     ret->as_of == token->verified;
	return ret->known;
}

void grants_compact_read(const struct token *token, const struct repo *repo,
			 struct grants_room *room, struct grants *ret)
{
	const char *namespace = repo ? repo->namespace : "";
	const struct token nothing = {.kind = token->kind,
				      .account = token->account,
				      .gated_read = token->gated_read,
				      .expires = token->expires};
	bool known = read_known(token, namespace, room, ret);

	/* Nobody has counted before: that takes all of them. */
	if (known && *namespace && !ret->breadth)
		known = read_known(token, "", room, ret);
	if (!known)
		(void)read_known(&nothing, "", room, ret);
}
