/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a token that somebody hands to us.
 */
#pragma once

#include "base/secret.h"

/*
 * Everything up to the end of the file, without white space around it. There is time for a password
 * manager behind the pipe to ask its user first. Every failure but one of memory is ERR_FAILED: it
 * is no file of ours.
 */
int input_token(int fd, struct secret *ret, struct err *err) MUST_CHECK;

/*
 * One line without its end, a byte at a time, so that what follows is left for who reads next; `max`
 * bytes of it at most, the rest is left too. ERR_FAILED as above.
 */
int input_line(int fd, size_t max, struct secret *ret, struct err *err) MUST_CHECK;
