/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tokens a command is about.
 */
#pragma once

#include "cli/command.h"
#include "core/session.h"

#define SELECTED_MAX 1024

struct selection {
	struct token_ref *refs;
	size_t count;
};

void selection_release(struct selection *selection);
#define AUTOSELECTION CLEANUP(selection_release)

/* Adds a stored token by name, once. */
int selection_add(struct selection *selection, const struct session *session, const char *name,
		  struct err *err) MUST_CHECK;

/*
 * The operands and --name, or all with --all, or the only token there is, or one picked from a
 * menu asking `question`. ERR_NO_NAME for a name that is nobody's; ERR_USAGE if there are several
 * and no terminal; ERR_NO_TOKEN if there are none.
 */
int select_tokens(const struct cli *cli, struct session *session, const char *question,
		  struct selection *ret, struct err *err) MUST_CHECK;

/*
 * The token of a menu. With `keep` the default one is marked, and Enter alone chooses it; not where
 * a choice destroys something.
 */
int select_from_menu(const struct session *session, const char *question, bool keep,
		     const struct token **ret, struct err *err) MUST_CHECK;

/* ERR_NO_TOKEN where nothing is stored; what sources there are is told, and how they are taken away. */
int select_none(struct session *session, struct err *err);

/* ERR_NO_NAME for a source's token, where a stored one is needed; the hint is the caller's. */
int select_foreign(const char *name, struct err *err);

/* ERR_NO_NAME, with the hint that helps; of a source's token, how it is taken away. */
int select_no_such(const char *name, struct err *err);
