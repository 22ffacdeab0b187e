/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known answers of HKDF (RFC 5869, appendix A) and of AES-256-GCM (the test cases of its authors
 * with a zero nonce), and what binds a sealed text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "backends/file_crypto.h"

#define TEXT "hf_not_a_real_token"

static size_t from_hex(const char *hex, unsigned char *ret)
{
	size_t size = strlen(hex) / 2;

	for (size_t i = 0; i < size; i++) {
		const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		ret[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return size;
}

static void set_hex(struct secret *secret, const char *hex)
{
	unsigned char bytes[128];
	size_t size = from_hex(hex, bytes);

	assert_int_equal(secret_set(secret, (const char *)bytes, size), 0);
}

static void assert_hex(const void *data, size_t size, const char *hex)
{
	unsigned char bytes[128];

	assert_int_equal(size, from_hex(hex, bytes));
	assert_memory_equal(data, bytes, size);
}

static void hkdf_gives_the_answers_of_the_rfc(void **state UNUSED)
{
	static const struct {
		const char *key, *salt, *info, *derived;
	} cases[] = {
		{
			"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"000102030405060708090a0b0c",
			"f0f1f2f3f4f5f6f7f8f9",
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
		},
		{
			/* no salt: as many zeros as the hash is long */
			"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"0000000000000000000000000000000000000000000000000000000000000000",
			"",
			"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
		},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret key = {0};
		AUTOSECRET struct secret derived = {0};
		unsigned char salt[64];
		unsigned char info[64];
		size_t salt_size = from_hex(cases[i].salt, salt);
		size_t info_size = from_hex(cases[i].info, info);

		set_hex(&key, cases[i].key);
		assert_int_equal(
			crypto_derive(&key, salt, salt_size, info, info_size, &derived, NULL),
			0);
		assert_hex(derived.data, derived.size, cases[i].derived);
	}
}

static void gcm_gives_the_known_answers(void **state UNUSED)
{
	static const struct {
		const char *text, *sealed;
	} cases[] = {
		{"", "530f8afbc74536b9a963b4f1c4cb738b"},
		{"00000000000000000000000000000000",
		 "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret key = {0};
		AUTOSECRET struct secret text = {0};
		AUTOBUF struct buf sealed = {0};

		set_hex(&key,
			"0000000000000000000000000000000000000000000000000000000000000000");
		set_hex(&text, cases[i].text);
		assert_int_equal(crypto_encrypt(&key, NULL, 0, &text, &sealed, NULL), 0);
		assert_hex(sealed.data, sealed.size, cases[i].sealed);
	}
}

/* Something sealed, and all that must be the same to open it. */
struct fixture {
	struct secret key;
	struct secret text;
	struct buf sealed;
	struct crypto_box box;
	unsigned char salt[CRYPTO_SALT_SIZE];
};

static void fixture_release(struct fixture *fixture)
{
	secret_release(&fixture->key);
	secret_release(&fixture->text);
	buf_release(&fixture->sealed);
}

static void fixture_init(struct fixture *fixture, size_t size)
{
	*fixture = (struct fixture) {0};
	assert_int_equal(crypto_random_key(&fixture->key, NULL), 0);
	assert_int_equal(crypto_random(fixture->salt, sizeof(fixture->salt), NULL), 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(secret_add(&fixture->text, TEXT + i % strlen(TEXT), 1), 0);
	fixture->box = (struct crypto_box) {
		.key = &fixture->key,
		.salt = fixture->salt,
		.purpose = "test",
		.bound = "header",
		.bound_size = 6,
	};
	assert_int_equal(crypto_seal(&fixture->box, &fixture->text, &fixture->sealed, NULL), 0);
}

static int reopen(const struct fixture *fixture, const struct crypto_box *box, size_t size,
		  struct secret *ret)
{
	return crypto_open(box, (const unsigned char *)fixture->sealed.data, size, ret, NULL);
}

static void what_is_sealed_opens(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 100000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CLEANUP(fixture_release) struct fixture fixture;
		AUTOSECRET struct secret text = {0};

		fixture_init(&fixture, sizes[i]);
		assert_int_equal(fixture.sealed.size, sizes[i] + CRYPTO_TAG_SIZE);
		assert_int_equal(reopen(&fixture, &fixture.box, fixture.sealed.size, &text), 0);
		assert_true(secret_equal(&text, &fixture.text));
	}
}

static void nothing_else_opens_it(void **state UNUSED)
{
	CLEANUP(fixture_release) struct fixture fixture;
	CLEANUP(fixture_release) struct fixture other;
	AUTOSECRET struct secret text = {0};
	struct crypto_box box;

	fixture_init(&fixture, 40);
	fixture_init(&other, 40);
	box = fixture.box;
	box.key = &other.key;
	assert_int_equal(reopen(&fixture, &box, fixture.sealed.size, &text), ERR_DAMAGED);
	box = fixture.box;
	box.salt = other.salt;
	assert_int_equal(reopen(&fixture, &box, fixture.sealed.size, &text), ERR_DAMAGED);
	box = fixture.box;
	box.purpose = "other";
	assert_int_equal(reopen(&fixture, &box, fixture.sealed.size, &text), ERR_DAMAGED);
	box = fixture.box;
	box.bound = "Header";
	assert_int_equal(reopen(&fixture, &box, fixture.sealed.size, &text), ERR_DAMAGED);
	for (size_t size = 0; size < fixture.sealed.size; size++)
		assert_int_equal(reopen(&fixture, &fixture.box, size, &text), ERR_DAMAGED);
	assert_null(text.data);
}

static void a_key_has_one_size(void **state UNUSED)
{
	static const unsigned char salt[CRYPTO_SALT_SIZE];
	AUTOSECRET struct secret key = {0};
	AUTOSECRET struct secret text = {0};
	AUTOBUF struct buf sealed = {0};

	set_hex(&key, "00112233");
	set_hex(&text, "44");
	assert_int_equal(crypto_encrypt(&key, salt, sizeof(salt), &text, &sealed, NULL),
			 ERR_FAILED);
	assert_int_equal(sealed.size, 0);
}

static void random_bytes_differ(void **state UNUSED)
{
	AUTOSECRET struct secret one = {0};
	AUTOSECRET struct secret other = {0};

	assert_int_equal(crypto_random_key(&one, NULL), 0);
	assert_int_equal(crypto_random_key(&other, NULL), 0);
	assert_int_equal(one.size, CRYPTO_KEY_SIZE);
	assert_false(secret_equal(&one, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hkdf_gives_the_answers_of_the_rfc),
		cmocka_unit_test(gcm_gives_the_known_answers),
		cmocka_unit_test(what_is_sealed_opens),
		cmocka_unit_test(nothing_else_opens_it),
		cmocka_unit_test(a_key_has_one_size),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
