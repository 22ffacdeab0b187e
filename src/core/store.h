/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store contract: what a place that keeps secrets must do, and how it is asked.
 *
 * A store is a program of its own, `libexec/hftoken/store-NAME`, so that what it links (nettle,
 * GLib) costs nothing where it is not needed, and so that one that hangs can be killed. It is made
 * of one file in backends/ that fills a `struct store_backend`, and the shared backends/main.c that
 * speaks the protocol below. The other side is core/store_client.h.
 *
 * The store sees a secret record as an opaque text of at most RECORD_MAX bytes, each line ended by
 * a newline, under an id of the form `<32 hex digits>.<revision>`.
 *
 * Wire: messages of `key=value` lines ended by an empty line (base/lines.h), one answer for each
 * question, until end of file.
 *
 *	question	store=1			version, always first
 *			op=get|put|del|list|probe|unlock|lock|passphrase|
 *			   recover
 *			deadline=1500		milliseconds that the caller will wait
 *			interactive=0|1		a prompt may be shown (by unlock and put)
 *			id=…			get, put, del
 *			record[]=…		put: the record, line by line, in order
 *			label=, service=, username=	put: for people who look into the store
 *			passphrase=…		unlock, passphrase: as it was typed, not empty
 *			apply=0|1		recover: 0 only says what there is
 *	answer		store=1
 *			status=ok|not-found|locked|unavailable|timed-out|denied|unsafe|damaged|
 *				too-new|busy|read-only|no-space|io|failed
 *			message=, hint=		where status is not ok
 *			record[]=…		get
 *			id[]=…			list
 *			protects=, capability[]=	probe, also where status is not ok
 *			count=, written=, aside=	recover
 *
 * Unknown keys are ignored on both sides.
 */
#pragma once

#include "base/buf.h"
#include "base/io.h"

#define STORE_VERSION     "1"
#define STORE_MESSAGE_MAX ((size_t)256 << 10)  /* a question */
#define STORE_ANSWER_MAX  ((size_t)1536 << 10) /* a list of STORE_RECORDS_MAX ids fits */
#define STORE_NAME_MAX    31                   /* [a-z][a-z0-9-]* */
#define RECORD_MAX        ((size_t)16 << 10)
#define RECORD_ID_SIZE    48 /* 32 hex digits, a dot, a decimal revision, NUL */
#define STORE_RECORDS_MAX 20000
#define PASSPHRASE_MAX    ((size_t)1024) /* bytes */

/*
 * The errors of a store, told apart because users act differently on each:
 *
 *	ERR_NOT_FOUND	the store was read, and has no such record. Only then: a locked, absent or
 *			silent store never says so
 *	ERR_LOCKED	a password or passphrase is needed first
 *	ERR_UNAVAILABLE	the store is not there (no bus, no home)
 *	ERR_TIMED_OUT	it did not answer by the deadline
 *	ERR_DENIED	it is there, and refuses us; of `unlock`: the passphrase is wrong
 *	ERR_UNSAFE	others could read or change it; nothing was read
 *	ERR_DAMAGED	what is there is not what was written
 *	ERR_TOO_NEW	written by a newer hftoken
 *	ERR_BUSY	another writer holds the lock
 *	ERR_READ_ONLY, ERR_NO_SPACE, ERR_IO
 */

enum store_capability {
	STORE_WRITES = 1,
	STORE_LISTS_LOCKED = 2, /* `list` works while the store is locked */
	STORE_ENCRYPTS = 4, /* what is at rest cannot be read without a key kept elsewhere */
	STORE_PROMPTS = 8,  /* `unlock` may ask the user */
	STORE_REMOTE = 16,
	STORE_PASSPHRASE = 32, /* protected by a passphrase: `unlock` wants it */
};

/* The names on the wire. */
#define STORE_CAPABILITIES 6
extern const struct store_capability_name {
	enum store_capability capability;
	const char *name;
} store_capability_names[STORE_CAPABILITIES];

struct store_call {
	deadline_ms deadline;
	bool interactive;
};

/* The version before, which can be put in place of one that is damaged or missing. */
struct store_backup {
	uint64_t count;  /* of records */
	int64_t written; /* seconds since 1970, or TIME_UNKNOWN */
	char aside
		[512]; /* where the damaged one is kept, once it is replaced; "" if there was none */
};

/* What a person sees in the store beside the secret. */
struct store_label {
	const char *label;    /* Hugging Face token "work" (alice) */
	const char *service;  /* host */
	const char *username; /* account, or "" */
};

/* What a probe tells. */
struct store_report {
	const char *protects;          /* one honest sentence */
	enum store_capability besides; /* what holds now, besides the store's `capabilities` */
};

/*
 * Every function returns 0 or one of the errors above and fills `err`; ret_ parameters are
 * untouched on failure. `get` and `list` never prompt. `put` and `del` are all or nothing for any
 * later `get`, and durable when they return 0. `put` refuses an id that is there already (a record
 * is never overwritten); `del` of an id that is not there is ERR_NOT_FOUND.
 */
struct store_backend {
	const char *name;
	enum store_capability capabilities;
	/* 0 if the store can be used now. `ret` is filled in any case. */
	int (*probe)(const struct store_call *call, struct store_report *ret, struct err *err);
	int (*get)(const struct store_call *call, const char *id, struct secret *ret,
		   struct err *err);
	int (*put)(const struct store_call *call, const char *id, const struct secret *record,
		   const struct store_label *label, struct err *err);
	int (*del)(const struct store_call *call, const char *id, struct err *err);
	/* Appends each id and a newline. */
	int (*list)(const struct store_call *call, struct buf *ret, struct err *err);
	/* These may be NULL. The passphrase is NULL if none is given, else it was checked. */
	int (*unlock)(const struct store_call *call, const struct secret *passphrase,
		      struct err *err);
	int (*lock)(const struct store_call *call, struct err *err);
	/* Sets a passphrase, or with NULL removes it. The store must be open, and stays so. */
	int (*set_passphrase)(const struct store_call *call, const struct secret *passphrase,
			      struct err *err);
	/*
	 * Says what there is to put in place of a store that is damaged or missing, and does it with
	 * `apply`; deletes nothing. ERR_NOT_FOUND: there is nothing to recover. May be NULL.
	 */
	int (*recover)(const struct store_call *call, bool apply, struct store_backup *ret,
		       struct err *err);
};

/*
 * ERR_USAGE for what cannot be a passphrase: one that is empty or longer than PASSPHRASE_MAX, or
 * holds a line break or NUL, which would end its line on the wire. Any other byte is taken as it
 * is typed.
 */
int store_check_passphrase(const struct secret *passphrase, struct err *err) MUST_CHECK;

/* Whether a text is a record id, or a store name: letters, digits and lengths as above. */
bool store_is_id(const char *text);
bool store_is_id_part(const char *text); /* without the revision */
bool store_is_name(const char *text);
