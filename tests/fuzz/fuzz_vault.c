/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault: any bytes are refused or understood within their bounds; records and header entries of
 * any form, sealed, come out as they were, and not once a bit is changed. The input is a vault; or,
 * behind a byte that says where, the entries of a header and records.
 */
#include "tests/fuzz/fuzz.h"

#include "backends/file_records.h"
#include "backends/file_slot.h"

static const char key_bytes[] = "0123456789abcdef0123456789abcdef";

static void check_slots(const struct vault *vault, const struct secret *key)
{
	AUTOSECRET struct secret found = {0};
	struct slot_scrypt scrypt;
	struct vault_entry entry;
	size_t position = 0;
	bool any = false;

	while (vault_next_entry(vault, &position, &entry)) {
		CHECK(entry.content + entry.size <= vault->entries + vault->entries_size);
		any |= entry.kind == VAULT_SLOT_PASSPHRASE;
	}
	CHECK(position == vault->entries_size);
	CHECK(slots_of(vault).passphrase == any);
	if (slot_read_passphrase(vault, &scrypt, NULL) == 0) {
		CHECK(any && scrypt.log2_n >= 14 && scrypt.log2_n <= 20);
		CHECK(scrypt.r && scrypt.p && slot_is_same(vault, vault));
	}
	CHECK(slot_open_key_file(vault, key, &found, NULL) == ERR_DAMAGED && !found.size);
	CHECK(slot_open_passphrase(vault, key, &found, NULL) == ERR_DAMAGED && !found.size);
}

/* Texts of any bytes, if they are well-formed. */
static void check_records(const struct secret *records)
{
	struct record record;
	size_t position = 0;
	size_t count = 0;

	if (records_check(records, NULL))
		return;
	while (records_next(records, &position, &record)) {
		AUTOFREE char *id = strndup(record.id, record.id_size);
		struct record found;

		CHECK(id && record.text + record.text_size <= records->data + records->size);
		CHECK(record.text_size <= RECORD_MAX && record.id_size < RECORD_ID_SIZE);
		CHECK(strlen(id) < record.id_size || records_find(records, id, &found));
		count++;
	}
	CHECK(count == records_count(records));
}

static void check_removal(struct secret *records)
{
	size_t count = records_count(records);
	struct record record;
	size_t position = 0;

	while (records_check(records, NULL) == 0 && count > 0) {
		position = 0;
		CHECK(records_next(records, &position, &record));
		records_remove(records, &record);
		CHECK(records_check(records, NULL) == 0);
		CHECK(records_count(records) == --count);
	}
}

static void check_sealed(const struct secret *key, const struct vault *made,
			 const struct secret *records, size_t flip)
{
	AUTOBUF struct buf bytes = {0};
	AUTOSECRET struct secret again = {0};
	AUTOSECRET struct secret none = {0};
	struct vault vault;

	if (vault_seal(made, key, records, &bytes, NULL) ||
	    vault_parse(bytes.data, bytes.size, &vault, NULL))
		return;
	CHECK(vault_open(&vault, key, &again, NULL) == 0);
	CHECK(secret_equal(&again, records));
	CHECK(vault.entries_size == made->entries_size);
	bytes.data[flip % bytes.size] ^= (char)(1 << flip % 8);
	if (vault_parse(bytes.data, bytes.size, &vault, NULL) == 0)
		CHECK(vault_open(&vault, key, &none, NULL) == ERR_DAMAGED && !none.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSECRET struct secret key = {0};
	AUTOSECRET struct secret records = {0};
	struct vault vault;
	size_t entries;

	CHECK(secret_set(&key, key_bytes, CRYPTO_KEY_SIZE) == 0);
	if (vault_parse(data, size, &vault, NULL) == 0)
		check_slots(&vault, &key);
	if (!size || size > 4096)
		return 0;
	entries = data[0] % size;
	vault = (struct vault) {.entries = data + 1, .entries_size = entries, .flags = 7};
	CHECK(secret_set(&records, (const char *)data + 1 + entries, size - 1 - entries) == 0);
	check_sealed(&key, &vault, &records, size * 37 + data[size - 1]);
	check_records(&records);
	check_removal(&records);
	return 0;
}
