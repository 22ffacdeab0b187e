/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the person at the terminal. Answers are read from /dev/tty with read(2), so that a
 * secret passes through no stdio buffer; Ctrl-C gives the terminal back its echo and ends the
 * question with ERR_CANCELLED.
 */
#pragma once

#include "base/secret.h"

#define PROMPT_MS 120000

/*
 * Whether questions may be asked: stdin and stderr are a terminal, and neither HFTOKEN_NO_INPUT nor
 * CI is set.
 */
bool prompt_possible(void);

/* The same where stdin is a pipe that was read: questions go to the terminal all the same. */
bool prompt_possible_on_tty(void);

/* One line, without echo. */
int prompt_secret(const char *question, struct secret *ret, struct err *err) MUST_CHECK;

/* What y, yes, n or no in any case mean; UNKNOWN for anything else. */
enum tristate prompt_meaning(const char *answer);

/* Enter alone means `usual`. */
int prompt_yes(const char *question, bool usual, bool *ret, struct err *err) MUST_CHECK;

/* Waits for Enter; ERR_CANCELLED for anything else. */
int prompt_enter(const char *question, struct err *err) MUST_CHECK;

/* A numbered list; `current` (-1: none) is marked, and what Enter alone means. */
int prompt_menu(const char *question, const char *const items[], size_t count, int current,
		size_t *ret, struct err *err) MUST_CHECK;
