/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a store that is locked, with the help of whoever sits at the terminal: before the lock on
 * the catalogue is taken, since a person may take their time.
 */
#pragma once

#include "cli/select.h"
#include "core/session.h"

/*
 * Sees to it that the store can be used: asks for its passphrase, or waits while the keyring shows a
 * window of its own. Without a terminal, or where nobody is to be asked, nothing is shown and the
 * answer is ERR_LOCKED. `ret` (may be NULL) is what the store says of itself, also with an error.
 */
int open_store(struct session *session, const char *name, struct store_state *ret,
	       struct err *err) MUST_CHECK;

/*
 * The same for the stores of these tokens, if there is a terminal; else nothing is asked. All are
 * tried unless it is cancelled; the first error is the answer. What is wrong with a store besides is
 * left for who uses it to find.
 */
int open_stores(struct session *session, const struct selection *selection,
		struct err *err) MUST_CHECK;

/* Asks for the passphrase, three times if it is wrong. Only if prompt_possible(). */
int open_with_passphrase(struct store_client *store, struct err *err) MUST_CHECK;

/*
 * Waits while the keyring shows its window. Where there is no desktop to show it on, and nobody
 * answered, ERR_LOCKED says so.
 */
int open_with_window(struct store_client *store, struct err *err) MUST_CHECK;

/* --with-passphrase, and standard input is no terminal: there it is asked for all the same. */
bool passphrase_is_given(const struct cli *cli);

/*
 * One line without its end from standard input; what follows it stays there, and no end of the input
 * is waited for. ERR_USAGE for none, or what cannot be one.
 */
int read_passphrase(struct secret *ret, struct err *err) MUST_CHECK;

/*
 * ERR_USAGE for what is neither `auto` nor a store that this hftoken knows, or has a program of:
 * where it is chosen, not when it is first needed.
 */
int check_store_name(const char *name, struct err *err) MUST_CHECK;

/* Where a new token is to go: --store, else HFTOKEN_STORE, else the setting; it may be `auto`. */
const char *wished_store(const struct cli *cli, const struct session *session);

/* The error of a store that has said why it cannot be used. */
int store_error(const char *name, const struct store_state *state, struct err *err);
