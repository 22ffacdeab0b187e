/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgements of `hftoken doctor` that need nothing but what they are told. All are pure.
 */
#pragma once

#include <sys/stat.h>

#include "base/secret.h"
#include "core/catalogue.h"
#include "core/findings.h"
#include "core/store.h"

/* ---- values of variables ---------------------------------------------------------------------- */

/* What is wrong with a token in a variable, once it was trimmed; NULL if nothing is. */
const char *checkup_token(const struct secret *value);

/*
 * What is wrong with a proxy variable as libcurl reads it: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/];
 * NULL if nothing is. `ret` is the value with the user's part masked, to be shown. Source: curl(1),
 * "PROXY PROTOCOL PREFIXES".
 */
#define PROXY_SHOWN_SIZE 200
const char *checkup_proxy(const char *value, char ret[PROXY_SHOWN_SIZE]);

/* ---- versions and times ----------------------------------------------------------------------- */

/* "git version 2.39.5", "hftoken 0.1.0": the first number in it, in three parts. False for none. */
bool checkup_version(const char *text, unsigned ret[3]);

/* Whether it is at least that one. */
bool checkup_is_version(const unsigned version[3], unsigned major, unsigned minor,
			unsigned patch);

/* The Date of an HTTP answer, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7); no other form. */
bool checkup_http_date(const char *text, int64_t *ret_seconds);

/* How many seconds are too many between two clocks, and when an end is near. */
#define CHECKUP_CLOCK_SECONDS 300
#define CHECKUP_SOON_DAYS     14
#define CHECKUP_VERIFIED_DAYS 30

enum checkup_life { LIFE_LONG, LIFE_ENDS_SOON, LIFE_OVER };
/* `ret_days` is how many whole days are left; 0 if it is over or never ends. */
enum checkup_life checkup_life(int64_t expires, int64_t now, int64_t *ret_days);

/* ---- files ------------------------------------------------------------------------------------ */

enum checkup_kind {
	CHECKUP_FOLDER,        /* ours alone */
	CHECKUP_PUBLIC_FOLDER, /* of settings: others may look into it */
	CHECKUP_FILE,
	CHECKUP_PUBLIC_FILE,
};

enum checkup_fault {
	FAULT_NONE,
	FAULT_KIND,  /* a link, or no file (no folder) at all */
	FAULT_OWNER, /* somebody else's */
	FAULT_WRITE, /* others can change it */
	FAULT_READ,  /* others can read it */
};

/* What is wrong with a file of ours; `status` is lstat's, or stat's of what a public link leads to. */
enum checkup_fault checkup_file(const struct stat *status, enum checkup_kind kind, uid_t user);

/*
 * Whether it is the name of a file that is being written: one of ours with .new behind it, or
 * .NAME.hftoken-0123456789abcdef.
 */
bool checkup_is_temporary(const char *name);

/* By what is left for us; a file system that counts no files has `files` 0. */
enum finding_level checkup_space(uint64_t bytes_left, uint64_t files, uint64_t files_left);

/* ---- records ---------------------------------------------------------------------------------- */

enum checkup_record {
	RECORD_ORPHAN,  /* in the store, and no token leads to it */
	RECORD_SHADOW,  /* the same, of a token that has a later one now */
	RECORD_LATER,   /* the same, and not older than the one that the catalogue names */
	RECORD_MISSING, /* named by the catalogue, and not in the store */
};

/* `token` is NULL for RECORD_ORPHAN. Texts live for the call. */
typedef void (*checkup_found)(void *user, enum checkup_record what, const char *record_id,
			      const struct token *token);

/*
 * Compares what a store lists (ids, a line each) with what the catalogue says is in it. Records of a
 * token that is in another store now are shadows, too, unless they are as new.
 */
int checkup_records(const char *store, const char *ids, const struct catalogue *catalogue,
		    checkup_found found, void *user) MUST_CHECK;
