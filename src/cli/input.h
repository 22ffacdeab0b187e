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
