/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/grants_compact.h"

#define NOW INT64_C(1790000000)

static struct token token_of(const char *text)
{
	return (struct token) {.name = "work",
			       .id = "1",
			       .account = "alice",
			       .kind = KIND_FINE_GRAINED,
			       .gated_read = YES,
			       .expires = TIME_UNKNOWN,
			       .verified = NOW,
			       .identity = "",
			       .grants = text,
			       .extra = ""};
}

static void a_text_says_what_it_was_made_of(void **state UNUSED)
{
	struct grants_entity entities[] = {
		{ENTITY_ORG, "org", "1", "acme", 3, ""},
		{ENTITY_MODEL, "model", "2", "acme/m1", 1, "x.y z"},
		{ENTITY_OTHER, "new", "3", "a;b:c=d \xc3\xa9", 0, "x"},
		{ENTITY_RESOURCE_GROUP, "resource-group", "4", "", 1, ""},
	};
	struct grants_org orgs[] = {
		{"acme", ROLE_WRITE, "write", ROLE_ADMIN, 0, ""},
		{"shut", ROLE_UNKNOWN, "", ROLE_UNKNOWN, 5, "moon"},
	};
	const struct grants grants = {.known = true,
				      .cut = true,
				      .entities = entities,
				      .entity_count = ARRAY_SIZE(entities),
				      .orgs = orgs,
				      .org_count = ARRAY_SIZE(orgs),
				      .global = 8,
				      .global_others = "",
				      .scopes_known = true,
				      .scopes = 0x20,
				      .scopes_others = "a b c"};
	AUTOROOM struct grants_room room = {0};
	AUTOBUF struct buf text = {0};
	struct token token;
	struct grants found;

	grants_compact_print(&grants, NOW, &text);
	assert_string_equal(buf_text(&text),
			    "g1;a1790000000;b9000000;c;G8;s20+3;e7:acme:3;e1:acme/m1:1+2;"
			    "e0:a=3bb=3ac=3dd=20=c3=a9:0+1;e9::1;oacme:4:5:0;oshut:0:0:5+1");
	assert_true(grants_compact_is(buf_text(&text)));
	token = token_of(buf_text(&text));
	for (int i = 0; i < 2; i++) { /* also in memory that was used */
		grants_compact_read(&token, NULL, &room, &found);
		assert_true(found.known && found.cut && found.scopes_known);
		assert_string_equal(found.account, "alice");
		assert_int_equal(found.gated_read, YES);
		assert_int_equal(found.entity_count, 4);
		assert_int_equal(found.org_count, 2);
		for (size_t j = 0; j < ARRAY_SIZE(entities); j++) {
			assert_int_equal(found.entities[j].type, entities[j].type);
			assert_string_equal(found.entities[j].name, entities[j].name);
			assert_int_equal(found.entities[j].permissions,
					 entities[j].permissions);
		}
		assert_string_equal(found.entities[1].others, "? ?");
		assert_string_equal(found.orgs[1].others, "?");
		assert_int_equal(found.orgs[0].role, ROLE_WRITE);
		assert_int_equal(found.orgs[0].group_role, ROLE_ADMIN);
		assert_int_equal(found.orgs[1].restrictions, 5);
		assert_int_equal(found.scopes, 0x20);
		assert_string_equal(found.scopes_others, "? ? ?");
	}
}

static void what_makes_no_sense_is_not_known(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool known;
	} cases[] = {
		{"g1;a1790000000", true},
		{"g1;a1790000000;e7:acme:3", true},
		{"g1;e7:acme:3;a1790000000", true},
		{"g1;a1790000000;b4102;e7:acme:3", true},
		{"g1;r;a1790000000;e7:acme:1", true},
		{"g1;r1;a1790000000", false},
		{"g1;a1790000000;b", false},
		{"g1;a1790000000;b9000001", false},
		{NULL, false},
		{"", false},
		{"g2;a1790000000", false},
		{"g1;e7:acme:3", false},
		{"g1;a1790000001", false},
		{"g1;a", false},
		{"g1;a1790000000;", false},
		{"g1;a1790000000;z1", false},
		{"g1;a1790000000;e", false},
		{"g1;a1790000000;e7", false},
		{"g1;a1790000000;e7:acme", false},
		{"g1;a1790000000;e7:acme:", false},
		{"g1;a1790000000;e11:acme:3", false},
		{"g1;a1790000000;e7:ac=0me:3", false},
		{"g1;a1790000000;e7:ac=", false},
		{"g1;a1790000000;e7:ac=00:3", false},
		{"g1;a1790000000;e7:acme:3+", false},
		{"g1;a1790000000;e7:acme:3+0", false},
		{"g1;a1790000000;e7:acme:3+10", false},
		{"g1;a1790000000;e7:acme:11111111111111111", false},
		{"g1;a1790000000;oacme:6:0:0", false},
		{"g1;a1790000000;oacme:5:0:1ffffffff", false},
		{"g1;a99999999999999999999", false},
	};
	AUTOROOM struct grants_room room = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct token token = token_of(cases[i].text);
		struct grants found;

		grants_compact_read(&token, NULL, &room, &found);
		if (found.known != cases[i].known)
			fail_msg("%s", cases[i].text);
		assert_string_equal(found.account, "alice");
		if (!found.known)
			assert_int_equal(found.entity_count + found.org_count, 0);
	}
}

