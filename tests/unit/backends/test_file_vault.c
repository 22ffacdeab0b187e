/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault as bytes: each damage that a byte, a bit or a splice can do, what newer programs may
 * have written, and the test vectors, which this program also makes:
 *
 *	HFTOKEN_WRITE_VECTORS=1 build/tests/backends/test_file_vault
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "backends/file_bytes.h"
#include "backends/file_records.h"
#include "backends/file_slot.h"
#include "base/file.h"

#define VECTORS            "tests/vectors"
#define ID(last)           "0123456789abcdef0123456789abcde" last ".1"
#define NON_CRITICAL_ENTRY 0x0042
#define UNKNOWN_SLOT       0x01fe

/* All that a vault is made of, and its bytes. */
struct sample {
	struct secret file_key;
	struct secret key;
	struct secret records;
	struct buf entries;
	struct vault vault;
	struct buf bytes;
};

static void sample_release(struct sample *sample)
{
	secret_release(&sample->file_key);
	secret_release(&sample->key);
	secret_release(&sample->records);
	buf_release(&sample->entries);
	buf_release(&sample->bytes);
}
#define AUTOSAMPLE CLEANUP(sample_release)

/* In place of randomness: `seed`, `seed` + 1… */
static void fill(void *ret, size_t size, unsigned char seed)
{
	unsigned char *bytes = ret;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(seed + i);
}

static void make_key(struct secret *ret, unsigned char seed)
{
	unsigned char bytes[CRYPTO_KEY_SIZE];

	fill(bytes, sizeof(bytes), seed);
	assert_int_equal(secret_set(ret, (const char *)bytes, sizeof(bytes)), 0);
}

static void add_record(struct sample *sample, const char *id, const char *content)
{
	AUTOSECRET struct secret text = {0};

	assert_int_equal(secret_add_text(&text, content), 0);
	assert_int_equal(records_add(&sample->records, id, &text, NULL), 0);
}

static void add_slot(struct sample *sample)
{
	unsigned char salt[CRYPTO_SALT_SIZE];

	fill(salt, sizeof(salt), 0x60);
	assert_int_equal(slot_add_key_file(&sample->entries, sample->vault.id, salt,
					   &sample->file_key, &sample->key, NULL),
			 0);
}

static void seal(struct sample *sample)
{
	buf_clear(&sample->bytes);
	sample->vault.entries = (const unsigned char *)sample->entries.data;
	sample->vault.entries_size = sample->entries.size;
	assert_int_equal(vault_seal(&sample->vault, &sample->key, &sample->records,
				    &sample->bytes, NULL),
			 0);
}

/* No records and no entries yet. */
static void sample_init(struct sample *sample, unsigned char seed)
{
	*sample = (struct sample) {.vault = {.minor = VAULT_MINOR, .generation = 1}};
	make_key(&sample->file_key, 0x10);
	make_key(&sample->key, 0x20);
	fill(sample->vault.id, sizeof(sample->vault.id), 0x40);
	fill(sample->vault.salt, sizeof(sample->vault.salt), seed);
	assert_int_equal(records_init(&sample->records, NULL), 0);
}

static void sample_init_small(struct sample *sample)
{
	sample_init(sample, 0x80);
	add_slot(sample);
	add_record(sample, ID("0"), "hf_first\nendpoint=https://huggingface.co\n");
	add_record(sample, ID("1"), "hf_second\nnote=\xc3\xa4\xe2\x82\xac\n");
	seal(sample);
}

/* What a reader does, from bytes to records. */
static int open_bytes(const void *data, size_t size, const struct secret *file_key,
		      struct secret *ret)
{
	AUTOSECRET struct secret key = {0};
	struct vault vault;
	int error = vault_parse(data, size, &vault, NULL);

	if (error)
		return error;
	if (!slots_of(&vault).key_file)
		return slots_of(&vault).unknown ? ERR_TOO_NEW : ERR_DAMAGED;
	error = slot_open_key_file(&vault, file_key, &key, NULL);
	if (!error)
		error = vault_open(&vault, &key, ret, NULL);
	return error ? error : records_check(ret, NULL);
}

static int open_sample(const struct sample *sample, struct secret *ret)
{
	return open_bytes(sample->bytes.data, sample->bytes.size, &sample->file_key, ret);
}

