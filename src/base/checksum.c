/* SPDX-License-Identifier: Apache-2.0 */
#include "base/checksum.h"

#include <endian.h>
#include <string.h>

/* Odd, so that multiplying loses nothing; otherwise of no meaning (the golden ratio's digits). */
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

static uint64_t step(uint64_t state, uint64_t word)
{
	state = (state ^ word) * FACTOR;
	return state ^ state >> 29;
}

uint64_t checksum(const char *data, size_t size)
{
	uint64_t state = step(FACTOR, size);
	uint64_t word;

	for (; size >= sizeof(word); size -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		state = step(state, le64toh(word));
		data += sizeof(word);
	}
	if (size > 0) {
		word = 0;
		memcpy(&word, data, size);
		state = step(state, le64toh(word));
	}
	return step(state, 0);
}
