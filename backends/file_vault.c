/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_vault.h"

#include <string.h>

#include "backends/file_bytes.h"

/* Where things are in the first VAULT_HEADER_SIZE bytes. */
enum offset {
	AT_MAJOR = 8,
	AT_MINOR = 10,
	AT_FLAGS = 12,
	AT_HEADER_SIZE = 16,
	AT_TOTAL_SIZE = 20,
	AT_GENERATION = 24,
	AT_ID = 32,
	AT_SALT = 48,
};

/*
 * As in PNG: a byte that is not ASCII shows a transfer that drops the eighth bit, CR LF and LF one
 * that rewrites line ends, and ^Z stops a terminal.
 */
static const unsigned char magic[8] = {0x89, 'H', 'F', 'V', '\r', '\n', 0x1a, '\n'};

_Static_assert(VAULT_SIZE_MAX <= SECRET_MAX, "the records must fit into one secret");

static const char purpose[] = "hftoken vault 1: records";

static int damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, "the vault is damaged: %s", what);
}

static int too_new(struct err *err, const char *what)
{
	int error = err_set(err, ERR_TOO_NEW, "the vault was written by a newer hftoken: %s",
			    what);

	(void)err_hint(err, "update hftoken");
	return error;
}

static int check_magic(const unsigned char *data, size_t size, struct err *err)
{
	if (size == 0)
		return damaged(err, "it is empty");
	if (size < VAULT_HEADER_SIZE + CRYPTO_TAG_SIZE)
		return damaged(err, "it is cut off");
	if (memcmp(data, magic, sizeof(magic)) == 0)
		return 0;
	if (memcmp(data, magic, 4) == 0)
		return damaged(err, "it was copied as text, which changed its line ends");
	return damaged(err, "it does not begin as a vault does");
}

static int check_sizes(const unsigned char *data, size_t size, struct err *err)
{
	size_t header = read_u32(data + AT_HEADER_SIZE);
	size_t total = read_u32(data + AT_TOTAL_SIZE);

	if (total != size)
		return damaged(err, total > size ? "it is cut off" : "something was added");
	if (header < VAULT_HEADER_SIZE || header > VAULT_HEADER_MAX ||
	    header > total - CRYPTO_TAG_SIZE)
		return damaged(err, "its header has an impossible size");
	return 0;
}

/* 1 with an entry, 0 at the end, ERR_DAMAGED for one that does not fit in. */
static int read_entry(const struct vault *vault, size_t *position, struct vault_entry *ret)
{
	const unsigned char *next = vault->entries + *position;
	size_t left = vault->entries_size - *position;
	size_t size;

	if (left == 0)
		return 0;
	if (left < VAULT_ENTRY_SIZE)
		return ERR_DAMAGED;
	size = read_u16(next + 2);
	if (size > left - VAULT_ENTRY_SIZE)
		return ERR_DAMAGED;
	*ret = (struct vault_entry) {
		.kind = read_u16(next),
		.content = next + VAULT_ENTRY_SIZE,
		.size = size,
	};
	*position += VAULT_ENTRY_SIZE + size;
	return 1;
}

static int check_entries(const struct vault *vault, struct err *err)
{
	struct vault_entry entry;
	size_t position = 0;
	int found;

	while ((found = read_entry(vault, &position, &entry)) > 0) {
		if (entry.kind & VAULT_CRITICAL)
			return too_new(err, "its header has an unknown entry");
	}
	return found < 0 ? damaged(err, "its header is not well-formed") : 0;
}

