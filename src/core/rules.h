/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of rules: `rules` in the settings folder, meant to be edited by hand as well, and
 * /etc/hftoken/rules for a whole machine. A rule of the user's that matches goes before all of the
 * machine's; within a file the most specific one counts, wherever it stands (see core/rule.h).
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "core/rule.h"

#define RULES_FILE_MAX ((size_t)1 << 20)

struct rules {
	struct buf texts[RULE_FILES];
	char *paths[RULE_FILES]; /* of the files, for people; NULL where there is no home */
};

struct rule_list {
	struct rule *rules;
	size_t count;
	size_t capacity;
};

/*
 * Reads both files; a missing one is empty. ERR_DAMAGED for one with a NUL in it. `ret` is empty on
 * failure.
 */
int rules_load(struct rules *ret, struct err *err) MUST_CHECK;
void rules_release(struct rules *rules);

/* Waits while somebody changes the user's rules; not for long, and never for who reads. */
#define RULES_WAIT_MS 250
void rules_wait(void);
#define AUTORULES CLEANUP(rules_release)

void rule_list_release(struct rule_list *list);
#define AUTORULELIST CLEANUP(rule_list_release)

/*
 * The rules that match, the best first. Two for the same thing that name different tokens are both
 * there, with a problem. They point into the texts of `rules`. Lines that do not match cost one
 * look at their first word.
 */
int rules_find(const struct rules *rules, const struct rule_request *request,
	       struct rule_list *ret, struct err *err) MUST_CHECK;

/* All of them, in the order of the files, also those that make no sense. */
int rules_list(const struct rules *rules, struct rule_list *ret, struct err *err) MUST_CHECK;

/* The same for one text, as if it were that file; appends, and finds no doubles. */
int rules_read(const char *text, enum rule_file file, struct rule_list *ret,
	       struct err *err) MUST_CHECK;

/* ---- changes of the user's file: under a lock, whole or not at all ------------------------------ */

/*
 * Adds a rule in place of the one (or the doubles) with the same pattern, operation and directory;
 * every other line stays as it is. ERR_USAGE for a rule that makes no sense.
 */
int rules_add(const struct rule *rule, struct err *err) MUST_CHECK;

/*
 * Removes what `is_meant` says yes to; counts how many went. The file is not touched if none did.
 */
typedef bool (*rule_choice)(const struct rule *rule, const void *user);
int rules_remove(rule_choice is_meant, const void *user, size_t *ret_count,
		 struct err *err) MUST_CHECK;

/*
 * Rules follow a token's new name: `begin` finds out what is to be written, and that it may be, and
 * keeps other writers out; `finish` writes it once the new name is in force. Nothing is changed, or
 * made, where no rule names the token. Release in any case.
 */
struct rules_rename {
	struct buf text; /* of the file, as it will be */
	size_t count;    /* rules that name the token */
	int folder;
	int lock;
};
#define RULES_RENAME_NONE                \
	{                                \
		.folder = -1, .lock = -1 \
	}
int rules_rename_begin(struct rules_rename *rename, const char *from, const char *to,
		       struct err *err) MUST_CHECK;
int rules_rename_finish(struct rules_rename *rename, struct err *err) MUST_CHECK;
void rules_rename_release(struct rules_rename *rename);
#define AUTORULESRENAME CLEANUP(rules_rename_release)
