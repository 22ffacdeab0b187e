/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "core/findings.h"

static void findings_keep_their_order_and_their_fix(void **state UNUSED)
{
	AUTOFINDINGS struct findings findings = {.count = 0};

	findings_begin(&findings, "one");
	findings_advice(&findings, "for nobody");
	findings_add(&findings, FINDING_OK, "fine");
	findings_begin(&findings, "two");
	findings_add(&findings, FINDING_ERROR, "%s is wrong", "it");
	findings_command(&findings, "chmod 600 '%s'", "/a  b");
	findings_add(&findings, FINDING_WARNING, "odd");
	findings_advice(&findings, "look at it");
	assert_false(findings.failed);
	assert_int_equal(findings.count, 3);
	assert_string_equal(findings.list[0].check, "one");
	assert_null(findings.list[0].fix);
	assert_string_equal(findings.list[1].text, "it is wrong");
	assert_string_equal(findings.list[1].fix, "chmod 600 '/a  b'");
	assert_true(findings.list[1].command);
	assert_string_equal(findings.list[2].fix, "look at it");
	assert_false(findings.list[2].command);
	assert_int_equal(findings_worst(&findings, 0), FINDING_ERROR);
	assert_int_equal(findings_worst(&findings, 2), FINDING_WARNING);
	assert_int_equal(findings_worst(&findings, 3), FINDING_OK);
}

/* A command is shown byte for byte, or not at all. */
static void commands_that_cannot_be_shown_become_words(void **state UNUSED)
{
	static const char *const paths[] = {
		"/a\nb", "/a\033[2Jb", "/hf_abcdefghijklmnopqrstuvwxyz", "/a\342\200\256b"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		AUTOFINDINGS struct findings findings = {.count = 0};

		findings_begin(&findings, "files");
		findings_add(&findings, FINDING_ERROR, "others can read %s", paths[i]);
		findings_command(&findings, "chmod 600 '%s'", paths[i]);
		assert_int_equal(findings.count, 1);
		assert_false(findings.list[0].command);
		assert_null(strstr(findings.list[0].fix, "chmod"));
		assert_null(strstr(findings.list[0].text, "hf_abcdefghij"));
		assert_null(strpbrk(findings.list[0].text, "\n\033"));
	}
}

/* One check with very much to say does not hide the others. */
static void each_check_has_its_share(void **state UNUSED)
{
	AUTOFINDINGS struct findings findings = {.count = 0};

	findings_begin(&findings, "tokens");
	for (int i = 0; i < FINDINGS_EACH + 7; i++) {
		findings_add(&findings, FINDING_ERROR, "%d", i);
		findings_advice(&findings, "fix %d", i);
	}
	findings_begin(&findings, "clock");
	findings_add(&findings, FINDING_OK, "fine");
	assert_int_equal(findings.count, FINDINGS_EACH + 1);
	assert_int_equal(findings.left_out, 7);
	assert_string_equal(findings.list[FINDINGS_EACH - 1].fix, "fix 49");
	assert_string_equal(findings.list[FINDINGS_EACH].text, "fine");
	assert_null(findings.list[FINDINGS_EACH].fix);
}

/* What is fine makes room for what is not, and does not count as a fault where it is left out. */
static void what_is_fine_makes_room(void **state UNUSED)
{
	AUTOFINDINGS struct findings findings = {.count = 0};

	findings_begin(&findings, "store");
	findings_add(&findings, FINDING_OK, "before");
	findings_begin(&findings, "tokens");
	for (int i = 0; i < FINDINGS_EACH + 3; i++)
		findings_add(&findings, FINDING_OK, "%d", i);
	assert_int_equal(findings.left_out, 3);
	assert_int_equal(findings.left_out_worst, FINDING_OK);
	for (int i = 0; i < FINDINGS_EACH + 1; i++) {
		findings_add(&findings, FINDING_ERROR, "bad %d", i);
		findings_advice(&findings, "fix %d", i);
	}
	assert_int_equal(findings.count, FINDINGS_EACH + 1);
	assert_int_equal(findings.left_out, 3 + FINDINGS_EACH + 1);
	assert_int_equal(findings.left_out_worst, FINDING_ERROR);
	assert_string_equal(findings.list[0].text, "before");
	assert_string_equal(findings.list[1].text, "bad 0");
	assert_string_equal(findings.list[1].fix, "fix 0");
	assert_string_equal(findings.list[FINDINGS_EACH].fix, "fix 49");
}

static void errors_become_findings(void **state UNUSED)
{
	AUTOFINDINGS struct findings findings = {.count = 0};
	struct err err = {0};

	err_set(&err, ERR_DAMAGED, "it is damaged");
	findings_begin(&findings, "store");
	findings_add_err(&findings, FINDING_ERROR, &err);
	assert_null(findings.list[0].fix);
	err_hint(&err, "mend it");
	findings_add_err(&findings, FINDING_WARNING, &err);
	assert_string_equal(findings.list[1].text, "it is damaged");
	assert_string_equal(findings.list[1].fix, "mend it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_keep_their_order_and_their_fix),
		cmocka_unit_test(commands_that_cannot_be_shown_become_words),
		cmocka_unit_test(each_check_has_its_share),
		cmocka_unit_test(what_is_fine_makes_room),
		cmocka_unit_test(errors_become_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
