/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/checksum.h"
#include "base/text.h"
#include "base/url.h"
#include "core/export_text.h"

#define WORK   "hf_not_a_real_token_of_alice"
#define CI     "hf_not_a_real_token_of_a_robot"
#define MIRROR "https://mirror.example:8443"

static struct token token_of(const char *name, const char *endpoint)
{
	return (struct token) {.name = name,
			       .endpoint = endpoint,
			       .account = "",
			       .kind = KIND_OTHER,
			       .expires = TIME_UNKNOWN};
}

static void add(struct secret *text, const struct token *token, const char *value,
		bool is_default)
{
	AUTOSECRET struct secret secret = {0};

	assert_int_equal(secret_add_text(&secret, value), 0);
	assert_int_equal(export_add(text, token, &secret, is_default, NULL), 0);
}

/* Two tokens, of which all is known and nothing. */
static void write_two(struct secret *text)
{
	struct token work = token_of("work", ENDPOINT_HUB);
	struct token ci = token_of("ci", MIRROR);

	work.account = "alice";
	work.kind = KIND_FINE_GRAINED;
	work.expires = 1790769600;
	assert_int_equal(export_begin(text, NULL), 0);
	add(text, &work, WORK, true);
	add(text, &ci, CI, false);
	assert_int_equal(export_end(text, 2, NULL), 0);
}

static int parse(const char *data, size_t size, struct exported *ret, struct secret *text,
		 struct err *err)
{
	assert_int_equal(secret_set(text, data, size), 0);
	return export_parse(text, ret, err);
}

static void what_is_written_is_read(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOEXPORTED struct exported got = {.count = 0};

	write_two(&text);
	assert_begins(secret_text(&text),
		      "hftoken-export 1\n"
		      "name=work\nendpoint=" ENDPOINT_HUB
		      "\naccount=alice\nkind=fine-grained\ndefault=yes\n"
		      "expires=2026-09-30T12:00:00Z\ntoken=" WORK "\n\n"
		      "name=ci\nendpoint=" MIRROR "\nkind=other\ntoken=" CI "\n\n"
		      "end count=2 check=");
	assert_int_equal(export_parse(&text, &got, NULL), 0);
	assert_int_equal(got.count, 2);
	assert_string_equal(got.tokens[0].name, "work");
	assert_string_equal(got.tokens[0].endpoint, ENDPOINT_HUB);
	assert_string_equal(got.tokens[0].account, "alice");
	assert_string_equal(got.tokens[0].token, WORK);
	assert_int_equal(got.tokens[0].kind, KIND_FINE_GRAINED);
	assert_int_equal(got.tokens[0].expires, 1790769600);
	assert_true(got.tokens[0].is_default);
	assert_string_equal(got.tokens[1].endpoint, MIRROR);
	assert_string_equal(got.tokens[1].account, "");
	assert_true(got.tokens[1].expires == TIME_UNKNOWN);
	assert_false(got.tokens[1].is_default);
}

static void none_is_an_export_too(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOEXPORTED struct exported got = {.count = 7};

	assert_int_equal(export_begin(&text, NULL), 0);
	assert_int_equal(export_end(&text, 0, NULL), 0);
	assert_int_equal(export_parse(&text, &got, NULL), 0);
	assert_int_equal(got.count, 0);
}

static void every_truncation_is_noticed(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};

	write_two(&text);
	for (size_t size = 0; size < text.size; size++) {
		AUTOSECRET struct secret part = {0};
		AUTOEXPORTED struct exported got = {.count = 0};
		struct err err = {0};

		if (parse(text.data, size, &got, &part, &err) != ERR_DAMAGED)
			fail_msg("%zu bytes: %s", size, err.message);
		assert_int_equal(got.count, 0);
		assert_null(strstr(err.message, "hf_"));
	}
}

static void every_changed_byte_is_noticed(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};

	write_two(&text);
	for (size_t at = 0; at < text.size; at++) {
		for (int bit = 0; bit < 8; bit++) {
			AUTOSECRET struct secret changed = {0};
			AUTOEXPORTED struct exported got = {.count = 0};
			struct err err = {0};

			assert_int_equal(secret_set(&changed, text.data, text.size), 0);
			changed.data[at] = (char)(changed.data[at] ^ 1 << bit);
			if (!export_parse(&changed, &got, &err))
				fail_msg("byte %zu, bit %d", at, bit);
			assert_int_equal(got.count, 0);
		}
	}
}

/* The blocks with a last line that fits them. */
static void close_it(struct secret *text, unsigned count)
{
	char line[80];

	(void)snprintf(line, sizeof(line), "end count=%u check=%016llx\n", count,
		       (unsigned long long)checksum(text->data, text->size));
	assert_int_equal(secret_add_text(text, line), 0);
}

#define FIRST "hftoken-export 1\n"
#define BLOCK "name=work\nendpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n"

