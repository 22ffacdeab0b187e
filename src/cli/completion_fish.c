/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fish. What a command substitution prints is offered as it is, and quoted where it has to be.
 */
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "core/settings.h"

/* ---- what is the same whatever the tables say --------------------------------------------------- */

static const char tools[] =
	"\n"
	"# What stands before the cursor, one word per line: -- where options have ended, else -; the command;\n"
	"# its operands. Values of options are left out.\n"
	"function __hftoken_words\n"
	"    set -l words (commandline -opc)\n"
	"    set -l found\n"
	"    set -l ended -\n"
	"    set -l value\n"
	"    set -e words[1]\n"
	"    test \"$words[1]\" = auth; and set -e words[1]\n"
	"    while set -q words[1]\n"
	"        set -l word $words[1]\n"
	"        set -e words[1]\n"
	"        if set -q value[1]\n"
	"            set -e value[1]\n"
	"        else if test $ended = -; and test \"$word\" = --\n"
	"            set ended --\n"
	"        else if test $ended = --; or not string match -qr -- '^-.' $word\n"
	"            set -a found $word\n"
	"        else if contains -- $word $__hftoken_valued\n"
	"            set value there\n"
	"        end\n"
	"        # What stands behind is another program's.\n"
	"        if contains -- \"$found[1]\" $__hftoken_wrapping; and test $ended$(count $found) != -1\n"
	"            set ended --\n"
	"            set -a found $words\n"
	"            break\n"
	"        end\n"
	"    end\n"
	"    printf '%s\\n' $ended $found\n"
	"end\n"
	"\n"
	"# Whether an option of these commands can stand here: COMMAND...; none of them: before any command.\n"
	"function __hftoken_option\n"
	"    set -l words (__hftoken_words)\n"
	"    test $words[1] = -; or return\n"
	"    if set -q argv[1]\n"
	"        contains -- \"$words[2]\" $argv\n"
	"    else\n"
	"        not set -q words[2]\n"
	"    end\n"
	"end\n"
	"\n"
	"# Whether so many operands stand here already: COUNT COMMAND [VERB]. 2+ is two or more.\n"
	"function __hftoken_at\n"
	"    set -l words (__hftoken_words)\n"
	"    set -l count $argv[1]\n"
	"    set -e words[1] argv[1]\n"
	"    set -l given (math (count $words) - (count $argv))\n"
	"    test $given -ge 0; or return\n"
	"    set -q argv[1]; and test \"$words[1..$(count $argv)]\" != \"$argv\"; and return 1\n"
	"    if string match -q '*+' $count\n"
	"        test $given -ge (string trim -rc + $count)\n"
	"    else\n"
	"        test $given -eq $count\n"
	"    end\n"
	"end\n"
	"\n"
	"# They ask no network and unlock nothing.\n"
	"function __hftoken_tokens\n"
	"    command hftoken list -q </dev/null 2>/dev/null\n"
	"end\n"
	"\n"
	"function __hftoken_patterns\n"
	"    command hftoken rule list -q </dev/null 2>/dev/null\n"
	"end\n"
	"\n"
	"# The same without those that are there already: tokens, patterns.\n"
	"function __hftoken_more\n"
	"    set -l words (__hftoken_words)\n"
	"    for word in (__hftoken_$argv[1])\n"
	"        contains -- $word $words; or echo -- $word\n"
	"    end\n"
	"end\n"
	"\n"
	"function __hftoken_program\n"
	"    set -l words (__hftoken_words)\n"
	"    set -e words[1..2]\n"
	"    set -l line (string join -- ' ' (string escape -- $words) (commandline -ct))\n"
	"    string match -q -- '-*' $line; or complete --do-complete=\"$line\"\n"
	"end\n"
	"\n"
	"complete -c hftoken -f\n";

/* ---- the tables -------------------------------------------------------------------------------- */

static void put_quoted(struct buf *out, const char *text)
{
	buf_add_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
	buf_add_char(out, '\'');
}

/* What the walk over the words has to know. */
static void put_lists(struct buf *out)
{
	buf_add_text(out, "# Completion for fish, printed by 'hftoken completion fish'.\n\n"
			  "set -g __hftoken_wrapping");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		if (commands[id].wraps)
			buf_printf(out, " %s", commands[id].name);
	}
	buf_add_text(out, "\nset -g __hftoken_valued");
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		const struct option *option = &options[id];

		if (!option->value)
			continue;
		buf_printf(out, " --%s", option->name);
		if (option->alias)
			buf_printf(out, " --%s", option->alias);
		if (option->letter)
			buf_printf(out, " -%c", option->letter);
	}
	buf_add_char(out, '\n');
}

/* " -x -a '(__hftoken_tokens)'" */
static void put_place(struct buf *out, const struct place *place, bool repeats)
{
	const char *kind = place->kind;

	if (!kind)
		buf_add_text(out, " -x");
	else if (place->words)
		buf_printf(out, " -x -a '%s'", place->words);
	else if (strcmp(kind, "files") == 0)
		buf_add_text(out, " -r -F");
	else if (strcmp(kind, "folders") == 0)
		buf_add_text(out, " -x -a '(__fish_complete_directories)'");
	else if (repeats && strcmp(kind, "program") != 0)
		buf_printf(out, " -x -a '(__hftoken_more %s)'", kind);
	else
		buf_printf(out, " -x -a '(__hftoken_%s)'", kind);
}