static void assert_refused(int error)
{
	assert_true(error == ERR_DAMAGED || error == ERR_TOO_NEW);
}

static void what_is_sealed_opens(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};
	struct vault vault;

	sample_init_small(&sample);
	assert_int_equal(open_sample(&sample, &records), 0);
	assert_true(secret_equal(&records, &sample.records));
	assert_int_equal(vault_parse(sample.bytes.data, sample.bytes.size, &vault, NULL), 0);
	assert_int_equal(vault.generation, 1);
	assert_memory_equal(vault.id, sample.vault.id, VAULT_ID_SIZE);
}

static void every_truncation_is_damage(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};

	sample_init_small(&sample);
	for (size_t size = 0; size < sample.bytes.size; size++)
		assert_int_equal(
			open_bytes(sample.bytes.data, size, &sample.file_key, &records),
			ERR_DAMAGED);
	assert_null(records.data);
}

static void every_added_byte_is_damage(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};

	sample_init_small(&sample);
	buf_add_char(&sample.bytes, '\0');
	assert_int_equal(open_sample(&sample, &records), ERR_DAMAGED);
}

static void every_flipped_bit_is_refused(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};

	sample_init_small(&sample);
	for (size_t bit = 0; bit < 8 * sample.bytes.size; bit++) {
		sample.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_refused(open_sample(&sample, &records));
		sample.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_null(records.data);
}