/* Of a repository only what may be about it is read, and the breadth is that of all the same. */
static void what_is_about_others_is_passed_over(void **state UNUSED)
{
	static const struct {
		const char *repo, *kept;
		size_t orgs;
	} cases[] = {
		{"acme/m1", "acme acme/m1 ACME/x acme group", 1},
		{"acm/m1", "acme group", 0},
		{"bob/m1", "bob group", 0},
		{"gpt2", "acme acme/m1 ACME/x acmes acmes/m1 acme bob group", 2},
	};
	static const char *const columns[] = {
		"g1;a1790000000;b5103;e7:acme:3;e1:acme/m1:1;e2:ACME/x:1;e7:acmes:1;"
		"e1:acmes/m1:1;e7:ac=6de:1;e8:bob:1;e9:group:1;oacme:4:0:0;oacmes:2:0:0",
		"g1;a1790000000;e7:acme:3;e1:acme/m1:1;e2:ACME/x:1;e7:acmes:1;"
		"e1:acmes/m1:1;e7:ac=6de:1;e8:bob:1;e9:group:1;oacme:4:0:0;oacmes:2:0:0",
	};
	AUTOROOM struct grants_room room = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct repo repo;
		struct grants found;
		struct token token = token_of(columns[0]);
		AUTOBUF struct buf kept = {0};

		assert_int_equal(repo_parse(cases[i].repo, &repo, NULL), 0);
		grants_compact_read(&token, &repo, &room, &found);
		assert_true(found.known);
		assert_int_equal(found.org_count, cases[i].orgs);
		assert_int_equal(grants_breadth(&found), 5103);
		for (size_t j = 0; j < found.entity_count; j++)
			buf_printf(&kept, "%s%s", j ? " " : "", found.entities[j].name);
		assert_string_equal(buf_text(&kept), cases[i].kept);
		/* An older column has no breadth: it is counted. */
		token.grants = columns[1];
		grants_compact_read(&token, &repo, &room, &found);
		assert_int_equal(grants_breadth(&found), 6603);
	}
}

static void who_only_reads_is_told_at_a_glance(void **state UNUSED)
{
	const struct {
		enum token_kind kind;
		uint64_t permissions;
		bool cut, only_reads;
	} cases[] = {
		{KIND_FINE_GRAINED, bit(PERMISSION_CONTENT_READ), false, true},
		{KIND_FINE_GRAINED, bit(PERMISSION_DISCUSSION_WRITE), false, true},
		{KIND_FINE_GRAINED, bit(PERMISSION_WRITE), false, false},
		{KIND_FINE_GRAINED, bit(PERMISSION_CONTENT_READ), true, false},
		{KIND_READ, 0, false, true},
		{KIND_WRITE, 0, false, false},
		{KIND_OAUTH, 0, false, false},
		{KIND_OTHER, 0, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct grants_entity entity = {ENTITY_ORG,           "org", "1", "acme",
					       cases[i].permissions, ""};
		const struct grants grants = {.known = true,
					      .kind = cases[i].kind,
					      .cut = cases[i].cut,
					      .entities = &entity,
					      .entity_count = 1,
					      .global_others = "",
					      .scopes_others = ""};
		AUTOBUF struct buf text = {0};
		struct token token;

		grants_compact_print(&grants, NOW, &text);
		token = token_of(buf_text(&text));
		token.kind = cases[i].kind;
		assert_int_equal(grants_compact_only_reads(&token), cases[i].only_reads);
	}
}

static void other_columns_are_not_taken_for_it(void **state UNUSED)
{
	assert_true(grants_compact_is("g1;a1"));
	assert_true(grants_compact_is("g12;"));
	assert_false(grants_compact_is(""));
	assert_false(grants_compact_is("g"));
	assert_false(grants_compact_is("gated"));
	assert_false(grants_compact_is("future"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_says_what_it_was_made_of),
		cmocka_unit_test(what_makes_no_sense_is_not_known),
		cmocka_unit_test(what_is_about_others_is_passed_over),
		cmocka_unit_test(who_only_reads_is_told_at_a_glance),
		cmocka_unit_test(other_columns_are_not_taken_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
