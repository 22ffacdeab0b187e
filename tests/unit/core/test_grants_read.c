/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/secret.h"
#include "base/text.h"
#include "core/grants.h"
#include "core/identity.h"

static struct grants read_grants(const char *text, enum token_kind kind)
{
	struct grants grants = {0};
	struct err err = {0};
	struct token token = {.kind = kind,
			      .identity = text,
			      .gated_read = UNKNOWN,
			      .expires = TIME_UNKNOWN,
			      .verified = 1234};

	if (grants_from_token(&token, &grants, &err))
		fail_msg("%s: %s", text, err.message);
	return grants;
}

static const char everything[] =
	"{\"type\":\"user\",\"id\":\"62f264b9f3c90f4b6514a269\",\"name\":\"alice\","
	"\"orgs\":[{\"type\":\"org\",\"id\":\"0\",\"name\":\"acme\",\"roleInOrg\":\"admin\","
	"\"securityRestrictions\":[\"sso\",\"ip\",\"moon\",\"tide\"],"
	"\"resourceGroups\":[{\"name\":\"a\",\"role\":\"read\"},{\"name\":\"b\",\"role\":\"write\"}]},"
	"7,{\"name\":\"friends\",\"roleInOrg\":\"jester\"}],"
	"\"auth\":{\"type\":\"access_token\",\"accessToken\":{\"displayName\":\"d\","
	"\"role\":\"fineGrained\",\"expiration\":\"2027-01-01T00:00:00Z\",\"fineGrained\":{"
	"\"canReadGatedRepos\":true,\"global\":[\"post.write\",\"telepathy.write\"],"
	"\"scoped\":[{\"entity\":{\"_id\":\"aa\",\"type\":\"user\",\"name\":\"alice\"},"
	"\"permissions\":[\"repo.write\",\"quantum.write\",\"job.write\",\"moon.read\",3]},"
	"{\"entity\":{\"_id\":\"bb\",\"type\":\"galaxy\"},\"permissions\":[]},"
	"\"nonsense\",{}]}}}}";

static void all_that_is_told_is_taken(void **state UNUSED)
{
	AUTOGRANTS struct grants grants = read_grants(everything, KIND_FINE_GRAINED);

	assert_true(grants.known && !grants.cut && !grants.scopes_known);
	assert_string_equal(grants.account, "alice");
	assert_int_equal(grants.kind, KIND_FINE_GRAINED);
	assert_int_equal(grants.gated_read, YES);
	assert_int_equal(grants.expires, 1798761600);
	assert_int_equal(grants.as_of, 1234);
	assert_int_equal(grants.global, bit(PERMISSION_POST_WRITE));
	assert_string_equal(grants.global_others, "telepathy.write");

	assert_int_equal(grants.entity_count, 3);
	assert_int_equal(grants.entities[0].type, ENTITY_USER);
	assert_string_equal(grants.entities[0].id, "aa");
	assert_string_equal(grants.entities[0].name, "alice");
	assert_int_equal(grants.entities[0].permissions,
			 bit(PERMISSION_WRITE) | bit(PERMISSION_JOB_WRITE));
	assert_string_equal(grants.entities[0].others, "quantum.write moon.read");
	assert_int_equal(grants.entities[1].type, ENTITY_OTHER);
	assert_string_equal(grants.entities[1].type_text, "galaxy");
	assert_string_equal(grants.entities[1].name, "");
	assert_string_equal(grants.entities[2].id, "");

	assert_int_equal(grants.org_count, 2);
	assert_int_equal(grants.orgs[0].role, ROLE_ADMIN);
	assert_int_equal(grants.orgs[0].group_role, ROLE_WRITE);
	assert_int_equal(grants.orgs[0].restrictions,
			 bit(RESTRICTION_SSO) | bit(RESTRICTION_IP));
	assert_string_equal(grants.orgs[0].others, "moon tide");
	assert_int_equal(grants.orgs[1].role, ROLE_UNKNOWN);
	assert_string_equal(grants.orgs[1].role_text, "jester");
	assert_ptr_equal(grants_org(&grants, "ACME"), &grants.orgs[0]);
	assert_null(grants_org(&grants, "nobody"));
	assert_null(grants_org(&grants, ""));
}

