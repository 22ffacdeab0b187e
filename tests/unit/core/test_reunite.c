/* SPDX-License-Identifier: Apache-2.0 */
/* Against stores that are small shell scripts. The real ones: tests/e2e/test_store.py. */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "base/url.h"
#include "core/reunite.h"
#include "tests/unit/core/own_stores.h"

#define ID(last) "0123456789abcdef0123456789abcde" last

/* A store that lists these ids, and has the same record under each, which ends with that line. */
static void write_store_of(const char *name, const char *status, const char *ids,
			   const char *end)
{
	AUTOBUF struct buf script = {0};

	buf_printf(&script,
		   "#!/bin/sh\n"
		   "while IFS= read -r line; do case $line in\n"
		   "op=*) op=${line#op=} ;;\n"
		   "'') if [ $op = list ]; then printf 'store=1\\nstatus=%s\\n'\n"
		   "for id in %s; do echo id[]=$id; done; echo\n"
		   "else printf 'store=1\\nstatus=ok\\nrecord[]=hf_abcdefghijwxyz\\n"
		   "record[]=endpoint=%s\\nrecord[]=%s\\n\\n'; fi ;;\n"
		   "esac; done\n",
		   status, ids, ENDPOINT_HUB, end);
	write_text(name, buf_text(&script), 0700);
}

static void write_store(const char *name, const char *status, const char *ids)
{
	write_store_of(name, status, ids, "created=2026-01-01T00:00:00Z");
}

static void add_token(struct session *session, const char *name, const char *id,
		      const char *store, uint32_t revision)
{
	const struct token token = {.name = name,
				    .id = id,
				    .revision = revision,
				    .endpoint = ENDPOINT_HUB,
				    .account = "",
				    .gated_read = UNKNOWN,
				    .store = store,
				    .masked = "****",
				    .created = TIME_UNKNOWN,
				    .expires = TIME_UNKNOWN,
				    .verified = TIME_UNKNOWN,
				    .identity = "",
				    .extra = ""};
	struct token *added;

	assert_int_equal(catalogue_add(&session->catalogue, &token, &added, NULL), 0);
}