static void every_flipped_bit_of_the_key_is_refused(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};

	sample_init_small(&sample);
	for (size_t bit = 0; bit < 8 * CRYPTO_KEY_SIZE; bit++) {
		sample.file_key.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(open_sample(&sample, &records), ERR_DAMAGED);
		sample.file_key.data[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* Every beginning of one version with the end of another one. */
static void spliced_versions_are_damage(void **state UNUSED)
{
	AUTOSAMPLE struct sample one;
	AUTOSAMPLE struct sample other;
	AUTOSECRET struct secret records = {0};

	sample_init_small(&one);
	sample_init_small(&other);
	fill(other.vault.salt, sizeof(other.vault.salt), 0x90);
	other.vault.generation = 2;
	seal(&other);
	assert_int_equal(one.bytes.size, other.bytes.size);
	for (size_t cut = 1; cut < one.bytes.size; cut++) {
		AUTOBUF struct buf spliced = {0};

		buf_add(&spliced, one.bytes.data, cut);
		buf_add(&spliced, other.bytes.data + cut, other.bytes.size - cut);
		if (memcmp(spliced.data, one.bytes.data, spliced.size) == 0 ||
		    memcmp(spliced.data, other.bytes.data, spliced.size) == 0)
			continue;
		assert_int_equal(
			open_bytes(spliced.data, spliced.size, &one.file_key, &records),
			ERR_DAMAGED);
	}
}

/* The slot of another vault, although it is for the same key file. */
static void a_slot_opens_only_its_vault(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};

	sample_init(&sample, 0x80);
	add_slot(&sample);
	sample.vault.id[0] ^= 1;
	seal(&sample);
	assert_int_equal(open_sample(&sample, &records), ERR_DAMAGED);
}

static void damage_is_told_from_what_is_newer(void **state UNUSED)
{
	static const struct {
		const char *what;
		size_t offset;
		size_t size;
		uint32_t value;
		int expected;
		const char *message;
	} cases[] = {
		{"CR LF became LF", 4, 2, 0x0a1a, ERR_DAMAGED, "copied as text"},
		{"another kind of file", 0, 4, 0x7f454c46, ERR_DAMAGED, "does not begin"},
		{"major version", 8, 2, 2, ERR_TOO_NEW, "layout"},
		{"no version", 8, 2, 0, ERR_DAMAGED, "version"},
		{"critical flag", 12, 4, 0x00010000, ERR_TOO_NEW, "flag"},
		{"last critical flag", 12, 4, 0x80000000, ERR_TOO_NEW, "flag"},
		{"header too small", 16, 4, 79, ERR_DAMAGED, "impossible size"},
		{"header too large", 16, 4, 0xffffffff, ERR_DAMAGED, "impossible size"},
		{"header beyond the end", 16, 4, 0x200, ERR_DAMAGED, "impossible size"},
		{"header cuts an entry", 16, 4, 82, ERR_DAMAGED, "not well-formed"},
		{"total too small", 20, 4, 96, ERR_DAMAGED, "added"},
		{"total too large", 20, 4, 0xffffffff, ERR_DAMAGED, "cut off"},
		{"critical entry", 80, 2, 0x8001, ERR_TOO_NEW, "entry"},
		{"entry beyond the header", 82, 2, 0xffff, ERR_DAMAGED, "not well-formed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSAMPLE struct sample sample;
		struct err err = {0};
		struct vault vault;
		unsigned char *at;

		sample_init_small(&sample);
		at = (unsigned char *)sample.bytes.data + cases[i].offset;
		if (cases[i].size == 4)
			write_u32(at, cases[i].value);
		else
			write_u16(at, (uint16_t)cases[i].value);
		assert_int_equal(
			vault_parse(sample.bytes.data, sample.bytes.size, &vault, &err),
			cases[i].expected);
		if (!strstr(err.message, cases[i].message))
			fail_msg("%s: %s", cases[i].what, err.message);
	}
}

static void sample_init_newer(struct sample *sample)
{
	sample_init(sample, 0xa0);
	sample->vault.minor = 7;
	sample->vault.flags = 0x00000004;
	sample->vault.generation = UINT64_C(0x0102030405060708);
	vault_add_entry(&sample->entries, UNKNOWN_SLOT, "another way", 11);
	vault_add_entry(&sample->entries, NON_CRITICAL_ENTRY, "", 0);
	add_slot(sample);
	add_record(sample, ID("0"), "hf_kept\n");
	seal(sample);
}

/* A reader of this version opens what it can, and a rewrite keeps what it does not know. */
static void what_is_newer_and_not_critical_survives(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};
	AUTOBUF struct buf again = {0};
	struct vault vault;

	sample_init_newer(&sample);
	assert_int_equal(open_sample(&sample, &records), 0);
	assert_int_equal(vault_parse(sample.bytes.data, sample.bytes.size, &vault, NULL), 0);
	assert_true(slots_of(&vault).unknown);
	assert_int_equal(vault_seal(&vault, &sample.key, &records, &again, NULL), 0);
	assert_int_equal(again.size, sample.bytes.size);
	assert_memory_equal(again.data, sample.bytes.data, again.size);
}

static void slots_of_each_vault_are_told(void **state UNUSED)
{
	AUTOSAMPLE struct sample none;
	AUTOSAMPLE struct sample unknown;
	AUTOSECRET struct secret records = {0};

	sample_init(&none, 0x80);
	vault_add_entry(&none.entries, NON_CRITICAL_ENTRY, "x", 1);
	seal(&none);
	assert_int_equal(open_sample(&none, &records), ERR_DAMAGED);
	sample_init(&unknown, 0x80);
	vault_add_entry(&unknown.entries, UNKNOWN_SLOT, "x", 1);
	seal(&unknown);
	assert_int_equal(open_sample(&unknown, &records), ERR_TOO_NEW);
}

/* ---- the passphrase slot ---- */

/* What scrypt makes of "pass phrase: \xc3\xa4" with the parameters below; Python says the same. */
static const unsigned char derived[CRYPTO_KEY_SIZE] = {
	0x57, 0x91, 0xd5, 0x17, 0x20, 0x64, 0x8d, 0xd1, 0x06, 0x5f, 0x41,
	0xe2, 0x45, 0xc2, 0xd1, 0xdc, 0x6a, 0xf4, 0x06, 0xae, 0x5e, 0x47,
	0x8e, 0x0b, 0x5a, 0x11, 0x50, 0x2e, 0x86, 0xa6, 0x3c, 0x99};

static void make_slot_key(struct secret *ret)
{
	assert_int_equal(secret_set(ret, (const char *)derived, sizeof(derived)), 0);
}

static void sample_init_passphrase(struct sample *sample, uint16_t log2_n, uint16_t r,
				   uint16_t p)
{
	AUTOSECRET struct secret slot_key = {0};
	struct slot_scrypt scrypt = {.log2_n = log2_n, .r = r, .p = p};

	make_slot_key(&slot_key);
	fill(scrypt.salt, sizeof(scrypt.salt), 0x60);
	sample_init(sample, 0xc0);
	assert_int_equal(slot_add_passphrase(&sample->entries, sample->vault.id, &scrypt,
					     &slot_key, &sample->key, NULL),
			 0);
	add_record(sample, ID("0"), "hf_by_passphrase\n");
	seal(sample);
}

static void a_passphrase_slot_opens_with_its_key_alone(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret slot_key = {0};
	AUTOSECRET struct secret key = {0};
	struct slot_scrypt scrypt;
	struct vault vault;

	make_slot_key(&slot_key);
	sample_init_passphrase(&sample, 14, 4, 2);
	assert_int_equal(vault_parse(sample.bytes.data, sample.bytes.size, &vault, NULL), 0);
	assert_true(slots_of(&vault).passphrase);
	assert_false(slots_of(&vault).key_file || slots_of(&vault).unknown);
	assert_int_equal(slot_read_passphrase(&vault, &scrypt, NULL), 0);
	assert_int_equal(scrypt.log2_n, 14);
	assert_int_equal(scrypt.r, 4);
	assert_int_equal(scrypt.p, 2);
	assert_int_equal(scrypt.salt[0], 0x60);
	assert_int_equal(slot_open_passphrase(&vault, &slot_key, &key, NULL), 0);
	assert_true(secret_equal(&key, &sample.key));
	for (size_t bit = 0; bit < 8 * CRYPTO_KEY_SIZE; bit++) {
		slot_key.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(slot_open_passphrase(&vault, &slot_key, &key, NULL),
				 ERR_DAMAGED);
		slot_key.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	vault.id[0] ^= 1;
	assert_int_equal(slot_open_passphrase(&vault, &slot_key, &key, NULL), ERR_DAMAGED);
}

static void parameters_out_of_bounds_are_refused(void **state UNUSED)
{
	static const struct {
		uint16_t log2_n, r, p;
		int expected;
	} cases[] = {
		{14, 8, 1, 0},
		{16, 8, 1, 0},
		{20, 8, 1, 0},
		{14, 32, 4, 0},
		{16, 32, 4, 0},
		{18, 8, 4, 0},
		{13, 8, 1, ERR_DAMAGED},
		{0, 8, 1, ERR_DAMAGED},
		{16, 0, 1, ERR_DAMAGED},
		{16, 8, 0, ERR_DAMAGED},
		{21, 8, 1, ERR_TOO_NEW},
		{31, 8, 1, ERR_TOO_NEW},
		{64, 8, 1, ERR_TOO_NEW},
		{0xffff, 8, 1, ERR_TOO_NEW},
		{16, 33, 1, ERR_TOO_NEW},
		{16, 0xffff, 1, ERR_TOO_NEW},
		{16, 8, 5, ERR_TOO_NEW},
		{16, 8, 0xffff, ERR_TOO_NEW},
		{20, 9, 1, ERR_TOO_NEW},  /* each within bounds, but more than 1 GiB */
		{19, 32, 1, ERR_TOO_NEW}, /* 2 GiB */
		{20, 8, 2, ERR_TOO_NEW},  /* 1 GiB, twice */
		{17, 32, 4, ERR_TOO_NEW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSAMPLE struct sample sample;
		struct slot_scrypt scrypt = {0};
		struct vault vault;

		sample_init_passphrase(&sample, cases[i].log2_n, cases[i].r, cases[i].p);
		assert_int_equal(
			vault_parse(sample.bytes.data, sample.bytes.size, &vault, NULL), 0);
		assert_int_equal(slot_read_passphrase(&vault, &scrypt, NULL),
				 cases[i].expected);
		assert_int_equal(scrypt.log2_n, cases[i].expected ? 0 : cases[i].log2_n);
	}
}

static void a_passphrase_slot_of_another_size_is_damage(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 85, 87, 200};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTOSAMPLE struct sample sample;
		AUTOSECRET struct secret key = {0};
		struct slot_scrypt scrypt;
		struct vault vault;
		char content[200] = {0};

		sample_init(&sample, 0x80);
		vault_add_entry(&sample.entries, VAULT_SLOT_PASSPHRASE, content, sizes[i]);
		seal(&sample);
		assert_int_equal(
			vault_parse(sample.bytes.data, sample.bytes.size, &vault, NULL), 0);
		assert_int_equal(slot_read_passphrase(&vault, &scrypt, NULL), ERR_DAMAGED);
		assert_int_equal(slot_open_passphrase(&vault, &sample.file_key, &key, NULL),
				 ERR_DAMAGED);
	}
}

static void new_parameters_are_the_defaults_and_a_fresh_salt(void **state UNUSED)
{
	struct slot_scrypt one;
	struct slot_scrypt other;

	assert_int_equal(slot_new_scrypt(&one, NULL), 0);
	assert_int_equal(slot_new_scrypt(&other, NULL), 0);
	assert_int_equal(one.log2_n, 16);
	assert_int_equal(one.r, 8);
	assert_int_equal(one.p, 1);
	assert_memory_not_equal(one.salt, other.salt, sizeof(one.salt));
}

static void limits_hold(void **state UNUSED)
{
	AUTOSAMPLE struct sample sample;
	AUTOSECRET struct secret records = {0};
	AUTOBUF struct buf bytes = {0};
	size_t most;

	sample_init_small(&sample);
	most = VAULT_SIZE_MAX - VAULT_HEADER_SIZE - sample.entries.size - CRYPTO_TAG_SIZE;
	assert_int_equal(secret_reserve(&records, most), 0);
	records.size = most;
	assert_int_equal(vault_seal(&sample.vault, &sample.key, &records, &bytes, NULL), 0);
	assert_int_equal(bytes.size, VAULT_SIZE_MAX);
	records.size = most + 1;
	assert_int_equal(vault_seal(&sample.vault, &sample.key, &records, &bytes, NULL),
			 ERR_NO_SPACE);
	sample.vault.entries_size = VAULT_HEADER_MAX;
	assert_int_equal(vault_seal(&sample.vault, &sample.key, &records, &bytes, NULL),
			 ERR_NO_SPACE);
}

static void write_vector(const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), VECTORS "/%s", name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void assert_vector(const char *name, const void *data, size_t size)
{
	char content[1024];
	char path[128];
	FILE *file;

	if (getenv("HFTOKEN_WRITE_VECTORS"))
		write_vector(name, data, size);
	(void)snprintf(path, sizeof(path), VECTORS "/%s", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s: run this from the top of the source tree", path);
	assert_int_equal(fread(content, 1, sizeof(content), file), size);
	assert_int_equal(fclose(file), 0);
	assert_memory_equal(content, data, size);
}

/* To the byte: a vault written years ago must still be what we write. */
static void vectors_are_what_we_write(void **state UNUSED)
{
	AUTOSAMPLE struct sample empty;
	AUTOSAMPLE struct sample small;
	AUTOSAMPLE struct sample newer;
	AUTOSAMPLE struct sample passphrase;

	sample_init(&empty, 0x80);
	add_slot(&empty);
	seal(&empty);
	sample_init_small(&small);
	sample_init_newer(&newer);
	assert_vector("vault.key", small.file_key.data, small.file_key.size);
	assert_vector("empty.vault", empty.bytes.data, empty.bytes.size);
	assert_vector("small.vault", small.bytes.data, small.bytes.size);
	assert_vector("newer.vault", newer.bytes.data, newer.bytes.size);
	sample_init_passphrase(&passphrase, 14, 4, 2);
	assert_vector("passphrase.vault", passphrase.bytes.data, passphrase.bytes.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens),
		cmocka_unit_test(every_truncation_is_damage),
		cmocka_unit_test(every_added_byte_is_damage),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_flipped_bit_of_the_key_is_refused),
		cmocka_unit_test(spliced_versions_are_damage),
		cmocka_unit_test(a_slot_opens_only_its_vault),
		cmocka_unit_test(damage_is_told_from_what_is_newer),
		cmocka_unit_test(what_is_newer_and_not_critical_survives),
		cmocka_unit_test(slots_of_each_vault_are_told),
		cmocka_unit_test(a_passphrase_slot_opens_with_its_key_alone),
		cmocka_unit_test(parameters_out_of_bounds_are_refused),
		cmocka_unit_test(a_passphrase_slot_of_another_size_is_damage),
		cmocka_unit_test(new_parameters_are_the_defaults_and_a_fresh_salt),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(vectors_are_what_we_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