int vault_parse(const void *data, size_t size, struct vault *ret, struct err *err)
{
	const unsigned char *bytes = data;
	struct vault vault;
	int error = check_magic(bytes, size, err);

	if (error)
		return error;
	/* Behind another major version nothing need be where it is here. */
	if (read_u16(bytes + AT_MAJOR) > VAULT_MAJOR)
		return too_new(err, "it has another layout");
	if (read_u16(bytes + AT_MAJOR) < VAULT_MAJOR)
		return damaged(err, "its version does not exist");
	error = check_sizes(bytes, size, err);
	if (error)
		return error;
	vault = (struct vault) {
		.minor = read_u16(bytes + AT_MINOR),
		.flags = read_u32(bytes + AT_FLAGS),
		.generation = read_u64(bytes + AT_GENERATION),
		.header = bytes,
		.header_size = read_u32(bytes + AT_HEADER_SIZE),
	};
	memcpy(vault.id, bytes + AT_ID, sizeof(vault.id));
	memcpy(vault.salt, bytes + AT_SALT, sizeof(vault.salt));
	vault.entries = bytes + VAULT_HEADER_SIZE;
	vault.entries_size = vault.header_size - VAULT_HEADER_SIZE;
	vault.body = bytes + vault.header_size;
	vault.body_size = size - vault.header_size;
	if (vault.flags & VAULT_FLAGS_CRITICAL & ~VAULT_FLAGS_KNOWN)
		return too_new(err, "it has an unknown flag");
	error = check_entries(&vault, err);
	if (error)
		return error;
	*ret = vault;
	return 0;
}

bool vault_next_entry(const struct vault *vault, size_t *position, struct vault_entry *ret)
{
	return read_entry(vault, position, ret) > 0;
}

void vault_add_entry(struct buf *entries, uint16_t kind, const void *content, size_t size)
{
	unsigned char head[VAULT_ENTRY_SIZE];

	if (size > UINT16_MAX) {
		entries->failed = true;
		return;
	}
	write_u16(head, kind);
	write_u16(head + 2, (uint16_t)size);
	buf_add(entries, head, sizeof(head));
	buf_add(entries, content, size);
}

static struct crypto_box body_box(const struct secret *key, const unsigned char *salt,
				  const void *header, size_t header_size)
{
	return (struct crypto_box) {
		.key = key,
		.salt = salt,
		.purpose = purpose,
		.bound = header,
		.bound_size = header_size,
	};
}

int vault_open(const struct vault *vault, const struct secret *key, struct secret *ret_records,
	       struct err *err)
{
	struct crypto_box box = body_box(key, vault->salt, vault->header, vault->header_size);
	int error = crypto_open(&box, vault->body, vault->body_size, ret_records, err);

	return error == ERR_DAMAGED ? damaged(err, "content and checksum do not fit") : error;
}

static void add_header(const struct vault *vault, size_t header_size, size_t total,
		       struct buf *ret)
{
	unsigned char header[VAULT_HEADER_SIZE];

	memcpy(header, magic, sizeof(magic));
	write_u16(header + AT_MAJOR, VAULT_MAJOR);
	write_u16(header + AT_MINOR, vault->minor);
	write_u32(header + AT_FLAGS, vault->flags);
	write_u32(header + AT_HEADER_SIZE, (uint32_t)header_size);
	write_u32(header + AT_TOTAL_SIZE, (uint32_t)total);
	write_u64(header + AT_GENERATION, vault->generation);
	memcpy(header + AT_ID, vault->id, sizeof(vault->id));
	memcpy(header + AT_SALT, vault->salt, sizeof(vault->salt));
	buf_add(ret, header, sizeof(header));
	buf_add(ret, vault->entries, vault->entries_size);
}

int vault_seal(const struct vault *vault, const struct secret *key,
	       const struct secret *records, struct buf *ret, struct err *err)
{
	size_t start = ret->size;
	size_t header_size;
	size_t total;
	struct crypto_box box;

	if (vault->entries_size > VAULT_HEADER_MAX - VAULT_HEADER_SIZE)
		return err_set(err, ERR_NO_SPACE, "the header of the vault is full");
	header_size = VAULT_HEADER_SIZE + vault->entries_size;
	if (records->size > VAULT_SIZE_MAX - CRYPTO_TAG_SIZE - header_size)
		return err_set(err, ERR_NO_SPACE, "the vault is full");
	total = header_size + records->size + CRYPTO_TAG_SIZE;
	/* All at once, so that the header does not move while it is being bound to the body. */
	if (!buf_reserve(ret, total))
		return err_no_memory(err);
	add_header(vault, header_size, total, ret);
	box = body_box(key, vault->salt, ret->data + start, header_size);
	return crypto_seal(&box, records, ret, err);
}