static bool has_option(const struct command *command, enum option_id id)
{
	for (const enum option_id *each = command->options; *each != OPT_END; each++) {
		if (*each == id)
			return true;
	}
	return false;
}

/* One line for all commands that have it. */
static void put_option(struct buf *out, enum option_id id)
{
	const struct option *option = &options[id];
	const struct place *place = place_of_option(id);

	buf_add_text(out, "complete -c hftoken -n '__hftoken_option");
	for (int each = CMD_NONE + 1; each < CMD_COUNT; each++) {
		const struct command *command = &commands[each];

		if (has_option(command, id))
			buf_printf(out, " %s%s%s", command->name, command->alias ? " " : "",
				   command->alias ? command->alias : "");
	}
	buf_add_char(out, '\'');
	if (option->letter)
		buf_printf(out, " -s %c", option->letter);
	buf_printf(out, " -l %s", option->name);
	if (place)
		put_place(out, place, false);
	buf_add_text(out, " -d ");
	put_quoted(out, option->help);
	buf_add_char(out, '\n');
}

static void put_word(struct buf *out, const char *condition, const char *word, size_t size,
		     const char *summary)
{
	buf_printf(out, "complete -c hftoken -n '%s' -a %.*s -d ", condition, (int)size, word);
	put_quoted(out, summary);
	buf_add_char(out, '\n');
}

static void put_operands(struct buf *out, const struct command *command, const char *verb,
			 const char *operands)
{
	struct operand operand;

	for (unsigned i = 0; operand_at(operands, i, &operand); i++) {
		if (!operand.place->kind)
			continue;
		buf_printf(out, "complete -c hftoken -n '__hftoken_at %u%s %s%s%s'", i,
			   operand.repeats ? "+" : "", command->name, *verb ? " " : "", verb);
		put_place(out, operand.place, operand.repeats);
		buf_add_char(out, '\n');
	}
}

static void put_command(struct buf *out, const struct command *command)
{
	char here[64];
	const char *name;
	size_t size;

	put_word(out, "__hftoken_at 0", command->name, strlen(command->name), command->summary);
	(void)snprintf(here, sizeof(here), "__hftoken_at 0 %s", command->name);
	for (unsigned i = 0; (name = command_verb(command, i, &size)) != NULL; i++) {
		const struct verb *verb = verb_find(command, name, size);

		put_word(out, here, name, size, verb ? verb->summary : "");
		if (verb)
			put_operands(out, command, verb->name, verb->operands);
	}
	put_operands(out, command, "", operands_of(command));
}

static void put_names(struct buf *out)
{
	buf_add_text(out, "\nfunction __hftoken_commands\n    printf '%s\\n'");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++)
		buf_printf(out, " %s", commands[id].name);
	buf_add_text(out, "\nend\n\nfunction __hftoken_verbs\n"
			  "    set -l words (__hftoken_words)\n    switch $words[3]\n");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		const char *name;
		size_t size;

		if (!command_verb(&commands[id], 0, &size))
			continue;
		buf_printf(out, "        case %s\n            printf '%%s\\n'",
			   commands[id].name);
		for (unsigned i = 0; (name = command_verb(&commands[id], i, &size)); i++)
			buf_printf(out, " %.*s", (int)size, name);
		buf_add_char(out, '\n');
	}
	buf_add_text(out, "    end\nend\n");
}

static void put_values(struct buf *out, const char *key, const char *words)
{
	buf_printf(out, "        case %s\n            string split ' ' '%s'\n", key, words);
}

static void put_settings(struct buf *out)
{
	buf_add_text(out, "\nfunction __hftoken_keys\n    printf '%s\\n'");
	for (size_t i = 0; settings_keys[i]; i++)
		buf_printf(out, " %s", settings_keys[i]);
	buf_add_text(out, "\n    for name in (__hftoken_tokens)\n"
			  "        echo cache.$name\n    end\nend\n"
			  "\nfunction __hftoken_values\n"
			  "    set -l words (__hftoken_words)\n    switch $words[4]\n");
	put_values(out, "'cache.*'", "off");
	for (size_t i = 0; settings_keys[i]; i++) {
		if (setting_words(settings_keys[i]))
			put_values(out, settings_keys[i], setting_words(settings_keys[i]));
	}
	buf_add_text(out, "    end\nend\n\n");
}

void completion_fish(struct buf *out)
{
	put_lists(out);
	buf_add_text(out, tools);
	put_names(out);
	put_settings(out);
	put_word(out, "__hftoken_at 0", "auth", 4, "any of these, as hf has it");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++)
		put_command(out, &commands[id]);
	for (size_t i = 0; commands[CMD_NONE].options[i] != OPT_END; i++) {
		const struct option *option = &options[commands[CMD_NONE].options[i]];

		buf_add_text(out, "complete -c hftoken -n __hftoken_option");
		if (option->letter)
			buf_printf(out, " -s %c", option->letter);
		buf_printf(out, " -l %s -d ", option->name);
		put_quoted(out, option->help);
		buf_add_char(out, '\n');
	}
	for (int id = OPT_END + 1; id < OPT_COUNT; id++)
		put_option(out, (enum option_id)id);
}
