/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that must not be called anywhere, as compile errors. The Makefile includes this file
 * before every source file; the system headers that declare the functions come first, because a
 * poisoned name may not even be declared again.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* no bound, or a bound that is easily taken for another one */
#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf gets
/* static state, or errors that cannot be told from values */
#pragma GCC poison strtok atoi atol atoll gmtime localtime ctime asctime
/* races */
#pragma GCC poison mktemp tmpnam tempnam