static void a_token_nobody_asked_about_is_not_known(void **state UNUSED)
{
	AUTOGRANTS struct grants grants = read_grants("", KIND_OAUTH);

	assert_false(grants.known);
	assert_int_equal(grants.kind, KIND_OAUTH);
	assert_int_equal(grants.as_of, TIME_UNKNOWN);
	assert_int_equal(grants.entity_count + grants.org_count, 0);
	assert_string_equal(grants.account, "");
}

static void what_is_no_answer_is_an_error(void **state UNUSED)
{
	static const char *const texts[] = {"{", "[]", "{\"name\":\"a\"}", "null"};
	struct grants grants = {.cut = true};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct token token = {.identity = texts[i]};

		assert_int_equal(grants_from_token(&token, &grants, NULL), ERR_FORMAT);
		assert_true(grants.cut);
	}
}

/* Text of the Hub is shown: no control characters, and nothing that looks like a token. */
static void hostile_texts_come_out_harmless(void **state UNUSED)
{
	AUTOGRANTS struct grants grants = read_grants(
		"{\"name\":\"al\\u001bice\",\"orgs\":[{\"name\":\"a\\r\\ncme\",\"roleInOrg\":"
		"\"\\u202eread\",\"securityRestrictions\":[\"\\u001b[31m\"]}],"
		"\"auth\":{\"accessToken\":{\"role\":\"fineGrained\",\"fineGrained\":{\"scoped\":"
		"[{\"entity\":{\"type\":\"model\\u0007\",\"name\":"
		"\"hf_abcdefghijklmnopqrstuvwxyzabcdefgh\"},\"permissions\":[\"a\\nb\"]}]}}}}",
		KIND_FINE_GRAINED);

	assert_string_equal(grants.account, "al ice");
	assert_string_equal(grants.orgs[0].name, "a cme");
	assert_string_equal(grants.orgs[0].role_text, "?read");
	assert_string_equal(grants.orgs[0].others, "[31m");
	assert_string_equal(grants.entities[0].type_text, "model");
	assert_null(strstr(grants.entities[0].name, "abcdefgh"));
	assert_string_equal(grants.entities[0].others, "a?b");
}

/* Words of other types, and names that differ by case, are no permission. */
static void only_the_very_word_counts(void **state UNUSED)
{
	AUTOGRANTS struct grants grants = read_grants(
		"{\"name\":\"a\",\"auth\":{\"accessToken\":{\"role\":\"fineGrained\","
		"\"fineGrained\":{\"scoped\":[{\"entity\":{\"type\":\"USER\",\"name\":\"a\"},"
		"\"permissions\":[\"REPO.WRITE\",\"repo.writ\",\"repo.write \",{\"x\":\"repo.write\"},"
		"[\"repo.write\"]]}]}}}}",
		KIND_FINE_GRAINED);

	assert_int_equal(grants.entities[0].type, ENTITY_OTHER);
	assert_int_equal(grants.entities[0].permissions, 0);
	assert_string_equal(grants.entities[0].others, "REPO.WRITE repo.writ repo.write");
}

static void a_list_without_end_is_cut(void **state UNUSED)
{
	AUTOBUF struct buf text = {0};

	buf_add_text(&text, "{\"name\":\"a\",\"orgs\":[],\"auth\":{\"accessToken\":{\"role\":"
			    "\"fineGrained\",\"fineGrained\":{\"scoped\":[");
	for (size_t i = 0; i <= GRANTS_ENTITIES_MAX; i++)
		buf_printf(&text,
			   "%s{\"entity\":{\"type\":\"org\",\"name\":\"o%zu\"},"
			   "\"permissions\":[\"x%zu\"]}",
			   i ? "," : "", i, i);
	buf_add_text(&text, "]}}}}");
	AUTOGRANTS struct grants grants = read_grants(buf_text(&text), KIND_FINE_GRAINED);

	assert_true(grants.cut);
	assert_int_equal(grants.entity_count, GRANTS_ENTITIES_MAX);
	assert_string_equal(grants.entities[GRANTS_ENTITIES_MAX - 1].name, "o999");
	assert_string_equal(grants.entities[GRANTS_ENTITIES_MAX - 1].others, "x999");
}

