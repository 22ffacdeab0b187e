/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "base/url.h"
#include "core/record.h"
#include "core/store.h"

#define TOKEN  "hf_not_a_real_token"
#define HUB    ENDPOINT_HUB
#define MIRROR "https://mirror.example:8443"

static int open_text(const char *text, size_t size, const char *endpoint, struct secret *ret,
		     struct err *err)
{
	AUTOSECRET struct secret record = {0};

	assert_int_equal(secret_add(&record, text, size), 0);
	return record_open(&record, endpoint, ret, err);
}

static void a_record_is_the_token_and_its_binding(void **state UNUSED)
{
	AUTOSECRET struct secret token = {0};
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret again = {0};

	assert_int_equal(secret_add_text(&token, TOKEN), 0);
	assert_int_equal(record_make(&token, HUB, 1790769600, &record, NULL), 0);
	assert_string_equal(secret_text(&record),
			    TOKEN "\nendpoint=" HUB "\ncreated=2026-09-30T12:00:00Z\n");
	assert_int_equal(record_open(&record, HUB, &again, NULL), 0);
	assert_true(secret_equal(&token, &again));
}

static void a_token_comes_out_for_its_endpoint_only(void **state UNUSED)
{
	static const struct {
		const char *record, *endpoint;
		bool bound;
	} cases[] = {
		{TOKEN "\nendpoint=" HUB "\n", HUB, true},
		{TOKEN "\nendpoint=" HUB "\n", MIRROR, false},
		{TOKEN "\nendpoint=" MIRROR "\n", HUB, false},
		/* several */
		{TOKEN "\nendpoint=" MIRROR "\nendpoint=" HUB "\n", HUB, true},
		{TOKEN "\nendpoint=" MIRROR "\nendpoint=" HUB "\n", MIRROR, true},
		{TOKEN "\nendpoint=" MIRROR "\nendpoint=" HUB "\n", "https://a.example", false},
		/* among lines of a newer version */
		{TOKEN "\ncreated=x\nfuture=1\nendpoint=" HUB "\nmore=\n", HUB, true},
		{TOKEN "\nendpoint=" HUB, HUB, true},
		/* exactly, and as an endpoint */
		{TOKEN "\nendpoint=" HUB "/\n", HUB, false},
		{TOKEN "\nendpoint=" HUB ":443\n", HUB, false},
		{TOKEN "\nendpoint=" HUB ".evil.example\n", HUB, false},
		{TOKEN "\nendpoint=HTTPS://HUGGINGFACE.CO\n", HUB, false},
		{TOKEN "\nendpoint= " HUB "\n", HUB, false},
		{TOKEN "\nEndpoint=" HUB "\n", HUB, false},
		{TOKEN "\nendpoints=" HUB "\n", HUB, false},
		{TOKEN "\nnote=endpoint=" HUB "\n", HUB, false},
		{"endpoint=" HUB "\ncreated=x\n", HUB, false},
		/* not bound at all: there is nothing to fall back on */
		{TOKEN "\n", HUB, false},
		{TOKEN, HUB, false},
		{TOKEN "\ncreated=2026-09-30T12:00:00Z\n", HUB, false},
		{TOKEN "\nendpoint=\n", HUB, false},
		/* behind the empty line that ends a record */
		{TOKEN "\n\nendpoint=" HUB "\n", HUB, false},
		/* nonsense */
		{"", HUB, false},
		{"\n", HUB, false},
		{"\nendpoint=" HUB "\n", HUB, false},
		{TOKEN "\nendpoint=" HUB "\nnonsense\n", HUB, false},
		{TOKEN "\n=" HUB "\n", HUB, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret token = {0};
		struct err err = {0};
		int error = open_text(cases[i].record, strlen(cases[i].record),
				      cases[i].endpoint, &token, &err);

		if (error != (cases[i].bound ? 0 : ERR_DAMAGED))
			fail_msg("case %zu: %d", i, error);
		assert_string_equal(secret_text(&token), cases[i].bound ? TOKEN : "");
		assert_null(strstr(err.message, TOKEN));
		assert_null(strstr(err.hint, TOKEN));
	}
}

static void a_nul_makes_no_binding(void **state UNUSED)
{
	static const char record[] = TOKEN "\nendpoint=" HUB "\0.evil.example\n";
	AUTOSECRET struct secret token = {0};

	assert_int_equal(open_text(record, sizeof(record) - 1, HUB, &token, NULL), ERR_DAMAGED);
	assert_int_equal(token.size, 0);
}

/* What was cut off is refused, or still is the whole token. */
static void a_cut_record_never_gives_a_part_of_the_token(void **state UNUSED)
{
	static const char record[] = TOKEN "\nendpoint=" HUB "\ncreated=2026-09-30T12:00:00Z\n";

	for (size_t size = 0; size < sizeof(record); size++) {
		AUTOSECRET struct secret token = {0};

		if (open_text(record, size, HUB, &token, NULL) == 0)
			assert_string_equal(secret_text(&token), TOKEN);
		else
			assert_int_equal(token.size, 0);
	}
}

static void opening_leaves_the_record_as_it_is(void **state UNUSED)
{
	static const char text[] = TOKEN "\nendpoint=" HUB "\n";
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret token = {0};

	assert_int_equal(secret_add_text(&record, text), 0);
	assert_int_equal(record_open(&record, HUB, &token, NULL), 0);
	assert_string_equal(secret_text(&record), text);
}

static void an_endpoint_cannot_add_lines(void **state UNUSED)
{
	static const char *const endpoints[] = {HUB "\nendpoint=" MIRROR, HUB "\r", "\n"};
	AUTOSECRET struct secret token = {0};

	assert_int_equal(secret_add_text(&token, TOKEN), 0);
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++) {
		AUTOSECRET struct secret record = {0};

		assert_int_equal(record_make(&token, endpoints[i], 0, &record, NULL),
				 ERR_FORMAT);
		assert_int_equal(record.size, 0);
	}
}

