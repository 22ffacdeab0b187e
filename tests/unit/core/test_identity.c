/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/secret.h"
#include "base/text.h"
#include "core/identity.h"

/* The forms that the Hub's whoami has. */
#define USER(auth) \
	"{\"type\":\"user\",\"id\":\"62f264b9f3c90f4b6514a269\",\"name\":\"alice\"," auth "}"
#define ACCESS(rest)                                                                       \
	"\"auth\":{\"type\":\"access_token\",\"accessToken\":{\"displayName\":\"laptop\"," \
	"\"createdAt\":\"2026-05-01T10:00:00.000Z\"," rest "}}"
#define FINE(rest)    USER(ACCESS("\"role\":\"fineGrained\",\"fineGrained\":{" rest "}"))
#define CLASSIC(role) USER(ACCESS("\"role\":\"" role "\""))
#define OAUTH         USER("\"auth\":{\"type\":\"oauth\",\"expiresAt\":\"2026-09-30T12:00:00.000Z\"}")

static struct identity parsed(const char *text)
{
	struct identity identity = {0};
	struct err err = {0};

	if (identity_parse(text, strlen(text), NULL, &identity, &err))
		fail_msg("%s: %s", text, err.message);
	return identity;
}

static void each_kind_of_token_is_known(void **state UNUSED)
{
	static const struct {
		const char *answer;
		enum token_kind kind;
		enum tristate gated_read;
	} cases[] = {
		{CLASSIC("read"), KIND_READ, YES},
		{CLASSIC("write"), KIND_WRITE, YES},
		{CLASSIC("god"), KIND_OTHER, UNKNOWN},
		{CLASSIC("Read"), KIND_OTHER, UNKNOWN},
		{CLASSIC(""), KIND_OTHER, UNKNOWN},
		{FINE("\"scoped\":[],\"canReadGatedRepos\":true"), KIND_FINE_GRAINED, YES},
		{FINE("\"scoped\":[],\"canReadGatedRepos\":false"), KIND_FINE_GRAINED, NO},
		{FINE("\"scoped\":[]"), KIND_FINE_GRAINED, NO},
		{FINE("\"canReadGatedRepos\":\"true\""), KIND_FINE_GRAINED, NO},
		{FINE("\"canReadGatedRepos\":1"), KIND_FINE_GRAINED, NO},
		{USER(ACCESS("\"role\":\"fineGrained\"")), KIND_FINE_GRAINED, NO},
		{USER(ACCESS("\"role\":7")), KIND_OTHER, UNKNOWN},
		{USER("\"auth\":{\"type\":\"access_token\",\"accessToken\":[]}"), KIND_OTHER,
		 UNKNOWN},
		{OAUTH, KIND_OTHER, UNKNOWN},
		{USER("\"auth\":{}"), KIND_OTHER, UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOIDENTITY struct identity identity = parsed(cases[i].answer);

		if (identity.kind != cases[i].kind ||
		    identity.gated_read != cases[i].gated_read)
			fail_msg("%s: kind %d, gated %d", cases[i].answer, identity.kind,
				 identity.gated_read);
		assert_string_equal(identity.account, "alice");
	}
}

/* Where whoami does not say, the secret's prefix does. */
static void a_session_is_told_by_its_secret(void **state UNUSED)
{
	static const struct {
		const char *secret, *answer;
		enum token_kind kind;
	} cases[] = {
		{"hf_oauth_eyJ.eyJ.x", OAUTH, KIND_OAUTH},
		{"hf_jwt_eyJ", OAUTH, KIND_JWT},
		{"hf_abc", OAUTH, KIND_OTHER},
		{"", OAUTH, KIND_OTHER},
		{"hf_oauth_eyJ", CLASSIC("read"), KIND_READ},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret secret = {0};
		AUTOIDENTITY struct identity identity = {0};

		assert_int_equal(secret_add_text(&secret, cases[i].secret), 0);
		assert_int_equal(identity_parse(cases[i].answer, strlen(cases[i].answer),
						&secret, &identity, NULL),
				 0);
		assert_int_equal(identity.kind, cases[i].kind);
	}
}

static void all_that_is_told_is_taken(void **state UNUSED)
{
	AUTOIDENTITY struct identity identity = parsed(
		"{\"type\":\"user\",\"name\":\"alice\",\"fullname\":\"Alice A.\","
		"\"email\":\"a@b.example\",\"orgs\":[{\"name\":\"acme\"},{\"name\":\"b\"}]," ACCESS(
			"\"role\":\"write\",\"expiration\":\"2027-01-01T00:00:00Z\"") "}");
	struct token token = {.account = "", .name = "kept"};
	AUTOBUF struct buf orgs = {0};

	assert_string_equal(identity.fullname, "Alice A.");
	assert_string_equal(identity.email, "a@b.example");
	assert_string_equal(identity.type, "user");
	assert_string_equal(identity.display_name, "laptop");
	assert_int_equal(identity.created, 1777629600);
	assert_int_equal(identity.expires, 1798761600);
	json_each (org, identity_orgs(&identity))
		buf_printf(&orgs, "%s,", json_member_text(org, "name"));
	assert_string_equal(buf_text(&orgs), "acme,b,");

	identity_apply(&identity, &token);
	assert_string_equal(token.name, "kept");
	assert_string_equal(token.account, "alice");
	assert_int_equal(token.kind, KIND_WRITE);
	assert_int_equal(token.gated_read, YES);
	assert_int_equal(token.created, 1777629600);
	assert_int_equal(token.expires, 1798761600);
}

static void what_is_missing_is_unknown(void **state UNUSED)
{
	AUTOIDENTITY struct identity identity = parsed("{\"name\":\"alice\",\"auth\":{}}");

	assert_string_equal(identity.fullname, "");
	assert_string_equal(identity.email, "");
	assert_string_equal(identity.type, "");
	assert_string_equal(identity.display_name, "");
	assert_int_equal(identity.created, TIME_UNKNOWN);
	assert_int_equal(identity.expires, TIME_UNKNOWN);
	assert_null(json_first(identity_orgs(&identity)));
}

static void a_session_tells_when_it_expires(void **state UNUSED)
{
	static const struct {
		const char *answer;
		int64_t expires;
	} cases[] = {
		{OAUTH, 1790769600},
		{USER("\"auth\":{\"expiresAt\":null}"), TIME_UNKNOWN},
		{USER("\"auth\":{\"expiresAt\":\"soon\"}"), TIME_UNKNOWN},
		{USER("\"auth\":{\"expiresAt\":1790769600}"), TIME_UNKNOWN},
		{CLASSIC("read"), TIME_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOIDENTITY struct identity identity = parsed(cases[i].answer);

		assert_int_equal(identity.expires, cases[i].expires);
	}
}

static void what_is_no_answer_is_refused(void **state UNUSED)
{
	static const char *const answers[] = {
		"",
		"null",
		"[]",
		"\"alice\"",
		"{}",
		"{\"name\":\"alice\"}",
		"{\"auth\":{}}",
		"{\"name\":\"\",\"auth\":{}}",
		"{\"name\":null,\"auth\":{}}",
		"{\"name\":7,\"auth\":{}}",
		"{\"name\":\"alice\",\"auth\":null}",
		"{\"name\":\"alice\",\"auth\":\"x\"}",
		"{\"name\":\"alice\",\"auth\":[]}",
		"{\"name\":\" \\n\\t\",\"auth\":{}}",
		"{\"error\":\"Invalid credentials in Authorization header\"}",
		"<!doctype html><html></html>",
		"{\"name\":\"alice\",\"name\":\"mallory\",\"auth\":{}}",
		"{\"name\":\"alice\\u0000\",\"auth\":{}}",
		CLASSIC("read") "x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct identity identity = {.kind = KIND_JWT};

		if (identity_parse(answers[i], strlen(answers[i]), NULL, &identity, NULL) !=
		    ERR_FORMAT)
			fail_msg("'%s' is taken", answers[i]);
		assert_null(identity.document);
		assert_int_equal(identity.kind, KIND_JWT);
	}
}

static void a_cut_answer_is_refused(void **state UNUSED)
{
	static const char answer[] = FINE("\"scoped\":[],\"canReadGatedRepos\":true");

	for (size_t size = 0; size + 1 < sizeof(answer); size++) {
		struct identity identity;

		assert_int_equal(identity_parse(answer, size, NULL, &identity, NULL),
				 ERR_FORMAT);
	}
}

static void hostile_texts_come_out_harmless(void **state UNUSED)
{
	AUTOBUF struct buf answer = {0};
	struct identity identity;

	buf_add_text(&answer, "{\"name\":\"al\\u001b[31mice\\n\\u202e\",\"fullname\":\"");
	for (int i = 0; i < 3000; i++)
		buf_add_text(&answer, "\xe2\x82\xac");
	buf_add_text(&answer, "\",\"email\":\"hf_abcdefghijklmnop\",\"type\":\"a\\u009bb\","
			      "\"auth\":{}}");
	identity = parsed(buf_text(&answer));
	assert_string_equal(identity.account, "al [31mice ?");
	assert_true(strlen(identity.fullname) < sizeof(identity.fullname));
	assert_true(utf8_is_valid(identity.fullname, strlen(identity.fullname)));
	assert_null(strstr(identity.email, "abcdef"));
	assert_string_equal(identity.type, "a b");
	identity_release(&identity);
}

static void unknown_fields_are_kept(void **state UNUSED)
{
	AUTOIDENTITY struct identity identity = parsed(
		" {\"name\":\"alice\",\n\"future\":{\"a\":[1,\"b\"]},\"auth\":{\"more\":true}} ");
	AUTOBUF struct buf text = {0};

	assert_int_equal(identity_print(&identity, &text, NULL), 0);
	assert_string_equal(buf_text(&text), "{\"name\":\"alice\",\"future\":{\"a\":[1,\"b\"]},"
					     "\"auth\":{\"more\":true}}");
}

static void what_is_kept_has_a_limit(void **state UNUSED)
{
	AUTOBUF struct buf answer = {0};
	AUTOBUF struct buf text = {0};
	AUTOIDENTITY struct identity identity = {0};

	buf_add_text(&answer, "{\"name\":\"alice\",\"auth\":{},\"x\":\"");
	for (size_t i = 0; i < IDENTITY_MAX; i++)
		buf_add_char(&answer, 'x');
	buf_add_text(&answer, "\"}");
	identity = parsed(buf_text(&answer));
	assert_int_equal(identity_print(&identity, &text, NULL), ERR_FORMAT);
}

/* ---- what is lost ----------------------------------------------------------------------------- */

#define ENTITY(id, type, name) \
	"{\"entity\":{\"_id\":\"" id "\",\"type\":\"" type "\",\"name\":\"" name "\"},"
#define MAY(list)    "\"permissions\":[" list "]}"
#define SCOPED(list) "\"canReadGatedRepos\":true,\"scoped\":[" list "]"
#define READ_        "\"repo.content.read\""
#define WRITE_       "\"repo.write\""
#define ALICE        ENTITY("1", "user", "alice")
#define ACME         ENTITY("2", "org", "acme")

static void what_a_new_token_can_no_longer_do(void **state UNUSED)
{
	static const struct {
		const char *before, *after, *lost;
	} cases[] = {
		/* classic ones */
		{CLASSIC("read"), CLASSIC("read"), ""},
		{CLASSIC("read"), CLASSIC("write"), ""},
		{CLASSIC("write"), CLASSIC("write"), ""},
		{CLASSIC("write"), CLASSIC("read"), "write\n"},
		/* to fine-grained ones */
		{CLASSIC("read"), FINE(SCOPED("")),
		 "read every private repository that the account can\n"},
		{CLASSIC("write"), FINE(SCOPED("")), "write wherever the account can\n"},
		{CLASSIC("write"), FINE("\"scoped\":[]"),
		 "read gated repositories\nwrite wherever the account can\n"},
		/* and back */
		{FINE(SCOPED(ALICE MAY(READ_))), CLASSIC("write"), ""},
		{FINE(SCOPED(ALICE MAY(READ_))), CLASSIC("read"),
		 "whatever it was given besides reading\n"},
		/* between fine-grained ones */
		{FINE(SCOPED(ALICE MAY(READ_))), FINE(SCOPED(ALICE MAY(READ_))), ""},
		{FINE(SCOPED(ALICE MAY(READ_))), FINE(SCOPED(ALICE MAY(WRITE_ "," READ_))), ""},
		{FINE(SCOPED(ALICE MAY(READ_))),
		 FINE(SCOPED(ACME MAY(READ_) "," ALICE MAY(READ_))), ""},
		{FINE(SCOPED(ALICE MAY(READ_ "," WRITE_))), FINE(SCOPED(ALICE MAY(READ_))),
		 "repo.write on alice\n"},
		{FINE(SCOPED(ALICE MAY(READ_) "," ACME MAY(READ_ "," WRITE_))),
		 FINE(SCOPED(ALICE MAY(READ_))),
		 "repo.content.read on acme\nrepo.write on acme\n"},
		{FINE(SCOPED(ALICE MAY(READ_))), FINE(SCOPED("")),
		 "repo.content.read on alice\n"},
		{FINE(SCOPED("")), FINE("\"scoped\":[]"), "read gated repositories\n"},
		{FINE("\"scoped\":[]"), FINE(SCOPED("")), ""},
		{FINE("\"scoped\":[],\"global\":[\"post.write\",\"discussion.write\"]"),
		 FINE("\"scoped\":[],\"global\":[\"discussion.write\"]"), "post.write\n"},
		{FINE("\"scoped\":[],\"global\":[\"post.write\"]"), FINE("\"scoped\":[]"),
		 "post.write\n"},
		/* the same entity: by id, or by name and type, whatever the case */
		{FINE(SCOPED(ALICE MAY(READ_))),
		 FINE(SCOPED(ENTITY("1", "user", "renamed") MAY(READ_))), ""},
		{FINE(SCOPED(ALICE MAY(READ_))),
		 FINE(SCOPED(ENTITY("9", "user", "Alice") MAY(READ_))), ""},
		{FINE(SCOPED(ALICE MAY(READ_))),
		 FINE(SCOPED(ENTITY("9", "org", "alice") MAY(READ_))),
		 "repo.content.read on alice\n"},
		/* an entity that is only an id */
		{FINE(SCOPED("{\"entity\":{\"_id\":\"77\",\"type\":\"model\"}," MAY(READ_))),
		 FINE(SCOPED("")), "repo.content.read on 77\n"},
		/* permissions that nobody here knows */
		{FINE(SCOPED(ALICE MAY("\"time.travel\""))), FINE(SCOPED("")),
		 "time.travel on alice\n"},
		{FINE(SCOPED(ALICE MAY("\"time.travel\""))),
		 FINE(SCOPED(ALICE MAY("\"time.travel\""))), ""},
		/* hostile ones stay one line each */
		{FINE(SCOPED(ENTITY("1", "user", "a\\nb\\u001b[1m") MAY("\"x\\ny\""))),
		 FINE(SCOPED("")), "x y on a b [1m\n"},
		/* shapes that make no sense lose nothing that could be named */
		{FINE("\"canReadGatedRepos\":true,\"scoped\":7"), FINE(SCOPED("")), ""},
		{FINE(SCOPED("1,\"a\",null,{}")), FINE(SCOPED("")), ""},
		{FINE(SCOPED(ALICE "\"permissions\":null}")), FINE(SCOPED("")), ""},
		/* nothing is known of sessions */
		{OAUTH, CLASSIC("read"), ""},
		{OAUTH, OAUTH, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOIDENTITY struct identity before = parsed(cases[i].before);
		AUTOIDENTITY struct identity after = parsed(cases[i].after);
		AUTOBUF struct buf lost = {0};

		identity_lost(&before, &after, &lost);
		if (strcmp(buf_text(&lost), cases[i].lost) != 0)
			fail_msg("case %zu: lost '%s', not '%s'", i, buf_text(&lost),
				 cases[i].lost);
	}
}

/* Nothing is lost by a token that is the same. */
static void the_same_token_loses_nothing(void **state UNUSED)
{
	static const char *const answers[] = {
		CLASSIC("read"),
		CLASSIC("write"),
		OAUTH,
		FINE(SCOPED(ALICE MAY(READ_ "," WRITE_) "," ACME MAY(READ_))),
		FINE("\"scoped\":[],\"global\":[\"post.write\"]"),
		FINE(SCOPED("{\"entity\":{\"_id\":\"77\",\"type\":\"model\"}," MAY(READ_))),
		FINE(SCOPED("{\"entity\":{\"type\":\"user\",\"name\":\"a\"}," MAY(READ_))),
	};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		AUTOIDENTITY struct identity before = parsed(answers[i]);
		AUTOIDENTITY struct identity after = parsed(answers[i]);
		AUTOBUF struct buf lost = {0};

		identity_lost(&before, &after, &lost);
		assert_string_equal(buf_text(&lost), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_token_is_known),
		cmocka_unit_test(a_session_is_told_by_its_secret),
		cmocka_unit_test(all_that_is_told_is_taken),
		cmocka_unit_test(what_is_missing_is_unknown),
		cmocka_unit_test(a_session_tells_when_it_expires),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(a_cut_answer_is_refused),
		cmocka_unit_test(hostile_texts_come_out_harmless),
		cmocka_unit_test(unknown_fields_are_kept),
		cmocka_unit_test(what_is_kept_has_a_limit),
		cmocka_unit_test(what_a_new_token_can_no_longer_do),
		cmocka_unit_test(the_same_token_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
