/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/git_store.h"

static char seen[512];

/* Writes down what it is shown; what has "gone" as its password goes. */
static bool note(void *user UNUSED, const struct credential *credential)
{
	size_t used = strlen(seen);

	(void)snprintf(seen + used, sizeof(seen) - used, "%s,%s,%s,%s;", credential->scheme,
		       credential->user, credential->password, credential->host);
	return strcmp(credential->password, "gone") == 0;
}

static void lines_go_as_a_whole_and_others_stay(void **state UNUSED)
{
	static const struct {
		const char *text, *seen, *rest;
		size_t count;
	} cases[] = {
		{"", "", "", 0},
		{"https://a:gone@huggingface.co\n", "https,a,gone,huggingface.co;", "", 1},
		{"https://a:gone@huggingface.co", "https,a,gone,huggingface.co;", "", 1},
		{"https://me:x@github.com\nhttps://a:gone@hf.co\nhttps://b:y@c\n",
		 "https,me,x,github.com;https,a,gone,hf.co;https,b,y,c;",
		 "https://me:x@github.com\nhttps://b:y@c\n", 1},
		/* percents: of the user, of the password */
		{"https://al%69ce:g%6Fne@h:8443\n", "https,alice,gone,h:8443;", "", 1},
		{"https://a%40b:%67one@h\n", "https,a@b,gone,h;", "", 1},
		/* and of the host: git writes the colon before a port so */
		{"https://a:gone@127.0.0.1%3a8443\n", "https,a,gone,127.0.0.1:8443;", "", 1},
		/* a path, which git writes with useHttpPath */
		{"https://a:gone@h/acme/m1\n", "https,a,gone,h;", "", 1},
		{"https://a:x/y@h\n", "", "https://a:x/y@h\n", 0},
		/* what is no credential: kept, and not shown */
		{"# https://a:gone@h\n", "# https,a,gone,h;", "", 1},
		{"nonsense\n\n  \nhttps://h\nhttps://a@h\nhttps://a:@h\n", "",
		 "nonsense\n\n  \nhttps://h\nhttps://a@h\nhttps://a:@h\n", 0},
		/* the ends of lines stay with theirs */
		{"https://b:y@c\r\nhttps://a:gone@h\r\n\r\n", "https,b,y,c;https,a,gone,h;",
		 "https://b:y@c\r\n\r\n", 1},
		{"https://a:gone@h\r\r\n", "", "https://a:gone@h\r\r\n", 0},
		/* what would end a text or a line for one reader and not for another */
		{"https://a:gone%00x@h\n", "", "https://a:gone%00x@h\n", 0},
		{"https://a:gone%0ax@h\nhttps://a:gone%0Dx@h\n", "",
		 "https://a:gone%0ax@h\nhttps://a:gone%0Dx@h\n", 0},
		/* the password may hold an @, and a colon */
		{"https://a:b:c@d@h\n", "https,a,b:c@d,h;", "https://a:b:c@d@h\n", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret rest = {0};
		size_t count = 99;

		*seen = '\0';
		assert_int_equal(secret_add_text(&text, cases[i].text), 0);
		assert_int_equal(git_store_filter(&text, note, NULL, &rest, &count, NULL), 0);
		if (strcmp(seen, cases[i].seen) != 0)
			fail_msg("case %zu: '%s'", i, seen);
		if (strcmp(secret_text(&rest), cases[i].rest) != 0)
			fail_msg("case %zu: '%s'", i, secret_text(&rest));
		assert_int_equal(count, cases[i].count);
		assert_string_equal(secret_text(&text), cases[i].text);
	}
}

static void a_nul_hides_no_line(void **state UNUSED)
{
	static const char data[] = "https://a:gone\0@h\nhttps://a:gone@h\nx\0y";
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret rest = {0};
	size_t count;

	*seen = '\0';
	assert_int_equal(secret_add(&text, data, sizeof(data) - 1), 0);
	assert_int_equal(git_store_filter(&text, note, NULL, &rest, &count, NULL), 0);
	assert_string_equal(seen, "https,a,gone,h;");
	assert_int_equal(count, 1);
	assert_int_equal(rest.size, sizeof(data) - 1 - strlen("https://a:gone@h\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_go_as_a_whole_and_others_stay),
		cmocka_unit_test(a_nul_hides_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