/* ---- sessions --------------------------------------------------------------------------------- */

#define PRINCIPAL "{\"name\":\"alice\",\"auth\":{\"type\":\"oauth\"}}"

/* {"alg":"EdDSA"} . the payload . a signature that nobody checks */
#define JWS(payload) "hf_oauth_eyJhbGciOiJFZERTQSJ9." payload ".c2lnbmF0dXJl"

static void a_session_tells_its_scopes_offline(void **state UNUSED)
{
	static const struct {
		const char *token, *scopes;
		int64_t expires;
	} rows[] = {
		/* {"scope":["openid","read-repos"],"exp":4102444800} */
		{JWS("eyJzY29wZSI6WyJvcGVuaWQiLCJyZWFkLXJlcG9zIl0sImV4cCI6NDEwMjQ0NDgwMH0"),
		 "openid read-repos", 4102444800},
		/* {"scope":"openid  read-repos"} */
		{JWS("eyJzY29wZSI6Im9wZW5pZCAgcmVhZC1yZXBvcyJ9"), "openid read-repos",
		 TIME_UNKNOWN},
		/* {"scope":["a b","\u001b[1m",7],"exp":-5} */
		{JWS("eyJzY29wZSI6WyJhIGIiLCJcdTAwMWJbMW0iLDddLCJleHAiOi01fQ"), "[1m",
		 TIME_UNKNOWN},
		/* {"scope":[]} */
		{JWS("eyJzY29wZSI6W119"), "", TIME_UNKNOWN},
		/* all of the alphabet */
		{JWS("eyJzY29wZSI6WyI-Pj4_Pz9-fiJdfQ"), ">>>\?\?\?~~", TIME_UNKNOWN},
		{JWS("e30"), NULL, 0},                        /* {} */
		{JWS("W10"), NULL, 0},                        /* [] */
		{JWS("eyJzY29wZSI6WyJvcGVuaWQiXQ"), NULL, 0}, /* cut off */
		{JWS("ey J"), NULL, 0},
		{JWS(""), NULL, 0},
		{"hf_oauth_x", NULL, 0},
		{"hf_oauth_a.b", NULL, 0},
		{"hf_oauth_a.e30.c.d", NULL, 0},
		{"hf_abc.eyJzY29wZSI6W119.x", NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTOSECRET struct secret secret = {0};
		struct claims claims = {.scopes = "untouched"};
		bool found;

		assert_int_equal(secret_add_text(&secret, rows[i].token), 0);
		found = claims_read(&secret, &claims);
		if (found != (rows[i].scopes != NULL))
			fail_msg("%s: %d", rows[i].token, found);
		assert_string_equal(claims.scopes, found ? rows[i].scopes : "untouched");
		if (found)
			assert_int_equal(claims.expires, rows[i].expires);
	}
}

static void scopes_are_kept_with_the_answer(void **state UNUSED)
{
	AUTOSECRET struct secret secret = {0};
	AUTOIDENTITY struct identity identity = {0};
	AUTOIDENTITY struct identity again = {0};
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf twice = {0};

	assert_int_equal(secret_add_text(&secret, JWS("eyJzY29wZSI6WyJvcGVuaWQiLCJyZWFkLXJlcG9z"
						      "Il0sImV4cCI6NDEwMjQ0NDgwMH0")),
			 0);
	assert_int_equal(identity_parse(PRINCIPAL, strlen(PRINCIPAL), &secret, &identity, NULL),
			 0);
	assert_string_equal(identity.scopes, "openid read-repos");
	assert_int_equal(identity.expires, 4102444800);
	assert_int_equal(identity_print(&identity, &text, NULL), 0);
	assert_null(strstr(buf_text(&text), "eyJ"));

	AUTOGRANTS struct grants grants = read_grants(buf_text(&text), KIND_OAUTH);

	assert_true(grants.scopes_known);
	assert_int_equal(grants.kind, KIND_OAUTH);
	assert_int_equal(grants.scopes, bit(SCOPE_OPENID) | bit(SCOPE_READ_REPOS));
	assert_string_equal(grants.scopes_others, "");

	assert_int_equal(identity_parse(text.data, text.size, NULL, &again, NULL), 0);
	assert_int_equal(identity_print(&again, &twice, NULL), 0);
	assert_string_equal(buf_text(&twice), buf_text(&text));
}

static void unknown_scopes_are_kept_as_they_are(void **state UNUSED)
{
	AUTOGRANTS struct grants grants = read_grants(
		"{\"name\":\"alice\",\"auth\":{\"type\":\"oauth\"},\"" IDENTITY_SCOPES
		"\":\"read-mcp jobs write-avatar\"}",
		KIND_OAUTH);

	assert_int_equal(grants.scopes, bit(SCOPE_JOBS));
	assert_string_equal(grants.scopes_others, "read-mcp write-avatar");
}

/* An access token's kind is what the Hub says, whatever the secret looks like. */
static void an_access_token_has_no_scopes(void **state UNUSED)
{
	static const char text[] =
		"{\"name\":\"alice\",\"auth\":{\"accessToken\":{\"role\":\"read\"}}}";
	AUTOSECRET struct secret secret = {0};
	AUTOIDENTITY struct identity identity = {0};

	assert_int_equal(secret_add_text(&secret, JWS("eyJzY29wZSI6WyJvcGVuaWQiLCJyZWFkLXJlcG9z"
						      "Il0sImV4cCI6NDEwMjQ0NDgwMH0")),
			 0);
	assert_int_equal(identity_parse(text, strlen(text), &secret, &identity, NULL), 0);
	assert_string_equal(identity.scopes, "");
	assert_int_equal(identity.expires, TIME_UNKNOWN);
}

/* ---- words ------------------------------------------------------------------------------------ */

static void every_word_is_found_at_its_place(void **state UNUSED)
{
	static const struct {
		const struct named *list;
		size_t count;
		size_t first;
	} lists[] = {
		{permissions, PERMISSION_COUNT, 0}, {entity_types, ENTITY_TYPE_COUNT, 1},
		{org_roles, ROLE_COUNT, 1},         {restrictions, RESTRICTION_COUNT, 0},
		{oauth_scopes, SCOPE_COUNT, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (size_t at = lists[i].first; at < lists[i].count; at++) {
			const struct named *word = &lists[i].list[at];

			assert_true(*word->name && *word->words);
			assert_int_equal(named_find(lists[i].list, lists[i].count, word->name),
					 at);
		}
		assert_int_equal(named_find(lists[i].list, lists[i].count, NULL), -1);
		assert_int_equal(named_find(lists[i].list, lists[i].count, "repo.writ"), -1);
	}
	for (int type = 0; type < REPO_TYPE_COUNT; type++)
		assert_string_equal(entity_types[ENTITY_MODEL + type].name,
				    repo_type_names[type]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_told_is_taken),
		cmocka_unit_test(a_token_nobody_asked_about_is_not_known),
		cmocka_unit_test(what_is_no_answer_is_an_error),
		cmocka_unit_test(hostile_texts_come_out_harmless),
		cmocka_unit_test(only_the_very_word_counts),
		cmocka_unit_test(a_list_without_end_is_cut),
		cmocka_unit_test(a_session_tells_its_scopes_offline),
		cmocka_unit_test(scopes_are_kept_with_the_answer),
		cmocka_unit_test(unknown_scopes_are_kept_as_they_are),
		cmocka_unit_test(an_access_token_has_no_scopes),
		cmocka_unit_test(every_word_is_found_at_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