static void records_have_a_limit(void **state UNUSED)
{
	AUTOSECRET struct secret token = {0};
	AUTOSECRET struct secret record = {0};
	AUTOSECRET struct secret untouched = {0};
	size_t frame = strlen("\nendpoint=" HUB "\ncreated=2026-09-30T12:00:00Z\n");

	while (token.size + frame < RECORD_MAX)
		assert_int_equal(secret_add(&token, "x", 1), 0);
	assert_int_equal(record_make(&token, HUB, 1790769600, &record, NULL), 0);
	assert_int_equal(record.size, RECORD_MAX);
	assert_int_equal(secret_add(&token, "x", 1), 0);
	assert_int_equal(record_make(&token, HUB, 1790769600, &untouched, NULL), ERR_FORMAT);
	assert_int_equal(untouched.size, 0);
}

static void ids_are_hexadecimal_with_a_revision(void **state UNUSED)
{
#define HEX "0123456789abcdef0123456789abcdef"
	static const struct {
		const char *id;
		bool legal;
	} cases[] = {
		{HEX ".1", true},
		{HEX ".4294967295", true},
		{HEX ".4294967296", false},
		{HEX ".0", false},
		{HEX ".01", false},
		{HEX ".", false},
		{HEX, false},
		{HEX ".1x", false},
		{HEX ".-1", false},
		{HEX ".1 ", false},
		{HEX "0.1", false},
		{"0.1", false},
		{"0123456789ABCDEF0123456789ABCDEF.1", false},
		{"0123456789abcdef0123456789abcde.1", false},
		{"../../../../../../../../etc/pass.1", false},
		{"", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(store_is_id(cases[i].id), cases[i].legal);
		if (cases[i].legal)
			assert_true(strlen(cases[i].id) < RECORD_ID_SIZE);
	}
}

static void store_names_cannot_lead_elsewhere(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool legal;
	} cases[] = {
		{"file", true},
		{"secret-service", true},
		{"a", true},
		{"x2", true},
		{"abcdefghijklmnopqrstuvwxyz01234", true},
		{"abcdefghijklmnopqrstuvwxyz012345", false},
		{"", false},
		{"File", false},
		{"2x", false},
		{"-x", false},
		{"../file", false},
		{"a/b", false},
		{"a.b", false},
		{"a b", false},
		{"a\n", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(store_is_name(cases[i].name), cases[i].legal);
}

static void a_record_says_when_it_was_made(void **state UNUSED)
{
	static const struct {
		const char *record;
		int64_t created;
	} cases[] = {
		{TOKEN "\nendpoint=" HUB "\ncreated=2026-09-30T12:00:00Z\n", 1790769600},
		{TOKEN "\ncreated=2026-09-30T12:00:00Z\nendpoint=" HUB "\n", 1790769600},
		{TOKEN "\nfuture=1\ncreated=2026-09-30T12:00:00Z", 1790769600},
		{TOKEN "\nendpoint=" HUB "\n", TIME_UNKNOWN},
		{TOKEN "\ncreated=yesterday\n", TIME_UNKNOWN},
		{"created=2026-09-30T12:00:00Z\nendpoint=" HUB "\n", TIME_UNKNOWN},
		{TOKEN "\nnonsense\ncreated=2026-09-30T12:00:00Z\n", TIME_UNKNOWN},
		{TOKEN, TIME_UNKNOWN},
		{"", TIME_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret record = {0};

		assert_int_equal(secret_add_text(&record, cases[i].record), 0);
		if (record_created(&record) != cases[i].created)
			fail_msg("%s", cases[i].record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_the_token_and_its_binding),
		cmocka_unit_test(a_token_comes_out_for_its_endpoint_only),
		cmocka_unit_test(a_nul_makes_no_binding),
		cmocka_unit_test(a_cut_record_never_gives_a_part_of_the_token),
		cmocka_unit_test(opening_leaves_the_record_as_it_is),
		cmocka_unit_test(an_endpoint_cannot_add_lines),
		cmocka_unit_test(records_have_a_limit),
		cmocka_unit_test(a_record_says_when_it_was_made),
		cmocka_unit_test(ids_are_hexadecimal_with_a_revision),
		cmocka_unit_test(store_names_cannot_lead_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
