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

static uint64_t word_at(const char *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return le64toh(word);
}

#define LANES 4
#define BLOCK (LANES * sizeof(uint64_t))

/* Every fourth word by itself: a step waits for the one before, and four can be under way at once. */
static uint64_t sum_blocks(uint64_t state, const char *data, size_t blocks)
{
	uint64_t lanes[LANES];

	for (unsigned i = 0; i < LANES; i++)
		lanes[i] = step(state, i);
	for (; blocks; blocks--, data += BLOCK) {
		lanes[0] = step(lanes[0], word_at(data));
		lanes[1] = step(lanes[1], word_at(data + 8));
		lanes[2] = step(lanes[2], word_at(data + 16));
		lanes[3] = step(lanes[3], word_at(data + 24));
	}
	for (unsigned i = 0; i < LANES; i++)
		state = step(state, lanes[i]);
	return state;
}

uint64_t checksum(const char *data, size_t size)
{
	uint64_t state = step(FACTOR, size);
	uint64_t word;

	if (size >= BLOCK) {
		state = sum_blocks(state, data, size / BLOCK);
		data += size - size % BLOCK;
		size %= BLOCK;
	}
	for (; size >= sizeof(word); size -= sizeof(word)) {
		state = step(state, word_at(data));
		data += sizeof(word);
	}
	if (size > 0) {
		word = 0;
		memcpy(&word, data, size);
		state = step(state, le64toh(word));
	}
	return step(state, 0);
}
