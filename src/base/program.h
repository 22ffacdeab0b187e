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
 * Takes the token out of HF_TOKEN (or HUGGING_FACE_HUB_TOKEN where that is unset or empty) and
 * wipes both from the environment, so that neither /proc/PID/environ nor a child shows it. A value
 * of white space alone counts as set, but gives no token: so does huggingface_hub. Not to be
 * called before an exec of a program that wants the variable.
 */
int program_take_token(struct err *err) MUST_CHECK;

/* The token taken; empty if there is none. Valid until the program ends. */
struct secret *program_token(void);

/* The variable that it was in, which is the one to unset; HF_TOKEN if there is none. */
const char *program_token_variable(void);