static void later_secrets_come_back_to_their_names(void **state UNUSED)
{
	static const struct {
		const char *store, *file, *keyring; /* where it was, and what the stores list */
		const char *now;
		uint32_t revision; /* 0: gone */
	} cases[] = {
		{"file", ID("0") ".3", "", "file", 3},
		{"file", ID("0") ".4", "", "file", 4},
		{"file", ID("0") ".4 " ID("0") ".12", ID("0") ".5", "file", 12},
		{"file", "", ID("0") ".4", "secret-service", 4},
		{"secret-service", ID("0") ".4", "", "file", 4},
		{"file", ID("0") ".2", ID("0") ".1", "file", 0},
		{"file", ID("1") ".4 " ID("0") ".33", "", "file", 33},
		{"file", ID("1") ".4", "", "file", 0},
		{"file", "nonsense " ID("0") " " ID("0") ".0", "", "file", 0},
		{"cellar", "", ID("0") ".4", "cellar", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
		AUTOREUNION struct reunion reunion = {.silent = {false}};
		const struct token *token;

		write_store("store-file", "ok", cases[i].file);
		write_store("store-secret-service", "ok", cases[i].keyring);
		add_token(&session, "work", ID("0"), cases[i].store, 3);
		reunite(&session, &reunion);
		token = catalogue_find(&session.catalogue, "work");
		assert_string_equal(token->store, cases[i].now);
		assert_int_equal(token->revision, cases[i].revision ? cases[i].revision : 3);
		assert_string_equal(buf_text(&reunion.missing),
				    cases[i].revision ? "" : "work\n");
		assert_string_equal(buf_text(&reunion.found),
				    cases[i].revision > 3 ? "work\n" : "");
		if (cases[i].revision > 3)
			assert_string_not_equal(token->masked, "****");
	}
}

static void a_store_that_does_not_answer_proves_nothing(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOREUNION struct reunion reunion = {.silent = {false}};

	write_store("store-file", "locked", ID("0") ".9");
	write_store("store-secret-service", "ok", "");
	add_token(&session, "work", ID("0"), "file", 3);
	reunite(&session, &reunion);
	assert_string_equal(buf_text(&reunion.found), "");
	assert_string_equal(buf_text(&reunion.missing), "");
	assert_string_equal(buf_text(&reunion.unknown), "work\n");
	assert_true(reunion.silent[0] && !reunion.silent[1]);
	assert_int_equal(reunion.shelves.list[0].cause.code, ERR_LOCKED);
}

static void a_later_secret_is_taken_though_its_old_store_is_silent(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOREUNION struct reunion reunion = {.silent = {false}};

	write_store("store-file", "ok", ID("0") ".4 " ID("1") ".2");
	write_store("store-secret-service", "unavailable", "");
	add_token(&session, "work", ID("0"), "secret-service", 3);
	add_token(&session, "other", ID("1"), "secret-service", 3);
	reunite(&session, &reunion);
	assert_string_equal(catalogue_find(&session.catalogue, "work")->store, "file");
	assert_string_equal(buf_text(&reunion.found), "work\n");
	assert_string_equal(buf_text(&reunion.unknown), "other\n");
	assert_string_equal(buf_text(&reunion.missing), "");
	assert_true(!reunion.silent[0] && reunion.silent[1]);
}

/* On a server there is no keyring, and nobody waits for one; one that is locked is there. */
static void only_a_store_that_is_there_makes_it_unknown(void **state UNUSED)
{
	static const struct {
		const char *status;
		bool missing;
	} cases[] = {{"unavailable", true}, {"locked", false}, {"timed-out", false}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
		AUTOREUNION struct reunion reunion = {.silent = {false}};

		write_store("store-file", "ok", "");
		write_store("store-secret-service", cases[i].status, "");
		add_token(&session, "work", ID("0"), "file", 3);
		reunite(&session, &reunion);
		assert_int_equal(reunion.missing.size > 0, cases[i].missing);
		assert_int_equal(reunion.unknown.size > 0, !cases[i].missing);
		assert_true(reunion.silent[1]);
	}
}

/* A move that was broken off leaves the old secret under the revision that the next one gets. */
static void of_two_with_one_revision_the_later_made_is_taken(void **state UNUSED)
{
	static const char early[] = "created=2026-01-01T00:00:00Z";
	static const char late[] = "created=2026-01-01T00:00:01Z";
	static const struct {
		const char *file, *keyring; /* how the records end */
		const char *now;            /* NULL: left as it is */
	} cases[] = {
		{early, late, "secret-service"},
		{late, early, "file"},
		{late, late, "file"},
		{"note=1", late, NULL},
		{early, "note=1", NULL},
		{"note=1", "note=2", NULL},
		{"note=1", "note=1", "file"},
		{"endpoint", early, "secret-service"}, /* that one makes no sense */
		{early, "endpoint", "file"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
		AUTOREUNION struct reunion reunion = {.silent = {false}};
		const struct token *token;

		write_store_of("store-file", "ok", ID("0") ".4", cases[i].file);
		write_store_of("store-secret-service", "ok", ID("0") ".4", cases[i].keyring);
		add_token(&session, "work", ID("0"), "file", 3);
		reunite(&session, &reunion);
		token = catalogue_find(&session.catalogue, "work");
		assert_string_equal(token->store, cases[i].now ? cases[i].now : "file");
		assert_int_equal(token->revision, cases[i].now ? 4 : 3);
		assert_string_equal(buf_text(&reunion.found), cases[i].now ? "work\n" : "");
		assert_string_equal(buf_text(&reunion.doubtful), cases[i].now ? "" : "work\n");
		assert_string_equal(buf_text(&reunion.missing), "");
	}
}

static void what_is_listed_and_not_given_is_not_gone(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOREUNION struct reunion reunion = {.silent = {false}};

	write_store("store-file", "ok", "");
	write_text(
		"store-secret-service",
		"#!/bin/sh\n"
		"while IFS= read -r line; do case $line in\n"
		"op=*) op=${line#op=}; echo $op >>asked ;;\n"
		"'') [ $op = list ] && printf 'store=1\\nstatus=ok\\n"
		"id[]=" ID("0") ".4\\nid[]=" ID(
			"1") ".4\\n\\n' ||\n"
			     "printf 'store=1\\nstatus=locked\\nmessage=it is locked\\n\\n' ;;\n"
			     "esac; done\n",
		0700);
	add_token(&session, "work", ID("0"), "file", 3);
	add_token(&session, "other", ID("1"), "file", 3);
	reunite(&session, &reunion);
	assert_string_equal(buf_text(&reunion.missing), "");
	assert_string_equal(buf_text(&reunion.unknown), "work\nother\n");
	assert_true(!reunion.silent[0] && reunion.silent[1]);
	assert_string_equal(reunion.shelves.list[1].cause.message,
			    "store 'secret-service': it is locked");
	assert_file_text("asked", "list\nget\n"); /* it is not asked again and again */
}

static void the_next_revision_is_behind_all_that_are_left(void **state UNUSED)
{
	static const struct {
		const char *file, *status, *keyring;
		uint32_t next;
	} cases[] = {
		{ID("0") ".3", "ok", "", 4},
		{ID("0") ".3 " ID("0") ".4", "ok", "", 5},
		{ID("0") ".3", "ok", ID("0") ".7", 8},
		{ID("0") ".9", "ok", ID("0") ".7", 10},
		{ID("0") ".3", "locked", ID("0") ".7", 4},
		{ID("0") ".2", "ok", ID("1") ".7", 4},
		{ID("0") ".4294967295", "ok", "", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
		AUTOSHELVES struct shelves shelves;

		shelves_init(&shelves);
		write_store("store-file", "ok", cases[i].file);
		write_store("store-secret-service", cases[i].status, cases[i].keyring);
		add_token(&session, "work", ID("0"), "file", 3);
		assert_int_equal(
			shelves_next_revision(&shelves, &session, &session.catalogue.tokens[0]),
			cases[i].next);
	}
}

static void what_is_bound_elsewhere_is_not_taken(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOREUNION struct reunion reunion = {.silent = {false}};

	write_store("store-file", "ok", ID("0") ".4");
	write_store("store-secret-service", "ok", "");
	add_token(&session, "work", ID("0"), "file", 3);
	session.catalogue.tokens[0].endpoint = "https://evil.example";
	reunite(&session, &reunion);
	assert_string_equal(buf_text(&reunion.missing), "work\n");
	assert_int_equal(session.catalogue.tokens[0].revision, 3);
}

int main(int argc UNUSED, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_secrets_come_back_to_their_names),
		cmocka_unit_test(a_store_that_does_not_answer_proves_nothing),
		cmocka_unit_test(a_later_secret_is_taken_though_its_old_store_is_silent),
		cmocka_unit_test(only_a_store_that_is_there_makes_it_unknown),
		cmocka_unit_test(of_two_with_one_revision_the_later_made_is_taken),
		cmocka_unit_test(what_is_listed_and_not_given_is_not_gone),
		cmocka_unit_test(what_is_bound_elsewhere_is_not_taken),
		cmocka_unit_test(the_next_revision_is_behind_all_that_are_left),
	};
	const char *folder = getenv("HFTOKEN_TEST_FOLDER");
	int failed;

	if (!folder)
		return become_copy(argv);
	(void)signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return failed;
}
