/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How store-file asks the program `derive-key` for the key of a passphrase. That is a program of its
 * own because scrypt is in OpenSSL, which would cost every other start of the store dear.
 *
 * Question, on stdin until end of file: "hfk1", then log2 N, r and p (two bytes each, big-endian), the
 * salt (32 bytes), and the passphrase, up to the end. Answer, on stdout: the key, 32 bytes. Exit
 * status: one of the below. What cannot be the answer of a program of the same build is a failure.
 *
 * scrypt: RFC 7914. N and r say how much memory it takes (128 N r bytes), p how often.
 */
#pragma once

#include "backends/file_crypto.h"
#include "core/store.h"

#define DERIVE_MAGIC      "hfk1"
#define DERIVE_HEAD_SIZE  (sizeof(DERIVE_MAGIC) - 1 + 6 + CRYPTO_SALT_SIZE)
#define DERIVE_MEMORY_MAX ((uint64_t)1 << 30)

enum derive_exit {
	DERIVE_OK = 0,
	DERIVE_FAILED = 1,
	DERIVE_NO_MEMORY = 2,
};
