/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes down what a command does to files, in the order in which it does it: a line for each call
 * that succeeded. Numbers are inodes, paths are absolute, data is in hexadecimal digits.
 *
 *	create INODE PATH		also where the file was there already
 *	write INODE OFFSET DATA		truncate INODE SIZE
 *	sync INODE			syncdir PATH
 *	rename OLD NEW			link OLD NEW
 *	unlink PATH			mkdir PATH		rmdir PATH
 *
 * Paths with a space or a newline in them are an error: tests name none.
 */
#pragma once

#include <stdio.h>

#include "tests/faults/trace.h"

/* At the exit of a call; nothing is written for one that changes no file. */
void record_call(FILE *log, const struct task *task, int64_t result);
