/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each of our programs does first.
 */
#pragma once

#include "base/secret.h"

/*
 * Not dumpable, no core, umask 077, descriptors 0–2 open, SIGPIPE ignored. First call in main().
 */
void program_harden(void);

/*
 * The same, but program_restore() can undo all of it: the limit on cores may be raised again, which
 * only a privileged process could do else. program_seal() makes up for that.
 */
void program_harden_for_now(void);
void program_seal(void);

/*
 * Takes the token out of HF_TOKEN (or HUGGING_FACE_HUB_TOKEN where that is unset or empty) and
 * wipes both from the environment, so that neither /proc/PID/environ nor a child shows it. A value
 * of white space alone counts as set, but gives no token: so does huggingface_hub. Not to be
 * called before an exec of a program that wants the variable.
 */
int program_take_token(struct err *err) MUST_CHECK;

/* Wipes what was taken. Last call in main() of who took it. */
void program_forget_token(void);

/* What was found in one of the two variables, before it was cleaned. */
enum variable_state {
	VARIABLE_UNSET,
	VARIABLE_EMPTY,
	VARIABLE_BLANK, /* white space alone: it counts as set, and gives no token */
	VARIABLE_SET,
};
struct program_variable {
	const char *name;
	enum variable_state state;
	bool changed;        /* by the cleaning: line breaks or outer white space were in it */
	struct secret value; /* cleaned */
};
#define PROGRAM_VARIABLES 2

/* HF_TOKEN, then HUGGING_FACE_HUB_TOKEN, as they were. Valid until program_forget_token(). */
const struct program_variable *program_variables(void);

/* The token taken; empty if there is none. Valid as long. */
struct secret *program_token(void);

/* The variable that it was in, which is the one to unset; HF_TOKEN if there is none. */
const char *program_token_variable(void);

/* What `unset` has to be given for no token to be there: that one, or both where both hold one. */
const char *program_token_variables(void);

/* Whether nobody is to be asked anything: HFTOKEN_NO_INPUT, CI. */
bool program_no_input(void);

/*
 * Undoes program_harden() as far as a program that is exec'ed instead of us inherits it: the mask,
 * the limit, the signals, the descriptors that were closed. exec itself makes it dumpable again.
 */
void program_restore(void);
