/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a check-up found: an ordered list of findings, each of one check, with a way to mend it.
 *
 *	findings->check = "git";
 *	findings_add(findings, FINDING_WARNING, "git does not ask hftoken for %s", host);
 *	findings_command(findings, "hftoken setup git");
 *
 * Texts are cleaned, and what looks like a token in them is masked. A fix is either a line that works
 * when it is pasted into a shell, or words for a person.
 */
#pragma once

#include "base/base.h"
#include "base/err.h"

/* Of one check; more are counted. What is wrong takes the place of what is not. */
#define FINDINGS_EACH 50

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_ERROR, FINDING_LEVELS };
extern const char *const finding_level_names[FINDING_LEVELS]; /* as in JSON */

struct finding {
	const char *check; /* a constant */
	enum finding_level level;
	char *text;
	char *fix;    /* NULL if nothing is to be done */
	bool command; /* the fix is a line for a shell */
};

struct findings {
	struct finding *list;
	size_t count;
	size_t capacity;
	const char *check; /* of the findings to come */
	size_t of_check;   /* findings that it has */
	size_t left_out;
	enum finding_level left_out_worst; /* FINDING_OK if none is */
	bool dropped;                      /* the last one was left out: so is its fix */
	bool failed;                       /* no memory: ask once, at the end */
};

void findings_release(struct findings *findings);
#define AUTOFINDINGS CLEANUP(findings_release)

/* The findings to come are of this check. */
void findings_begin(struct findings *findings, const char *check);

void findings_add(struct findings *findings, enum finding_level level, const char *format, ...)
	PRINTF(3, 4);

/*
 * How to mend the last one. A command that could not be shown byte for byte, since a control
 * character or a token is in it, becomes words: nobody shall paste another one than was meant.
 */
void findings_command(struct findings *findings, const char *format, ...) PRINTF(2, 3);
void findings_advice(struct findings *findings, const char *format, ...) PRINTF(2, 3);

/* An error as a finding: its hint is the advice. */
void findings_add_err(struct findings *findings, enum finding_level level,
		      const struct err *err);

/* The worst level from the `from`-th finding on; FINDING_OK if there are none. */
enum finding_level findings_worst(const struct findings *findings, size_t from);
