/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's side of the store contract: starts the program of a store when it is first asked,
 * keeps it for further questions, and kills it when a deadline passes, so that no store can hang
 * us. A program that dies, babbles or speaks another version is reported, never trusted.
 */
#pragma once

#include "base/proc.h"
#include "core/store.h"

#define STORE_READ_MS  1500 /* get, list, probe */
#define STORE_WRITE_MS 6000 /* put, del: they wait for the disk, and for other writers */

/* More for a store that is on its way, and waits for nothing but a processor of a busy machine. */
#define STORE_STARVED_MS 10000

/*
 * What is interactive waits longer: a keyring may have to wake up for a question, and a person for
 * a window of it.
 */
#define STORE_PATIENT_READ_MS 3000
#define STORE_UNLOCK_MS       120000 /* put, unlock, passphrase */

/*
 * `unlock` and `passphrase` with a passphrase and without a person. The hardest that the vault takes
 * needs about 5 s of a slow machine, and a damaged vault needs that twice: once more for the version
 * before it.
 */
#define STORE_DERIVE_MS 30000

struct store_client {
	char name[STORE_NAME_MAX + 1];
	struct proc proc;
	bool running;
	bool hurry; /* the next question is the last: the program ends while its answer is used */
	bool interactive; /* somebody is there to answer a prompt of the store */
};

/* What store_probe() learns. */
struct store_state {
	enum err_code code; /* ERR_OK: it can be used */
	char why[512];      /* "" if it can */
	char hint[512];
	char protects[256];
	enum store_capability capabilities; /* of those it knows of itself */
};

/* Starts nothing yet. ERR_USAGE for a text that cannot be a store's name. */
int store_init(struct store_client *store, const char *name, struct err *err) MUST_CHECK;
void store_release(struct store_client *store);

/* Whether there is a program of that store. */
bool store_is_installed(const char *name);

/*
 * Errors as in core/store.h, with the store's own message and hint, cleaned. Besides:
 * ERR_UNAVAILABLE if the program is not installed, dies or does not follow the protocol,
 * ERR_TIMED_OUT if it had to be killed.
 */
int store_get(struct store_client *store, const char *id, struct secret *ret_record,
	      struct err *err) MUST_CHECK;
int store_put(struct store_client *store, const char *id, const struct secret *record,
	      const struct store_label *label, struct err *err) MUST_CHECK;
int store_del(struct store_client *store, const char *id, struct err *err) MUST_CHECK;
int store_list(struct store_client *store, struct buf *ret_ids, struct err *err) MUST_CHECK;

/*
 * What can be put in place of a store that is damaged or missing; with `apply` it has been.
 * ERR_NOT_FOUND: there is nothing to recover.
 */
int store_recover(struct store_client *store, bool apply, struct store_backup *ret,
		  struct err *err) MUST_CHECK;

/* 0 if the store answered at all: whether it is ready is in `ret`. */
int store_probe(struct store_client *store, struct store_state *ret,
		struct err *err) MUST_CHECK;

/*
 * Opens a store that is locked; 0 also if it was not. ERR_LOCKED if it wants a passphrase and none
 * is given (NULL), ERR_DENIED if that one is wrong, ERR_UNAVAILABLE if there is no place to keep the
 * store open in, ERR_USAGE for what cannot be a passphrase. `interactive` lets the store show a
 * prompt of its own, for this question, as store->interactive does for all.
 */
int store_unlock(struct store_client *store, bool interactive, const struct secret *passphrase,
		 struct err *err) MUST_CHECK;

/* Forgets what opens the store; 0 also where there is nothing to forget. */
int store_lock(struct store_client *store, struct err *err) MUST_CHECK;

/*
 * Sets a passphrase, in place of what protected the store before, or with NULL removes it. The
 * store must be open, and stays so. ERR_FAILED where a store cannot have one.
 */
int store_set_passphrase(struct store_client *store, const struct secret *passphrase,
			 struct err *err) MUST_CHECK;