static void what_makes_no_sense_is_refused_whole(void **state UNUSED)
{
	static const struct {
		const char *text;
		unsigned count;
		int error;
	} cases[] = {
		{FIRST BLOCK, 1, 0},
		{FIRST "future=1\n" BLOCK, 1, 0},
		{FIRST BLOCK, 0, ERR_DAMAGED},
		{FIRST BLOCK, 2, ERR_DAMAGED},
		{FIRST BLOCK, EXPORT_TOKENS_MAX + 1, ERR_DAMAGED},
		{FIRST BLOCK "name=ci\nendpoint=" MIRROR "\n\n", 2, ERR_DAMAGED},
		/* no name, or one that is none */
		{FIRST "endpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n", 1, ERR_DAMAGED},
		{FIRST "name=\nendpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n", 1, ERR_DAMAGED},
		{FIRST "name=../x\nendpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		{FIRST "name=env\nendpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		{FIRST "name=" WORK "\nendpoint=" ENDPOINT_HUB "\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		/* bound to nothing, or in another spelling */
		{FIRST "name=work\ntoken=" WORK "\n\n", 1, ERR_DAMAGED},
		{FIRST "name=work\nendpoint=\ntoken=" WORK "\n\n", 1, ERR_DAMAGED},
		{FIRST "name=work\nendpoint=https://hf.co\ntoken=" WORK "\n\n", 1, ERR_DAMAGED},
		{FIRST "name=work\nendpoint=HTTPS://huggingface.co\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		{FIRST "name=work\nendpoint=http://huggingface.co\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		{FIRST "name=work\nendpoint=" ENDPOINT_HUB "/x\ntoken=" WORK "\n\n", 1,
		 ERR_DAMAGED},
		/* doubles: which one would count? */
		{FIRST "endpoint=" MIRROR "\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "name=other\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "token=" CI "\n" BLOCK, 1, ERR_DAMAGED},
		/* no token */
		{FIRST "name=work\nendpoint=" ENDPOINT_HUB "\ntoken=\n\n", 1, ERR_DAMAGED},
		{FIRST "name=work\nendpoint=" ENDPOINT_HUB "\n\n", 1, ERR_DAMAGED},
		/* times, lines */
		{FIRST "expires=tomorrow\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "nonsense\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "=x\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "\n" BLOCK, 1, ERR_DAMAGED},
		{FIRST "\n" BLOCK, 2, ERR_DAMAGED},
		/* an account that cannot be shown is left out */
		{FIRST "account=\033[31mroot\n" BLOCK, 1, 0},
		{FIRST "kind=of-the-future\n" BLOCK, 1, 0},
		/* the first line */
		{"hftoken-export 2\n" BLOCK, 1, ERR_TOO_NEW},
		{"hftoken-export 0\n" BLOCK, 1, ERR_DAMAGED},
		{"hftoken-export x\n" BLOCK, 1, ERR_DAMAGED},
		{"hftoken-export \n" BLOCK, 1, ERR_DAMAGED},
		{"hftoken-export 11111111111111111111111111\n" BLOCK, 1, ERR_DAMAGED},
		{BLOCK, 1, ERR_FORMAT},
		{"hf_a_token\n", 0, ERR_FORMAT},
		{"{\"tokens\":{}}\n", 0, ERR_FORMAT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOEXPORTED struct exported got = {.count = 0};
		struct err err = {0};
		int error;

		assert_int_equal(secret_add_text(&text, cases[i].text), 0);
		close_it(&text, cases[i].count);
		error = export_parse(&text, &got, &err);
		if (error != cases[i].error)
			fail_msg("case %zu: %d (%s)", i, error, err.message);
		assert_null(strstr(err.message, WORK));
		assert_int_equal(got.count, error ? 0 : 1);
		if (!error)
			assert_string_equal(got.tokens[0].account, "");
	}
}

static void what_stands_behind_the_end_is_noticed(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret twice = {0};
	AUTOEXPORTED struct exported got = {.count = 0};

	write_two(&text);
	assert_int_equal(secret_add(&twice, text.data, text.size), 0);
	assert_int_equal(secret_add(&twice, text.data, text.size), 0);
	assert_int_equal(export_parse(&twice, &got, NULL), ERR_DAMAGED);
	assert_int_equal(secret_add_text(&text, "\n"), 0);
	assert_int_equal(export_parse(&text, &got, NULL), ERR_DAMAGED);
}

static void a_value_cannot_add_lines(void **state UNUSED)
{
	static const char *const values[] = {"hf_x\ntoken=hf_y", "hf_x\r", "\n"};
	struct token work = token_of("work", ENDPOINT_HUB);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret secret = {0};

		assert_int_equal(secret_add_text(&secret, values[i]), 0);
		assert_int_equal(export_add(&text, &work, &secret, false, NULL), ERR_FORMAT);
	}
}

static void there_are_limits(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret secret = {0};
	AUTOEXPORTED struct exported got = {.count = 0};
	struct token work = token_of("work", ENDPOINT_HUB);
	size_t count = 0;
	int error = 0;

	for (size_t i = 0; i < TOKEN_SECRET_MAX; i++)
		assert_int_equal(secret_add(&secret, "x", 1), 0);
	assert_int_equal(export_begin(&text, NULL), 0);
	assert_int_equal(export_end(&text, EXPORT_TOKENS_MAX + 1, NULL), ERR_FORMAT);
	for (; !error && count < EXPORT_TOKENS_MAX; count++)
		error = export_add(&text, &work, &secret, false, NULL);
	assert_int_equal(error, ERR_FORMAT);
	assert_true(text.size <= EXPORT_MAX + TOKEN_SECRET_MAX + 512);
	while (text.size <= EXPORT_MAX)
		assert_int_equal(secret_add_text(&text, "x"), 0);
	assert_int_equal(export_parse(&text, &got, NULL), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(none_is_an_export_too),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(what_makes_no_sense_is_refused_whole),
		cmocka_unit_test(what_stands_behind_the_end_is_noticed),
		cmocka_unit_test(a_value_cannot_add_lines),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
