/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checksum against accidents (not against attackers): 64 bits, eight bytes at a time, in four
 * lanes that are joined where the last whole block of 32 bytes ends.
 *
 * Each step is a one-to-one map of the state for a given word, and of the word for a given state.
 * So a change confined to one eight-byte word always changes the result; any other change escapes
 * with a chance of 2^-64. A CRC would be slower than all else that a look-up does.
 */
#pragma once

#include "base/base.h"

uint64_t checksum(const char *data, size_t size);
