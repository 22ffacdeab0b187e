/* SPDX-License-Identifier: Apache-2.0 */
/* What can be told without a store; the moving itself is in tests/e2e/test_store_move.py. */
#include "tests/unit/base/unit.h"

#include "core/ladder.h"
#include "core/move.h"

static void stores_are_told_apart_by_their_strength(void **state UNUSED)
{
	const struct store_state plain = {.capabilities = STORE_WRITES | STORE_ENCRYPTS};
	const struct store_state passphrase = {.capabilities = STORE_WRITES | STORE_PASSPHRASE};
	int keyring = move_strength(STORE_KEYRING, &plain);
	int file_with = move_strength(STORE_FILE, &passphrase);
	int file = move_strength(STORE_FILE, &plain);

	assert_true(keyring > file_with);
	assert_true(file_with > file);
	assert_true(file > move_strength("unknown", &passphrase));
	assert_int_equal(move_strength(STORE_KEYRING, &passphrase), keyring);
}

static void the_ladder_goes_by_what_the_keyring_said(void **state UNUSED)
{
	static const struct {
		const char *ssh, *bus;
		struct store_state keyring;
		const char *store, *why;
	} cases[] = {
		{NULL, "unix:path=/x", {.code = ERR_OK}, STORE_KEYRING, ""},
		{NULL,
		 "unix:path=/x",
		 {.code = ERR_LOCKED, .why = "it is locked"},
		 STORE_FILE,
		 "it is locked"},
		{NULL, NULL, {.code = ERR_OK}, STORE_FILE, "no session bus"},
		{"a 1 b 22",
		 "unix:path=/x",
		 {.code = ERR_OK},
		 STORE_FILE,
		 "logged in over ssh"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ladder_step step;

		(void)unsetenv("XDG_RUNTIME_DIR");
		(void)unsetenv("SSH_CONNECTION");
		(void)unsetenv("DBUS_SESSION_BUS_ADDRESS");
		if (cases[i].ssh)
			(void)setenv("SSH_CONNECTION", cases[i].ssh, 1);
		if (cases[i].bus)
			(void)setenv("DBUS_SESSION_BUS_ADDRESS", cases[i].bus, 1);
		ladder_decide(&cases[i].keyring, &step);
		assert_string_equal(step.store, cases[i].store);
		assert_string_equal(step.why, cases[i].why);
	}
}

static void a_token_that_is_gone_is_not_moved(void **state UNUSED)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const struct token_ref ref = {.id = "0123456789abcdef0123456789abcdef", .name = "work"};
	struct move move = {.to = STORE_FILE, .result = MOVE_DONE};
	struct err err = {0};

	assert_int_equal(catalogue_begin(&session.catalogue, NULL), 0);
	assert_int_equal(move_token(&session, &move, &ref, &err), ERR_NO_NAME);
	assert_int_equal(move.result, MOVE_NOTHING);
	assert_string_equal(err.message, "token 'work' was removed meanwhile");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_are_told_apart_by_their_strength),
		in_a_home(the_ladder_goes_by_what_the_keyring_said),
		in_a_home(a_token_that_is_gone_is_not_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
