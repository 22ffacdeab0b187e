/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault as bytes: a header that anybody may read, and a sealed body. README.md has the layout.
 *
 *	struct vault vault;
 *
 *	vault_parse(bytes, size, &vault, err)          looks at the header
 *	slot_open(&vault, file_key, &key, err)         file_slot.h: gives the vault key
 *	vault_open(&vault, &key, &records, err)        proves header and body, gives the records
 *
 * To write, the struct is filled (or taken over from the version read, so that what this version
 * does not know survives), generation and salt are made new, and vault_seal() builds the bytes.
 */
#pragma once

#include "backends/file_crypto.h"

#define VAULT_SIZE_MAX    ((size_t)2 << 20) /* so that the records fit into one secret */
#define VAULT_HEADER_SIZE ((size_t)80)      /* before the entries */
#define VAULT_HEADER_MAX  ((size_t)64 << 10)
#define VAULT_ID_SIZE     ((size_t)16)
#define VAULT_ENTRY_SIZE  ((size_t)4) /* kind and size, before its content */

#define VAULT_MAJOR 1
#define VAULT_MINOR 0

/* A flag in this half that is not known forbids reading; one in the other half is kept. */
#define VAULT_FLAGS_CRITICAL UINT32_C(0xffff0000)
#define VAULT_FLAGS_KNOWN    UINT32_C(0)

enum vault_kind {
	VAULT_SLOT_KEY_FILE = 0x0101,
	VAULT_SLOT_PASSPHRASE = 0x0102,
	VAULT_SLOTS = 0x0100, /* 0x0100–0x01ff: ways to the vault key, any one is enough */
	VAULT_SLOTS_MASK = 0xff00,
	VAULT_CRITICAL = 0x8000, /* kinds with this bit must be known by who reads the vault */
};

/* Points into the bytes it was parsed from; owns nothing. */
struct vault {
	uint16_t minor;
	uint32_t flags;
	uint64_t generation; /* counts the writes */
	unsigned char id[VAULT_ID_SIZE];
	unsigned char salt[CRYPTO_SALT_SIZE];
	const unsigned char *entries;
	size_t entries_size;
	const unsigned char *header; /* everything before the body: its associated data */
	size_t header_size;
	const unsigned char *body; /* ciphertext and tag */
	size_t body_size;
};

struct vault_entry {
	uint16_t kind;
	const unsigned char *content;
	size_t size;
};

/*
 * Checks all that can be checked without a key. ERR_TOO_NEW for a version, flag or entry that only
 * a newer program understands, else ERR_DAMAGED.
 */
int vault_parse(const void *data, size_t size, struct vault *ret, struct err *err) MUST_CHECK;

/* The entry at `position`, which moves behind it; false at the end. */
bool vault_next_entry(const struct vault *vault, size_t *position, struct vault_entry *ret);

/* Appends an entry to what will be `entries`. */
void vault_add_entry(struct buf *entries, uint16_t kind, const void *content, size_t size);

/* ERR_DAMAGED unless header and body are, to the bit, what was sealed with this key. */
int vault_open(const struct vault *vault, const struct secret *key, struct secret *ret_records,
	       struct err *err) MUST_CHECK;

/*
 * Appends the bytes of a vault, from all fields but the last four. ERR_NO_SPACE if they would be
 * more than a vault may have.
 */
int vault_seal(const struct vault *vault, const struct secret *key,
	       const struct secret *records, struct buf *ret, struct err *err) MUST_CHECK;
