/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in the vault are big-endian and not aligned.
 */
#pragma once

#include <stdint.h>

static inline uint16_t read_u16(const unsigned char *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static inline uint32_t read_u32(const unsigned char *data)
{
	return (uint32_t)read_u16(data) << 16 | read_u16(data + 2);
}

static inline uint64_t read_u64(const unsigned char *data)
{
	return (uint64_t)read_u32(data) << 32 | read_u32(data + 4);
}

static inline void write_u16(unsigned char *data, uint16_t number)
{
	data[0] = (unsigned char)(number >> 8);
	data[1] = (unsigned char)number;
}

static inline void write_u32(unsigned char *data, uint32_t number)
{
	write_u16(data, (uint16_t)(number >> 16));
	write_u16(data + 2, (uint16_t)number);
}

static inline void write_u64(unsigned char *data, uint64_t number)
{
	write_u32(data, (uint32_t)(number >> 32));
	write_u32(data + 4, (uint32_t)number);
}
