/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <ctype.h>

#include "cli/completion.h"
#include "core/ladder.h"
#include "core/settings.h"
#include "protocol/header.h"

static void every_verb_is_known(void **state UNUSED)
{
	size_t seen = 0;
	size_t size;
	const char *name;

	for (int id = 0; id < CMD_COUNT; id++) {
		for (unsigned i = 0; (name = command_verb(&commands[id], i, &size)); i++) {
			const struct verb *verb = verb_find(&commands[id], name, size);

			if (!verb)
				fail_msg("verbs.c lacks '%s %.*s'", commands[id].name,
					 (int)size, name);
			assert_true(*verb->summary &&
				    verb->summary[strlen(verb->summary) - 1] != '.');
			seen++;
		}
	}
	assert_int_equal(seen, verb_count); /* and there are no others */
	assert_null(verb_find(&commands[CMD_STORE], "mov", 3));
	assert_null(verb_find(&commands[CMD_LOGIN], "list", 4));
}

static void verbs_are_read_from_the_row(void **state UNUSED)
{
	static const struct {
		const char *operands;
		const char *verbs; /* each with a blank behind */
	} rows[] = {
		{"", ""},
		{"[NAME...]", ""},
		{"REPO|URL", ""},
		{"[REPO|-]", ""},
		{"-- CMD...", ""},
		{"get", "get "},
		{"git|docker|hf", "git docker hf "},
		{"list|move ...", "list move "},
		{"add|list [PATTERN... [NAME]]", "add list "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct command command = {.operands = rows[i].operands};
		AUTOBUF struct buf found = {0};
		const char *name;
		size_t size;

		for (unsigned n = 0; (name = command_verb(&command, n, &size)); n++)
			buf_printf(&found, "%.*s ", (int)size, name);
		assert_string_equal(buf_text(&found), rows[i].verbs);
	}
}

static void operands_are_read_from_the_row(void **state UNUSED)
{
	static const struct {
		const char *operands;
		const char *kinds;
	} rows[] = {
		{"", ""},
		{"NAME", "tokens"},
		{"[NAME]", "tokens"},
		{"[NAME...]", "tokens..."},
		{"OLD NEW", "tokens -"},
		{"PATTERN NAME", "patterns tokens"},
		{"[COMMAND [VERB]]", "commands verbs"},
		{"[KEY [VALUE]]", "keys values"},
		{"REPO|URL", "-"},
		{"[REPO|-]", "-"},
		{"-- CMD...", "program..."},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTOBUF struct buf found = {0};
		struct operand operand;

		for (unsigned n = 0; operand_at(rows[i].operands, n, &operand); n++)
			buf_printf(&found, "%s%s%s", n ? " " : "",
				   operand.place->kind ? operand.place->kind : "-",
				   operand.repeats ? "..." : "");
		assert_string_equal(buf_text(&found), rows[i].kinds);
	}
}

/* A word in capitals that nobody has thought of would be offered nothing, silently. */
static void assert_words_known(const char *owner, const char *operands)
{
	for (const char *word = operands; *word;) {
		size_t size = strcspn(word, " []|.");

		if (size && isupper((unsigned char)*word) && !place_by_word(word, size))
			fail_msg("completion_places.c lacks '%.*s' of '%s'", (int)size, word,
				 owner);
		word += size + (word[size] != '\0');
	}
}

static void every_place_is_known(void **state UNUSED)
{
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		if (options[id].value && !place_of_option((enum option_id)id))
			fail_msg("completion_places.c lacks '%s' of --%s", options[id].value,
				 options[id].name);
		if (!options[id].value)
			assert_null(place_of_option((enum option_id)id));
	}
	for (int id = 0; id < CMD_COUNT; id++)
		assert_words_known(commands[id].name, commands[id].operands);
	for (size_t i = 0; i < verb_count; i++)
		assert_words_known(verbs[i].name, verbs[i].operands);
}

static void fixed_words_are_those_of_the_code(void **state UNUSED)
{
	AUTOBUF struct buf formats = {0};

	for (int i = 0; i < HEADER_FORMAT_COUNT; i++)
		buf_printf(&formats, "%s%s", i ? " " : "", header_format_names[i]);
	assert_string_equal(place_by_word("FORMAT", 6)->words, buf_text(&formats));
	assert_string_equal(place_by_word("STORE", 5)->words, STORE_FILE " " STORE_KEYRING);
	assert_string_equal(place_of_option(OPT_STORE)->words,
			    "auto " STORE_FILE " " STORE_KEYRING);
	assert_string_equal(place_of_option(OPT_TO)->words, STORE_FILE " " STORE_KEYRING);
	for (size_t i = 0; settings_keys[i]; i++) {
		if (strcmp(settings_keys[i], "endpoint") != 0 &&
		    !setting_words(settings_keys[i]))
			fail_msg("completion_places.c lacks the setting '%s'",
				 settings_keys[i]);
	}
	assert_null(setting_words("nonsense"));
}

static void each_script_has_every_command_and_option(void **state UNUSED)
{
	void (*const scripts[])(struct buf *) = {completion_bash, completion_zsh,
						 completion_fish};
	static const char *const dashes[] = {"--", "--", "-l "};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		AUTOBUF struct buf script = {0};

		scripts[i](&script);
		assert_false(buf_failed(&script));
		for (int id = CMD_NONE + 1; id < CMD_COUNT; id++)
			assert_non_null(strstr(buf_text(&script), commands[id].name));
		for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
			char text[64];

			(void)snprintf(text, sizeof(text), "%s%s", dashes[i], options[id].name);
			if (!strstr(buf_text(&script), text))
				fail_msg("script %zu lacks '%s'", i, text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_is_known),
		cmocka_unit_test(verbs_are_read_from_the_row),
		cmocka_unit_test(operands_are_read_from_the_row),
		cmocka_unit_test(every_place_is_known),
		cmocka_unit_test(fixed_words_are_those_of_the_code),
		cmocka_unit_test(each_script_has_every_command_and_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
