/* SPDX-License-Identifier: Apache-2.0 */
/* Against stores that are small shell scripts. The real ones: tests/e2e/test_store.py. */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "base/url.h"
#include "core/reunite.h"
#include "tests/unit/core/own_stores.h"

#define ID(last) "0123456789abcdef0123456789abcde" last

/* A store that lists these ids, and has the same record under each. */
static void write_store(const char *name, const char *status, const char *ids)
{
	AUTOBUF struct buf script = {0};

	buf_printf(&script,
		   "#!/bin/sh\n"
		   "while IFS= read -r line; do case $line in\n"
		   "op=*) op=${line#op=} ;;\n"
		   "'') if [ $op = list ]; then printf 'store=1\\nstatus=%s\\n'\n"
		   "for id in %s; do echo id[]=$id; done; echo\n"
		   "else printf 'store=1\\nstatus=ok\\nrecord[]=hf_abcdefghijwxyz\\n"
		   "record[]=endpoint=%s\\n\\n'; fi ;;\n"
		   "esac; done\n",
		   status, ids, ENDPOINT_HUB);
	write_text(name, buf_text(&script), 0700);
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
		AUTOBUF struct buf found = {0};
		AUTOBUF struct buf missing = {0};
		const struct token *token;

		write_store("store-file", "ok", cases[i].file);
		write_store("store-secret-service", "ok", cases[i].keyring);
		add_token(&session, "work", ID("0"), cases[i].store, 3);
		reunite(&session, &found, &missing);
		token = catalogue_find(&session.catalogue, "work");
		assert_string_equal(token->store, cases[i].now);
		assert_int_equal(token->revision, cases[i].revision ? cases[i].revision : 3);
		assert_string_equal(buf_text(&missing), cases[i].revision ? "" : "work\n");
		assert_string_equal(buf_text(&found), cases[i].revision > 3 ? "work\n" : "");
		if (cases[i].revision > 3)
			assert_string_not_equal(token->masked, "****");
	}
}

static void a_store_that_does_not_answer_proves_nothing(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOBUF struct buf found = {0};
	AUTOBUF struct buf missing = {0};

	write_store("store-file", "locked", ID("0") ".9");
	write_store("store-secret-service", "ok", "");
	add_token(&session, "work", ID("0"), "file", 3);
	reunite(&session, &found, &missing);
	assert_string_equal(buf_text(&found), "");
	assert_string_equal(buf_text(&missing), "");
}

static void what_is_bound_elsewhere_is_not_taken(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOBUF struct buf found = {0};
	AUTOBUF struct buf missing = {0};

	write_store("store-file", "ok", ID("0") ".4");
	write_store("store-secret-service", "ok", "");
	add_token(&session, "work", ID("0"), "file", 3);
	session.catalogue.tokens[0].endpoint = "https://evil.example";
	reunite(&session, &found, &missing);
	assert_string_equal(buf_text(&missing), "work\n");
	assert_int_equal(session.catalogue.tokens[0].revision, 3);
}

int main(int argc UNUSED, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_secrets_come_back_to_their_names),
		cmocka_unit_test(a_store_that_does_not_answer_proves_nothing),
		cmocka_unit_test(what_is_bound_elsewhere_is_not_taken),
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
